"""Reading moments and incidents: who is delighted now, and where nobody may ask."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE
from honeyguide.inference import ROLES, level_of_role
from honeyguide.moments import learned, learned_tables, tables
from honeyguide.moments.kinds import KINDS
from honeyguide.moments.learned import TYPICAL, Beta
from honeyguide.moments.moment import fade
from honeyguide.programs.journey import segment_of

COLUMNS = (
    "m.id, m.kind, m.record_id, m.company_record_id, m.strength, m.title, m.occurred_at, m.window_ends_at, "
    "m.half_life_hours, m.event_id, m.evidence, m.detector_version"
)


class StoredMoment(Struct, frozen=True):
    """A moment as it stands, with whom it belongs to now. `evidence` are Evidence values as dicts.

    `persona` and `company` are entity ids. For a moment of a company, `persona` is its champion or most senior known
    person (`persona_because` says which), or None when nobody is known: we never invent one.
    `strength` is the detector's, times the learned precision of the kind; `half_life_hours` is the one learned for the kind
    and the company's segment, in proportion to the detector's own. `strength_now` is what is left at the time asked for.
    `disputed`: the reason for which somebody said "not now" of it; `wrong_moment` when it was none.
    """

    id: UUID
    kind: str
    record: int
    company_record: int | None
    persona: int | None
    company: int | None
    persona_because: str
    strength: float
    strength_now: float
    title: str
    occurred_at: datetime
    window_ends_at: datetime
    half_life_hours: float
    event_id: UUID
    detector_version: str
    evidence: list[dict[str, Any]]
    precision: float = 1.0
    disputed: str = ""


async def open_moments(
    tx: Tx, now: datetime, limit: int, *, after: tuple[datetime, UUID] | None = None
) -> list[StoredMoment]:
    """Moments whose window holds `now`, those that end soonest first; `after` continues behind (window end, id).

    What somebody said is no moment is none.
    """
    rows = await tx.rows(
        f"""
        select {COLUMNS}, r.entity_id, r.kind as record_kind, c.entity_id as company_entity
        from moment m
        join record r on r.workspace_id = m.workspace_id and r.id = m.record_id
        left join record c on c.workspace_id = m.workspace_id and c.id = m.company_record_id
        where m.workspace_id = $1 and m.window_ends_at > $2 and m.occurred_at <= $2
          and ($4::timestamptz is null or (m.window_ends_at, m.id) > ($4, $5::uuid))
          and not exists (select 1 from moment_label l where l.workspace_id = m.workspace_id and l.moment_id = m.id
                          and l.true_moment = false)
        order by m.window_ends_at, m.id limit $3
        """,
        tx.workspace_id,
        now,
        limit,
        *(after or (None, None)),
    )
    return await resolved(tx, rows, now)


async def by_ids(
    tx: Tx, ids: Collection[UUID], now: datetime | None = None, *, disputed: bool = False
) -> dict[UUID, StoredMoment]:
    """The moments with these ids that stand; those somebody said are none only when `disputed`."""
    rows = await tx.rows(
        f"""
        select {COLUMNS}, r.entity_id, r.kind as record_kind, c.entity_id as company_entity
        from moment m
        join record r on r.workspace_id = m.workspace_id and r.id = m.record_id
        left join record c on c.workspace_id = m.workspace_id and c.id = m.company_record_id
        where m.workspace_id = $1 and m.id = any($2::uuid[])
        """,
        tx.workspace_id,
        sorted(ids),
    )
    found = {m.id: m for m in await resolved(tx, rows, now or clock.now())}
    return {i: m for i, m in found.items() if disputed or m.disputed != "wrong_moment"}


async def of_entity(tx: Tx, entity_id: int, *, now: datetime | None = None, limit: int = 200) -> list[StoredMoment]:
    """Every moment of a persona (or of a company, its people's included), newest first."""
    rows = await tx.rows(
        f"""
        select {COLUMNS}, r.entity_id, r.kind as record_kind, c.entity_id as company_entity
        from moment m
        join record r on r.workspace_id = m.workspace_id and r.id = m.record_id
        left join record c on c.workspace_id = m.workspace_id and c.id = m.company_record_id
        where m.workspace_id = $1 and m.id in (
          select k.id from record o join moment k on k.workspace_id = o.workspace_id and k.record_id = o.id
          where o.workspace_id = $1 and o.entity_id = $2
          union all
          select k.id from record o join moment k on k.workspace_id = o.workspace_id and k.company_record_id = o.id
          where o.workspace_id = $1 and o.entity_id = $2)
        order by m.occurred_at desc, m.id limit $3
        """,
        tx.workspace_id,
        entity_id,
        limit,
    )
    return await resolved(tx, rows, now or clock.now())


async def resolved(tx: Tx, rows: list[Row], now: datetime) -> list[StoredMoment]:
    """Rows of `COLUMNS` as moments: with whom they belong to now, and what was learned laid over them."""
    companies = {r["entity_id"] for r in rows if r["record_kind"] == "company"}
    speakers = await speakers_for(tx, companies, now) if companies else {}
    lonely = {r["entity_id"] for r in rows if r["record_kind"] == "persona" and r["company_entity"] is None}
    employers = await _employers(tx, lonely, now) if lonely else {}
    return await _as_learned(tx, [_stored(r, speakers, employers) for r in rows], now)


def _stored(r: Row, speakers: dict[int, tuple[int, str]], employers: dict[int, int]) -> StoredMoment:
    entity: int = r["entity_id"]
    persona: int | None
    company: int | None
    if r["record_kind"] == "persona":
        persona, because, company = entity, "", r["company_entity"] or employers.get(entity)
    else:
        persona, because = speakers.get(entity, (None, "nobody of this company is known"))
        company = entity
    return StoredMoment(
        id=r["id"], kind=r["kind"], record=r["record_id"], company_record=r["company_record_id"], persona=persona,
        company=company, persona_because=because, strength=r["strength"], strength_now=r["strength"], title=r["title"],
        occurred_at=r["occurred_at"], window_ends_at=r["window_ends_at"], half_life_hours=r["half_life_hours"],
        event_id=r["event_id"], detector_version=r["detector_version"], evidence=r["evidence"],
    )  # fmt: skip


async def _as_learned(tx: Tx, found: list[StoredMoment], now: datetime) -> list[StoredMoment]:
    """Lay what was learned over what was derived: the precision of the kind, the half-life of kind and segment."""
    if not found:
        return []
    precision = precisions(await learned_tables.tallies(tx))
    lives = {(r["kind"], r["segment"]): r["hours"] for r in await learned_tables.half_lives(tx)}
    segments = await segments_for(tx, found) if lives else {}
    said = await learned_tables.labels_of(tx, [m.id for m in found])
    return [_laid_over(m, precision, lives, segments.get(m.id, ""), said, now) for m in found]


def _laid_over(
    m: StoredMoment, precision: Mapping[str, Beta], lives: Mapping[tuple[str, str], float], segment: str,
    said: Mapping[UUID, Row], now: datetime,
) -> StoredMoment:  # fmt: skip
    factor = precision[m.kind].factor if m.kind in precision else 1.0
    hours = lives.get((m.kind, segment), lives.get((m.kind, "")))
    half = m.half_life_hours * hours / TYPICAL[m.kind] if hours is not None else m.half_life_hours
    reason = said[m.id]["reason"] if m.id in said else ""
    return structs.replace(
        m, strength=m.strength * factor, half_life_hours=half, precision=factor,
        strength_now=fade(m.strength * factor, half, m.occurred_at, now),
        disputed="" if reason == "right" else reason,
    )  # fmt: skip


def precisions(tallies: Iterable[Row]) -> dict[str, Beta]:
    """The precision of every kind, from what was said in all segments."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for r in tallies:
        right[r["kind"]] += r["right_ones"]
        wrong[r["kind"]] += r["wrong_ones"]
    return {kind: learned.precision_of(right[kind], wrong[kind]) for kind in KINDS}


async def segments_for(tx: Tx, found: Collection[StoredMoment]) -> dict[UUID, str]:
    """Moment -> the segment of its company; a moment without one has none."""
    firms = {m.company for m in found if m.company is not None}
    nodes = await graph.nodes(tx, firms) if firms else {}
    segment = {i: segment_of(n.props) for i, n in nodes.items()}
    return {m.id: segment[m.company] for m in found if m.company in segment}


async def speakers_for(tx: Tx, companies: Collection[int], now: datetime) -> dict[int, tuple[int, str]]:
    """Company entity -> (the persona to speak to, why): its champion, else the most senior person known to work there."""
    rows = await tx.rows(
        """
        select w.dst as company, w.src as persona, w.last_seen_at,
               exists (select 1 from edge h where h.workspace_id = w.workspace_id and h.src = w.src and h.dst = w.dst
                       and h.kind = $4 and (h.valid_to is null or h.valid_to > $3)) as champion,
               array(select l.dst from edge l where l.workspace_id = w.workspace_id and l.src = w.src and l.kind = $5
                     and (l.valid_to is null or l.valid_to > $3)) as roles
        from edge w
        where w.workspace_id = $1 and w.kind = $6 and w.dst = any($2::bigint[])
          and (w.valid_to is null or w.valid_to > $3)
        """,
        tx.workspace_id,
        sorted(companies),
        now,
        EDGE["champion_of"],
        EDGE["holds_role"],
        EDGE["works_at"],
    )
    best: dict[int, tuple[tuple[bool, int, datetime, int], int, str]] = {}
    for r in rows:
        level = max((level_of_role(role) for role in r["roles"] if role in ROLES), default=0)
        rank = (r["champion"], level, r["last_seen_at"], -r["persona"])
        because = "champion" if r["champion"] else "most senior known" if level else "known to work there"
        if r["company"] not in best or rank > best[r["company"]][0]:
            best[r["company"]] = (rank, r["persona"], because)
    return {company: (persona, because) for company, (_, persona, because) in best.items()}


async def _employers(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, int]:
    """Persona entity -> the company entity it most probably works at."""
    rows = await tx.rows(
        """
        select distinct on (src) src, dst from edge
        where workspace_id = $1 and kind = $3 and src = any($2::bigint[]) and (valid_to is null or valid_to > $4)
        order by src, confidence desc, last_seen_at desc, dst
        """,
        tx.workspace_id,
        sorted(personas),
        EDGE["works_at"],
        now,
    )
    return {r["src"]: r["dst"] for r in rows}


async def incidents(tx: Tx, company_entity_ids: Collection[int], *, now: datetime | None = None) -> dict[int, str]:
    """Company entity -> why nobody there may be asked now, in a sentence that names the record that shows it.

    Companies without an incident are not in the answer. The most recent incident speaks; `incident_rows` has all.
    """
    found = await incident_rows(tx, company_entity_ids, now=now)
    return {company: rows[0]["reason"] for company, rows in found.items()}


async def incident_rows(
    tx: Tx, company_entity_ids: Collection[int], *, now: datetime | None = None
) -> dict[int, list[dict[str, Any]]]:
    """Company entity -> all its standing incidents, most recent first: kind, reason, since, source, ref, event_id."""
    found: dict[int, list[dict[str, Any]]] = {}
    for r in await tables.load_incidents(tx, company_entity_ids, now or clock.now()):
        found.setdefault(r["company"], []).append(dict(r))
    for rows in found.values():
        rows.sort(key=lambda i: (i["since"], i["event_id"]), reverse=True)
    return found
