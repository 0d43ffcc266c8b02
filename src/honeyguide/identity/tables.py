"""The tables this stage owns: record, identifier, merge_log."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide.core.terms import RecordRef
from honeyguide.db import Row, Tx
from honeyguide.identity.classes import crowd
from honeyguide.identity.evidence import Key, Seen, Sign, parent_ref
from honeyguide.identity.stamps import said_of, values_of

TABLES = ("record", "identifier", "merge_log", "company_parent")  # and those of guard_rows and conflict_rows


Value = tuple[str, str, str]  # kind, ns, value


class Member(Struct, frozen=True):
    """A stored record, as clustering needs it."""

    id: int
    kind: str
    source: str
    ext_id: str
    entity_id: int
    first_seen_at: datetime
    name: str | None


class Holders(Struct):
    """The records that carry a value, and whether any of them does strongly."""

    records: list[int]
    strong: bool


class Merge(Struct, frozen=True):
    """A line of the merge log: `retired` lost records to `survivor`."""

    survivor: int
    retired: int
    because: str


async def stored_records(tx: Tx, ids: Iterable[int]) -> dict[int, Row]:
    """What a batch is held against, by record id."""
    found = await tx.rows(
        "select r.* from unnest($2::bigint[]) as k(id) cross join lateral (select r.id, r.entity_id, r.traits, "
        "r.said, r.first_seen_at, r.last_seen_at, r.known from record r where r.workspace_id = $1 and r.id = k.id offset 0) r",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {r["id"]: r for r in found}


async def members(tx: Tx, ids: Iterable[int]) -> dict[int, Member]:
    """Records without their traits, except the name."""
    found = await tx.rows(
        "select r.* from unnest($2::bigint[]) as k(id) cross join lateral (select r.id, r.kind, r.source, r.ext_id, "
        "r.entity_id, r.first_seen_at, r.traits -> 'name' ->> 'v' as name from record r "
        "where r.workspace_id = $1 and r.id = k.id offset 0) r",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {r[0]: Member(*r) for r in found}


async def stored_signs(tx: Tx, ids: Iterable[int]) -> dict[Key, Sign]:
    """Every identifier of these records."""
    found = await tx.rows(
        "select i.* from unnest($2::bigint[]) as k(id) cross join lateral (select i.kind, i.ns, i.value, i.record_id, "
        "i.class, i.event_id, i.first_seen_at from identifier i where i.workspace_id = $1 and i.record_id = k.id offset 0) i",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {
        (kind, ns, value, record): Sign(klass == "strong", at, event_id)
        for kind, ns, value, record, klass, event_id, at in found
    }


async def news(tx: Tx, signs: Mapping[Key, Sign]) -> dict[Key, Sign | None]:
    """Those of the identifiers a batch shows that are not stored, were shown earlier than stored, or prove strong,
    each with what is stored. Most of a batch says what is known: that stays in the database.
    """
    if not signs:
        return {}
    keys, shown = list(signs), list(signs.values())
    found = await tx.rows(
        "select k.n, i.class, i.first_seen_at, i.event_id "
        "from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::uuid[], $8::boolean[]) "
        "with ordinality as k(kind, ns, value, record, at, event_id, strong, n) "
        "left join lateral (select i.record_id, i.class, i.first_seen_at, i.event_id from identifier i "
        "where i.workspace_id = $1 and i.kind = k.kind and i.ns = k.ns and i.value = k.value and i.record_id = k.record "
        "limit 1 offset 0) i on true where i.record_id is null or (k.at, k.event_id) < (i.first_seen_at, i.event_id) "
        "or (k.strong and i.class <> 'strong')",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys], [k[3] for k in keys],
        [s.at for s in shown], [s.event_id for s in shown], [s.strong for s in shown],
    )  # fmt: skip
    return {
        keys[n - 1]: None if klass is None else Sign(klass == "strong", at, event_id)
        for n, klass, at, event_id in found
    }


async def holders(tx: Tx, values: Collection[Value], fresh: Mapping[Value, int]) -> dict[Value, Holders]:
    """The records carrying each identifier (kind, ns, value), where any other than one carries it.

    `fresh` says how many of them this batch added. At most a crowd + that many + 1 are read, which is enough
    to see whether the value names a crowd and whether it already did before this batch.
    """
    keys = list(values)
    found = await tx.rows(
        "select k.n, i.record_id, i.class "
        "from unnest($2::text[], $3::text[], $4::text[], $5::int[]) with ordinality as k(kind, ns, value, most, n) "
        "cross join lateral (select i.record_id, i.class from identifier i where i.workspace_id = $1 "
        "and i.kind = k.kind and i.ns = k.ns and i.value = k.value limit k.most offset 0) i",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys],
        [crowd(k[1], strong=True) + fresh.get(k, 0) + 1 for k in keys],
    )  # fmt: skip
    carried: dict[Value, Holders] = {}
    for n, record, klass in found:
        key = keys[n - 1]
        held = carried.get(key)
        if held is None:
            held = carried[key] = Holders([], False)
        held.records.append(record)
        held.strong = held.strong or klass == "strong"
    return carried


async def write_parents(tx: Tx, records: Iterable[Seen]) -> None:
    """Keep which company its source calls the parent of which."""
    said = {}
    for s in records:
        if s.kind == "company" and "parent" in s.traits:
            parent = parent_ref(RecordRef(s.kind, s.source, s.ext_id, (), {"parent": s.traits["parent"]["v"]}))
            said[s.id] = None if parent is None else parent.id
    if said:
        await tx.run(
            "insert into company_parent (workspace_id, record_id, parent_id) "
            "select $1::int, * from unnest($2::bigint[], $3::bigint[]) "
            "on conflict (workspace_id, record_id) do update set parent_id = excluded.parent_id",
            tx.workspace_id, list(said), list(said.values()),
        )  # fmt: skip


async def write_signs(tx: Tx, signs: Mapping[Key, Sign]) -> None:
    """Insert identifiers, or overwrite those whose first showing or class changed."""
    if not signs:
        return
    rows = sorted(signs.items(), key=lambda one: one[0])
    await tx.run(
        "insert into identifier (workspace_id, kind, ns, value, record_id, class, event_id, first_seen_at) "
        "select $1::int, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::uuid[], $8::timestamptz[]) "
        "on conflict (workspace_id, kind, ns, value, record_id) do update "
        "set class = excluded.class, event_id = excluded.event_id, first_seen_at = excluded.first_seen_at",
        tx.workspace_id, [k[0] for k, _ in rows], [k[1] for k, _ in rows], [k[2] for k, _ in rows],
        [k[3] for k, _ in rows], ["strong" if s.strong else "weak" for _, s in rows],
        [s.event_id for _, s in rows], [s.at for _, s in rows],
    )  # fmt: skip


async def write_records(tx: Tx, rows: Sequence[tuple[Seen, int]]) -> None:
    """Insert records with their entity, or overwrite them."""
    if not rows:
        return
    rows = sorted(rows, key=lambda one: one[0].id)
    await tx.run(
        "insert into record (workspace_id, id, kind, source, ext_id, entity_id, traits, said, "
        "first_seen_at, last_seen_at, known) "
        "select $1::int, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::jsonb[], $8::text[], "
        "$9::timestamptz[], $10::timestamptz[], $11::bytea[]) on conflict (workspace_id, id) do update "
        "set entity_id = excluded.entity_id, traits = excluded.traits, said = excluded.said, first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, "
        "known = excluded.known",
        tx.workspace_id, [s.id for s, _ in rows], [s.kind for s, _ in rows], [s.source for s, _ in rows],
        [s.ext_id for s, _ in rows], [e for _, e in rows], [values_of(s.traits) for s, _ in rows],
        [said_of(s.traits) for s, _ in rows], [s.first for s, _ in rows], [s.last for s, _ in rows], [s.known for s, _ in rows],
    )  # fmt: skip


# Updates by key: what is set stands in excluded, everything else is the row's own (see `plans`).
_UPDATE = (
    "insert into record (workspace_id, id, kind, source, ext_id, entity_id, first_seen_at, last_seen_at, said, known) "
    "select $1::int, r.id, r.kind, r.source, r.ext_id, {entity}, r.first_seen_at, {last}, {said}, {known} from unnest({given}) "
    "cross join lateral (select * from record r where r.workspace_id = $1 and r.id = n.id offset 0) r "
    "where r.workspace_id = $1 on conflict (workspace_id, id) do update set "
)
_OWN = {"entity": "r.entity_id", "last": "r.last_seen_at", "said": "r.said", "known": "r.known"}
_LAST_SEEN = _UPDATE.format(
    **_OWN | {"last": "n.at"}, given="$2::bigint[], $3::timestamptz[]) as n(id, at"
) + "last_seen_at = excluded.last_seen_at"  # fmt: skip
_ENTITY = _UPDATE.format(
    **_OWN | {"entity": "n.entity"}, given="$2::bigint[], $3::bigint[]) as n(id, entity"
) + "entity_id = excluded.entity_id"  # fmt: skip
_AGAIN = (
    "with written as (insert into record (workspace_id, id, kind, source, ext_id, entity_id, first_seen_at, last_seen_at, said, known) "
    "select $1::int, r.id, r.kind, r.source, r.ext_id, r.entity_id, r.first_seen_at, n.at, n.said, n.known "
    "from unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::bytea[]) as n(id, at, said, known) "
    "cross join lateral (select * from record r where r.workspace_id = $1 and r.id = n.id offset 0) r "
    "where r.workspace_id = $1 on conflict (workspace_id, id) do update set last_seen_at = excluded.last_seen_at, "
    "said = excluded.said, known = excluded.known returning record.id, record.entity_id, record.traits) "
    "select distinct me.entity_id from written me cross join lateral (select o.traits from record o "  # most have no other
    "where o.workspace_id = $1 and o.entity_id = me.entity_id and o.id <> me.id offset 0) o "
    "where o.traits || me.traits <> me.traits || o.traits"
)  # fmt: skip


async def write_again(tx: Tx, records: Iterable[Seen]) -> set[int]:
    """The common case: the record was seen later and says what it said before.

    Returns the entities in which another record says something else of a trait that one of these says. To be called
    when the batch's other values and entities are written: the others are read as the statement found them.
    """
    rows = sorted(records, key=lambda s: s.id)
    if not rows:
        return set()
    found = await tx.rows(
        _AGAIN, tx.workspace_id, [s.id for s in rows], [s.last for s in rows], [said_of(s.traits) for s in rows],
        [s.known for s in rows],
    )  # fmt: skip
    return {r[0] for r in found}


async def write_last_seen(tx: Tx, last_seen: Mapping[int, datetime]) -> None:
    """The cheapest case: nothing but the time of the last event changed."""
    if last_seen:
        ids = sorted(last_seen)
        await tx.run(_LAST_SEEN, tx.workspace_id, ids, [last_seen[i] for i in ids])


async def write_entities(tx: Tx, entities: Mapping[int, int]) -> None:
    """Move records to other entities."""
    if entities:
        ids = sorted(entities)
        await tx.run(_ENTITY, tx.workspace_id, ids, [entities[i] for i in ids])


async def log_merges(tx: Tx, merges: Sequence[Merge], at: datetime) -> None:
    """Append to the history of merges and splits."""
    if not merges:
        return
    await tx.run(
        "insert into merge_log (workspace_id, survivor, retired, because, at) "
        "select $1::int, m.survivor, m.retired, m.because, $5::timestamptz "
        "from unnest($2::bigint[], $3::bigint[], $4::text[]) as m(survivor, retired, because)",
        tx.workspace_id, [m.survivor for m in merges], [m.retired for m in merges], [m.because for m in merges], at,
    )  # fmt: skip
