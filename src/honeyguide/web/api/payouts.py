"""Payouts: requested by one person, approved by another, exported, paid with the bank's reference."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.web.api.rails import paying
from honeyguide.web.api.rewards import RewardOut, reward_out
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import money
from honeyguide.web.shapes import In, Out, Words

router = APIRouter()


class PayoutOut(Out):
    """A payout. `why_not` says why this operator cannot approve it now."""

    id: str
    rail: str
    state: str
    currency: str
    total_minor: int
    lines: int
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reference: str
    can_approve: bool
    why_not: str | None


class PayoutDetail(PayoutOut):
    """A payout with what it pays. `others`: payouts requested with it, one per advocate where the rail pays one a payout."""

    rewards: list[RewardOut]
    others: list[str]


class PayoutRequest(In):
    """Which approved rewards to pay, in one currency."""

    reward_ids: Annotated[list[UUID], Field(min_length=1, max_length=5_000)]
    rail: Annotated[str, Field(pattern="^[a-z_]{2,40}$")] = "manual"


class PayoutCancel(In):
    """Why it is given up."""

    reason: Words


class PayoutPaid(In):
    """The bank's reference."""

    reference: Words


def _values(view: ledger.PayoutView, who: Principal) -> dict[str, Any]:
    found, why_not = view.payout, view.why_not
    if why_not is None and not who.may("payouts.approve"):
        why_not = "Your role may not approve payouts."
    return {
        "id": str(found.id),
        "rail": found.rail,
        "state": found.state,
        "currency": found.currency,
        "total_minor": found.total_minor,
        "lines": found.lines,
        "requested_by": found.requested_by,
        "requested_at": found.requested_at,
        "approved_by": found.approved_by,
        "approved_at": found.approved_at,
        "paid_by": found.paid_by,
        "paid_at": found.paid_at,
        "reference": found.reference,
        "can_approve": why_not is None,
        "why_not": why_not,
    }


def _detail(view: ledger.PayoutView, who: Principal) -> PayoutDetail:
    return PayoutDetail(**_values(view, who), rewards=[reward_out(r, who) for r in view.rewards], others=[])


@router.get("/api/payouts", response_model=Listed[PayoutOut], responses=CSV_ANSWER)
async def payouts(who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Payouts, newest first."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await ledger.payouts(tx, str(after[0]) if after else None, page.fetch)
        views = [await ledger.payout(tx, p.id, who.actor) for p in found]
        total = await money.count_payouts(tx)
    rows = [PayoutOut(**_values(v, who)) for v in views]
    return page.answer(rows, lambda row: (row.id,), total, "payouts")


@router.post("/api/payouts", status_code=201)
async def request_payout(wanted: PayoutRequest, who: Annotated[Principal, needs("payouts.request")]) -> PayoutDetail:
    """Put approved rewards of one currency into a payout; another person approves it."""
    async with who.tx() as tx:
        made = await ledger.request_payouts(tx, wanted.reward_ids, wanted.rail, who.actor, clock.now())
        found = _detail(await ledger.payout(tx, made[0].id, who.actor), who)
    return found.model_copy(update={"others": [str(p.id) for p in made[1:]]})


@router.get("/api/payouts/{payout_id}")
async def payout(payout_id: UUID, who: Annotated[Principal, needs("money.read")]) -> PayoutDetail:
    """A payout and its rewards."""
    async with who.tx() as tx:
        return _detail(await ledger.payout(tx, payout_id, who.actor), who)


@router.post("/api/payouts/{payout_id}/approve")
async def approve_payout(payout_id: UUID, who: Annotated[Principal, needs("payouts.approve")]) -> PayoutDetail:
    """Approve a payout somebody else requested."""
    async with who.tx() as tx:
        await ledger.approve_payout(tx, payout_id, who.actor, clock.now())
        return _detail(await ledger.payout(tx, payout_id, who.actor), who)


@router.get(
    "/api/payouts/{payout_id}/export.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}}
)
async def export_payout(payout_id: UUID, who: Annotated[Principal, needs("payouts.request")]) -> Response:
    """The payout as a sheet for the bank: one line a reward, the total last."""
    async with who.tx() as tx:
        sheet = await ledger.export_payout(tx, payout_id, who.actor)
    return Response(
        sheet,
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="payout-{payout_id}.csv"', "cache-control": "no-store"},
    )


@router.post("/api/payouts/{payout_id}/file", response_class=Response, responses={200: {"content": {"*/*": {}}}})
async def payout_file(
    request: Request, payout_id: UUID, who: Annotated[Principal, needs("payouts.request")]
) -> Response:
    """An approved payout as the file its rail takes (CSV, pain.001 or NACHA); it counts as exported from then on."""
    async with who.tx() as tx:
        made = await paying(request).file(tx, payout_id, who.actor, clock.now())
    return Response(
        made.body,
        media_type=made.media_type,
        headers={"content-disposition": f'attachment; filename="{made.file_name}"', "cache-control": "no-store"},
    )


@router.post("/api/payouts/{payout_id}/cancel")
async def cancel_payout(
    payout_id: UUID, given: PayoutCancel, who: Annotated[Principal, needs("payouts.approve")]
) -> PayoutDetail:
    """Give up a payout that is not paid; its rewards can be paid by another."""
    async with who.tx() as tx:
        await ledger.cancel_payout(tx, payout_id, who.actor, given.reason, clock.now())
        return _detail(await ledger.payout(tx, payout_id, who.actor), who)


@router.post("/api/payouts/{payout_id}/paid")
async def mark_paid(
    payout_id: UUID, paid: PayoutPaid, who: Annotated[Principal, needs("payouts.approve")]
) -> PayoutDetail:
    """The bank has paid: the money leaves the books under its reference."""
    async with who.tx() as tx:
        await ledger.mark_paid(tx, payout_id, who.actor, paid.reference, clock.now())
        return _detail(await ledger.payout(tx, payout_id, who.actor), who)
