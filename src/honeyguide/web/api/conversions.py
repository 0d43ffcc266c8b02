"""The attribution court: conversions, why each credit is whose it is, disputes, previews and decisions, and the policy."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide import outcomes
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.outcomes import docket
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Moment, Named, Out, Search, Words

router = APIRouter()
Bp = Annotated[int, Field(ge=0, le=10_000)]


class CreditedOut(Out):
    """An advocate with their basis points."""

    id: str
    name: str
    share_bp: int


class ConversionRow(Out):
    """A conversion. Amounts in minor units; `state` is credited, disputed, decided or none."""

    id: str
    at: datetime
    company: str
    friend: str | None
    kind: str
    amount_minor: int
    currency: str
    credited: list[CreditedOut]
    state: str
    reason: str


class FactOut(Out):
    """A fact."""

    label: str
    value: str


class TouchOut(Out):
    """A touch: whose, what, whether it counted, and why not."""

    id: str
    kind: str
    at: datetime
    advocate: Named | None
    what: str
    counted: bool
    why_not: str | None


class ShareOut(Out):
    """A share as it stands."""

    advocate: Named
    share_bp: int
    amount_minor: int
    currency: str
    why: str


class CreditClaimOut(Out):
    """A dispute."""

    id: str
    conversion: str
    side: str
    by: str
    at: datetime
    text: str
    state: str
    answer: str


class CreditDecidedOut(Out):
    """A decision that was made."""

    id: str
    at: datetime
    by: str
    kind: str
    sentence: str


class ConversionOut(ConversionRow):
    """A conversion with everything that speaks for one or another."""

    for_advocate: str
    for_company: str
    facts: list[FactOut]
    policy: str
    touches: list[TouchOut]
    shares: list[ShareOut]
    disputes: list[CreditClaimOut]
    decisions: list[CreditDecidedOut]


class DisputeIn(In):
    """Who says it, in whose name, and what is wrong."""

    claim: Words
    by: Annotated[str, Field(max_length=200)] = ""
    side: Literal["advocate", "company", "operator"] = "operator"


class PartIn(In):
    """An advocate's part."""

    advocate: UUID
    share_bp: Bp


class CreditDecisionIn(In):
    """What is decided. `shares` of `give` and `split` sum to 10,000; `whole_customer` backfills and goes on holding."""

    kind: Literal["keep", "give", "split", "none"]
    reason: Words
    shares: Annotated[list[PartIn], Field(default_factory=list, max_length=50)]
    whole_customer: bool = False

    def decision(self) -> outcomes.Decision:
        """As the court takes it."""
        named = self.shares if self.kind in ("give", "split") else []
        parts = tuple(outcomes.Part(p.advocate, p.share_bp) for p in named)
        return outcomes.Decision(kind=self.kind, parts=parts, reason=self.reason, whole_customer=self.whole_customer)


class ChangeOut(Out):
    """What an advocate would have, before and after."""

    advocate: Named
    before_minor: int
    after_minor: int
    currency: str
    what: str


class CreditPreviewOut(Out):
    """What a decision would change."""

    sentence: str
    changes: list[ChangeOut]
    cost_minor: int
    currency: str
    warnings: list[str]


class AttributionPolicyIo(In):
    """How conversions are attributed. Without a program it is the workspace's; `valid_from` is now unless it says so."""

    program_id: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    model: Literal["first", "last", "position", "split"]
    window_days: Annotated[int, Field(ge=1, le=3_650)]
    company_match: bool
    priority: Annotated[list[list[Literal["referral", "affiliate", "coupon"]]], Field(max_length=3)]
    first_bp: Bp = 4_000
    last_bp: Bp = 4_000
    valid_from: Moment | None = None
    reason: Words


class AttributionPolicyOut(Out):
    """A version of a policy; it is never changed."""

    program_id: int
    version: int
    sentence: str
    model: str
    window_days: int
    company_match: bool
    priority: list[list[str]]
    first_bp: int
    last_bp: int
    valid_from: datetime
    reason: str
    created_by: str
    created_at: datetime


class AttributionPoliciesOut(Out):
    """Every version, newest first."""

    rows: list[AttributionPolicyOut]


class RerunIn(In):
    """Which conversions are attributed anew. With `dry_run` nothing moves."""

    program_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    since: Moment
    dry_run: bool = True


class MovedOut(Out):
    """What moved, or would."""

    conversion: str
    before: list[CreditedOut]
    after: list[CreditedOut]


class RerunOut(Out):
    """The conversions that moved, in the order of their times."""

    rows: list[MovedOut]
    dry_run: bool


def _row(found: docket.Docketed) -> dict[str, Any]:
    return {
        "id": str(found.id), "at": found.at, "company": found.company, "friend": found.friend or None, "kind": found.kind,
        "amount_minor": found.amount_minor, "currency": found.currency, "state": found.state, "reason": found.reason,
        "credited": [CreditedOut(id=str(c.advocate_id), name=c.advocate, share_bp=c.share_bp) for c in found.credited],
    }  # fmt: skip


def _claim(found: docket.Claim) -> CreditClaimOut:
    return CreditClaimOut(
        id=str(found.id), conversion=str(found.conversion_id), side=found.side, by=found.by, at=found.at, text=found.text,
        state=found.state, answer=found.answer,
    )  # fmt: skip


@router.get("/api/conversions", response_model=Listed[ConversionRow], responses=CSV_ANSWER)
async def conversions(
    who: Annotated[Principal, needs("referrals.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(credited|disputed|decided|shared|none)?$")] = "",
    program: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    advocate: UUID | None = None,
    q: Search = "",
) -> Any:
    """Conversions, newest first, with whose each is."""
    wanted = docket.Wanted(program, advocate, state or None, q or None)
    async with who.tx() as tx:
        found = await docket.conversions(tx, wanted, page.key(tuple[datetime, UUID]), page.fetch)
        total = await docket.count_conversions(tx, wanted)
    rows = [ConversionRow(**_row(c)) for c in found]
    return page.answer(rows, lambda row: (row.at, row.id), total, "conversions")


@router.get("/api/conversions/{conversion_id}")
async def conversion(conversion_id: UUID, who: Annotated[Principal, needs("referrals.read")]) -> ConversionOut:
    """A conversion: the reasons for both sides, every touch, disputes and decisions."""
    async with who.tx() as tx:
        return await _detail(tx, conversion_id)


async def _detail(tx: Tx, conversion_id: UUID) -> ConversionOut:
    found = await docket.docketed(tx, conversion_id)
    if found is None:
        raise NotFound("There is no such conversion.")
    told = await outcomes.explain_credit(tx, conversion_id)
    decisions = await docket.verdicts_of(tx, conversion_id)
    return ConversionOut(
        **_row(found), for_advocate=told.for_advocate, for_company=told.for_company, policy=told.policy,
        facts=[FactOut(label=f.label, value=f.value) for f in told.facts],
        touches=[
            TouchOut(id=str(t.id), kind=t.kind, at=t.at, advocate=Named(id=str(t.advocate_id), name=t.advocate), what=t.what,
                     counted=t.counted, why_not=t.why_not)
            for t in told.touches
        ],
        shares=[
            ShareOut(advocate=Named(id=str(s.advocate_id), name=s.advocate), share_bp=s.share_bp, amount_minor=s.amount_minor,
                     currency=s.currency, why=s.why)
            for s in told.shares
        ],
        disputes=[_claim(c) for c in await docket.claims_of(tx, conversion_id)],
        decisions=[CreditDecidedOut(id=str(d.id), at=d.at, by=d.by, kind=d.kind, sentence=d.sentence) for d in decisions],
    )  # fmt: skip


@router.get("/api/disputes", response_model=Listed[CreditClaimOut], responses=CSV_ANSWER)
async def disputes(
    who: Annotated[Principal, needs("referrals.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(open|accepted|rejected|withdrawn)?$")] = "",
) -> Any:
    """Disputes, newest first."""
    async with who.tx() as tx:
        found = await docket.claims(tx, state or None, page.key(tuple[datetime, UUID]), page.fetch)
        total = await docket.count_claims(tx, state or None)
    return page.answer([_claim(c) for c in found], lambda row: (row.at, row.id), total, "disputes")


@router.post("/api/conversions/{conversion_id}/dispute")
async def dispute_credit(
    conversion_id: UUID, said: DisputeIn, who: Annotated[Principal, needs("credit.dispute")]
) -> ConversionOut:
    """Say that the credit is wrong. The same words again are the same dispute."""
    async with who.tx() as tx:
        by = f"{said.by} (told by {who.actor})" if said.by and said.by != who.actor else who.actor
        await outcomes.dispute(tx, conversion_id, said.side, by, said.claim, clock.now())
        return await _detail(tx, conversion_id)


@router.post("/api/conversions/{conversion_id}/preview")
async def preview_credit(
    conversion_id: UUID, said: CreditDecisionIn, who: Annotated[Principal, needs("rewards.decide")]
) -> CreditPreviewOut:
    """What a decision would change. Nothing is kept."""
    async with who.tx() as tx:
        found = await outcomes.preview(tx, conversion_id, said.decision(), who.actor, clock.now())
    return CreditPreviewOut(
        sentence=found.sentence, cost_minor=found.cost_minor, currency=found.currency, warnings=list(found.warnings),
        changes=[
            ChangeOut(advocate=Named(id=str(c.advocate_id), name=c.advocate), before_minor=c.before_minor,
                      after_minor=c.after_minor, currency=c.currency, what=c.what)
            for c in found.changes
        ],
    )  # fmt: skip


@router.post("/api/conversions/{conversion_id}/decide")
async def decide_credit(
    conversion_id: UUID, said: CreditDecisionIn, who: Annotated[Principal, needs("rewards.decide")]
) -> ConversionOut:
    """Decide: what no longer holds is reversed, what holds now is issued and waits for a second person."""
    async with who.tx() as tx:
        await outcomes.decide(tx, conversion_id, said.decision(), who.actor, clock.now())
        return await _detail(tx, conversion_id)


def _policy(found: outcomes.PolicyVersion) -> AttributionPolicyOut:
    policy = found.policy
    return AttributionPolicyOut(
        program_id=found.program_id, version=policy.version, sentence=outcomes.policy_sentence(policy), model=policy.model,
        window_days=policy.window_days, company_match=policy.company_match, priority=[list(r) for r in policy.priority],
        first_bp=policy.first_bp, last_bp=policy.last_bp, valid_from=found.valid_from, reason=found.reason,
        created_by=found.created_by, created_at=found.created_at,
    )  # fmt: skip


@router.get("/api/attribution/policies")
async def attribution_policies(who: Annotated[Principal, needs("programs.read")]) -> AttributionPoliciesOut:
    """Every version of the attribution policies."""
    async with who.tx() as tx:
        return AttributionPoliciesOut(rows=[_policy(v) for v in await outcomes.policy_versions(tx)])


@router.post("/api/attribution/policies")
async def set_attribution_policy(
    said: AttributionPolicyIo, who: Annotated[Principal, needs("rewards.decide")]
) -> AttributionPolicyOut:
    """Set another version. What was credited does not move; run it anew for that."""
    policy = outcomes.AttributionPolicy(
        model=said.model, window_days=said.window_days, company_match=said.company_match,
        priority=tuple(tuple(r) for r in said.priority), first_bp=said.first_bp, last_bp=said.last_bp,
    )  # fmt: skip
    async with who.tx() as tx:
        return _policy(
            await outcomes.set_policy(
                tx,
                said.program_id,
                policy,
                actor=who.actor,
                reason=said.reason,
                now=clock.now(),
                valid_from=said.valid_from,
            )
        )


@router.post("/api/attribution/rerun")
async def rerun_attribution(said: RerunIn, who: Annotated[Principal, needs("rewards.decide")]) -> RerunOut:
    """Attribute anew what was credited since then, by the policies in force and what people decided."""
    async with who.tx() as tx:
        moved = await outcomes.rerun(tx, said.program_id, said.since, who.actor, clock.now(), dry=said.dry_run)
        names = await docket.names_of(tx, {s.advocate_id for m in moved for s in (*m.before, *m.after)})
    rows = [
        MovedOut(conversion=str(m.conversion_id), before=_shares(m.before, names), after=_shares(m.after, names))
        for m in moved
    ]
    return RerunOut(rows=rows, dry_run=said.dry_run)


def _shares(shares: tuple[outcomes.Share, ...], names: dict[UUID, str]) -> list[CreditedOut]:
    return [CreditedOut(id=str(s.advocate_id), name=names.get(s.advocate_id, ""), share_bp=s.share_bp) for s in shares]
