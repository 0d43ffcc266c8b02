"""Lift: what we caused, against the people we left alone on purpose."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from honeyguide import learning
from honeyguide.db import Row, Tx
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import measures
from honeyguide.web.shapes import Out

router = APIRouter()


class LiftOut(Out):
    """A comparison of asked and held out, with its interval; never a bare number."""

    verdict: str
    sentence: str
    metric: str
    n_treated: int
    n_holdout: int
    rate_treated: float | None
    rate_holdout: float | None
    estimate: float | None
    lower: float | None
    upper: float | None
    needed: int | None
    at: datetime | None


class EvaluationRow(LiftOut):
    """An evaluation as it was made."""

    id: str
    method: str


class ArmOut(Out):
    """One arm of the permanent experiment."""

    arm: str
    personas: int
    companies: int
    asks: int
    referrals: int
    wins: int
    value_minor: int


class LiftPage(Listed[EvaluationRow]):
    """Evaluations, the latest verdict, and both arms."""

    latest: LiftOut
    arms: list[ArmOut]


def _values(row: Row) -> dict[str, Any]:
    detail = row["detail"]
    verdict = row["verdict"]
    return {
        "verdict": verdict,
        "sentence": str(detail.get("sentence") or ""),
        "metric": row["metric"],
        "n_treated": row["n_treated"],
        "n_holdout": row["n_holdout"],
        "rate_treated": detail.get("rate_treated"),
        "rate_holdout": detail.get("rate_holdout"),
        "estimate": row["estimate"],
        "lower": row["lower"],
        "upper": row["upper"],
        "needed": detail.get("needed"),
        "at": row["at"],
    }


async def latest_lift(tx: Tx) -> LiftOut:
    """The newest verdict, or that nothing has been measured."""
    found = await learning.latest(tx)
    return LiftOut(**{name: getattr(found, name) for name in LiftOut.model_fields})


@router.get("/api/lift", response_model=LiftPage, responses=CSV_ANSWER)
async def lift(who: Annotated[Principal, needs("measures.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Evaluations, newest first, with the latest verdict and both arms."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        found = await measures.evaluations(tx, after[0] if after else None, page.fetch)
        total = await measures.count_evaluations(tx)
        latest = await latest_lift(tx)
        arms = [ArmOut(**{n: getattr(a, n) for n in ArmOut.model_fields}) for a in await learning.arms(tx)]
    rows = [EvaluationRow(**_values(r), id=str(r["id"]), method=r["method"]) for r in found]
    return page.answer(rows, lambda row: (int(row.id),), total, "lift", latest=latest, arms=arms)
