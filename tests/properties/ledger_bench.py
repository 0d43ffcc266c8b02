"""Where the machine of the ledger runs: one event loop, one connection, one workspace, one query that shows everything."""

import asyncio
import os
from collections.abc import Awaitable
from typing import Any

from honeyguide.db import Database, create_workspace

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

    def close(self) -> None:
        self.run(self.db.close())
        self.loop.close()


class Undone(Exception):  # not an error: ends an example's transaction
    """Raised to roll an example back."""
