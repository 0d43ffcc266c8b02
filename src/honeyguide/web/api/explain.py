"""Why: the whole chain behind a payout, a reward or an ask."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from honeyguide.core.errors import NotFound
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import Evidence, Out, evidence

router = APIRouter()


class ChainLink(Out):
    """One step of the chain, with what it rests on."""

    stage: str
    title: str
    detail: str
    at: datetime | None
    evidence: list[Evidence]


class Explanation(Out):
    """The chain in one sentence, then step by step."""

    sentence: str
    chain: list[ChainLink]


def _of(found: Any, name: str, default: Any = "") -> Any:
    value = found.get(name, default) if isinstance(found, dict) else getattr(found, name, default)
    return default if value is None else value


@router.get("/api/explain/{subject}")
async def explain(
    request: Request,
    subject: Annotated[str, Path(pattern=r"^(payout|reward|ask):[0-9a-fA-F-]{36}$")],
    who: Annotated[Principal, needs("explain.read")],
) -> Explanation:
    """From the record that began it to the euro that was paid: every step with its evidence."""
    tell = request.app.state.explain
    if tell is None:
        raise NotFound("Explanations are not switched on in this server.", advice="Start it with `honeyguide serve`.")
    async with who.tx() as tx:
        told = await tell(tx, subject)
    return Explanation(
        sentence=str(_of(told, "sentence")),
        chain=[
            ChainLink(
                stage=str(_of(step, "stage")), title=str(_of(step, "title")), detail=str(_of(step, "detail")),
                at=_of(step, "at", None) or None, evidence=[evidence(e) for e in _of(step, "evidence", [])],
            )
            for step in _of(told, "chain", [])
        ],
    )  # fmt: skip
