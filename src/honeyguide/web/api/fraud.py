"""The fraud review queue: cases by what they could cost, each with its reasons and its part of the graph, and verdicts."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.outcomes import fraud
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Named, Out, Words

router = APIRouter()
Verdict = Literal["fraud", "honest", "unsure"]


class CaseRow(Out):
    """A case. Amounts in minor units; probabilities from 0 to 1; `threshold` is where holding starts to cost less than paying."""

    referral_id: str
    state: str
    held: bool
    friend_email: str
    friend_name: str
    advocate: Named
    stage: str
    probability: float
    threshold: float
    stake_minor: int
    expected_loss_minor: int
    currency: str
    shape: str
    reasons: list[str]
    opened_at: datetime
    updated_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str


class CaseNode(Out):
    """A person, or something people share; `centre`: the two the case is about."""

    id: str
    kind: str
    name: str
    centre: bool


class CaseEdge(Out):
    """`referred` from a to b; `hard` and `soft`: a and b are tied."""

    kind: str
    a: str
    b: str


class CaseGraph(Out):
    """The part of the graph a decision rests on."""

    shape: str
    nodes: list[CaseNode]
    edges: list[CaseEdge]


class CaseFinding(Out):
    """What a rule found."""

    rule: str
    verdict: str
    reason: str
    evidence: dict[str, Any]


class CaseWeight(Out):
    """A piece of evidence: how much of it there is, and by how much it moved the log-odds."""

    name: str
    amount: float
    moved: float


class CaseOut(CaseRow):
    """A case with everything a reviewer needs."""

    findings: list[CaseFinding]
    weights: list[CaseWeight]
    subgraph: CaseGraph


class VerdictIn(In):
    """What it is, and why; the reason is kept with the verdict."""

    verdict: Verdict
    reason: Words


class VerdictsIn(VerdictIn):
    """One verdict on several cases: all or none."""

    referral_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class MarkIn(In):
    """What an advocate (by id), or the friend of a referral (by its id), used: kept as a keyed hash, never as it is."""

    side: Literal["advocate", "friend"]
    owner: UUID
    kind: Literal["payee", "card", "device", "phone", "network"]
    value: Annotated[Words, Field(min_length=1, max_length=500)]


class MarkOut(Out):
    """Referrals the mark speaks of that wait for a person now."""

    held: list[str]


class CasesOut(Out):
    """The cases after the verdict."""

    rows: list[CaseRow]


class CostsIo(In):
    """What mistakes cost, in minor units of the workspace's currency; `lost_share_bp`: of a reward paid to a fraud, what is lost."""

    goodwill_minor: Annotated[int, Field(ge=0, le=10**12)]
    review_minor: Annotated[int, Field(ge=0, le=10**12)]
    unknown_minor: Annotated[int, Field(ge=0, le=10**12)]
    lost_share_bp: Annotated[int, Field(ge=1, le=10_000)]


class PolicyIo(In):
    """What each rule does here instead of what it would, and the costs. `version` is the one a change was made from."""

    rules: dict[str, Literal["off", "note", "hold", "block"]]
    costs: CostsIo
    version: Annotated[int, Field(ge=0, le=2**31 - 2)]


class PolicyOut(Out):
    """The policy in force, the rules there are, and the probability from which a reward of `unknown_minor` is held.
    `stated`: what rules do here that a policy does not name, where that is not what they would do by themselves.
    """

    rules: dict[str, str]
    stated: dict[str, str]
    costs: CostsIo
    version: int
    known_rules: list[str]
    threshold: float


def _fields(found: fraud.Stored) -> dict[str, Any]:
    taken = (
        "state", "held", "friend_email", "friend_name", "stage", "probability", "threshold", "stake_minor", "expected_loss_minor",
        "currency", "shape", "reasons", "opened_at", "updated_at", "decided_by", "decided_at", "reason",
    )  # fmt: skip
    return {
        **{name: getattr(found, name) for name in taken},
        "referral_id": str(found.referral_id),
        "advocate": Named(id=str(found.advocate_id), name=found.advocate_name),
    }


@router.get("/api/fraud/cases", response_model=Listed[CaseRow], responses=CSV_ANSWER)
async def fraud_cases(
    who: Annotated[Principal, needs("referrals.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(open|unsure|fraud|honest|closed)?$")] = "open",
    shape: Annotated[str, Query(pattern="^(pair|one_hand|cycle|dense)?$")] = "",
    advocate: UUID | None = None,
    probability: Annotated[float, Query(ge=0, le=1, description="At least so probable.")] = 0.0,
) -> Any:
    """Cases to look at, those first that could cost most. An empty `state` means all."""
    which = fraud.Filter(state or None, shape or None, advocate, probability)
    async with who.tx() as tx:
        found = await fraud.cases(tx, which, page.key(tuple[int, UUID]), page.fetch)
        total = await fraud.count_cases(tx, which)
    rows = [CaseRow(**_fields(c)) for c in found]
    return page.answer(rows, lambda row: (row.expected_loss_minor, row.referral_id), total, "fraud-cases")


@router.get("/api/fraud/cases/{referral_id}")
async def fraud_case(referral_id: UUID, who: Annotated[Principal, needs("referrals.read")]) -> CaseOut:
    """One case with its findings, what each piece of evidence moved, and its part of the graph."""
    async with who.tx() as tx:
        found = await fraud.case(tx, referral_id)
        if found is None:
            raise NotFound("There is no such case.")
        findings = await fraud.findings_of(tx, referral_id)
        weights = await fraud.weights(tx)
    moved = [
        CaseWeight(name=n, amount=v, moved=round(weights.mean.get(n, 0.0) * v, 6)) for n, v in found.amounts.items()
    ]
    return CaseOut(
        **_fields(found),
        findings=[CaseFinding(rule=f.rule, verdict=f.verdict, reason=f.reason, evidence=f.evidence) for f in findings],
        weights=sorted(moved, key=lambda w: (-abs(w.moved), w.name)),
        subgraph=CaseGraph.model_validate(found.subgraph),
    )


@router.post("/api/fraud/cases/{referral_id}/verdict")
async def fraud_verdict(
    referral_id: UUID, said: VerdictIn, who: Annotated[Principal, needs("rewards.decide")]
) -> CaseRow:
    """Decide a case: fraud blocks its rewards, honest lifts the hold, unsure keeps it. Saying the same again changes nothing."""
    async with who.tx() as tx:
        (done,) = await fraud.resolve(tx, [referral_id], said.verdict, said.reason, who.actor, clock.now())
        return CaseRow(**_fields(done))


@router.post("/api/fraud/verdicts")
async def fraud_verdicts(said: VerdictsIn, who: Annotated[Principal, needs("rewards.decide")]) -> CasesOut:
    """One verdict on several cases, all or none."""
    async with who.tx() as tx:
        done = await fraud.resolve(tx, said.referral_ids, said.verdict, said.reason, who.actor, clock.now())
        return CasesOut(rows=[CaseRow(**_fields(c)) for c in done])


@router.post("/api/fraud/marks")
async def fraud_mark(told: MarkIn, who: Annotated[Principal, needs("people.write")]) -> MarkOut:
    """Tell what somebody used that others may use too; their referrals are looked at anew. The same again changes nothing."""
    async with who.tx() as tx:
        held = await fraud.tell(tx, told.side, told.owner, told.kind, told.value, clock.now())
        return MarkOut(held=[str(i) for i in held])


def _policy_out(found: fraud.Policy) -> PolicyOut:
    costs = CostsIo(**{name: getattr(found.costs, name) for name in CostsIo.model_fields})
    return PolicyOut(
        rules=dict(found.rules), stated=dict(fraud.STATED), costs=costs, version=found.version, known_rules=sorted(fraud.RULE_NAMES),
        threshold=min(found.costs.threshold(found.costs.unknown_minor), 1.0),
    )  # fmt: skip


@router.get("/api/fraud/policy")
async def fraud_policy(who: Annotated[Principal, needs("referrals.read")]) -> PolicyOut:
    """What each rule does here, and what mistakes cost."""
    async with who.tx() as tx:
        return _policy_out(await fraud.policy(tx))


@router.put("/api/fraud/policy")
async def decide_fraud_policy(wanted: PolicyIo, who: Annotated[Principal, needs("rewards.decide")]) -> PolicyOut:
    """Put a policy in force; it counts for what is looked at from now on."""
    costs = fraud.Costs(**wanted.costs.model_dump())
    async with who.tx() as tx:
        found = fraud.Policy(dict(wanted.rules), costs, wanted.version)
        return _policy_out(await fraud.decide_policy(tx, found, fraud.RULE_NAMES, who.actor, clock.now()))
