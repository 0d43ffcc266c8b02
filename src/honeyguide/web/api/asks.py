"""Ask now: the queue, one ask with its whole reasoning, and what an operator decides about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from honeyguide import decisions, graph
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions import follow_up
from honeyguide.web import approve as approving
from honeyguide.web.api.ask_reminders import RemindersOut, reminders_out
from honeyguide.web.api.graph import neighbourhood_out
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, MAX_EXPORT, Listed, Page, as_csv, paging
from honeyguide.web.reads import asks as reads
from honeyguide.web.shapes import (
    AsOf,
    CompanyName,
    Evidence,
    In,
    LongWords,
    Neighbourhood,
    Out,
    Search,
    Words,
    evidence,
)

router = APIRouter()
_AROUND = 60  # nodes of the picture beside an ask
_QUEUE_PAGE = 500


class PersonaBrief(Out):
    """Whom to ask."""

    id: str
    name: str
    title: str
    seniority: str | None
    email: str


class MomentBrief(Out):
    """What makes now the time."""

    id: str
    kind: str
    title: str
    strength: float
    occurred_at: datetime
    window_ends_at: datetime


class OfferBrief(Out):
    """What is offered; amounts in minor units, shares in basis points."""

    id: int
    label: str
    incentive: str
    amount_minor: int
    rate_bp: int
    currency: str
    group: str
    group_name: str


class WhyOut(Out):
    """One contribution to the score, with what it rests on."""

    label: str
    detail: str
    contribution: float
    evidence: Evidence


class ReadyBrief(Out):
    """How ready somebody is to recommend us, 0 to 100, with its central 90 %."""

    score: float
    low: float
    high: float


class QueueRow(Out):
    """One ask. `score`: of a hundred such people asked, how many are expected to share; `interval` its central 90 %."""

    id: str
    decision_id: str
    persona: PersonaBrief
    company: CompanyName | None
    moment: MomentBrief
    offer: OfferBrief
    channel: str
    score: float
    interval: tuple[float, float]
    why: list[WhyOut]
    reason: str
    state: str
    tone: str
    length: str
    stage: str | None
    readiness: ReadyBrief | None


class GroupCount(Out):
    """How many asks a group has."""

    slug: str
    name: str
    count: int


class MomentCount(Out):
    """How many asks a kind of moment has."""

    kind: str
    count: int


class QueueOut(Listed[QueueRow]):
    """The queue, with the counts of its filters."""

    groups: list[GroupCount]
    moments: list[MomentCount]


class OfferChoice(Out):
    """An offer open to this person."""

    id: int
    label: str
    incentive: str


class LegalAction(Out):
    """An action that was allowed, with the probability it was drawn with."""

    action: str
    label: str
    probability: float


class BlockedAction(Out):
    """An action that was forbidden, and why."""

    action: str
    reason: str


class HistoryLine(Out):
    """What somebody did about this ask."""

    at: datetime
    action: str
    actor: str
    detail: dict[str, Any]


class AskOut(QueueRow):
    """An ask with everything a person needs to decide."""

    subject: str
    body: str
    note: str | None
    offers: list[OfferChoice]
    legal_actions: list[LegalAction]
    blocked: list[BlockedAction]
    propensity: float
    policy_version: int
    seed: str
    neighbourhood: Neighbourhood
    history: list[HistoryLine]
    follow_ups: RemindersOut


class AskApproval(In):
    """What to change before sending; absent fields stay as drafted. `follow_ups` false: its reminders are not approved."""

    subject: Words | None = None
    body: LongWords | None = None
    offer_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    follow_ups: bool = True


class NotNow(In):
    """Why not; learning reads it."""

    reason: Literal[
        "wrong_moment", "bad_timing", "wrong_person", "wrong_offer", "already_asked", "sensitive_account", "other"
    ]
    note: Words = ""


class AskState(Out):
    """An ask's state after an act."""

    id: str
    state: str


class MessageState(Out):
    """The message's state; a blocked one says why."""

    id: str
    state: str
    blocked_reason: str | None


class Approved(Out):
    """What came of approving."""

    ask: AskState
    message: MessageState
    follow_ups: RemindersOut


class Declined(Out):
    """What came of declining."""

    ask: AskState


def _row(found: decisions.QueueRow, ready: dict[int, reads.Ready]) -> dict[str, Any]:
    company = found.company
    known = ready.get(int(found.persona.id)) if found.persona.id.isdigit() else None
    return {
        "id": found.id,
        "decision_id": found.decision_id,
        "persona": PersonaBrief(**_fields(found.persona)),
        "company": CompanyName(**_fields(company)) if company else None,
        "moment": MomentBrief(**_fields(found.moment)),
        "offer": OfferBrief(**_fields(found.offer)),
        "channel": found.channel,
        "score": found.score,
        "interval": found.interval,
        "why": [
            WhyOut(label=w.label, detail=w.detail, contribution=w.contribution, evidence=evidence(w.evidence))
            for w in found.why
        ],
        "reason": found.reason,
        "state": found.state,
        "tone": found.tone,
        "length": found.length,
        "stage": known.stage if known else None,
        "readiness": ReadyBrief(score=round(known.score, 2), low=round(known.low, 2), high=round(known.high, 2))
        if known
        else None,
    }


async def _rows(tx: Tx, found: Sequence[decisions.QueueRow]) -> list[QueueRow]:
    ready = await reads.readiness_of(tx, {int(r.persona.id) for r in found if r.persona.id.isdigit()})
    return [QueueRow(**_row(r, ready)) for r in found]


def _fields(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


@router.get("/api/ask-now", response_model=QueueOut, responses=CSV_ANSWER)
async def ask_now(
    who: Annotated[Principal, needs("queue.read")],
    page: Annotated[Page, Depends(paging)],
    group: Annotated[str, Query(max_length=60, pattern="^[a-z0-9-]*$")] = "",
    moment: Annotated[str, Query(max_length=60, pattern="^[a-z_]*$")] = "",
    q: Search = "",
) -> Any:
    """People to ask now, the best first, each with the reasons."""
    filters = decisions.Filters(group=group, moment=moment, q=q)
    if page.csv:
        return as_csv(await _everything(who, filters), "ask-now")
    async with who.tx() as tx:
        found = await decisions.queue(tx, filters, page.limit, page.after or None)
        counts = await decisions.facets(tx, filters)
        rows = await _rows(tx, found.rows)
    return QueueOut(
        rows=rows,
        next=found.next,
        total=found.total,
        groups=[GroupCount(**g) for g in counts["groups"]],
        moments=[MomentCount(**m) for m in counts["moments"]],
    )


async def _everything(who: Principal, filters: decisions.Filters) -> list[QueueRow]:
    rows: list[QueueRow] = []
    after: str | None = None
    async with who.tx() as tx:
        while len(rows) < MAX_EXPORT:
            found = await decisions.queue(tx, filters, _QUEUE_PAGE, after)
            rows += await _rows(tx, found.rows)
            after = found.next
            if after is None:
                break
    return rows


@router.get("/api/asks/{ask_id}")
async def ask(ask_id: UUID, who: Annotated[Principal, needs("queue.read")]) -> AskOut:
    """One ask: draft, other offers, what else was possible and with which probability, the graph around the person."""
    async with who.tx() as tx:
        found = await decisions.get_ask(tx, ask_id)
        shown = (await _rows(tx, [found.row]))[0]
        reminders = await follow_up.of_ask(tx, ask_id, clock.now())
    return AskOut(
        **{name: getattr(shown, name) for name in QueueRow.model_fields},
        subject=found.subject,
        body=found.body,
        note=found.note,
        offers=[OfferChoice(**o) for o in found.offers],
        legal_actions=[LegalAction(**a) for a in found.legal_actions],
        blocked=[BlockedAction(**b) for b in found.blocked],
        propensity=found.propensity,
        policy_version=found.policy_version,
        seed=found.seed,
        neighbourhood=await _around(who, found.row.persona.id),
        history=[HistoryLine(**h) for h in found.history],
        follow_ups=reminders_out(reminders, found.row.state),
    )


async def _around(who: Principal, persona_id: str) -> Neighbourhood:
    if not persona_id.isdigit():
        nothing = AsOf(valid_at=None, recorded_at=None)
        return Neighbourhood(centre="", nodes=[], edges=[], truncated=False, as_of=nothing)
    async with who.traverse() as tx:
        return neighbourhood_out(await graph.neighbourhood(tx, int(persona_id), limit=_AROUND))


@router.post("/api/asks/{ask_id}/approve")
async def approve(
    request: Request,
    ask_id: UUID,
    who: Annotated[Principal, needs("asks.decide")],
    approval: AskApproval | None = None,
) -> Approved:
    """Approve an ask: account, link and message in one transaction. A blocked message says why it may not go.

    The approval covers the reminders the ask names, unless `follow_ups` is false.
    """
    wanted = approval or AskApproval()
    edits = decisions.Edits(wanted.subject, wanted.body, wanted.offer_id, wanted.follow_ups)
    async with who.tx() as tx:
        row, message = await approving.approve(
            tx, ask_id, who.actor, edits, base_url=request.app.state.settings.base_url, now=clock.now()
        )
        state = await reads.state_of(tx, ask_id)
        reminders = await follow_up.of_ask(tx, ask_id, clock.now())
    return Approved(
        ask=AskState(id=str(row.id), state=state),
        message=MessageState(id=str(message.id), state=message.state, blocked_reason=message.blocked_reason),
        follow_ups=reminders_out(reminders, state),
    )


@router.post("/api/asks/{ask_id}/not-now")
async def not_now(ask_id: UUID, declining: NotNow, who: Annotated[Principal, needs("asks.decide")]) -> Declined:
    """Do not ask this now, with a reason learning can use."""
    async with who.tx() as tx:
        row = await decisions.not_now(tx, ask_id, who.actor, declining.reason, declining.note, clock.now())
    return Declined(ask=AskState(id=str(row.id), state=row.state))
