"""Beside the books: what is still to be paid, rates of exchange, and proposals that need a second person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import money
from honeyguide.web.reads.participants import named
from honeyguide.web.shapes import In, Moment, Out, Words

router = APIRouter()
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Whole = Annotated[int, Field(gt=0, le=10**12)]


class MonthOut(Out):
    """What has to be paid in a month (`later` beyond the horizon), in minor units of one currency."""

    currency: str
    month: str
    due_minor: int
    expected_minor: int
    at_risk_minor: int
    owed_minor: int


class RateIn(In):
    """One unit of `base` is numerator / denominator units of `quote` from `at` on (now, without it)."""

    base: Currency
    quote: Currency
    numerator: Whole
    denominator: Whole
    source: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    at: Moment | None = None


class RateOut(Out):
    """A stored rate."""

    id: str
    base: str
    quote: str
    numerator: int
    denominator: int
    source: str
    at: datetime


class ProposalIn(In):
    """What is proposed, under a permanent `key`: `ask` is a budget, a reward, an adjustment, a write_off or a give_up of a payment (its `type`)."""

    key: Key
    reason: Words
    ask: dict[str, Any]


class Rejection(In):
    """Why not."""

    reason: Words


class ProposalOut(Out):
    """A proposal; `can_confirm` tells whether this operator may. `advocate`: whom it is for, empty where it is for nobody."""

    id: str
    key: str
    kind: str
    ask: dict[str, Any]
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str
    can_confirm: bool
    advocate: str


async def _told(tx: Tx, who: Principal, found: Sequence[ledger.Proposal]) -> list[ProposalOut]:
    """Proposals with the names of those they are for."""
    whom = [p.ask.advocate_id for p in found if isinstance(p.ask, ledger.FOR_ADVOCATES)]
    rows = await named(tx, [{"advocate_id": one} for one in whom]) if whom else []
    names = {row["advocate_id"]: f"{row['advocate']}, {row['email']}" for row in rows if row["advocate"]}
    return [_proposal(p, who, names.get(getattr(p.ask, "advocate_id", None), "")) for p in found]


def _proposal(found: ledger.Proposal, who: Principal, advocate: str) -> ProposalOut:
    may = found.state == "open" and who.may("rewards.decide") and not ledger.same_person(who.actor, found.proposed_by)
    return ProposalOut(
        id=str(found.id), key=found.key, kind=found.kind, ask=msgspec.to_builtins(found.ask), reason=found.reason,
        state=found.state, proposed_by=found.proposed_by, proposed_at=found.proposed_at, decided_by=found.decided_by,
        decided_at=found.decided_at, decision=found.decision, can_confirm=may, advocate=advocate,
    )  # fmt: skip


@router.get("/api/ledger/liability", response_model=Listed[MonthOut], responses=CSV_ANSWER)
async def liability(
    who: Annotated[Principal, needs("ledger.read")],
    page: Annotated[Page, Depends(paging)],
    days: Annotated[int, Query(ge=1, le=3650)] = 365,
) -> Any:
    """What is still to be paid by currency and month: due, expected, at risk, and owed by advocates."""
    after = page.key(tuple[str, str])
    async with who.tx() as tx:
        found = (await ledger.liability(tx, clock.now(), days)).months
    rest = [m for m in found if after is None or (m.currency, m.month) > (after[0], after[1])]
    rows = [MonthOut(**msgspec.structs.asdict(m)) for m in rest[: page.fetch]]
    return page.answer(rows, lambda row: (row.currency, row.month), len(found), "liability")


@router.get("/api/ledger/rates", response_model=Listed[RateOut], responses=CSV_ANSWER)
async def rates(who: Annotated[Principal, needs("ledger.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Stored rates of exchange, newest first."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await ledger.rates(tx, str(after[0]) if after else None, page.fetch)
        total = await money.count_rates(tx)
    return page.answer([_rate(r) for r in found], lambda row: (row.id,), total, "rates")


def _rate(found: ledger.Rate) -> RateOut:
    return RateOut(**(msgspec.structs.asdict(found) | {"id": str(found.id)}))


@router.post("/api/ledger/rates")
async def store_rate(wanted: RateIn, who: Annotated[Principal, needs("rewards.decide")]) -> RateOut:
    """Keep a rate of exchange; a stored rate is never changed."""
    async with who.tx() as tx:
        at = wanted.at or clock.now()
        made = await ledger.store_rate(
            tx, wanted.base, wanted.quote, wanted.numerator, wanted.denominator, wanted.source, at
        )
        return _rate(made)


@router.get("/api/ledger/proposals", response_model=Listed[ProposalOut], responses=CSV_ANSWER)
async def proposals(
    who: Annotated[Principal, needs("money.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(open|confirmed|rejected)?$")] = "",
) -> Any:
    """What was proposed, newest first."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await ledger.proposals(tx, state or None, str(after[0]) if after else None, page.fetch)
        total = await money.count_proposals(tx, state or None)
        rows = await _told(tx, who, found)
    return page.answer(rows, lambda row: (row.id,), total, "proposals")


@router.post("/api/ledger/proposals")
async def propose_money(wanted: ProposalIn, who: Annotated[Principal, needs("rewards.decide")]) -> ProposalOut:
    """Propose a budget, a manual reward, an adjustment, a write-off or to give a payment up; another person confirms it."""
    try:
        ask = msgspec.convert(wanted.ask, ledger.Ask)
    except msgspec.ValidationError as problem:
        raise BadInput("This cannot be proposed.", str(problem)) from problem
    async with who.tx() as tx:
        made = await ledger.propose(tx, ask, wanted.key, wanted.reason, who.actor, clock.now())
        return (await _told(tx, who, [made]))[0]


@router.post("/api/ledger/proposals/{decision_id}/confirm")
async def confirm(decision_id: UUID, who: Annotated[Principal, needs("rewards.decide")]) -> ProposalOut:
    """Confirm what somebody else proposed: it is carried out."""
    async with who.tx() as tx:
        done = await ledger.confirm(tx, decision_id, who.actor, clock.now())
        return (await _told(tx, who, [done]))[0]


@router.post("/api/ledger/proposals/{decision_id}/reject")
async def reject(
    decision_id: UUID, wanted: Rejection, who: Annotated[Principal, needs("rewards.decide")]
) -> ProposalOut:
    """Turn a proposal down, with a reason."""
    async with who.tx() as tx:
        done = await ledger.reject(tx, decision_id, who.actor, wanted.reason, clock.now())
        return (await _told(tx, who, [done]))[0]
