"""Reading records and the entities they form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.identity import guard_rows
from honeyguide.identity.classes import MERGE, Class, class_of
from honeyguide.identity.evidence import overlay
from honeyguide.identity.stamps import Stamped, stamped


class Tie(Struct, frozen=True):
    """An identifier (or a link a person made, `ns` link) that a record shares with other records of its entity."""

    ns: str
    value: str
    klass: str
    others: list[int]


class Record(Struct, frozen=True):
    """A person or company as one source knows it. `because` says why it belongs to its entity, `ties` with what.

    `trait_times`: when each trait was said last; of several records' statements the newest holds.
    """

    id: int
    kind: str
    source: str
    ext_id: str
    entity_id: int
    traits: dict[str, Any]
    first_seen_at: datetime
    last_seen_at: datetime
    because: str = ""
    ties: list[Tie] = []
    trait_times: dict[str, str] = {}


class Profile(Struct, frozen=True):
    """What all records of one entity say together: per trait the newest statement, by (event time, event id)."""

    entity_id: int
    kind: str
    key: str
    traits: Stamped
    first_seen_at: datetime
    last_seen_at: datetime

    def values(self) -> dict[str, Any]:
        """The traits without their stamps."""
        return {name: one["v"] for name, one in self.traits.items()}


async def resolve(tx: Tx, record_ids: Iterable[int]) -> dict[int, int]:
    """The entity of each id. An id no record has (a ticket, a product) stands for itself."""
    ids = list(record_ids)
    found = await tx.rows(
        "select r.id, r.entity_id from unnest($2::bigint[]) as k(id) cross join lateral (select r.id, r.entity_id "
        "from record r where r.workspace_id = $1 and r.id = k.id offset 0) r",
        tx.workspace_id, ids,
    )  # fmt: skip
    return {i: i for i in ids} | {r["id"]: r["entity_id"] for r in found}


async def members(tx: Tx, ids: Iterable[int]) -> dict[int, list[int]]:
    """The record ids of each entity, sorted; [] for a retired one, [itself] for an id that is no record's."""
    wanted = list(ids)
    found = await tx.rows(
        "select r.id, r.entity_id from unnest($2::bigint[]) as k(id) cross join lateral (select r.id, r.entity_id "
        "from record r where r.workspace_id = $1 and r.entity_id = k.id union select r.id, r.entity_id "
        "from record r where r.workspace_id = $1 and r.id = k.id offset 0) r",
        tx.workspace_id, wanted,
    )  # fmt: skip
    records = {r["id"] for r in found}
    held: dict[int, list[int]] = {i: [] if i in records else [i] for i in wanted}
    for r in found:
        if r["entity_id"] in held:
            held[r["entity_id"]].append(r["id"])
    return {entity: sorted(set(records)) for entity, records in held.items()}


async def profiles(tx: Tx, entity_ids: Iterable[int]) -> dict[int, Profile]:
    """The profile of each entity that has records; retired and unknown ids are absent."""
    rows = await tx.rows(
        "select r.* from unnest($2::bigint[]) as k(id) cross join lateral (select r.entity_id, r.id, r.kind, r.source, "
        "r.ext_id, r.traits, r.said, r.first_seen_at, r.last_seen_at from record r where r.workspace_id = $1 and r.entity_id = k.id "
        "order by r.first_seen_at, r.id offset 0) r",
        tx.workspace_id, list(entity_ids),
    )  # fmt: skip
    grouped: dict[int, list[Any]] = defaultdict(list)
    for r in rows:
        grouped[r["entity_id"]].append(r)
    found = {}
    for entity, records in grouped.items():
        traits: Stamped = {}
        for r in sorted(records, key=lambda one: one["id"]):  # a tie of stamps goes to the least record id
            overlay(traits, stamped(r["traits"], r["said"]))
        senior = records[0]
        found[entity] = Profile(
            entity, senior["kind"], f"{senior['source']}:{senior['ext_id']}", traits, senior["first_seen_at"],
            max(r["last_seen_at"] for r in records),
        )  # fmt: skip
    return found


async def records_of(tx: Tx, entity_id: int) -> list[Record]:
    """The records of an entity, oldest first, each with the identifier it shares with the others.

    `entity_id` may be any record id: a retired id leads to the entity its record belongs to now.
    """
    rows = await tx.rows(
        "select r.id, r.kind, r.source, r.ext_id, r.entity_id, r.traits, r.said, r.first_seen_at, r.last_seen_at "
        "from record r where r.workspace_id = $1 and r.entity_id = "
        "(select s.entity_id from record s where s.workspace_id = $1 and s.id = $2) order by r.first_seen_at, r.id",
        tx.workspace_id, entity_id,
    )  # fmt: skip
    ids = [r["id"] for r in rows]
    ties = await _ties(tx, ids)
    found = []
    for r in rows:
        traits = stamped(r["traits"], r["said"])
        found.append(
            Record(
                id=r["id"], kind=r["kind"], source=r["source"], ext_id=r["ext_id"], entity_id=r["entity_id"],
                traits={k: t["v"] for k, t in traits.items()}, first_seen_at=r["first_seen_at"],
                last_seen_at=r["last_seen_at"], because=_because(ties[r["id"]]), ties=ties[r["id"]],
                trait_times={k: t["t"] for k, t in traits.items()},
            )
        )  # fmt: skip
    return found


async def _ties(tx: Tx, ids: list[int]) -> dict[int, list[Tie]]:
    """What holds each of these records (all of one entity) to the others; demoted values hold nobody."""
    signs = await tx.rows(
        "select i.record_id, i.ns, i.value, i.class from identifier i where i.workspace_id = $1 "
        "and i.record_id = any($2::bigint[]) and not exists (select 1 from identity_conflict c where c.workspace_id = $1 "
        "and c.entity_kind = i.kind and c.ns = i.ns and c.value = i.value and c.state = 'open' "
        "and c.kind in ('shared', 'crowd', 'limit', 'source', 'size', 'ambiguous')) order by i.class, i.ns, i.value",
        tx.workspace_id, ids,
    )  # fmt: skip
    carriers: dict[tuple[str, str], tuple[Class, set[int]]] = {}
    for s in signs:
        klass = class_of(s["ns"], s["value"], s["class"] == "strong")
        if klass in ("strong", "weak"):
            carriers.setdefault((s["ns"], s["value"]), (klass, set()))[1].add(s["record_id"])
    found: dict[int, list[Tie]] = {i: [] for i in ids}
    for (a, b), decision in guard_rows.effective(await guard_rows.decisions_about(tx, ids)).items():
        if decision.verdict == "linked" and a in found and b in found:
            said = f"{decision.actor}: {decision.reason}" if decision.reason else decision.actor
            found[a].append(Tie("link", said, "strong", [b]))
            found[b].append(Tie("link", said, "strong", [a]))
    for (ns, value), (kind, records) in carriers.items():
        for record in records if len(records) > 1 else ():
            found[record].append(Tie(ns, value, kind, sorted(records - {record})))
    return found


def _because(ties: Sequence[Tie]) -> str:
    if not ties:
        return ""
    first = ties[0]
    if first.ns == "link":
        return f"linked by {first.value}"
    return (
        "merged at the source"
        if first.ns == MERGE
        else f"same {first.ns.split(':')[0].replace('_', ' ')}: {first.value}"
    )


async def find(tx: Tx, ns: str, value: str, kind: str = "persona") -> int | None:
    """The entity that carries a (normalised) identifier. With several, the oldest entity."""
    found: int | None = await tx.value(
        "select r.entity_id from identifier i join record r on r.workspace_id = i.workspace_id and r.id = i.record_id "
        "where i.workspace_id = $1 and i.kind = $2 and i.ns = $3 and i.value = $4 order by r.first_seen_at, r.id limit 1",
        tx.workspace_id, kind, ns, value,
    )  # fmt: skip
    return found


async def merges(tx: Tx, entity_id: int, limit: int = 100) -> list[dict[str, Any]]:
    """The newest merges and splits an entity took part in."""
    rows = await tx.rows(
        "select survivor, retired, because, at from merge_log "
        "where workspace_id = $1 and (survivor = $2 or retired = $2) order by id desc limit $3",
        tx.workspace_id, entity_id, limit,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def digest(tx: Tx) -> dict[str, str]:
    """A digest of each table whose content follows from the set of events alone (merge_log is history)."""
    record = await tx.value(
        "select coalesce(md5(string_agg(md5(row(id, kind, source, ext_id, entity_id, traits::text, said, "
        "extract(epoch from first_seen_at), extract(epoch from last_seen_at))::text), '' order by id)), '') "
        "from record where workspace_id = $1",
        tx.workspace_id,
    )  # fmt: skip
    identifier = await tx.value(
        "select coalesce(md5(string_agg(md5(row(kind, ns, value, record_id, class, event_id, "
        "extract(epoch from first_seen_at))::text), '' order by kind, ns, value, record_id)), '') "
        "from identifier where workspace_id = $1",
        tx.workspace_id,
    )  # fmt: skip
    decision = await tx.value(
        "select coalesce(md5(string_agg(md5(row(a, b, event_id, verdict, extract(epoch from at), actor, reason)::text), '' "
        "order by a, b, event_id)), '') from identity_decision where workspace_id = $1",
        tx.workspace_id,
    )
    conflict = await tx.value(
        "select coalesce(md5(string_agg(md5(row(entity_kind, ns, value, kind, records, entities, detail, sentence, money)"
        "::text), '' order by entity_kind, ns, value)), '') from identity_conflict where workspace_id = $1 and state = 'open'",
        tx.workspace_id,
    )
    return {"record": record, "identifier": identifier, "decision": decision, "conflict": conflict}
