"""Plans for key look-ups in batches.

On tables without statistics yet (a first import) the planner takes them for tiny, puts a sequential scan inside
the loop over the batch's keys, and the prepared statement keeps that plan while the table grows: a hundred times
slower. Every statement of a step is a look-up by key, so a scan is never right there.
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
