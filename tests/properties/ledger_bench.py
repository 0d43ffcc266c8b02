"""Where the machine of the ledger runs: one event loop, one connection, one workspace, one query that shows everything."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, Tx, create_workspace

BALANCES = """
select (select jsonb_object_agg(a.kind || ' ' || a.owner || ' ' || a.currency, a.balance_minor) filter (where a.balance_minor <> 0)
        from ledger_account a where a.workspace_id = $1) as books,
  (select jsonb_object_agg(r.id, jsonb_build_array(r.state, r.amount_minor, r.reversed_minor, r.clawed_minor, r.netted_minor, r.disputed))
   from reward r where r.workspace_id = $1) as rewards
"""


class Bench:
    """One event loop, one connection and one workspace for all examples of a test."""

    def __init__(self, dsn: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.db: Database = self.run(Database.open(dsn, size=1))
        self.workspace: int = self.run(create_workspace(self.db, f"machine-{os.getpid()}", "Machine"))
        self.examples = self.steps = 0
        self.seen: set[str] = set()

    def run(self, work: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run_until_complete(whole())

    def attempt(self, tx: Tx, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Do it in a savepoint; a refusal is returned, and its savepoint rolled back."""

        async def whole() -> Any:
            await tx.run("savepoint step")
            try:
                done = await work(tx)
            except HoneyguideError:
                await tx.run("rollback to savepoint step; release savepoint step")
                raise
            await tx.run("release savepoint step")
            return done

        self.steps += 1
        try:
            return self.run(whole())
        except HoneyguideError as e:
            return e

    def close(self) -> None:
        self.run(self.db.close())
        self.loop.close()


class Undone(Exception):  # not an error: ends an example's transaction
    """Raised to roll an example back."""


class Step(Struct, frozen=True):
    """Something the machine may do: how often, when it can be done, and with what."""

    weight: int
    when: Callable[[Any], bool]
    arguments: dict[str, Any]


def _always(_: Any) -> bool:
    return True


def step(*, weight: int = 1, when: Callable[[Any], bool] = _always, **arguments: Any) -> Callable[[Any], Any]:
    """Make a method one of the machine's steps; it can be called by other steps as well."""

    def mark(method: Any) -> Any:
        method.step = Step(weight, when, arguments)
        return method

    return mark
