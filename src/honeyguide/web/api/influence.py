"""Who matters and why: influence, buying groups, and the portrait of a persona."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from honeyguide import graph
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.graph.kinds import EDGE_NAME
from honeyguide.graph.portrait import Portrait, Thing, portrait
from honeyguide.web.api.asking import EdgeRefOut
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import EntityId, Named, Out, number

router = APIRouter()


class ReasonOut(Out):
    """One ground of a score, in words, with the edges it rests on; the weights add up to the score."""

    kind: str
    text: str
    weight: float
    edges: list[EdgeRefOut]


class InfluenceOut(Out):
    """How much others lean on a persona: 0 to 1, the rank among `of` personas, and why."""

    score: float
    rank: int
    of: int
    reasons: list[ReasonOut]
    at: datetime | None


class InfluenceRow(Out):
    """A persona by influence."""

    id: str
    name: str
    title: str
    score: float


class WhyOut(Out):
    """One edge that gives somebody their part, with its surest statement."""

    text: str
    kind: str
    confidence: float
    quote: str
    source_ref: str
    edge: EdgeRefOut


class BuyerOut(Out):
    """One person of a buying group: their part, stance, influence (null: not measured), and the edges that say so."""

    persona: str
    name: str
    title: str
    role: str
    department: str
    buying_role: str | None
    stance: str
    influence: float | None
    uses: list[str]
    why: list[WhyOut]


class BuyingGroupOut(Out):
    """The people of a company, those with a part in buying first; `truncated`: it has more than were looked at."""

    rows: list[BuyerOut]
    truncated: bool


class WhoOut(Out):
    """Who a persona is."""

    id: str
    name: str
    title: str
    role: str
    email: str
    company: Named | None


class ThingOut(Out):
    """Something or somebody at the other end of an edge, and how they stand to it."""

    id: str
    kind: str
    name: str
    how: str
    confidence: float


class QuoteOut(Out):
    """Their own words, and where they stand."""

    quote: str
    source_ref: str
    record: str
    at: datetime


class FeelsOut(Out):
    """How they feel about what we sell: happy, unhappy, mixed or unknown."""

    label: str
    confidence: float
    quotes: list[QuoteOut]


class BeliefOut(Out):
    """One belief in words with the surest statement it rests on."""

    sentence: str
    confidence: float
    quote: str
    source_ref: str
    inferrer: str
    edge: EdgeRefOut


class PortraitOut(Out):
    """Who they are, what they use, whom they influence, how they feel, and why we believe so."""

    who: WhoOut
    uses: list[ThingOut]
    influences: list[ThingOut]
    feels: FeelsOut
    beliefs: list[BeliefOut]


async def _node(tx: Tx, ident: int, kind: str) -> graph.Node:
    found = (await graph.nodes(tx, [ident])).get(ident)
    if found is None or found.kind != kind:
        raise NotFound(f"There is no such {kind} in this workspace.")
    return found


def _edge(kind: str, src: int, dst: int) -> EdgeRefOut:
    return EdgeRefOut(kind=kind, src=str(src), dst=str(dst))


@router.get("/api/personas/{persona_id}/influence")
async def persona_influence(persona_id: EntityId, who: Annotated[Principal, needs("graph.read")]) -> InfluenceOut:
    """How influential a persona is, and why."""
    ident = number(persona_id)
    async with who.traverse() as tx:
        await _node(tx, ident, "persona")
        found = (await graph.influence_of(tx, [ident]))[ident]
    return InfluenceOut(
        score=found.score, rank=found.rank, of=found.of, at=found.at,
        reasons=[
            ReasonOut(kind=r.kind, text=r.text, weight=r.weight,
                      edges=[_edge(EDGE_NAME.get(k, "other"), s, d) for k, s, d in r.edges])
            for r in found.reasons
        ],
    )  # fmt: skip


@router.get("/api/influence", response_model=Listed[InfluenceRow], responses=CSV_ANSWER)
async def influence_list(
    who: Annotated[Principal, needs("graph.read")],
    page: Annotated[Page, Depends(paging)],
    company: Annotated[str, Query(pattern=r"^[0-9]{0,19}$")] = "",
) -> Any:
    """Personas by influence, the highest first; of one company's people when given. `total`: how many this page read."""
    firm = number(company) if company else None
    async with who.traverse() as tx:
        if firm is not None:
            firm = (await _node(tx, firm, "company")).id
        led = await graph.influential(tx, company=firm, after=page.key(tuple[float, int]), limit=page.fetch)
        found = await graph.nodes(tx, [i for i, _ in led])
    rows = [
        InfluenceRow(id=str(i), name=n.name or n.key, title=str(n.props.get("title") or ""), score=score)
        for i, score in led
        if (n := found.get(i)) is not None
    ]
    return page.answer(rows, lambda row: (row.score, int(row.id)), len(rows), "influence")


@router.get("/api/companies/{company_id}/buying-group")
async def buying_group(company_id: EntityId, who: Annotated[Principal, needs("graph.read")]) -> BuyingGroupOut:
    """Who decides at a company: each with a buying role, a stance, influence, what they use, and why."""
    ident = number(company_id)
    async with who.traverse() as tx:
        firm = await _node(tx, ident, "company")
        made = await graph.buying_group(tx, firm.id)
        scores = await graph.influence_of(tx, [m.persona for m in made.members])
    return BuyingGroupOut(
        rows=[
            BuyerOut(
                persona=str(m.persona), name=m.name, title=m.title, role=m.role, department=m.department,
                buying_role=m.buying_role or None, stance=m.stance, uses=m.uses,
                influence=scores[m.persona].score if m.persona in scores else None,
                why=[
                    WhyOut(
                        text=f"{r.kind.replace('_', ' ')} {r.name}", kind=r.kind, confidence=r.confidence,
                        quote=r.ground.quote if r.ground else "", source_ref=r.ground.source_ref if r.ground else "",
                        edge=_edge(r.kind, r.src, r.dst),
                    )
                    for r in m.why
                ],
            )
            for m in made.members
        ],
        truncated=made.truncated,
    )  # fmt: skip


@router.get("/api/personas/{persona_id}/portrait")
async def persona_portrait(persona_id: EntityId, who: Annotated[Principal, needs("graph.read")]) -> PortraitOut:
    """A persona in sentences, each of one edge above a bound of confidence, with the words it rests on."""
    async with who.traverse() as tx:
        return _portrait(await portrait(tx, number(persona_id)))


def _portrait(p: Portrait) -> PortraitOut:
    props = p.persona.props
    return PortraitOut(
        who=WhoOut(
            id=str(p.persona.id), name=p.persona.name or p.persona.key, title=str(props.get("title") or ""), role=p.role,
            email=str(props.get("email") or ""),
            company=Named(id=str(p.company.id), name=p.company.name or p.company.key) if p.company else None,
        ),
        uses=[_thing(t) for t in p.uses],
        influences=[_thing(t) for t in p.influences],
        feels=FeelsOut(
            label=p.feels.label, confidence=p.feels.confidence,
            quotes=[QuoteOut(quote=q.quote, source_ref=q.source_ref, record=q.record, at=q.at) for q in p.feels.quotes],
        ),
        beliefs=[
            BeliefOut(
                sentence=b.sentence, confidence=b.confidence, quote=b.quote, source_ref=b.source_ref, inferrer=b.inferrer,
                edge=_edge(b.kind, b.edge[1], b.edge[2]),
            )
            for b in p.beliefs
        ],
    )  # fmt: skip


def _thing(t: Thing) -> ThingOut:
    return ThingOut(id=str(t.id), kind=t.kind, name=t.name, how=t.how, confidence=t.confidence)
