"""The graph around somebody, and what an edge rests on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from honeyguide import graph
from honeyguide.core.errors import NotFound
from honeyguide.graph.kinds import EDGE
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import AsOf, Edge, EntityId, Evidence, Neighbourhood, Node, Out, evidence, number

router = APIRouter()


class Testimony(Evidence):
    """One statement for or against an edge."""

    supports: bool
    valid_from: datetime
    retracted_at: datetime | None


class TestimonyOut(Out):
    """Everything that speaks for or against an edge, the living first."""

    rows: list[Testimony]


def neighbourhood_out(found: graph.Neighbourhood) -> Neighbourhood:
    """A neighbourhood with ids as strings, which JavaScript cannot round."""
    return Neighbourhood(
        centre=str(found.centre),
        nodes=[Node(id=str(n.id), kind=n.kind, name=n.name or n.key, detail=_detail(n)) for n in found.nodes.values()],
        edges=[
            Edge(
                kind=e.kind, src=str(e.src), dst=str(e.dst), confidence=e.confidence, valid_from=e.valid_from,
                valid_to=e.valid_to, inferrer=e.inferrer,
            )
            for e in found.edges
        ],
        truncated=found.truncated,
        as_of=AsOf(valid_at=found.valid_at, recorded_at=found.recorded_at),
    )  # fmt: skip


def _detail(node: graph.Node) -> str:
    """The one property that tells most about a node of its kind."""
    for name in ("title", "segment", "domain", "status", "stage", "priority", "email"):
        if node.props.get(name):
            return str(node.props[name])
    return ""


@router.get("/api/entities/{entity_id}/neighbourhood")
async def neighbourhood(
    entity_id: EntityId,
    who: Annotated[Principal, needs("graph.read")],
    valid_at: datetime | None = None,
    recorded_at: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Neighbourhood:
    """What surrounds an entity: as believed now, as valid at a time, or as known at a time."""
    async with who.traverse() as tx:
        found = await graph.neighbourhood(
            tx, number(entity_id), valid_at=valid_at, recorded_at=recorded_at, limit=limit
        )
    if found.centre not in found.nodes:
        raise NotFound("There is no such entity in this workspace.")
    return neighbourhood_out(found)


@router.get("/api/edges/{kind}/{src}/{dst}/evidence")
async def edge_evidence(
    kind: Annotated[str, Path(pattern="^[a-z_]{1,20}$")],
    src: EntityId,
    dst: EntityId,
    who: Annotated[Principal, needs("graph.read")],
) -> TestimonyOut:
    """Every statement an edge rests on, with its source, quote and inferrer."""
    code = EDGE.get(kind)
    if code is None:
        raise NotFound(f"There is no edge kind {kind!r}.")
    async with who.tx() as tx:
        found = await graph.evidence(tx, code, number(src), number(dst))
    return TestimonyOut(
        rows=[
            Testimony(
                **evidence(t).model_dump(), supports=t.supports, valid_from=t.valid_from, retracted_at=t.retracted_at
            )
            for t in found
        ]
    )
