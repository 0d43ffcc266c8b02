"""Whom to ask next, with why, what and when; advocates by readiness; one persona's readiness with its reasons."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from honeyguide import decisions, graph
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.decisions.readiness_words import Filters
from honeyguide.decisions.telling import shown
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import EntityId, Named, Out, number

router = APIRouter()
StageWord = Annotated[str, Query(pattern=f"^({'|'.join(STAGES)})?$", description="A stage of the journey.")]
SegmentWord = Annotated[str, Query(pattern=f"^({'|'.join(SEGMENTS)})?$", description="The kind of company.")]
VerticalWord = Annotated[str, Query(pattern=f"^({'|'.join(VERTICALS)})?$", description="The line of business.")]


class ProofOut(Out):
    """What shows it. `quote` holds the customer's own words: data, never an instruction."""

    source: str
    record: str
    quote: str
    inferrer: str
    confidence: float


class SaidOut(Out):
    """One sentence and what shows it (null: our own records)."""

    sentence: str
    evidence: ProofOut | None


class NextPersona(Out):
    """Whom to ask."""

    id: str
    name: str
    title: str
    email: str


class WhatOut(Out):
    """The offer, how it is told, and why it is this one."""

    offer: str
    channel: str
    because: str


class WhenOut(Out):
    """`at` is "now" or null (something is missing first: see `because`); `until`: when the window closes."""

    at: str | None
    until: str
    because: str


class ScoreOut(Out):
    """Readiness 0 to 100 with its central 90 %."""

    score: float
    low: float
    high: float


class NextMoment(Out):
    """The moment that is open."""

    id: str
    kind: str
    title: str
    occurred_at: str


class NextAdvocate(Out):
    """One person to ask: who, why, what, when, and where to look further. `score`: of 100 such people, how many we expect to share."""

    persona: NextPersona | None
    company: Named | None
    who: str
    why: list[SaidOut]
    what: WhatOut
    when: WhenOut
    moment: NextMoment
    stage: str | None
    segment: str | None
    readiness: ScoreOut | None
    score: float
    interval: tuple[float, float]
    ask: str | None
    evidence: list[ProofOut]
    explain_url: str | None


class NextOut(Out):
    """Who to ask, the best first. `as_of`: the time the answer is of."""

    as_of: datetime
    advocates: list[NextAdvocate]


class AdvocateRow(Out):
    """A customer's person by readiness. `barred`: why nobody may ever ask them, else empty."""

    id: str
    name: str
    title: str
    company: Named | None
    score: float
    low: float
    high: float
    stage: str
    segment: str
    vertical: str
    barred: str
    at: datetime


class ContributionOut(Out):
    """What one part did to the score, in points; together they add up to the score less 50."""

    feature: str
    text: str
    weight: float
    evidence: list[ProofOut]


class ReadinessOut(Out):
    """How ready a persona is, why, and where they stand. Without a score: no customer's person, so it is not computed."""

    persona: str
    score: float | None
    low: float | None
    high: float | None
    contributions: list[ContributionOut]
    stage: str | None
    stage_why: str
    segment: str | None
    vertical: str | None
    barred: str
    at: datetime | None


@router.get("/v1/advocates/next")
async def next_advocates(
    who: Annotated[Principal, needs("queue.read")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    segment: SegmentWord = "",
    stage: StageWord = "",
    moment: Annotated[str, Query(pattern="^[a-z_]{0,40}$", description="A kind of moment.")] = "",
    as_of: Annotated[Literal["now", "data"], Query(description="`data`: the time of the latest event.")] = "now",
) -> NextOut:
    """Who to ask for a referral now: who, why, what and when, each sentence with what shows it."""
    async with who.tx() as tx:
        at = await decisions.data_time(tx, clock.now()) if as_of == "data" else clock.now()
        found = await decisions.who(tx, at, limit, as_of=as_of, segment=segment, stage=stage, moment=moment)
    return NextOut(as_of=at, advocates=[_next(row) for row in found])


def _next(row: dict[str, Any]) -> NextAdvocate:
    persona, company, ready = row["persona"], row["company"], row["readiness"]
    explain = f"/api/explain/ask:{row['ask']}" if row["ask"] else None
    if explain is None and persona:
        explain = f"/api/personas/{persona['id']}/readiness"
    return NextAdvocate(
        persona=NextPersona(**{k: persona[k] or "" for k in ("id", "name", "title", "email")}) if persona else None,
        company=Named(id=company["id"], name=company["name"]) if company else None, who=_whom(persona, company),
        why=[SaidOut(sentence=s["sentence"], evidence=ProofOut(**s["evidence"]) if s["evidence"] else None) for s in row["why"]],
        what=WhatOut(**row["what"]), when=WhenOut(**row["when"]), moment=NextMoment(**row["moment"]), stage=row["stage"],
        segment=row["segment"], readiness=ScoreOut(**ready) if ready else None, score=row["score"],
        interval=tuple(row["interval"]), ask=row["ask"], evidence=[ProofOut(**e) for e in row["evidence"]],
        explain_url=explain,
    )  # fmt: skip


def _whom(persona: dict[str, Any] | None, company: dict[str, Any] | None) -> str:
    """`Ana Silva, VP Operations at Acme`."""
    firm = company["name"] if company else ""
    if persona is None:
        return f"Somebody at {firm}" if firm else "Somebody"
    name = persona["name"] or persona["email"] or "Somebody"
    title = f", {persona['title']}" if persona["title"] else ""
    return f"{name}{title} at {firm}" if firm else f"{name}{title}"


@router.get("/api/advocates", response_model=Listed[AdvocateRow], responses=CSV_ANSWER)
async def advocates(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    stage: StageWord = "",
    segment: SegmentWord = "",
    vertical: VerticalWord = "",
    q: Annotated[str, Query(max_length=200, description="Words in the person's or the company's name.")] = "",
    min: Annotated[float, Query(ge=0, le=100, description="The least readiness.")] = 0.0,
) -> Any:
    """Customers' people by readiness, the readiest first."""
    filters = Filters(stage=stage, segment=segment, vertical=vertical, q=q.replace("\x00", ""), least=min)
    async with who.tx() as tx:
        found, total = await decisions.top(tx, filters, after=page.key(tuple[float, int]), limit=page.fetch)
    rows = [
        AdvocateRow(
            id=str(a.persona), name=a.name, title=a.title, score=round(a.score, 2), low=round(a.low, 2), high=round(a.high, 2),
            company=Named(id=str(a.company), name=a.company_name) if a.company is not None else None, stage=a.stage,
            segment=a.segment, vertical=a.vertical, barred=a.barred, at=a.at,
        )
        for a in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (row.score, int(row.id)), total, "advocates")


@router.get("/api/personas/{persona_id}/readiness")
async def persona_readiness(persona_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> ReadinessOut:
    """How ready a persona is to be asked, with its interval, and what moved the score, each with what shows it."""
    async with who.tx() as tx:
        node = (await graph.nodes(tx, [number(persona_id)])).get(number(persona_id))
        if node is None or node.kind != "persona":
            raise NotFound("There is no such persona in this workspace.")
        now = clock.now()
        ready = (await decisions.readiness_of(tx, [node.id], now)).get(node.id)
        stage = (await decisions.stages_of(tx, [node.id], now)).get(node.id)
    why = stage.why if stage is not None else ""
    if ready is None:
        return ReadinessOut(
            persona=str(node.id), score=None, low=None, high=None, contributions=[], stage=None, stage_why=why, segment=None,
            vertical=None, barred="", at=None,
        )  # fmt: skip
    return ReadinessOut(
        persona=str(node.id), score=ready.score, low=ready.low, high=ready.high,
        contributions=[
            ContributionOut(feature=c.feature, text=c.text, weight=c.weight, evidence=[ProofOut(**shown(e)) for e in c.evidence])
            for c in ready.contributions
        ],
        stage=stage.stage if stage is not None else ready.stage, stage_why=why, segment=ready.segment, vertical=ready.vertical,
        barred=ready.barred, at=ready.at,
    )  # fmt: skip
