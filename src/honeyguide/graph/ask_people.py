"""Answers that stand on the larger traversals: colleagues, buying groups, paths, influence, ranks."""

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.graph.ask_answers import Answer, Args, Cell, EdgeRef, Line, by_confidence, table
from honeyguide.graph.ask_names import Ref
from honeyguide.graph.buying import buying_group
from honeyguide.graph.influence_reasons import influence_of, influential
from honeyguide.graph.kinds import EDGE_NAME
from honeyguide.graph.measures import top_by
from honeyguide.graph.nodes import Node, nodes
from honeyguide.graph.paths import path_between, warm_path
from honeyguide.graph.people import colleagues_of
from honeyguide.graph.traverse import colleagues_of_referred_using

_MAX_STAFF = 200


def ref(found: dict[int, Node], ident: int) -> Ref:
    """A node by id as an answer names it."""
    node = found.get(ident)
    if node is None:
        return Ref(ident, "other", str(ident))
    return Ref(ident, node.kind, node.name or node.key, str(node.props.get("title") or node.props.get("domain") or ""))


async def colleagues(tx: Tx, a: Args, limit: int) -> Answer:
    """Who works with somebody."""
    found = await colleagues_of(tx, a["persona"].id, limit=limit + 1)
    firms = await nodes(tx, {c.company for c in found if c.company is not None})
    lines: list[Line] = [
        ([Ref(c.persona, "persona", c.name), c.title, ref(firms, c.company) if c.company else None, c.confidence],
         [EdgeRef(e.kind, e.src, e.dst) for e in c.edges])
        for c in found
    ]  # fmt: skip
    return by_confidence(["who", "title", "company", "confidence"], lines, limit)


async def colleagues_referred(tx: Tx, a: Args, limit: int) -> Answer:
    """Who works with somebody a persona referred, and uses a product."""
    product = a["product"].id
    ids = await colleagues_of_referred_using(tx, a["persona"].id, product, at=clock.now(), limit=limit + 1)
    found = await nodes(tx, ids)
    lines: list[Line] = [
        ([ref(found, i), str(found[i].props.get("title") or "") if i in found else ""], [EdgeRef("uses", i, product)]) for i in ids
    ]  # fmt: skip
    return table(["who", "title"], lines, limit)


async def group(tx: Tx, a: Args, limit: int) -> Answer:
    """Who decides at a company."""
    made = await buying_group(tx, a["company"].id, limit=_MAX_STAFF)
    scores = await influence_of(tx, [m.persona for m in made.members])
    lines: list[Line] = []
    for m in made.members:
        why = "; ".join(f"{r.kind.replace('_', ' ')} {r.name}" for r in m.why[:3])
        cells: list[Cell] = [
            Ref(m.persona, "persona", m.name, m.title), m.title, m.buying_role or None, m.stance,
            round(scores[m.persona].score, 3) if m.persona in scores else None, ", ".join(m.uses), why,
        ]  # fmt: skip
        lines.append((cells, [EdgeRef(r.kind, r.src, r.dst) for r in m.why]))
    answer = table(["who", "title", "buying role", "stance", "influence", "uses", "because"], lines, limit)
    return Answer(answer.columns, answer.rows, answer.edges, answer.truncated or made.truncated)


async def path(tx: Tx, a: Args, limit: int) -> Answer:
    """How somebody is connected to a person or company, hop by hop."""
    start, goal = a["from"], a["to"]
    find = warm_path if goal.kind == "company" else path_between
    hops = await find(tx, start.id, goal.id)
    if not hops and goal.kind == "persona":
        hops = await path_between(tx, start.id, goal.id, hops=4)  # over both employers and a tie between them
    found = await nodes(tx, {i for h in hops for i in (h.src, h.dst)})
    lines: list[Line] = [
        ([ref(found, h.src), h.kind, ref(found, h.dst), h.confidence, h.quote, h.source_ref or h.source, h.inferrer],
         [EdgeRef(h.kind, h.src, h.dst)])
        for h in hops
    ]  # fmt: skip
    return table(["from", "relation", "to", "confidence", "quote", "record", "inferred by"], lines, limit)


async def influence(tx: Tx, a: Args, limit: int) -> Answer:
    """Score, rank and reasons; one reason a row."""
    found = (await influence_of(tx, [a["persona"].id]))[a["persona"].id]
    lines: list[Line] = [
        ([r.text, round(r.weight, 4), round(found.score, 4), found.rank, found.of],
         [EdgeRef(EDGE_NAME.get(k, "other"), s, d) for k, s, d in r.edges])
        for r in found.reasons
    ] or [(["Nothing says that others lean on them.", 0.0, round(found.score, 4), found.rank, found.of], [])]  # fmt: skip
    return table(["because", "weight", "score", "rank", "of"], lines, limit)


_MEASURES = {
    "advocacy": "advocacy", "referred": "referrals", "introduced": "introductions", "praised": "praise",
    "complained_of": "complaints",
}  # fmt: skip


async def top(tx: Tx, a: Args, limit: int) -> Answer:
    """Who leads by a score."""
    limit = min(limit, a.get("limit") or 10)
    company = a["company"].id if a.get("company") else None
    if a["score"] == "influence":
        led = await influential(tx, company=company, limit=limit + 1)
        found = await nodes(tx, [i for i, _ in led])
        lines: list[Line] = [([ref(found, i), ref(found, i).detail, round(score, 4)], []) for i, score in led]
        return table(["who", "title", "score"], lines, limit)
    measure = _MEASURES.get(a["score"])
    if measure is None:
        raise BadInput(f"There is no score {a['score']!r}.")
    ranked = await top_by(tx, measure, company=company, limit=limit + 1)  # type: ignore[arg-type]  # one of its names
    lines = [([Ref(r.persona, "persona", r.name, r.title), r.title, round(r.score, 2), r.n], []) for r in ranked]
    return table(["who", "title", "score", "edges"], lines, limit)
