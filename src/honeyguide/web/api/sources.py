"""Sources with their counters, and the dead letters."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from honeyguide import funnel
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import measures
from honeyguide.web.reads import sources as reads
from honeyguide.web.shapes import Out

router = APIRouter()
_SHOWN_BYTES = 4_000


class SourceRow(Out):
    """A source. `lag`: rows of the log not yet read by the slowest consumer (counted up to 10,000 in all)."""

    id: str
    kind: str
    name: str
    key_prefix: str
    created_at: datetime
    last_event_at: datetime | None
    accepted: int
    duplicate: int
    mismatch: int
    dead_letter: int
    refused: int
    lag: int


class SourcesOut(Out):
    """Every source."""

    rows: list[SourceRow]


class DeadLetterRow(Out):
    """A payload that could not be used, with the reason; the first 4,000 bytes of it as text."""

    id: str
    source_id: str
    stage: str
    reason: str
    detail: str
    body: str
    at: datetime
    state: str
    attempts: int


@router.get("/api/sources")
async def sources(who: Annotated[Principal, needs("sources.read")]) -> SourcesOut:
    """Every source, with what came of all it sent."""
    async with who.tx() as tx:
        found = await funnel.source_totals(tx)
        late = await measures.waiting(tx)
    rows = [SourceRow(**(s | {"id": str(s["id"]), "lag": late.get(s["id"], 0)})) for s in found]
    return SourcesOut(rows=rows)


@router.get("/api/dead-letters", response_model=Listed[DeadLetterRow], responses=CSV_ANSWER)
async def dead_letters(who: Annotated[Principal, needs("people.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Open dead letters, newest first. They quote what was sent, so they need the right to see people."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        found = await funnel.dead_letters(tx, after=after[0] if after else None, limit=page.fetch)
        total = await reads.count_dead_letters(tx)
    rows = [
        DeadLetterRow(
            id=str(d.id), source_id=str(d.source_id), stage=d.stage, reason=d.reason, detail=d.detail,
            body=d.body[:_SHOWN_BYTES].decode(errors="replace"), at=d.at, state=d.state, attempts=d.attempts,
        )
        for d in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (int(row.id),), total, "dead-letters")
