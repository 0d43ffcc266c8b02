"""What the rules stand on: words for states that mean one thing, races, and reading the books by public doors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from honeyguide import ledger
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, Tx

WAITING = ("held", "review")
READY = ("approved", "payable")
TAKEN_BACK = ("void", "reversed")


async def at_once(
    db: Database, workspace: int, act: Callable[[Tx, int], Awaitable[Any]], n: int = 5
) -> tuple[list[Any], list[HoneyguideError]]:
    """`act` in n transactions that start together: what came of them, and the refusals."""
    start = asyncio.Barrier(n)

    async def one(number: int) -> Any:
        try:
            async with db.tx(workspace) as tx:
                await start.wait()
                return await act(tx, number)
        except HoneyguideError as refusal:
            return refusal

    said = await asyncio.gather(*(one(i) for i in range(n)))
    return [s for s in said if not isinstance(s, HoneyguideError)], [s for s in said if isinstance(s, HoneyguideError)]


async def state(tx: Tx, reward_id: UUID) -> str:
    """Where a reward stands."""
    return (await ledger.reward(tx, reward_id)).state


async def transfers(tx: Tx) -> int:
    """How many transfers the checker counts."""
    return (await ledger.verify(tx)).transfers
