"""Plans for key look-ups in batches.

On tables without statistics yet (a first import) the planner takes them for tiny, puts a sequential scan inside
the loop over the batch's keys, and the prepared statement keeps that plan while the table grows: a hundred times
slower. Every statement of a step is a look-up by key, so a scan is never right there.

Two forms keep their plan whatever the planner believes, and the steps use no other for many keys: a LATERAL behind
`offset 0`, which it cannot turn around into a join, and `insert ... on conflict do update`, which has no plan to choose.
`update ... from unnest(...)` and `delete ... using` are joins: of a table taken for empty they read every row of the
workspace for each key (measured: 420 of 550 microseconds an event over the first ten thousand). `id = any(...)` reads
them once.
"""

import contextlib
from collections.abc import AsyncIterator

from honeyguide.db import Tx

_SET = (
    "select set_config('enable_seqscan', $1, true), set_config('enable_hashjoin', $1, true), "
    "set_config('enable_mergejoin', $1, true)"
)


@contextlib.asynccontextmanager
async def by_index(tx: Tx) -> AsyncIterator[None]:
    """Plan the block's statements by index only; afterwards the transaction has the usual settings again."""
    await tx.run(_SET, "off")
    yield
    await tx.run(_SET, "on")  # after an exception the transaction is over anyway
