"""Quality of inference: how sure answers were, how often they were right, and which head answers now."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from msgspec import structs
from pydantic import Field

from honeyguide.inference import quality as measured
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import Out

router = APIRouter()


class BinOut(Out):
    """Answers given with a confidence from `from` to `to`: how many, mean confidence, share right, its 95 % interval."""

    from_: Annotated[float, Field(alias="from")]
    to: float
    n: int
    predicted: float
    observed: float
    low: float
    high: float


class HeadOut(Out):
    """A head: version 0 is the shipped one. `accepted`: whether it came to answer; `reason`: why, or why not."""

    version: int
    state: str
    trained_at: datetime | None
    seeds: int
    reviewed: int
    labels: int
    accepted: bool
    reason: str
    metrics: dict[str, Any]


class QualityRow(Out):
    """One question. `labels`: answers that people judged; `learnt_from`: all labels, those of outcomes included."""

    task: str
    question: str
    labels: int
    learnt_from: int
    accuracy: float | None
    ece: float | None
    bins: list[BinOut]
    head: HeadOut
    history: list[HeadOut]


class QualityList(Out):
    """Every question, by set and id."""

    rows: list[QualityRow]


@router.get("/api/inference/quality")
async def quality(who: Annotated[Principal, needs("measures.read")]) -> QualityList:
    """Reliability per question, and the history of its heads. No text and no person is named."""
    async with who.tx() as tx:
        found = await measured.quality(tx)
    return QualityList(rows=[_row(q) for q in found])


def _row(q: measured.Quality) -> QualityRow:
    values = structs.asdict(q) | {
        "bins": [
            BinOut(**{"from": b.from_} | {k: v for k, v in structs.asdict(b).items() if k != "from_"}) for b in q.bins
        ],
        "head": HeadOut(**structs.asdict(q.head)),
        "history": [HeadOut(**structs.asdict(h)) for h in q.history],
    }
    return QualityRow(**values)
