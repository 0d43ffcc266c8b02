"""The table identity_conflict: what was refused and why, one row per value, closed when it no longer holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

TABLES = ("identity_conflict",)
Key = tuple[str, str, str]  # entity kind, ns, value
# Rows about records or a person's links, whose "value" no identifier table knows.
ABOUT_RECORDS = ("record", "link")
_COLUMNS = "id, entity_kind, kind, ns, value, records, entities, detail, sentence, money, state, opened_at, closed_at"


class Conflict(Struct, frozen=True):
    """What was refused: the value, the records and the entities kept apart, and a sentence for people."""

    id: UUID
    entity_kind: str
    kind: str
    ns: str
    value: str
    records: list[int]
    entities: list[int]
    detail: str
    sentence: str
    money: bool
    state: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def key(self) -> Key:
        """What makes it the same conflict."""
        return self.entity_kind, self.ns, self.value


async def standing(tx: Tx, keys: Collection[Key], records: Collection[int]) -> dict[Key, Conflict]:
    """The open conflicts of these values, and those about any of these records."""
    wanted = sorted(keys)
    found = await tx.rows(
        "select c.* from unnest($2::text[], $3::text[], $4::text[]) as k(kind, ns, value) cross join lateral ("
        f"select {_COLUMNS} from identity_conflict c where c.workspace_id = $1 and c.entity_kind = k.kind and c.ns = k.ns "
        "and c.value = k.value limit 1 offset 0) c where c.state = 'open'",
        tx.workspace_id, [k[0] for k in wanted], [k[1] for k in wanted], [k[2] for k in wanted],
    )  # fmt: skip
    if records:
        found += await tx.rows(
            f"select {_COLUMNS} from identity_conflict c where c.workspace_id = $1 and c.state = 'open' "
            "and c.ns in ('record', 'link') and c.records && $2::bigint[]",
            tx.workspace_id, list(records),
        )  # fmt: skip
    return {c.key: c for c in map(_conflict, found)}


async def any_open(tx: Tx) -> tuple[bool, bool]:
    """Has the workspace open conflicts at all, and any about records?"""
    row = await tx.row(
        "select exists (select 1 from identity_conflict c where c.workspace_id = $1 and c.state = 'open') as some, "
        "exists (select 1 from identity_conflict d where d.workspace_id = $1 and d.state = 'open' "
        "and d.ns in ('record', 'link')) as about_records",
        tx.workspace_id,
    )
    return (False, False) if row is None else (row["some"], row["about_records"])


async def write(tx: Tx, conflicts: Sequence[Conflict]) -> None:
    """Open conflicts, or say anew what an open one holds."""
    if not conflicts:
        return
    rows = sorted(conflicts, key=lambda c: c.key)
    # Arrays of arrays must be rectangular in PostgreSQL: the ids travel as text and are split there.
    await tx.run(
        "insert into identity_conflict (workspace_id, id, entity_kind, kind, ns, value, records, entities, detail, sentence, "
        "money, state, opened_at) select $1::int, n.id, n.entity_kind, n.kind, n.ns, n.value, "
        "string_to_array(n.records, ',')::bigint[], string_to_array(n.entities, ',')::bigint[], n.detail, n.sentence, n.money, "
        "'open', $12::timestamptz from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], "
        "$8::text[], $9::text[], $10::text[], $11::boolean[]) "
        "as n(id, entity_kind, kind, ns, value, records, entities, detail, sentence, money) "
        "on conflict (workspace_id, entity_kind, ns, value) do update set kind = excluded.kind, records = excluded.records, "
        "entities = excluded.entities, detail = excluded.detail, sentence = excluded.sentence, money = excluded.money, "
        "state = 'open', closed_at = null, "
        "opened_at = case when identity_conflict.state = 'open' then identity_conflict.opened_at else excluded.opened_at end",
        tx.workspace_id, [c.id for c in rows], [c.entity_kind for c in rows], [c.kind for c in rows], [c.ns for c in rows],
        [c.value for c in rows], [",".join(map(str, c.records)) for c in rows], [",".join(map(str, c.entities)) for c in rows],
        [c.detail for c in rows], [c.sentence for c in rows], [c.money for c in rows], rows[0].opened_at,
    )  # fmt: skip


async def close(tx: Tx, keys: Iterable[Key], at: datetime) -> None:
    """Close conflicts that no longer hold: few at a time, so one by one (see `plans`)."""
    rows = sorted(keys)
    if rows:
        await tx.many(
            "update identity_conflict as c set state = 'closed', closed_at = $5::timestamptz "
            "where c.workspace_id = $1 and c.entity_kind = $2 and c.ns = $3 and c.value = $4",
            [(tx.workspace_id, *key, at) for key in rows],
        )


async def page(
    tx: Tx, kind: str | None, state: str, after: tuple[datetime, UUID] | None, limit: int, entity: int | None = None
) -> list[Conflict]:
    """Conflicts, the newest first; of one kind, or about one entity, where given."""
    at, ident = after or (None, None)
    found = await tx.rows(
        f"select {_COLUMNS} from identity_conflict c where c.workspace_id = $1 and {_in(state)} "
        "and ($2::text is null or c.kind = $2) and ($3::bigint is null or c.entities @> array[$3::bigint]) "
        "and ($4::timestamptz is null or (c.opened_at, c.id) < ($4, $5::uuid)) "
        "order by c.opened_at desc, c.id desc limit $6",
        tx.workspace_id, kind, entity, at, ident, limit,
    )  # fmt: skip
    return [_conflict(r) for r in found]


async def count(tx: Tx, kind: str | None, state: str) -> int:
    """How many there are."""
    found: int = await tx.value(
        f"select count(*) from identity_conflict c where c.workspace_id = $1 and {_in(state)} "
        "and ($2::text is null or c.kind = $2)",
        tx.workspace_id, kind,
    )  # fmt: skip
    return found


def _in(state: str) -> str:
    """The condition as a constant: only so can the index of the open ones serve."""
    return "c.state = 'open'" if state == "open" else "c.state = 'closed'"


def _conflict(row: Row | Mapping[str, object]) -> Conflict:
    return Conflict(**dict(row))
