"""Reads what the stages of the journey rest on: edges of persons and their companies, contract events, milestones.

A fixed number of queries whatever the batch. Companies are read once each and shared by their people.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from honeyguide.core.terms import Evidence
from honeyguide.db import Row, Tx
from honeyguide.decisions.journey_facts import Facts, Seen
from honeyguide.graph.kinds import EDGE, NODE

_OWNED = (
    "subscribed_to",
    "bought",
    "adopted",
    "renewed",
    "uses",
    "opened",
)  # signs of a customer, of persons and companies
_PERSONAL = ("power_user_of", "praised", "complained_of", "referred", "introduced", "attended")
CUSTOMER = tuple(EDGE[k] for k in _OWNED)
_NAME = {EDGE[k]: k for k in (*_OWNED, *_PERSONAL)}
_SPOKEN = {"power_user_of": "seen as a power user", "praised": "praised us"}


class _Own(Struct):
    """What is known of one entity: its edges by kind, its contracts by subject and kind."""

    edges: dict[str, Row]
    contracts: dict[int, dict[str, Row]]


async def facts_of(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Facts]:
    """What bears on the stage of each persona the graph knows."""
    people = await known(tx, personas)
    jobs = await employers(tx, people, now)
    entities = sorted({*people, *jobs.values()})
    own: dict[int, _Own] = defaultdict(lambda: _Own({}, defaultdict(dict)))
    for row in await _edges(tx, entities, now):
        own[row["src"]].edges[_NAME[row["kind"]]] = row
    for row in await _contracts(tx, entities, now):
        own[row["entity_id"]].contracts[row["subject"]][row["kind"]] = row
    milestones = await _milestones(tx, people, now)
    brought = {o.edges["referred"]["last_dst"] for o in own.values() if "referred" in o.edges}
    names = await _names(tx, brought)
    nothing = _Own({}, {})
    return {
        p: _facts(p, own.get(p, nothing), own.get(jobs.get(p, 0), nothing), milestones.get(p), names, now)
        for p in people
    }


async def known(tx: Tx, personas: Collection[int]) -> list[int]:
    """Which of these ids are personas the graph holds now, in order."""
    rows = await tx.rows(
        "select n.id from node n where n.workspace_id = $1 and n.id = any($2::bigint[]) and n.kind = $3 order by n.id",
        tx.workspace_id, sorted(set(personas)), NODE["persona"],
    )  # fmt: skip
    return [r["id"] for r in rows]


async def employers(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, int]:
    """Where each persona works: the job that began last, then the surest, as everywhere else."""
    rows = await tx.rows(
        "select distinct on (w.src) w.src, w.dst from edge_works_at w where w.workspace_id = $1 and w.src = any($2::bigint[]) "
        "and (w.valid_to is null or w.valid_to > $3) order by w.src, w.valid_from desc, w.confidence desc, w.dst",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip
    return {r["src"]: r["dst"] for r in rows}


async def _edges(tx: Tx, entities: list[int], now: datetime) -> list[Row]:
    """Per entity and kind: first and last sight with the other end, and whether it stands."""
    return await tx.rows(
        "select e.src, e.kind, min(e.valid_from) as first, (array_agg(e.dst order by e.valid_from, e.dst))[1] as first_dst, "
        "max(least(e.last_seen_at, $3)) as last, (array_agg(e.dst order by e.last_seen_at desc, e.dst))[1] as last_dst, "
        "bool_or(e.valid_to is null or e.valid_to > $3) as stands from edge e where e.workspace_id = $1 "
        "and e.src = any($2::bigint[]) and e.kind = any($4::smallint[]) and e.valid_from <= $3 and e.confidence >= 0.5 "
        "group by e.src, e.kind",
        tx.workspace_id, entities, now, list(_NAME),
    )  # fmt: skip


_TOLD = (
    "r.entity_id, s.subject, s.kind, s.at, s.source, s.ref, s.event_id from record r join signal s on s.workspace_id = "
    "r.workspace_id and s."
)
_OF_THESE = (
    " = r.id where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) and s.kind in ('subscription.started', "
    "'subscription.renewed', 'subscription.expanded', 'subscription.cancelled') and s.at <= $3"
)
_CONTRACTS = (
    "select distinct on (c.entity_id, c.subject, c.kind) c.entity_id, c.subject, c.kind, c.at, c.source, c.ref, c.event_id from "
    f"(select {_TOLD}company_record_id{_OF_THESE} union all select {_TOLD}record_id{_OF_THESE}) c "
    "order by c.entity_id, c.subject, c.kind, c.at desc, c.event_id"
)


async def _contracts(tx: Tx, entities: list[int], now: datetime) -> list[Row]:
    """The latest event of each kind of every contract of these entities."""
    return await tx.rows(_CONTRACTS, tx.workspace_id, entities, now)


async def _milestones(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Row]:
    """The latest milestone of use of each persona that is more than a first try."""
    rows = await tx.rows(
        "select distinct on (r.entity_id) r.entity_id, m.occurred_at, m.title, m.evidence from record r join moment m "
        "on m.workspace_id = r.workspace_id and m.record_id = r.id where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) "
        "and m.kind = 'product_milestone' and m.strength >= 0.5 and m.occurred_at <= $3 order by r.entity_id, m.occurred_at desc, m.id",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip
    return {r["entity_id"]: r for r in rows}


async def _names(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    rows = await tx.rows(
        "select n.id, n.name from node n where n.workspace_id = $1 and n.id = any($2::bigint[])",
        tx.workspace_id, sorted(ids),
    )  # fmt: skip
    return {r["id"]: r["name"] for r in rows}


def _facts(
    persona: int, own: _Own, firm: _Own, milestone: Row | None, names: Mapping[int, str], now: datetime
) -> Facts:
    contract, cancelled = _contract(own, firm)
    return Facts(
        now=now,
        since=_since(own, firm),
        contract=contract,
        cancelled=cancelled,
        renewed=_latest(_told(own, firm, "subscription.renewed")),
        expanded=_latest(_told(own, firm, "subscription.expanded")),
        referred=_referred(own, names),
        value=_value(own, milestone),
        active=_active(own, firm),
        uses="uses" in own.edges or "uses" in firm.edges,
    )


def _since(own: _Own, firm: _Own) -> Seen | None:
    """The first sign of being a customer, of the person or the company."""
    found = [(r["first"], r) for o in (own, firm) for k in _OWNED if (r := o.edges.get(k)) is not None]
    if not found:
        return None
    at, row = min(found, key=lambda one: (one[0], one[1]["kind"], one[1]["src"]))
    return Seen(at, "", None, (row["kind"], row["src"], row["first_dst"]))


def _contract(own: _Own, firm: _Own) -> tuple[Seen | None, Seen | None]:
    """The oldest contract that stands, and the latest cancellation."""
    standing: list[Seen] = []
    ended: list[Seen] = []
    for contract in (*own.contracts.values(), *firm.contracts.values()):
        began, left = contract.get("subscription.started"), contract.get("subscription.cancelled")
        again = _latest([contract[k] for k in ("subscription.started", "subscription.renewed") if k in contract])
        if left is not None and (again is None or again.at <= left["at"]):
            ended.append(_shown(left))
        elif began is not None:
            standing.append(_shown(began))
    for one in (own, firm):
        row = one.edges.get("subscribed_to")
        if row is not None and row["stands"] and not standing:
            standing.append(Seen(row["first"], "", None, (row["kind"], row["src"], row["first_dst"])))
    return min(standing, key=lambda s: s.at, default=None), max(ended, key=lambda s: s.at, default=None)


def _told(own: _Own, firm: _Own, kind: str) -> list[Row]:
    return [c[kind] for c in (*own.contracts.values(), *firm.contracts.values()) if kind in c]


def _latest(rows: list[Row]) -> Seen | None:
    return max((_shown(r) for r in rows), key=lambda s: s.at, default=None)


def _shown(row: Row) -> Seen:
    evidence = Evidence(row["source"], row["ref"], "", "record", 0.98, str(row["event_id"]), row["at"].isoformat())
    return Seen(row["at"], "", evidence)


def _referred(own: _Own, names: Mapping[int, str]) -> Seen | None:
    rows = [r for k in ("referred", "introduced") if (r := own.edges.get(k)) is not None]
    if not rows:
        return None
    row = max(rows, key=lambda r: (r["last"], r["kind"]))
    return Seen(row["last"], names.get(row["last_dst"], ""), None, (row["kind"], row["src"], row["last_dst"]))


def _value(own: _Own, milestone: Row | None) -> Seen | None:
    found: list[Seen] = []
    for kind, what in _SPOKEN.items():
        row = own.edges.get(kind)
        if row is not None:
            found.append(Seen(row["last"], what, None, (row["kind"], row["src"], row["last_dst"])))
    if milestone is not None:
        shown = msgspec.convert(milestone["evidence"][0], Evidence) if milestone["evidence"] else None
        found.append(Seen(milestone["occurred_at"], milestone["title"], shown))
    return max(found, key=lambda s: (s.at, s.what), default=None)


def _active(own: _Own, firm: _Own) -> Seen | None:
    """The latest sight of the person's own use or words; the company's use where the person's is not recorded."""
    rows = list(own.edges.values())
    if "uses" not in own.edges:
        rows += [r for k in ("uses", "adopted") if (r := firm.edges.get(k)) is not None]
    if not rows:
        return None
    row = max(rows, key=lambda r: (r["last"], r["kind"], r["src"]))
    return Seen(row["last"], "", None, (row["kind"], row["src"], row["last_dst"]))
