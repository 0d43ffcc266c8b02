"""The review queue of identity: which records may be one, why, and the answers of operators."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from honeyguide.db import Tx, audit
from honeyguide.identity import background
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads.identity import carry
from honeyguide.web.shapes import In, Out, Words

router = APIRouter()


class ProposedRecord(Out):
    """One of the two records, as its source knows it; `records`: how many the entity it is of has."""

    id: str
    entity_id: str
    source: str
    ext_id: str
    name: str
    traits: dict[str, Any]
    records: int
    first_seen_at: datetime


class FieldLine(Out):
    """What both say about a field, how that agrees, what it adds to the weight (bits), and in words."""

    field: str
    a: str
    b: str
    verdict: Literal["agree", "close", "differ", "missing"]
    weight: float
    sentence: str


class ProposalRow(Out):
    """Two records that may be one. `guard` says what kept the pass from joining them itself; `money` always waits."""

    id: str
    kind: str
    state: str
    weight: float
    probability: float
    a: ProposedRecord
    b: ProposedRecord
    because: list[FieldLine]
    sentence: str
    guard: str | None
    money: bool
    actor: str
    reason: str
    created_at: datetime
    decided_at: datetime | None


class Answer(In):
    """Why; it is kept with the decision."""

    reason: Words = ""


def _side(found: background.Side) -> ProposedRecord:
    name = found.traits.get("name") or found.traits.get("email") or found.traits.get("domain") or found.ext_id
    return ProposedRecord(
        id=str(found.id), entity_id=str(found.entity_id), source=found.source, ext_id=found.ext_id, name=str(name),
        traits=found.traits, records=found.records, first_seen_at=found.first_seen_at,
    )  # fmt: skip


def _row(found: background.Proposal) -> ProposalRow:
    return ProposalRow(
        id=str(found.id), kind=found.kind, state=found.state, weight=found.weight, probability=found.probability,
        a=_side(found.a), b=_side(found.b),
        because=[
            FieldLine(field=s.field, a=s.a, b=s.b, verdict=s.verdict, weight=s.weight, sentence=s.sentence)
            for s in found.because
        ],
        sentence=found.sentence, guard=found.guard or None, money=found.money, actor=found.actor, reason=found.reason,
        created_at=found.created_at, decided_at=found.decided_at,
    )  # fmt: skip


async def _done(tx: Tx, who: Principal, action: str, answered: tuple[background.Proposal, UUID]) -> ProposalRow:
    found, event = answered
    await carry(tx, event)
    detail = {"records": [str(found.a.id), str(found.b.id)], "event": str(event)}
    await audit.write(tx, who.actor, action, f"proposal:{found.id}", detail)
    return _row(await background.proposal(tx, found.id))


@router.get("/api/identity/proposals", response_model=Listed[ProposalRow], responses=CSV_ANSWER)
async def identity_proposals(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(open|accepted|rejected|auto|stale)$")] = "open",
    kind: Annotated[str, Query(pattern="^(persona|company)?$")] = "",
) -> Any:
    """Which records the background pass holds to be one, the likeliest first, with what speaks for and against."""
    async with who.tx() as tx:
        found = await background.proposals(tx, state, kind or None, page.key(tuple[float, UUID]), page.fetch)
        total = await background.count_proposals(tx, state, kind or None)
    return page.answer([_row(p) for p in found], lambda row: (row.weight, row.id), total, "proposals")


@router.post("/api/identity/proposals/{proposal_id}/accept")
async def accept_proposal(
    proposal_id: UUID, who: Annotated[Principal, needs("people.write")], answer: Answer | None = None
) -> ProposalRow:
    """Say that the two are one. Separating them on their page undoes it."""
    async with who.tx() as tx:
        done = await background.accept(tx, proposal_id, who.actor, answer.reason if answer else "")
        return await _done(tx, who, "proposal.accepted", done)


@router.post("/api/identity/proposals/{proposal_id}/reject")
async def reject_proposal(
    proposal_id: UUID, who: Annotated[Principal, needs("people.write")], answer: Answer | None = None
) -> ProposalRow:
    """Say that the two are not one: they are never proposed or joined automatically again."""
    async with who.tx() as tx:
        done = await background.reject(tx, proposal_id, who.actor, answer.reason if answer else "")
        return await _done(tx, who, "proposal.rejected", done)
