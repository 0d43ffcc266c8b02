"""Referrals: who came, through whom, how far they are."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from honeyguide.web import words
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import referrals as reads
from honeyguide.web.shapes import Named, Out

router = APIRouter()


class FindingOut(Out):
    """What a rule against abuse found."""

    rule: str
    verdict: str
    reason: str


class ReferralRow(Out):
    """A referral."""

    id: str
    friend_email: str
    friend_name: str
    friend_company: str | None
    advocate: Named
    stage: str
    stage_text: str
    stage_reason: str
    created_at: datetime
    stage_at: datetime
    reward: str | None
    attribution_reason: str | None
    findings: list[FindingOut]


@router.get("/api/referrals", response_model=Listed[ReferralRow], responses=CSV_ANSWER)
async def referrals(
    who: Annotated[Principal, needs("referrals.read")],
    page: Annotated[Page, Depends(paging)],
    stage: Annotated[str, Query(pattern="^(signed_up|qualified|won|lost|rejected)?$")] = "",
) -> Any:
    """Referrals, newest first."""
    async with who.tx() as tx:
        found = await reads.referrals(tx, stage or None, page.key(tuple[datetime, UUID]), page.fetch)
        findings = await reads.findings(tx, [r["id"] for r in found])
        total = await reads.count_referrals(tx, stage or None)
    rows = [
        ReferralRow(
            id=str(r["id"]),
            friend_email=r["friend_email"],
            friend_name=r["friend_name"],
            friend_company=r["friend_company"],
            advocate=Named(id=str(r["advocate_id"]), name=r["advocate_name"]),
            stage=r["stage"],
            stage_text=words.stage_text(r["stage"]),
            stage_reason=r["stage_reason"] or "",
            created_at=r["created_at"],
            stage_at=r["stage_at"],
            reward=f"{r['reward_label']}: {words.reward_text(r['reward_state']).lower()}"
            if r["reward_label"]
            else None,
            attribution_reason=r["attribution_reason"],
            findings=[FindingOut(**f) for f in findings.get(r["id"], [])],
        )
        for r in found
    ]
    return page.answer(rows, lambda row: (row.created_at, row.id), total, "referrals")
