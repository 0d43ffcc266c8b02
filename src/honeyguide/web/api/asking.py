"""Asking the graph: questions in plain English, SQL by experts, and the vocabulary both speak of."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field, StringConstraints

from honeyguide import decisions, graph
from honeyguide.db import audit
from honeyguide.graph import ask, views
from honeyguide.graph.ask_names import Ref
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In, Out

router = APIRouter()
# Asks a model which call answers a question: (workspace, question, the calls) -> (call, its arguments), or None.
Choose = Callable[[int, str, Mapping[str, ask.Call]], Awaitable[tuple[str, Mapping[str, Any]] | None]]
_Plain = r"^[^\x00]*$"


class Question(In):
    """A question in plain English, at most 300 characters."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_Plain)]


class CellNode(Out):
    """A node an answer speaks of."""

    id: str
    kind: str
    name: str
    detail: str


class EdgeRefOut(Out):
    """An edge whose evidence can be asked for."""

    kind: str
    src: str
    dst: str


class CallOut(Out):
    """The typed call a question became: nodes as {id, kind, name, detail}, dates in ISO 8601."""

    name: str
    arguments: dict[str, str | int | CellNode]


class AskedOut(Out):
    """The answer. `understood` false: `sentence` says why, `suggestions` are questions that would be. `edges` has, for each
    row, the edges it rests on.
    """

    understood: bool
    call: CallOut | None
    sentence: str
    columns: list[str]
    rows: list[list[str | int | float | CellNode | None]]
    edges: list[list[EdgeRefOut]]
    truncated: bool
    suggestions: list[str]


class SqlIn(In):
    """One SELECT over graph_node, graph_edge, graph_evidence, graph_history and graph_influence."""

    sql: Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=_Plain)]


class SqlOut(Out):
    """Rows as the statement gave them; `capped`: there were more than 1,000."""

    columns: list[str]
    rows: list[list[str | int | float | bool | None]]
    capped: bool


class NodeKindOut(Out):
    """A kind of node; `own`: this workspace added it."""

    name: str
    code: int
    about: str
    key: str
    properties: str
    personal: bool
    own: bool


class EdgeKindOut(Out):
    """A kind of edge: between which kinds of nodes (empty: any), how fast belief in it halves, what contradicts it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: str
    code: int
    source: list[str] = Field(alias="from")
    target: list[str] = Field(alias="to")
    about: str
    half_life_days: float | None
    rule: str
    excludes: list[str]
    endable: bool
    inferable: float | None
    personal: bool
    stated_by: str
    own: bool


class VocabularyOut(Out):
    """Every kind of node and edge this workspace knows."""

    version: int
    nodes: list[NodeKindOut]
    edges: list[EdgeKindOut]


_Name = Annotated[str, Field(pattern="^x_[a-z][a-z_]{0,17}$")]
_Kinds = Annotated[tuple[Annotated[str, Field(pattern="^[a-z_]{1,20}$")], ...], Field(max_length=20)]


class NewKind(In):
    """A kind of a workspace's own: its name begins with x_. `from` and `to` are kinds of nodes, empty for any."""

    side: Literal["node", "edge"]
    name: _Name
    about: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_Plain)]
    key: Annotated[str, StringConstraints(max_length=200, pattern=_Plain)] = ""
    source: Annotated[_Kinds, Field(alias="from")] = ()
    target: Annotated[_Kinds, Field(alias="to")] = ()
    half_life_days: Annotated[float | None, Field(ge=1, le=36_500)] = None
    rule: Literal["multi", "functional"] = "multi"
    personal: bool = False


@router.post("/api/graph/ask")
async def graph_ask(request: Request, body: Question, who: Annotated[Principal, needs("graph.read")]) -> AskedOut:
    """A question in plain English: understood as one typed call, which is shown, and answered as a table."""
    found, answer = await _asked(request, who, body.question)
    if answer is None or isinstance(found, ask.Unclear):
        return AskedOut(
            understood=False, call=None, sentence=found.sentence, columns=[], rows=[], edges=[], truncated=False,
            suggestions=found.suggestions if isinstance(found, ask.Unclear) else [],
        )  # fmt: skip
    return AskedOut(
        understood=True,
        call=CallOut(name=found.call, arguments={k: _argument(v) for k, v in found.arguments.items()}),
        sentence=found.sentence, columns=answer.columns, rows=[[_cell(c) for c in row] for row in answer.rows],
        edges=[[EdgeRefOut(kind=e.kind, src=str(e.src), dst=str(e.dst)) for e in row] for row in answer.edges],
        truncated=answer.truncated, suggestions=[],
    )  # fmt: skip


async def _asked(request: Request, who: Principal, question: str) -> tuple[ask.Asked | ask.Unclear, ask.Answer | None]:
    """By the grammar, and where that fails by the call a hosted model picks: outside any transaction, for it takes seconds."""
    choose: Choose | None = request.app.state.choose
    open_: list[str] = []

    async def note(text: str, _: Mapping[str, ask.Call]) -> None:
        open_.append(text)

    async with who.traverse() as tx:
        found = await ask.understand(tx, question, note)
    if isinstance(found, ask.Asked):
        return found, await _run(who, found)
    picked = await choose(who.workspace_id, question, ask.CALLS) if choose is not None and open_ else None
    if picked is None:
        return found, None

    async def given(_: str, __: Mapping[str, ask.Call]) -> tuple[str, Mapping[str, Any]]:
        return picked

    async with who.traverse() as tx:
        found = await ask.understand(tx, question, given)
    return found, await _run(who, found) if isinstance(found, ask.Asked) else None


async def _run(who: Principal, found: ask.Asked) -> ask.Answer:
    """The graph's own calls as traversals; whom to ask, why, with what and when by what lies above it."""
    async with who.tx() if found.call in decisions.ANSWERS else who.traverse() as tx:
        return await ask.run(tx, found, above=decisions.ANSWERS)


def _cell(value: ask.Cell) -> Any:
    if isinstance(value, Ref):
        return CellNode(id=str(value.id), kind=value.kind, name=value.name, detail=value.detail)
    return value


def _argument(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else _cell(value)


@router.post("/api/graph/sql")
async def graph_sql(body: SqlIn, who: Annotated[Principal, needs("graph.sql")]) -> SqlOut:
    """One SELECT over read-only views of this workspace's graph, under a role of the workspace's own. Every one is in the audit."""
    found = await views.query(who.db, who.workspace_id, body.sql)
    async with who.tx() as tx:
        await audit.write(tx, who.actor, "graph.sql", "graph", {"sql": body.sql, "rows": len(found.rows)})
    return SqlOut(columns=found.columns, rows=found.rows, capped=found.capped)


def _node_kind(kind: graph.NodeKind) -> NodeKindOut:
    return NodeKindOut(
        name=kind.name, code=kind.code, about=kind.about, key=kind.key, properties=kind.props, personal=kind.personal,
        own=kind.code >= 1_000,
    )  # fmt: skip


def _edge_kind(kind: graph.EdgeKind) -> EdgeKindOut:
    return EdgeKindOut.model_validate(
        {
            "name": kind.name, "code": kind.code, "from": list(kind.source), "to": list(kind.target), "about": kind.about,
            "half_life_days": kind.half_life_days, "rule": kind.rule, "excludes": list(kind.excludes),
            "endable": kind.endable, "inferable": kind.inferable, "personal": kind.personal, "stated_by": kind.stated_by,
            "own": kind.code >= 1_000,
        }
    )  # fmt: skip


def _vocabulary(found: graph.Vocabulary) -> VocabularyOut:
    return VocabularyOut(
        version=found.version, nodes=[_node_kind(k) for k in found.nodes.values()],
        edges=[_edge_kind(k) for k in found.edges.values()],
    )  # fmt: skip


@router.get("/api/vocabulary")
async def vocabulary(who: Annotated[Principal, needs("graph.read")]) -> VocabularyOut:
    """Every kind of node and edge, the workspace's own among them."""
    async with who.tx() as tx:
        return _vocabulary(await graph.vocabulary(tx))


@router.post("/api/vocabulary", status_code=201)
async def extend_vocabulary(body: NewKind, who: Annotated[Principal, needs("graph.write")]) -> VocabularyOut:
    """Add a kind of the workspace's own. Kinds are never changed or removed; saying the same again changes nothing."""
    kind: graph.NodeKind | graph.EdgeKind
    if body.side == "node":
        kind = graph.NodeKind(name=body.name, about=body.about, key=body.key, personal=body.personal)
    else:
        kind = graph.EdgeKind(
            name=body.name, about=body.about, source=body.source, target=body.target,
            half_life_days=body.half_life_days, rule=body.rule, personal=body.personal,
        )  # fmt: skip
    async with who.tx() as tx:
        made = await graph.extend(tx, kind, who.actor)
        await audit.write(
            tx, who.actor, "vocabulary.extended", f"kind:{made.name}", {"side": body.side, "code": made.code}
        )
        return _vocabulary(await graph.vocabulary(tx))
