"""One edge: what it rests on, what was believed when, and what people say about it; and what changed at an entity."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx, audit
from honeyguide.graph.portrait import phrase
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads.identity import carry
from honeyguide.web.shapes import Edge, EntityId, Evidence, In, Moment, Out, Words, evidence, number

router = APIRouter()
EdgeKind = Annotated[str, Path(pattern="^[a-z_]{1,20}$")]


class Testimony(Evidence):
    """One statement for or against an edge. `counts` false: of what people said, a later verdict or a withdrawal took its place."""

    supports: bool
    counts: bool
    valid_from: datetime
    retracted_at: datetime | None


class TestimonyOut(Out):
    """Everything that speaks for or against an edge, the living first."""

    rows: list[Testimony]


class EdgeVersion(Out):
    """What was believed about an edge between two moments; `retired_at` null: it still is."""

    confidence: float
    valid_from: datetime
    valid_to: datetime | None
    inferrer: str
    recorded_at: datetime
    retired_at: datetime | None


class EdgeVersions(Out):
    """Every version of an edge, newest first."""

    rows: list[EdgeVersion]


class EdgeReview(In):
    """What a person says: this is so, it is not, it leads elsewhere (`corrected_dst`). `withdraw` takes the verdict `of` back."""

    verdict: Literal["confirm", "refute", "correct", "withdraw"]
    corrected_dst: Annotated[str | None, Field(pattern=r"^[0-9]{1,19}$")] = None
    note: Words = ""
    of: UUID | None = None


class UndoOut(Out):
    """The body that takes a verdict back: send it to the same address."""

    verdict: Literal["withdraw"]
    of: UUID
    corrected_dst: str | None


class ReviewedOut(Out):
    """The edge as it is believed now (null: it is not there any more), and what undoes the verdict (null: nothing to undo)."""

    edge: Edge | None
    undo: UndoOut | None


class ChangeOut(Out):
    """One edge at two dates: what was left of the belief at each; null: it did not hold or was not believed."""

    kind: str
    src: str
    dst: str
    src_name: str
    dst_name: str
    sentence: str
    before: float | None
    after: float | None
    quote: str
    source_ref: str


class PropertyOut(Out):
    """A property said anew between the dates; what it was before is not kept."""

    name: str
    before: None
    after: Any
    said_at: datetime


class DifferenceOut(Out):
    """What is different about an entity between two dates; `truncated`: only its newest evidence was looked at."""

    before: datetime
    after: datetime
    appeared: list[ChangeOut]
    ended: list[ChangeOut]
    stronger: list[ChangeOut]
    weaker: list[ChangeOut]
    properties: list[PropertyOut]
    truncated: bool


class StoryLine(Out):
    """Something that happened to an edge of an entity, with the words it rests on and who says so."""

    at: datetime
    what: str
    sentence: str
    kind: str
    src: str
    dst: str
    confidence: float
    quote: str
    source_ref: str
    by: str


class StoryOut(Out):
    """What happened, newest first."""

    rows: list[StoryLine]


async def code_of(tx: Tx, kind: str) -> int:
    """The code of an edge kind of this workspace. Raises NotFound."""
    found = (await graph.vocabulary(tx)).edges.get(kind)
    if found is None:
        raise NotFound(f"There is no edge kind {kind!r}.", advice="GET /api/vocabulary lists them.")
    return found.code


@router.get("/api/edges/{kind}/{src}/{dst}/evidence")
async def edge_evidence(
    kind: EdgeKind, src: EntityId, dst: EntityId, who: Annotated[Principal, needs("graph.read")]
) -> TestimonyOut:
    """Every statement an edge rests on, with its source, quote and inferrer."""
    async with who.tx() as tx:
        found = await graph.evidence(tx, await code_of(tx, kind), number(src), number(dst))
    return TestimonyOut(
        rows=[
            Testimony(
                **evidence(t).model_dump(),
                supports=t.supports,
                counts=t.counts,
                valid_from=t.valid_from,
                retracted_at=t.retracted_at,
            )
            for t in found
        ]
    )


@router.get("/api/edges/{kind}/{src}/{dst}/history")
async def edge_history(
    kind: EdgeKind, src: EntityId, dst: EntityId, who: Annotated[Principal, needs("graph.read")]
) -> EdgeVersions:
    """Every version of an edge: what was believed, from when to when."""
    async with who.tx() as tx:
        found = await graph.history(tx, await code_of(tx, kind), number(src), number(dst))
    if not found:
        raise NotFound("There is and was no such edge in this workspace.")
    return EdgeVersions(
        rows=[
            EdgeVersion(
                confidence=v.confidence, valid_from=v.valid_from, valid_to=v.valid_to, inferrer=v.inferrer,
                recorded_at=v.recorded_at, retired_at=v.retired_at,
            )
            for v in found
        ]
    )  # fmt: skip


@router.post("/api/edges/{kind}/{src}/{dst}/review")
async def review_edge(
    kind: EdgeKind, src: EntityId, dst: EntityId, body: EdgeReview, who: Annotated[Principal, needs("people.write")]
) -> ReviewedOut:
    """Confirm, refute or correct an edge. It is kept as a statement of this person, outweighs machines, and can be taken back."""
    ends = number(src), number(dst)
    corrected = number(body.corrected_dst) if body.corrected_dst else None
    async with who.tx() as tx:
        code = await code_of(tx, kind)
        event = await graph.testify(
            tx, code, *ends, body.verdict, who.actor, body.note, corrected_dst=corrected, of=body.of
        )
        await carry(tx, event)
        await audit.write(
            tx, who.actor, f"edge.{body.verdict}", f"edge:{kind}:{src}:{dst}",
            {"note": body.note, "corrected_dst": body.corrected_dst, "event": str(event)},
        )  # fmt: skip
        now = await _edge(tx, kind, code, ends[0], corrected if body.verdict == "correct" and corrected else ends[1])
    undo = None
    if body.verdict != "withdraw":
        undo = UndoOut(verdict="withdraw", of=event, corrected_dst=body.corrected_dst)
    return ReviewedOut(edge=now, undo=undo)


async def _edge(tx: Tx, kind: str, code: int, src: int, dst: int) -> Edge | None:
    current = next((v for v in await graph.history(tx, code, src, dst) if v.retired_at is None), None)
    if current is None:
        return None
    return Edge(
        kind=kind, src=str(src), dst=str(dst), confidence=current.confidence, valid_from=current.valid_from,
        valid_to=current.valid_to, inferrer=current.inferrer,
    )  # fmt: skip


@router.get("/api/entities/{entity_id}/difference")
async def entity_difference(
    entity_id: EntityId,
    who: Annotated[Principal, needs("graph.read")],
    before: Annotated[
        datetime | None, Query(description="The first date; 30 days before the second unless given.")
    ] = None,
    after: Annotated[Moment | None, Query(description="The second date; now unless given.")] = None,
) -> DifferenceOut:
    """What changed about an entity between two dates: edges that appeared, ended, became surer or less sure, properties."""
    until = after or clock.now()
    async with who.traverse() as tx:
        ident = await _there(tx, entity_id)
        found = await graph.difference(tx, ident, before or until - timedelta(days=30), until)
        sorts = (found.appeared, found.ended, found.stronger, found.weaker)
        names = await graph.nodes(tx, {i for some in sorts for c in some for i in (c.src, c.dst)})
    appeared, ended, stronger, weaker = ([_change(c, names) for c in some] for some in sorts)
    return DifferenceOut(
        before=found.before, after=found.after, appeared=appeared, ended=ended, stronger=stronger, weaker=weaker,
        properties=[PropertyOut(name=p.name, before=None, after=p.value, said_at=p.said_at) for p in found.properties],
        truncated=found.truncated,
    )  # fmt: skip


async def _there(tx: Tx, entity_id: str) -> int:
    ident = number(entity_id)
    if ident not in await graph.nodes(tx, [ident]):
        raise NotFound("There is no such entity in this workspace.")
    return ident


def _name(names: dict[int, graph.Node], ident: int) -> str:
    node = names.get(ident)
    return (node.name or node.key) if node else str(ident)


def _change(c: graph.EdgeChange, names: dict[int, graph.Node]) -> ChangeOut:
    src, dst = _name(names, c.src), _name(names, c.dst)
    return ChangeOut(
        kind=c.kind, src=str(c.src), dst=str(c.dst), src_name=src, dst_name=dst, sentence=f"{phrase(c.kind, src, dst)}.",
        before=c.before, after=c.after, quote=c.ground.quote if c.ground else "",
        source_ref=(c.ground.source_ref or c.ground.source) if c.ground else "",
    )  # fmt: skip


@router.get("/api/entities/{entity_id}/story")
async def entity_story(
    entity_id: EntityId,
    who: Annotated[Principal, needs("graph.read")],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> StoryOut:
    """What happened around an entity, newest first: edges that began, ended, began again, and what people said of them."""
    async with who.traverse() as tx:
        found = await graph.story(tx, await _there(tx, entity_id), limit)
        names = await graph.nodes(tx, {i for c in found for i in (c.src, c.dst)})
    return StoryOut(
        rows=[
            StoryLine(
                at=c.at, what=c.what, kind=c.kind, src=str(c.src), dst=str(c.dst), confidence=c.confidence, quote=c.words,
                sentence=f"{phrase(c.kind, _name(names, c.src), _name(names, c.dst))}: {c.what}.",
                source_ref=c.source_ref, by=c.by,
            )
            for c in found
        ]
    )  # fmt: skip
