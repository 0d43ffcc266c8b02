"""Personas: the list, and one person with everything that speaks about them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from honeyguide import identity
from honeyguide.core.errors import NotFound
from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE_NAME
from honeyguide.inference import ROLES
from honeyguide.web import words
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import people
from honeyguide.web.shapes import CompanyName, EntityId, Evidence, Named, Out, Search, evidence, number

router = APIRouter()


class PersonaRow(Out):
    """A persona in the list."""

    id: str
    name: str
    title: str
    seniority: str | None
    company: Named | None
    email: str
    last_seen_at: datetime
    updated_at: datetime
    edges: int


class RecordOut(Out):
    """A source's record that is this persona, and why we think so."""

    source: str
    ext_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    because: str


class TimelineLine(Out):
    """One thing that happened."""

    key: str
    at: datetime
    kind: str
    title: str
    source: str
    ref: str
    event_id: str | None
    quote: str


class MomentOut(Out):
    """A moment of delight."""

    id: str
    kind: str
    title: str
    strength: float
    occurred_at: datetime
    window_ends_at: datetime
    evidence: list[Evidence]


class DecisionOut(Out):
    """What was decided, with the probability it was decided with."""

    id: str
    at: datetime
    arm: str
    action: str
    action_label: str
    propensity: float
    reason: str
    score: float
    ask_state: str | None


class AdvocacyOut(Out):
    """The persona's account as an advocate."""

    link: str
    code: str
    portal_ready: bool
    referrals: int
    rewards_minor: int


class PersonaOut(Out):
    """A persona."""

    id: str
    name: str
    email: str
    title: str
    seniority: str | None
    department: str | None
    company: CompanyName | None
    records: list[RecordOut]
    timeline: list[TimelineLine]
    moments: list[MomentOut]
    decisions: list[DecisionOut]
    advocate: AdvocacyOut | None


def text(props: dict[str, Any], name: str) -> str:
    """A property as text, empty when absent."""
    value = props.get(name)
    return "" if value is None else str(value)


def _role(found: Row) -> tuple[str | None, str | None]:
    """Seniority and department, as read from titles; what the source says itself comes first."""
    props = found["props"]
    seniority, _, department = ROLES.get(found["role"] or 0, "").partition("/")
    return text(props, "seniority") or seniority or None, text(props, "department") or department or None


def _row(found: Row) -> PersonaRow:
    props = found["props"]
    return PersonaRow(
        id=str(found["id"]),
        name=found["name"] or text(props, "name") or text(props, "email"),
        title=text(props, "title"),
        seniority=_role(found)[0],
        company=Named(id=str(found["company_id"]), name=found["company_name"]) if found["company_id"] else None,
        email=text(props, "email"),
        last_seen_at=found["last_seen_at"] or found["updated_at"],
        updated_at=found["updated_at"],
        edges=found["edges"],
    )


def _line(found: Row) -> TimelineLine:
    kind = EDGE_NAME.get(found["kind"], "other")
    return TimelineLine(
        key=found["key"],
        at=found["at"],
        kind=kind,
        title=words.fact(kind, found["other_name"]),
        source=found["source"],
        ref=found["source_ref"],
        event_id=str(found["event_id"]) if found["event_id"] else None,
        quote=found["quote"],
    )


def moment_out(found: Any) -> MomentOut:
    """A moment from its row."""
    return MomentOut(
        id=str(found["id"]), kind=found["kind"], title=found["title"], strength=found["strength"],
        occurred_at=found["occurred_at"], window_ends_at=found["window_ends_at"],
        evidence=[evidence(e) for e in found["evidence"]],
    )  # fmt: skip


def _decision(found: Row) -> DecisionOut:
    return DecisionOut(
        id=str(found["id"]), at=found["at"], arm=found["arm"], action=found["action"],
        action_label=words.action_label(found["action"], found["legal_actions"]), propensity=found["propensity"],
        reason=found["reason"], score=found["score"], ask_state=found["ask_state"],
    )  # fmt: skip


@router.get("/api/personas", response_model=Listed[PersonaRow], responses=CSV_ANSWER)
async def personas(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    q: Search = "",
    company: Annotated[str, Query(pattern=r"^[0-9]{0,19}$")] = "",
) -> Any:
    """Personas, those with the newest news first; `q` finds names, titles, addresses and companies."""
    at = number(company) if company else None
    async with who.tx() as tx:
        found = await people.personas(tx, q, at, page.key(tuple[datetime, int]), page.fetch)
        total = await people.count_personas(tx, q, at)
    return page.answer([_row(r) for r in found], lambda row: (row.updated_at, int(row.id)), total, "personas")


async def _entity(tx: Tx, persona_id: str) -> Row:
    ident = number(persona_id)
    found = await people.persona(tx, ident)
    if found is None:
        moved = await people.survivor(tx, ident)
        found = await people.persona(tx, moved) if moved is not None and moved != ident else None
    if found is None:
        raise NotFound("There is no such persona in this workspace.")
    return found


def _because(record: identity.Record, of: int) -> str:
    """Why the record belongs to this persona, for people."""
    if of == 1:
        return "The only record of this person."
    return (record.because[:1].upper() + record.because[1:]) or "Joined through another record."


@router.get("/api/personas/{persona_id}")
async def persona(
    request: Request, persona_id: EntityId, who: Annotated[Principal, needs("people.read")]
) -> PersonaOut:
    """One persona: records, timeline, moments, decisions, account as an advocate."""
    async with who.tx() as tx:
        found = await _entity(tx, persona_id)
        ids = await people.record_ids(tx, found["id"])
        records = await identity.records_of(tx, found["id"])
        lines = await people.timeline(tx, ids, None, 60)
        moments = await people.moments(tx, ids)
        decisions = await people.decisions(tx, ids)
        account = await people.advocacy(tx, ids)
    props, base = found["props"], request.app.state.settings.base_url
    return PersonaOut(
        id=str(found["id"]),
        name=found["name"] or text(props, "name") or text(props, "email"),
        email=text(props, "email"),
        title=text(props, "title"),
        seniority=_role(found)[0],
        department=_role(found)[1],
        company=CompanyName(
            id=str(found["company_id"]), name=found["company_name"],
            segment=text(found["company_props"], "segment") or None,
        )
        if found["company_id"]
        else None,
        records=[
            RecordOut(
                source=r.source, ext_id=r.ext_id, first_seen_at=r.first_seen_at, last_seen_at=r.last_seen_at,
                because=_because(r, len(records)),
            )
            for r in records
        ],
        timeline=[_line(r) for r in lines],
        moments=[moment_out(m) for m in moments],
        decisions=[_decision(d) for d in decisions],
        advocate=AdvocacyOut(
            link=f"{base}/r/{account['code']}" if account["code"] else "", code=account["code"] or "",
            portal_ready=account["terms_accepted_at"] is not None, referrals=account["referrals"],
            rewards_minor=account["rewards_minor"],
        )
        if account
        else None,
    )  # fmt: skip


@router.get("/api/personas/{persona_id}/timeline", response_model=Listed[TimelineLine], responses=CSV_ANSWER)
async def persona_timeline(
    persona_id: EntityId, who: Annotated[Principal, needs("people.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """Everything that happened around a persona, newest first."""
    async with who.tx() as tx:
        found = await _entity(tx, persona_id)
        ids = await people.record_ids(tx, found["id"])
        lines = await people.timeline(tx, ids, page.key(tuple[datetime, str]), page.fetch)
        total = await people.count_timeline(tx, ids)
    return page.answer([_line(r) for r in lines], lambda row: (row.at, row.key), total, "timeline")
