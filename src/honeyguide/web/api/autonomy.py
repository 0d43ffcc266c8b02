"""Earned autonomy: where each step stands, what it still lacks, the slider, the kill switch, the signed history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from honeyguide.core import clock
from honeyguide.decisions import autonomy, autonomy_history
from honeyguide.decisions.autonomy import Budget, State
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.funnel.vault import Vault
from honeyguide.learning import promotion
from honeyguide.learning.earned import proofs
from honeyguide.learning.promotion import Step
from honeyguide.programs import playbooks
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out, Search, Words

router = APIRouter()
WHOLE_TITLE = "The whole program"
StepName = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="The step.")]
Level = Annotated[int, Field(ge=0, le=4)]
Amount = Annotated[int, Field(ge=0, le=10**12)]


class MissingOut(Out):
    """What is missing for the next level, in plain words."""

    text: str
    have: float | None
    need: float | None


class GuardOut(Out):
    """A guard: its estimate, the bound that holds at every look, its limit. null: not known yet."""

    name: str
    estimate: float | None
    upper: float | None
    limit: float
    holds: bool


class ProofOut(Out):
    """The effect of asking by this step: share of companies with a referral, asked minus left alone; never without its interval."""

    n: int
    estimate: float | None
    lower: float | None
    upper: float | None
    sentence: str


class PeopleOut(Out):
    """How people decided about its suggestions."""

    approved: int
    edited: int
    declined: int


class BudgetOut(Out):
    """A limit of the step, and the bounds within which level 4 may move it."""

    name: str
    value: int
    low: int
    high: int


class AutonomyRow(Out):
    """A step; `*` is the whole program. `level` holds now (0 while stopped), `kept` is its own and what it returns to (a step
    without one follows the whole program), `max_level_now` how far it may go.
    """

    step: str
    title: str
    level: int
    kept: int
    max_level_now: int
    share: float
    stopped: bool
    since: datetime | None
    missing: list[MissingOut]
    guards: list[GuardOut]
    proof: ProofOut
    people: PeopleOut
    budgets: list[BudgetOut]


class AutonomyOut(Listed[AutonomyRow]):
    """Steps; whether everything is stopped; how high steps may rise by themselves; the number of the newest act."""

    stopped: bool
    ceiling: int
    head: int


class LevelIn(In):
    """Where the slider is moved to."""

    level: Level
    note: Words = ""


class StopIn(In):
    """The kill switch: of one step, or (without one) of everything."""

    on: bool
    step: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    note: Words = ""


class StoppedOut(Out):
    """What is stopped now."""

    stopped: bool
    steps: list[str]


class CeilingIn(In):
    """How high steps may rise without a person moving them."""

    level: Level


class CeilingOut(Out):
    """What holds now."""

    ceiling: int


class BoundsIn(In):
    """A budget of a step, and the bounds within which level 4 may move it."""

    budget: Literal["asks_per_day"]
    value: Amount
    low: Amount
    high: Amount


class ActOut(Out):
    """One act of the history."""

    seq: int
    at: datetime
    kind: str
    step: str
    from_level: int
    to_level: int
    actor: str
    note: str
    evidence: dict[str, Any]
    hash: str
    signed: bool


class VerifiedOut(Out):
    """The check of the whole history."""

    ok: bool
    acts: int
    head: str
    erased: int
    sentence: str
    problems: list[str]


def _seal(request: Request) -> Seal:
    return Seal.of(Vault.of(request.app.state.settings))


def _row(found: Step, holds: State, titles: Mapping[str, str]) -> AutonomyRow:
    proof = found.proof
    named = WHOLE_TITLE if found.step == autonomy.WHOLE else titles.get(found.step)
    return AutonomyRow(
        step=found.step,
        title=named or found.step.replace("_", " ").replace("-", " ").capitalize(),
        level=found.level,
        kept=found.kept,
        max_level_now=found.max_level_now,
        share=autonomy.SHARES[found.level],
        stopped=found.stopped,
        since=found.since,
        missing=[MissingOut(text=m.text, have=m.have, need=m.need) for m in found.missing],
        guards=[
            GuardOut(name=n, estimate=g.estimate, upper=_finite(g.upper), limit=g.limit, holds=g.upper <= g.limit)
            for n, g in sorted(proof.guards.items())
        ],
        proof=ProofOut(n=proof.n, estimate=proof.estimate, lower=proof.lower, upper=proof.upper, sentence=proof.why),
        people=PeopleOut(approved=found.tally.approved, edited=found.tally.edited, declined=found.tally.declined),
        budgets=[
            BudgetOut(name=b.name, value=b.value, low=b.low, high=b.high)
            for (step, _), b in sorted(holds.budgets.items())
            if step == found.step
        ],
    )


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


@router.get("/api/autonomy", response_model=AutonomyOut, responses=CSV_ANSWER)
async def steps(
    request: Request,
    who: Annotated[Principal, needs("measures.read")],
    page: Annotated[Page, Depends(paging)],
    q: Search = "",
    level: Annotated[int | None, Query(ge=0, le=4)] = None,
) -> Any:
    """Every step by name: its level, how far it may go now, what is missing, guards."""
    after = page.key(tuple[str])
    seal = _seal(request)
    async with who.tx() as tx:
        holds = await autonomy.state(tx, seal)
        found = await promotion.standings(tx, clock.now(), proofs, seal=seal)
        titles = await playbooks.step_titles(tx)
    wanted = [
        s for s in found if q.casefold() in f"{s.step} {titles.get(s.step, '')}".casefold() and level in (None, s.level)
    ]
    rows = [_row(s, holds, titles) for s in wanted if not after or s.step > after[0]]
    return page.answer(
        rows[: page.fetch], lambda r: (r.step,), len(wanted), "autonomy", stopped=holds.stopped, ceiling=holds.ceiling,
        head=holds.head,
    )  # fmt: skip


@router.put("/api/autonomy/{step}")
async def set_level(
    request: Request, step: StepName, given: LevelIn, who: Annotated[Principal, needs("autonomy.decide")]
) -> AutonomyRow:
    """Move the slider: down always and at once, up by one level and only when nothing is missing."""
    seal = _seal(request)
    async with who.tx() as tx:
        found = await promotion.set_level(
            tx, step, given.level, who.actor, clock.now(), proofs, note=given.note, seal=seal
        )
        holds, titles = await autonomy.state(tx, seal), await playbooks.step_titles(tx)
    return _row(found, holds, titles)


@router.put("/api/autonomy/{step}/bounds")
async def set_bounds(
    request: Request, step: StepName, given: BoundsIn, who: Annotated[Principal, needs("autonomy.decide")]
) -> BudgetOut:
    """Set a budget of a step and the bounds within which level 4 may move it."""
    budget = Budget(step, given.budget, given.value, given.low, given.high)
    async with who.tx() as tx:
        await autonomy.set_bounds(tx, budget, who.actor, clock.now(), seal=_seal(request))
    return BudgetOut(name=budget.name, value=budget.value, low=budget.low, high=budget.high)


@router.post("/api/autonomy/stop")
async def stop(request: Request, given: StopIn, who: Annotated[Principal, needs("autonomy.decide")]) -> StoppedOut:
    """The kill switch. When it answers, nothing of autonomy is sent any more, not even what was approved before."""
    seal = _seal(request)
    switch = autonomy.stop if given.on else autonomy.resume
    async with who.tx() as tx:
        await switch(tx, who.actor, clock.now(), step=given.step, note=given.note, seal=seal)
        holds = await autonomy.state(tx, seal)
    return StoppedOut(stopped=holds.stopped, steps=[s.step for s in holds.steps.values() if s.stopped])


@router.post("/api/autonomy/ceiling")
async def ceiling(
    request: Request, given: CeilingIn, who: Annotated[Principal, needs("autonomy.decide")]
) -> CeilingOut:
    """How high steps may rise without a person moving them; 0: a person moves each."""
    async with who.tx() as tx:
        await autonomy.set_ceiling(tx, given.level, who.actor, clock.now(), seal=_seal(request))
    return CeilingOut(ceiling=given.level)


@router.get("/api/autonomy/history", response_model=Listed[ActOut], responses=CSV_ANSWER)
async def history(
    request: Request,
    who: Annotated[Principal, needs("queue.read")],
    page: Annotated[Page, Depends(paging)],
    step: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
) -> Any:
    """Every act, the newest first: who changed what, on which evidence; signed and bound to the one before."""
    after = page.key(tuple[int])
    seal = _seal(request)
    async with who.tx() as tx:
        found = await autonomy_history.acts(tx, step or None, after[0] if after else None, page.fetch)
        total = await autonomy_history.count(tx, step or None)
    rows = [
        ActOut(
            seq=r.seq, at=r.at, kind=r.kind, step=r.step, from_level=r.from_level, to_level=r.to_level, actor=r.actor,
            note=r.note, evidence=r.evidence, hash=r.hash.hex(),
            signed=autonomy_history.genuine(seal, who.workspace_id, r),
        )
        for r in found
    ]  # fmt: skip
    return page.answer(rows, lambda r: (r.seq,), total, "autonomy-history")


@router.get("/api/autonomy/verify")
async def verify(
    request: Request,
    who: Annotated[Principal, needs("measures.read")],
    head: Annotated[str, Query(max_length=64, pattern="^[0-9a-f]*$", description="A head kept elsewhere.")] = "",
) -> VerifiedOut:
    """Check the whole history: numbers, chain, signatures, words, and that nothing ran alone without its level."""
    async with who.tx() as tx:
        found = await autonomy_history.verify(tx, _seal(request), head=head)
    return VerifiedOut(
        ok=found.ok, acts=found.acts, head=found.head, erased=found.erased, sentence=found.sentence,
        problems=list(found.problems),
    )  # fmt: skip
