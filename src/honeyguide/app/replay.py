"""Rebuild everything derived from the log, and prove that nothing changed (C8).

Derived are: records and what identifies them, the graph, activity, moments. Decisions, messages, referrals and
the ledger are not: they are what people and the product did, and they are never done twice.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from honeyguide.app.road import ROAD, catch_up
from honeyguide.db import Database, Tx, cursors

# Table -> its columns that say when we came to know something, or only spare work: they depend on the order of arrival.
DERIVED: dict[str, tuple[str, ...]] = {
    "record": ("known",),
    "identifier": (),
    "company_parent": (),
    "identity_decision": (),
    "identity_conflict": ("opened_at", "closed_at"),
    "node": (),
    "assertion": ("recorded_at", "retracted_at"),
    "edge": ("recorded_at",),
    "activity": (),
    "usage_total": (),
    "signal": (),
    "title_seen": (),
    "mention": (),
    "product_seen": (),
    "moment": (),
    "incident": (),
}
# What the road writes down as it reads: counted anew by a replay.
NOTED = ("shape", "source_day", "plan_violation", "mapping_reading")
# Readiness is computed anew from the graph as it comes back, and nothing of a person that is gone stays behind.
FOLLOWING = ("readiness", "persona_score")
# The queue of texts is made anew; answers are not derived: they are what was asked once, and the reason a replay is free.
HISTORY = ("merge_log", "edge_history", "usage_month", "moment_due", "reading", *NOTED, *FOLLOWING)


class Replayed(Struct, frozen=True):
    """What a replay found: rows carried, and each derived table's digest before and after."""

    events: int
    before: dict[str, str]
    after: dict[str, str]

    @property
    def same(self) -> bool:
        """Whether every derived table came out the same."""
        return self.before == self.after


async def digests(tx: Tx) -> dict[str, str]:
    """A digest of each derived table's belief (active assertions only; arrival times left out)."""
    return {table: await digest_of(tx, table, history) for table, history in DERIVED.items()}


async def digest_of(tx: Tx, table: str, left_out: Sequence[str] = ()) -> str:
    """How many rows of a table count, and a digest of them in any order, some columns left out."""
    names = await tx.rows(
        "select column_name as name from information_schema.columns where table_schema = 'public' "
        "and table_name = $1 order by column_name",
        table,
    )
    columns = ", ".join(r["name"] for r in names if r["name"] not in left_out and r["name"] != "workspace_id")
    found: str = await tx.value(
        "select count(*)::text || ':' || coalesce(md5(string_agg(r.digest, '' order by r.digest)), '') from "
        f"(select md5(row({columns})::text) as digest from {table} where workspace_id = $1 and {active(table)}) r",
        tx.workspace_id,
    )
    return found


def active(table: str) -> str:
    """The condition under which a row of the table is belief; its other rows are history, which no replay writes again."""
    return {"assertion": "retracted_at is null", "identity_conflict": "state = 'open'"}.get(table, "true")


async def empty(tx: Tx) -> dict[str, str]:
    """Forget what is derived and send the road back to the beginning; returns the digests of what there was.

    Safe beside a running worker: the road's lease is held until the transaction ends.
    """
    await cursors.lease(tx, ROAD)
    before = await digests(tx)
    for table in (*DERIVED, *HISTORY):
        if await tx.value("select to_regclass($1)", table):
            await tx.run(f"delete from {table} where workspace_id = $1", tx.workspace_id)
    await cursors.rewind(tx, ROAD)
    return before


async def replay(db: Database, workspace_id: int, progress: Callable[[int], None] | None = None) -> Replayed:
    """Forget what is derived, read the log again from its beginning, compare."""
    await catch_up(db, workspace_id)
    async with db.tx(workspace_id) as tx:
        before = await empty(tx)
    events = await catch_up(db, workspace_id, progress)
    async with db.tx(workspace_id) as tx:
        return Replayed(events, before, await digests(tx))
