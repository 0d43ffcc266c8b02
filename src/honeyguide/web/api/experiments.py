"""Experiments and growth: what asking caused, with its interval and in a sentence; never a bare uplift."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from honeyguide.core import clock
from honeyguide.learning import cohorts, experiments
from honeyguide.learning.growth import Figure
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import Out

router = APIRouter()
ExperimentId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,120}$")]


class ExperimentRow(Out):
    """An experiment with its newest look; `estimate`, `lower` and `upper` are there together or not at all."""

    id: str
    kind: str
    title: str
    question: str
    candidate: str
    incumbent: str
    metric: str
    unit: str
    currency: str | None
    method: str
    started_at: datetime
    proven_at: datetime | None
    looks: int
    at: datetime | None
    n_candidate: int
    n_incumbent: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    sentence: str
    needed: int | None


class LookOut(Out):
    """One look: a point of the chart, with what it was made of."""

    look: int
    at: datetime
    n_candidate: int
    n_incumbent: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    sentence: str
    needed: int | None
    statistics: dict[str, Any]


class ExperimentOut(Out):
    """An experiment with all its looks, the first one first. `doubted`: looks that do not come out again."""

    experiment: ExperimentRow
    series: list[LookOut]
    doubted: list[int]


class FigureOut(Out):
    """A number with its interval and what it means; without them, why not. `unit`: count, minor or rate."""

    estimate: float | None
    lower: float | None
    upper: float | None
    unit: str
    verdict: str
    sentence: str


class CohortRow(Out):
    """Customers of a quarter, referred or not; a young cohort will grow and is not to be compared."""

    cohort: str
    origin: str
    customers: int
    total_minor: int
    value: FigureOut
    young: bool
    newest: datetime


class LineOut(Out):
    """Rewards that stand, by what is known of them, minor units."""

    currency: str
    kind: str
    text: str
    amount_minor: int


class GrowthOut(Out):
    """Growth as of `at`. The lines of a currency add up to what the books hold (`adds_up`)."""

    at: datetime
    currency: str
    k_factor: FigureOut
    caused_referrals: FigureOut
    caused: FigureOut
    given_away: FigureOut
    cost_per_incremental: FigureOut
    ltv_difference: FigureOut
    cohorts: list[CohortRow]
    lines: list[LineOut]
    adds_up: bool


def _row(found: experiments.Experiment) -> ExperimentRow:
    return ExperimentRow(**{n: getattr(found, n) for n in ExperimentRow.model_fields})


def _figure(found: Figure) -> FigureOut:
    return FigureOut(**{n: getattr(found, n) for n in FigureOut.model_fields})


def _cohort(found: cohorts.Cohort) -> CohortRow:
    plain = {n: getattr(found, n) for n in CohortRow.model_fields if n != "value"}
    return CohortRow(**plain, value=_figure(found.value))


@router.get("/api/experiments", response_model=Listed[ExperimentRow], responses=CSV_ANSWER)
async def experiment_list(
    who: Annotated[Principal, needs("measures.read")],
    page: Annotated[Page, Depends(paging)],
    kind: str = "",
    verdict: str = "",
) -> Any:
    """Experiments: the program's two, policies on the log, then every step of the playbook."""
    async with who.tx() as tx:
        found = await experiments.list(tx)
    rows = [_row(e) for e in found if kind in ("", e.kind) and verdict in ("", e.verdict)]
    after = page.key(tuple[str])
    start = 0
    if after is not None:
        start = next((n + 1 for n, row in enumerate(rows) if row.id == after[0]), len(rows))
    return page.answer(rows[start : start + page.fetch], lambda row: (row.id,), len(rows), "experiments")


@router.get("/api/experiments/{experiment_id}")
async def experiment(experiment_id: ExperimentId, who: Annotated[Principal, needs("measures.read")]) -> ExperimentOut:
    """One experiment with every look at it, to be charted."""
    async with who.tx() as tx:
        found, looks = await experiments.get(tx, experiment_id)
        doubted = await experiments.doubted(tx, experiment_id)
    series = [LookOut(**{n: getattr(look, n) for n in LookOut.model_fields}) for look in looks]
    return ExperimentOut(experiment=_row(found), series=series, doubted=doubted)


@router.get("/api/growth")
async def growth(who: Annotated[Principal, needs("measures.read")]) -> GrowthOut:
    """What asking caused and gave away, what it costs, the K-factor, and what referred and other customers are worth."""
    async with who.tx() as tx:
        found = await cohorts.growth(tx, clock.now())
    figures = ("k_factor", "caused_referrals", "caused", "given_away", "cost_per_incremental", "ltv_difference")
    return GrowthOut(
        at=found.at, currency=found.currency, **{n: _figure(getattr(found, n)) for n in figures},
        cohorts=[_cohort(c) for c in found.cohorts],
        lines=[LineOut(**{n: getattr(line, n) for n in LineOut.model_fields}) for line in found.lines], adds_up=found.adds_up,
    )  # fmt: skip


@router.get("/api/growth/cohorts", response_model=Listed[CohortRow], responses=CSV_ANSWER)
async def growth_cohorts(
    who: Annotated[Principal, needs("measures.read")],
    page: Annotated[Page, Depends(paging)],
    origin: str = "",
) -> Any:
    """Customers by quarter of their first won deal and origin, the newest first."""
    async with who.tx() as tx:
        found = await cohorts.growth(tx, clock.now())
    rows = [_cohort(c) for c in found.cohorts if origin in ("", c.origin)]
    after = page.key(tuple[str, str])
    start = 0
    if after is not None:
        start = next((n + 1 for n, r in enumerate(rows) if (r.cohort, r.origin) == after), len(rows))
    return page.answer(rows[start : start + page.fetch], lambda r: (r.cohort, r.origin), len(rows), "cohorts")
