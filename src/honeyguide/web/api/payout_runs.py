"""Runs of payouts: the policy, who is due and who waits and why, a run made now."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints

from honeyguide.core import clock
from honeyguide.ledger import schedules
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out

router = APIRouter()
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
_Rail = Annotated[str, StringConstraints(pattern="^[a-z_]{2,40}$")]


class PolicyOut(Out):
    """When payouts are made and from which sum on. Minor units; `minimums` and the threshold of the 1099-NEC by the payer's rules."""

    schedule: str
    day: int
    rail: str
    minimums: dict[str, int]
    cooling_days: int
    payer_country: str
    tax_threshold_minor: int


class PolicyIn(In):
    """`day`: of the week (1 is Monday) or of the month."""

    schedule: Literal["manual", "weekly", "monthly", "on_approval"]
    day: Annotated[int, Field(ge=1, le=31)] = 1
    rail: _Rail = "manual"
    minimums: dict[_Currency, Annotated[int, Field(ge=0, le=10**12)]] = Field(default_factory=dict)
    cooling_days: Annotated[int, Field(ge=0, le=90)] = 3
    payer_country: Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")] = ""
    tax_threshold_minor: Annotated[int, Field(ge=0, le=10**12)] = 60_000


class DueOut(Out):
    """What an advocate would get in one currency. `why_not` says why it waits."""

    advocate_id: str
    advocate: str
    currency: str
    rewards: int
    gross_minor: int
    owed_minor: int
    why_not: str | None


class RunIn(In):
    """`key`: the same again makes no second run."""

    key: Annotated[str, StringConstraints(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]
    rail: _Rail | None = None


class RunOut(Out):
    """What the run made: payouts to be approved by a second person, and who waits. `made` is false when the key was used before."""

    made: bool
    payouts: list[str]
    withheld: list[DueOut]


def _due(one: schedules.Due) -> DueOut:
    return DueOut(
        advocate_id=str(one.advocate_id), advocate=one.name, currency=one.currency, rewards=len(one.reward_ids),
        gross_minor=one.gross_minor, owed_minor=one.owed_minor, why_not=one.why_not,
    )  # fmt: skip


def _policy(found: schedules.Policy) -> PolicyOut:
    return PolicyOut(**{f: getattr(found, f) for f in PolicyOut.model_fields})


@router.get("/api/payout-policy")
async def payout_policy(who: Annotated[Principal, needs("money.read")]) -> PolicyOut:
    """The payout policy."""
    async with who.tx() as tx:
        return _policy(await schedules.get_policy(tx))


@router.put("/api/payout-policy")
async def put_policy(wanted: PolicyIn, who: Annotated[Principal, needs("rails.write")]) -> PolicyOut:
    """Replace the payout policy."""
    async with who.tx() as tx:
        return _policy(await schedules.set_policy(tx, schedules.Policy(**wanted.model_dump()), who.actor, clock.now()))


@router.get("/api/payout-runs/due", response_model=Listed[DueOut], responses=CSV_ANSWER)
async def due_next(who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Everybody with payable rewards: what the next run pays, or why it waits."""
    after = page.key(tuple[UUID, str])
    async with who.tx() as tx:
        found = await schedules.due(tx, clock.now())
    shown = [_due(d) for d in found if after is None or (d.advocate_id, d.currency) > after]
    return page.answer(shown, lambda r: (r.advocate_id, r.currency), len(found), "due")


@router.post("/api/payout-runs")
async def make_run(wanted: RunIn, who: Annotated[Principal, needs("payouts.request")]) -> RunOut:
    """Request a payout for everybody who is due; another person approves each."""
    async with who.tx() as tx:
        made = await schedules.run(tx, f"by-hand:{wanted.key}", clock.now(), actor=who.actor, rail=wanted.rail)
    if made is None:
        return RunOut(made=False, payouts=[], withheld=[])
    return RunOut(made=True, payouts=[str(p.id) for p in made.payouts], withheld=[_due(d) for d in made.withheld])
