"""SQL of how far time has come, and of what is due. Owns: moment_day, moment_due."""

from collections.abc import Collection, Mapping
from datetime import date

from honeyguide.db import Tx

ACCOUNT, SPIKE = "account", "spike"
_AT_ONCE = date(1970, 1, 1)


async def through(tx: Tx) -> date | None:
    """The day up to which time has made moments. Held until the transaction ends, so that no day passes meanwhile."""
    found: date | None = await tx.value(
        "select through from moment_day where workspace_id = $1 for share", tx.workspace_id
    )
    return found


async def move_on(tx: Tx, day: date) -> date:
    """Move the day forward, never back. Returns where it is then."""
    found: date = await tx.value(
        """
        insert into moment_day as d (workspace_id, through) values ($1, $2)
        on conflict (workspace_id) do update set through = greatest(d.through, excluded.through) returning through
        """,
        tx.workspace_id,
        day,
    )
    return found


async def put_due(tx: Tx, records: Collection[int], due: Mapping[int, date]) -> None:
    """The accounts of these records are due on exactly these days (by record); the rest of them never."""
    if not records:
        return
    await tx.run(
        "delete from moment_due where workspace_id = $1 and kind = $2 and record_id = any($3::bigint[])",
        tx.workspace_id,
        ACCOUNT,
        sorted(records),
    )
    ordered = sorted(due.items())
    await tx.run(
        """
        insert into moment_due (workspace_id, kind, record_id, due)
        select $1, $2, d.record, d.due from unnest($3::bigint[], $4::date[]) as d(record, due)
        """,
        tx.workspace_id,
        ACCOUNT,
        [r for r, _ in ordered],
        [d for _, d in ordered],
    )


async def accounts_due(tx: Tx, day: date, limit: int) -> list[int]:
    """Records whose account has something due by this day."""
    rows = await tx.rows(
        "select record_id from moment_due where workspace_id = $1 and kind = $2 and due <= $3 order by due, record_id limit $4",
        tx.workspace_id,
        ACCOUNT,
        day,
        limit,
    )
    return [r["record_id"] for r in rows]


async def mark_use(tx: Tx, pairs: Collection[tuple[int, int]]) -> None:
    """Remember that these (record, product) have changed. Marking waits for whoever looks at one of them now."""
    ordered = sorted(pairs)
    if ordered:
        await tx.run(
            """
            insert into moment_due as m (workspace_id, kind, record_id, product, due)
            select $1, $2, p.record, p.product, $5 from unnest($3::bigint[], $4::bigint[]) as p(record, product)
            on conflict (workspace_id, kind, record_id, product) do update set due = excluded.due
            """,
            tx.workspace_id,
            SPIKE,
            [r for r, _ in ordered],
            [p for _, p in ordered],
            _AT_ONCE,
        )


async def take_use(tx: Tx, limit: int) -> set[tuple[int, int]]:
    """The next (record, product) to look at; whoever took them keeps them until the transaction ends."""
    rows = await tx.rows(
        """
        delete from moment_due m using (
          select record_id, product from moment_due where workspace_id = $1 and kind = $2
          order by record_id, product limit $3 for update) t
        where m.workspace_id = $1 and m.kind = $2 and m.record_id = t.record_id and m.product = t.product
        returning m.record_id, m.product
        """,
        tx.workspace_id,
        SPIKE,
        limit,
    )
    return {(r["record_id"], r["product"]) for r in rows}
