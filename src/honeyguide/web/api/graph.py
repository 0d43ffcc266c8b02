"""The graph around somebody: neighbourhoods, pictures, paths."""

from typing import Annotated

from fastapi import APIRouter, Query

from honeyguide import graph
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.scene import Scene, scene
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import AsOf, Edge, EntityId, Moment, Neighbourhood, Node, Out, number

router = APIRouter()
_ID = r"^[0-9]{1,19}$"


class SceneNode(Out):
    """A node of a picture: the company it belongs to (an id) and its influence (0 to 1), where known."""

    id: str
    kind: str
    name: str
    detail: str
    company: str | None
    score: float | None


class ClusterOut(Out):
    """How many nodes of a picture belong to one company; null: to none."""

    company: str | None
    name: str
    n: int


class SceneOut(Out):
    """A picture of part of the graph; `truncated`: there is more than is shown."""

    centre: str | None
    nodes: list[SceneNode]
    edges: list[Edge]
    truncated: bool
    clusters: list[ClusterOut]


class HopOut(Out):
    """One step of a path, with the surest statement it rests on."""

    kind: str
    src: str
    dst: str
    confidence: float
    quote: str
    source_ref: str
    inferrer: str


class PathOut(Out):
    """The shortest chain of the surest edges, empty when there is none, and the nodes on it."""

    hops: list[HopOut]
    nodes: list[Node]


def node_out(node: graph.Node) -> Node:
    """A node with its id as a string."""
    return Node(id=str(node.id), kind=node.kind, name=node.name or node.key, detail=_detail(node))


def edge_out(e: graph.Edge) -> Edge:
    """An edge with its ids as strings, which JavaScript cannot round."""
    return Edge(
        kind=e.kind, src=str(e.src), dst=str(e.dst), confidence=e.confidence, valid_from=e.valid_from,
        valid_to=e.valid_to, inferrer=e.inferrer,
    )  # fmt: skip


def neighbourhood_out(found: graph.Neighbourhood) -> Neighbourhood:
    """A neighbourhood as its answer."""
    return Neighbourhood(
        centre=str(found.centre),
        nodes=[node_out(n) for n in found.nodes.values()],
        edges=[edge_out(e) for e in found.edges],
        truncated=found.truncated,
        as_of=AsOf(valid_at=found.valid_at, recorded_at=found.recorded_at),
    )


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
    valid_at: Moment | None = None,
    recorded_at: Moment | None = None,
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


@router.get("/api/graph")
async def graph_picture(
    who: Annotated[Principal, needs("graph.read")],
    centre: Annotated[str, Query(pattern=r"^[0-9]{0,19}$")] = "",
    hops: Annotated[int, Query(ge=1, le=2)] = 1,
    valid_at: Moment | None = None,
    kinds: Annotated[str, Query(max_length=400, pattern="^[a-z_,]*$", description="Edge kinds, with commas.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> SceneOut:
    """What surrounds a node one or two steps out, at most 500 nodes; without a centre, the most influential people."""
    chosen = [k for k in kinds.split(",") if k]
    unknown = sorted(set(chosen) - EDGE.keys())
    if unknown:
        raise BadInput(f"There is no edge kind {unknown[0]!r}.", advice="GET /api/vocabulary lists them.")
    async with who.traverse() as tx:
        found = await scene(tx, number(centre) if centre else None, hops=hops, at=valid_at, kinds=chosen, limit=limit)
    if centre and not found.nodes:
        raise NotFound("There is no such entity in this workspace.")
    return _scene_out(found)


def _scene_out(found: Scene) -> SceneOut:
    return SceneOut(
        centre=str(found.centre) if found.centre is not None else None,
        nodes=[
            SceneNode(**node_out(p.node).model_dump(), company=str(p.company) if p.company else None, score=p.score)
            for p in found.nodes
        ],
        edges=[edge_out(e) for e in found.edges],
        truncated=found.truncated,
        clusters=[ClusterOut(company=str(c.company) if c.company else None, name=c.name, n=c.n) for c in found.clusters],
    )  # fmt: skip


@router.get("/api/graph/path")
async def graph_path(
    who: Annotated[Principal, needs("graph.read")],
    from_id: Annotated[str, Query(alias="from", pattern=_ID)],
    to_id: Annotated[str, Query(alias="to", pattern=_ID)],
) -> PathOut:
    """How a persona is connected to a person or company, with the evidence of every hop."""
    start, goal = number(from_id), number(to_id)
    async with who.traverse() as tx:
        ends = await graph.nodes(tx, (start, goal))
        if len(ends) < 2:
            raise NotFound("One end of the path is not in this workspace.")
        warm = ends[start].kind == "persona" and ends[goal].kind == "company"
        hops = await (graph.warm_path(tx, start, goal) if warm else graph.path_between(tx, start, goal, hops=4))
        found = await graph.nodes(tx, {i for h in hops for i in (h.src, h.dst)})
    return PathOut(
        hops=[
            HopOut(
                kind=h.kind, src=str(h.src), dst=str(h.dst), confidence=h.confidence, quote=h.quote,
                source_ref=h.source_ref or h.source, inferrer=h.inferrer,
            )
            for h in hops
        ],
        nodes=[node_out(n) for n in found.values()],
    )  # fmt: skip
