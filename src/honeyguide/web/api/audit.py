"""Who did what."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from honeyguide.db import audit as trail
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import sources as reads
from honeyguide.web.shapes import Out

router = APIRouter()


class AuditRow(Out):
    """One act of a person, a key or an agent."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@router.get("/api/audit", response_model=Listed[AuditRow], responses=CSV_ANSWER)
async def audit(who: Annotated[Principal, needs("audit.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Everything that was decided, newest first."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        found = await trail.recent(tx, after[0] if after else None, page.fetch)
        total = await reads.count_audit(tx)
    rows = [AuditRow(**(r | {"id": str(r["id"])})) for r in found]
    return page.answer(rows, lambda row: (int(row.id),), total, "audit")
