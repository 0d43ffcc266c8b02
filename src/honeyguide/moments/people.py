"""Renewing the moments that stand on one person as a whole: what they say and score, and where they work."""

from collections.abc import Collection, Sequence
from uuid import UUID

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference import Subject, load_subjects, read_ticket
from honeyguide.moments import (
    fact_tables,
    job_change,
    praise,
    support_success,
    survey_promoter,
    tables,
    voice,
)
from honeyguide.moments.fact_tables import plain_uuid, said_by
from honeyguide.moments.moment import Moment, spoken
from honeyguide.moments.voice import Said, Score, Voice

SPEAKING = frozenset({"ticket", "survey", "mail", "note"})
_THINGS = (NODE["product"], NODE["feature"])
_GROUNDS = {EDGE[kind]: kind for kind in job_change.GROUNDS}


async def renew(
    tx: Tx, events: Sequence[CanonicalEvent], identity: IdentityChanges, subjects: Collection[Subject]
) -> list[UUID]:
    """Renew the people a batch says something of."""
    heard = await _heard(tx, events, subjects)
    moved = set(identity.moved.values()) | set(identity.previous.values())
    speaking = set((await resolve(tx, heard)).values()) | moved
    written = await voices(tx, speaking) if speaking else []
    placed = {identity.entity.get(r.id, r.id) for e in events for r in _placed(e)}
    firms = {identity.entity.get(e.company.id, e.company.id) for e in events if e.company and _renames(e)}
    return written + await careers(tx, placed | speaking, firms, moved)


async def _heard(tx: Tx, events: Sequence[CanonicalEvent], subjects: Collection[Subject]) -> set[int]:
    speaking = [s for s in subjects if s.kind in SPEAKING]
    heard = {f.person for s in speaking for f in s.facts if f.person is not None}
    heard |= {r.id for e in events if e.kind.startswith("edge.") for r in e.others}
    return heard | (await fact_tables.authors_of(tx, [s.id for s in speaking]) if speaking else set())


def _placed(event: CanonicalEvent) -> list[RecordRef]:
    """The people whose jobs, or whose standing as advocates, an event may change."""
    told = event.company is not None or event.kind in ("persona.departed", "signup.completed")
    found = [event.person] if told and event.person is not None else []
    return found + [r for r in event.others if r.kind == "persona"]


def _renames(event: CanonicalEvent) -> bool:
    """Whether an event may change what a company is called, or whose daughter it is."""
    return event.kind == "company.identified" or bool(event.company and event.company.traits)


async def voices(tx: Tx, entities: Collection[int]) -> list[UUID]:
    """Renew the moments of what these personas said and scored."""
    siblings = await tables.siblings(tx, entities)
    records = {record: entity for entity, found in siblings.items() for record in found}
    if not records:
        return []
    judged = await fact_tables.judged(tx, records)
    scored = await fact_tables.scored(tx, records)
    subjects = await load_subjects(tx, {r["subject"] for r in judged} | scored)
    said: dict[int, list[Said]] = {}
    for row in judged:
        said.setdefault(records[row["record"]], []).append(_said(row, subjects.get(row["subject"])))
    scores: dict[int, list[Score]] = {}
    for score in (s for i in scored if i in subjects for s in _scores(subjects[i])):
        if score.record in records:
            scores.setdefault(records[score.record], []).append(score)
    found: list[Moment] = []
    for entity in sorted(siblings):
        whole = Voice.of(said.get(entity, []), scores.get(entity, []))
        found += praise.of_voice(whole) + survey_promoter.of_voice(whole)
    return await tables.replace_moments(
        tx, {voice.subject_of(r) for r in records}, [praise.KIND, survey_promoter.KIND], found
    )


def _said(row: Row, subject: Subject | None) -> Said:
    event = plain_uuid(row["event_id"])
    fact = next((f for f in subject.facts if f.event_id == event), None) if subject else None
    texts = list(fact.texts.values()) if fact else []
    ticket = read_ticket(subject) if subject and subject.kind == "ticket" else None
    return Said(
        record=row["record"], company=fact.company if fact else None, praise=row["kind"] == EDGE["praised"], at=row["at"],
        confidence=row["belief"], quote=row["quote"], about=spoken(row["about"]) if row["about_kind"] in _THINGS else "",
        source=row["source"], ref=row["source_ref"], inferrer=said_by(row), event_id=event,
        staff=row["author"] == "staff", words=next((t for t in texts if row["quote"] in t), row["quote"]),
        helped=bool(subject and ticket and support_success.detect(subject)), waiting=ticket is not None and (ticket.is_open or (fact is not None and fact.kind == "ticket.opened")),
    )  # fmt: skip


def _scores(subject: Subject) -> list[Score]:
    if subject.kind == "survey":
        return [s for f in subject.facts if (s := voice.survey_score(f)) is not None]
    ticket = read_ticket(subject)
    if ticket is None or ticket.requester is None:
        return []
    score = voice.ticket_score(ticket, ticket.requester)
    return [score] if score is not None else []


async def careers(
    tx: Tx, personas: Collection[int], firms: Collection[int] = (), moved: Collection[int] = ()
) -> list[UUID]:
    """Renew the changes of job of these personas and of whoever works at these companies; `moved` may be either."""
    people = set(personas) | set(moved) | await fact_tables.people_of(tx, moved)
    if not people and not firms:
        return []
    movers = await fact_tables.movers(tx, people, firms)
    siblings = await tables.siblings(tx, people | movers)
    owner = {record: entity for entity, found in siblings.items() for record in found}
    seen: dict[int, list[job_change.Sighting]] = {}
    going = {record for entity in movers for record in siblings.get(entity, ())}
    for row in await fact_tables.sightings(tx, going) if going else []:
        seen.setdefault(owner[row["record"]], []).append(_sighting(row))
    grounds: dict[int, list[job_change.Ground]] = {}
    for row in await fact_tables.grounds(tx, going, _GROUNDS) if going else []:
        grounds.setdefault(owner[row["record"]], []).append(_ground(row))
    found = [m for e in sorted(seen) for m in job_change.of_career(seen[e], grounds.get(e, []))]
    return await tables.replace_moments(tx, {job_change.subject_of(r) for r in owner}, [job_change.KIND], found)


def _sighting(row: Row) -> job_change.Sighting:
    return job_change.Sighting(
        record=row["record"], company=row["company"], company_record=row["company_record"], name=row["name"] or "",
        domain=row["domain"] or "", first=row["valid_from"], last=row["last_seen_at"], seen=row["seen"], ends=row["ends"],
        source=row["source"], ref=row["source_ref"], event_id=plain_uuid(row["event_id"]), related=frozenset(row["house"]),
    )  # fmt: skip


def _ground(row: Row) -> job_change.Ground:
    return job_change.Ground(
        kind=_GROUNDS[row["kind"]], since=row["since"], confidence=row["confidence"], source=row["source"],
        ref=row["source_ref"], quote=row["quote"], inferrer=said_by(row), event_id=plain_uuid(row["event_id"]),
    )  # fmt: skip
