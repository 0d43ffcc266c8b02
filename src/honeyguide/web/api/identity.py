"""Identity: the records of a persona or company with what holds them together, what was refused, join and separate."""

from datetime import datetime
from itertools import combinations
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field

from honeyguide import identity
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Tx, audit
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads.identity import carry
from honeyguide.web.shapes import EntityId, In, Out, Words, number

router = APIRouter()
_Id = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]


class TieOut(Out):
    """An identifier this record shares with others of the same entity; `ns` link is a link a person made."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    ns: str
    value: str
    others: list[str] = Field(alias="with")
    klass: str = Field(alias="class")


class SourceRecord(Out):
    """A record as its source knows it, when it said each trait last, and why it is here."""

    id: str
    source: str
    ext_id: str
    traits: dict[str, Any]
    trait_times: dict[str, str]
    first_seen_at: datetime
    last_seen_at: datetime
    because: list[TieOut]


class RecordLink(Out):
    """Two records that evidence holds together."""

    a: str
    b: str
    because: str


class RecordsOut(Out):
    """All records of an entity, the eldest first, and what holds which two together."""

    rows: list[SourceRecord]
    links: list[RecordLink]


class ConflictRow(Out):
    """A join that was refused or a value that was demoted; `entities` are those kept apart."""

    id: str
    kind: str
    of: str
    ns: str
    value: str
    entities: list[str]
    sentence: str
    money: bool
    at: datetime
    state: str


class Separation(In):
    """The records that are somebody else than the rest, and why."""

    records: Annotated[list[_Id], Field(min_length=1, max_length=200)]
    reason: Words = ""


class Join(In):
    """A record of the other one, and why."""

    record: _Id
    reason: Words = ""


class Decided(Out):
    """The entities these records are now."""

    entities: list[str]


async def _records(tx: Tx, entity_id: str, kind: str) -> list[identity.Record]:
    found = await identity.records_of(tx, number(entity_id))
    if not found or found[0].kind != kind:
        raise NotFound(f"There is no such {kind} in this workspace.")
    return found


def _answer(found: list[identity.Record]) -> RecordsOut:
    rows = [
        SourceRecord(
            id=str(r.id), source=r.source, ext_id=r.ext_id, traits=r.traits, trait_times=r.trait_times, first_seen_at=r.first_seen_at,
            last_seen_at=r.last_seen_at,
            because=[
                TieOut.model_validate({"ns": t.ns, "value": t.value, "with": [str(o) for o in t.others], "class": t.klass})
                for t in r.ties
            ],
        )
        for r in found
    ]  # fmt: skip
    links = []
    for a, b in combinations(found, 2):
        tie = next((t for t in a.ties if b.id in t.others), None)
        if tie is not None:
            links.append(RecordLink(a=str(a.id), b=str(b.id), because=f"{tie.ns} {tie.value}"))
    return RecordsOut(rows=rows, links=links)


async def _separate(who: Principal, entity_id: str, kind: str, body: Separation) -> Decided:
    async with who.tx() as tx:
        all_ids = {r.id for r in await _records(tx, entity_id, kind)}
        apart = {number(r) for r in body.records}
        if not apart <= all_ids:
            raise NotFound(f"Some of these records are not of this {kind}.")
        if apart == all_ids:
            raise BadInput("These are all its records.", advice="Leave at least one out: that is who stays.")
        decided = await identity.separate(tx, apart, all_ids - apart, who.actor, body.reason)
        return await _done(tx, who, "identity.separated", kind, entity_id, decided, all_ids, apart)


async def _link(who: Principal, entity_id: str, kind: str, body: Join) -> Decided:
    async with who.tx() as tx:
        mine = await _records(tx, entity_id, kind)
        theirs = await _records(tx, body.record, kind)
        other = number(body.record)
        if other in {r.id for r in mine}:
            raise BadInput(f"The record is of this {kind} already.")
        decided = await identity.link(tx, [mine[0].id, other], who.actor, body.reason)
        all_ids = {r.id for r in (*mine, *theirs)}
        return await _done(tx, who, "identity.linked", kind, entity_id, decided, all_ids, {other})


async def _done(
    tx: Tx, who: Principal, action: str, kind: str, entity_id: str, decided: UUID, all_ids: set[int], about: set[int]
) -> Decided:
    await carry(tx, decided)
    detail = {"records": [str(r) for r in sorted(about)], "event": str(decided)}
    await audit.write(tx, who.actor, action, f"{kind}:{entity_id}", detail)
    now = await identity.resolve(tx, all_ids)
    return Decided(entities=[str(e) for e in sorted(set(now.values()))])


@router.get("/api/personas/{persona_id}/records")
async def persona_records(persona_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> RecordsOut:
    """The source records that are this persona, each with the identifiers it shares with the others."""
    async with who.tx() as tx:
        return _answer(await _records(tx, persona_id, "persona"))


@router.get("/api/companies/{company_id}/records")
async def company_records(company_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> RecordsOut:
    """The source records that are this company, each with the identifiers it shares with the others."""
    async with who.tx() as tx:
        return _answer(await _records(tx, company_id, "company"))


@router.post("/api/personas/{persona_id}/separate")
async def separate_persona(
    persona_id: EntityId, body: Separation, who: Annotated[Principal, needs("people.write")]
) -> Decided:
    """Say that some records of a persona are somebody else. Linking one of them again undoes it."""
    return await _separate(who, persona_id, "persona", body)


@router.post("/api/personas/{persona_id}/link")
async def link_persona(persona_id: EntityId, body: Join, who: Annotated[Principal, needs("people.write")]) -> Decided:
    """Say that another persona's record is this persona; both become one. Separating undoes it."""
    return await _link(who, persona_id, "persona", body)


@router.post("/api/companies/{company_id}/separate")
async def separate_company(
    company_id: EntityId, body: Separation, who: Annotated[Principal, needs("people.write")]
) -> Decided:
    """Say that some records of a company are another company."""
    return await _separate(who, company_id, "company", body)


@router.post("/api/companies/{company_id}/link")
async def link_company(company_id: EntityId, body: Join, who: Annotated[Principal, needs("people.write")]) -> Decided:
    """Say that another company's record is this company."""
    return await _link(who, company_id, "company", body)


@router.get("/api/identity/conflicts", response_model=Listed[ConflictRow], responses=CSV_ANSWER)
async def identity_conflicts(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(open|closed)$")] = "open",
    kind: Annotated[str, Query(pattern="^[a-z_]{0,20}$")] = "",
) -> Any:
    """What identity refused to join and why, newest first. `money` ones always wait for a person."""
    async with who.tx() as tx:
        found = await identity.conflicts(tx, kind or None, state, page.key(tuple[datetime, UUID]), page.fetch)
        total = await identity.count_conflicts(tx, kind or None, state)
    rows = [
        ConflictRow(
            id=str(c.id), kind=c.kind, of=c.entity_kind, ns=c.ns, value=c.value, entities=[str(e) for e in c.entities],
            sentence=c.sentence, money=c.money, at=c.opened_at, state=c.state,
        )
        for c in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (row.at, row.id), total, "conflicts")
