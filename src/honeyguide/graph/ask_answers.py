"""Answers as tables with confidences, and per row the edges to ask for evidence: those read by one statement."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph import ask_rows, reads, traverse
from honeyguide.graph.ask_names import Ref, ref_of
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.kinds import EDGE, NODE_NAME
from honeyguide.graph.nodes import nodes

# Below this an edge is doubted more than believed: it is no answer (its evidence can still be asked for).
BELIEVED = 0.5


class EdgeRef(Struct, frozen=True):
    """An edge whose evidence can be asked for."""

    kind: str
    src: int
    dst: int


Cell = str | int | float | None | Ref


class Answer(Struct, frozen=True):
    """A table. `edges` has, for each row, the edges it rests on. `truncated` when there are more rows."""

    columns: list[str]
    rows: list[list[Cell]]
    edges: list[list[EdgeRef]]
    truncated: bool = False


Line = tuple[list[Cell], list[EdgeRef]]
Args = Mapping[str, Any]
Run = Callable[[Tx, Args, int], Awaitable[Answer]]


def table(columns: list[str], lines: Sequence[Line], limit: int) -> Answer:
    """A table of at most `limit` rows."""
    shown = lines[:limit]
    return Answer(columns, [cells for cells, _ in shown], [edges for _, edges in shown], len(lines) > limit)


def _sure(row: Row, kind: str, at: datetime) -> float:
    return round(decayed(row["confidence"], EDGE[kind], row["last_seen_at"], at), 4)


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


async def _who(tx: Tx, a: Args, limit: int) -> Answer:
    if a.get("target") is None:
        return await _anything(tx, a, limit)
    kind, target, at = a["relation"], a["target"], clock.now()
    only = [a["only"]] if a.get("only") else []
    company = a.get("company")
    if company is not None:
        rows = await ask_rows.within(tx, kind, company.id, target.id, at, a.get("since"), a.get("until"), limit + 1)
        rows = [r for r in rows if not only or ref_of(r).kind in only]
    else:
        rows = await ask_rows.around(tx, kind, "in", target.id, at, a.get("since"), a.get("until"), only, limit + 1)
    lines: list[Line] = [
        ([ref_of(r), ref_of(r).detail, _sure(r, kind, at), _day(r["valid_from"]), _day(r["last_seen_at"])],
         [EdgeRef(kind, r["other"], target.id)])
        for r in rows
    ]  # fmt: skip
    return by_confidence(["who", "detail", "confidence", "since", "last seen"], lines, limit)


async def _anything(tx: Tx, a: Args, limit: int) -> Answer:
    """Who stands in a relation to anything, those seen last first."""
    kind, at, company = a["relation"], clock.now(), a.get("company")
    if company is None:
        rows = await ask_rows.latest(tx, kind, at, a.get("since"), a.get("until"), limit + 1)
        whom = {r["dst"]: Ref(r["dst"], NODE_NAME.get(r["target_kind"], "other"), r["target"]) for r in rows}
    else:
        rows = await ask_rows.within(tx, kind, company.id, None, at, a.get("since"), a.get("until"), limit + 1)
        named = await nodes(tx, {r["dst"] for r in rows})
        whom = {i: Ref(i, n.kind, n.name or n.key) for i, n in named.items()}
    lines: list[Line] = [
        ([ref_of(r), whom.get(r["dst"]), _sure(r, kind, at), _day(r["valid_from"]), _day(r["last_seen_at"])],
         [EdgeRef(kind, r["other"], r["dst"])])
        for r in rows
    ]  # fmt: skip
    return table(["who", "of what or whom", "confidence", "since", "last seen"], lines, limit)


_OPINIONS = ("praised", "complained_of", "champion_of", "blocks", "interested_in", "evaluated")


async def _opinion(tx: Tx, a: Args, limit: int) -> Answer:
    """What somebody said of something, in their words, newest first."""
    persona, target = a["persona"].id, a["target"].id
    said = [
        (kind, t)
        for kind in _OPINIONS
        for t in await reads.evidence(tx, EDGE[kind], persona, target, limit + 1)
        if t.retracted_at is None and t.supports and not t.ends
    ]
    lines: list[Line] = [
        ([kind, t.quote, t.record or t.source, t.inferrer, round(t.confidence, 4), _day(t.last_seen_at)],
         [EdgeRef(kind, persona, target)])
        for kind, t in sorted(said, key=lambda one: one[1].last_seen_at, reverse=True)
    ]  # fmt: skip
    return table(["relation", "quote", "record", "inferred by", "confidence", "last seen"], lines, limit)


def by_confidence(columns: list[str], lines: list[Line], limit: int) -> Answer:
    """Only what is believed, the surest first."""
    where = columns.index("confidence")
    believed = [
        line for line in lines if (c := line[0][where]) is None or (isinstance(c, float | int) and c >= BELIEVED)
    ]
    believed.sort(key=lambda line: -float(line[0][where] or 0))  # type: ignore[arg-type]  # a number, see above
    return table(columns, believed, limit)


async def _whom(tx: Tx, a: Args, limit: int) -> Answer:
    kind, subject, at = a["relation"], a["subject"], clock.now()
    rows = await ask_rows.around(tx, kind, "out", subject.id, at, a.get("since"), a.get("until"), [], limit + 1)
    lines: list[Line] = [
        ([ref_of(r), ref_of(r).detail, _sure(r, kind, at), _day(r["valid_from"]), _day(r["last_seen_at"])],
         [EdgeRef(kind, subject.id, r["other"])])
        for r in rows
    ]  # fmt: skip
    return by_confidence(["what", "detail", "confidence", "since", "last seen"], lines, limit)


async def _count(tx: Tx, a: Args, limit: int) -> Answer:
    kind, target, at = a["relation"], a.get("target"), clock.now()
    company = a.get("company")
    if company is not None:
        rows = await ask_rows.within(
            tx, kind, company.id, target.id if target else None, at, a.get("since"), a.get("until"), 10_000
        )
        rows = [r for r in rows if not a.get("only") or ref_of(r).kind == a["only"]]
        entities, edges = len({r["other"] for r in rows}), len(rows)
    else:
        row = await ask_rows.how_many(
            tx, kind, target.id if target else None, at, a.get("since"), a.get("until"), a.get("only", "")
        )
        entities, edges = (row["entities"], row["edges"]) if row else (0, 0)
    return table(["different ones", "edges"], [([entities, edges], [])], limit)


async def _evidence(tx: Tx, a: Args, limit: int) -> Answer:
    kind, subject, target = a["relation"], a["subject"], a["target"]
    found = await reads.evidence(tx, EDGE[kind], subject.id, target.id, limit + 1)
    edge = [EdgeRef(kind, subject.id, target.id)]
    lines: list[Line] = [
        ([
            "for" if t.supports and not t.ends else "ended" if t.ends else "against", t.quote, t.record or t.source, t.inferrer,
            round(t.confidence, 4), _day(t.last_seen_at), "retracted" if t.retracted_at else "stands",
        ], edge)
        for t in found
    ]  # fmt: skip
    return table(["says", "quote", "record", "inferred by", "confidence", "last seen", "state"], lines, limit)


async def _staff(tx: Tx, a: Args, limit: int) -> Answer:
    at = a.get("at") or clock.now()
    rows = await ask_rows.staff(tx, a["company"].id, at, a.get("since"), limit + 1)
    lines: list[Line] = [
        ([ref_of(r), str(r["props"].get("title") or ""), _sure(r, "works_at", at), _day(r["valid_from"])],
         [EdgeRef("works_at", r["other"], a["company"].id)])
        for r in rows
    ]  # fmt: skip
    return by_confidence(["who", "title", "confidence", "since"], lines, limit)


async def _employer(tx: Tx, a: Args, limit: int) -> Answer:
    at = a.get("at") or clock.now()
    rows = await ask_rows.employers(tx, a["persona"].id, at, limit + 1)
    lines: list[Line] = [
        ([ref_of(r), _sure(r, "works_at", at), _day(r["valid_from"])], [EdgeRef("works_at", a["persona"].id, r["other"])])
        for r in rows
    ]  # fmt: skip
    return by_confidence(["company", "confidence", "since"], lines, limit)


async def _introducers(tx: Tx, a: Args, limit: int) -> Answer:
    at = clock.now()
    rows = await ask_rows.introducers(tx, a["company"].id, at, limit + 1)
    lines: list[Line] = []
    for r in rows:
        kind = next(k for k, code in EDGE.items() if code == r["kind"])
        src, dst = (r["inside"], r["other"]) if r["dir"] == "out" else (r["other"], r["inside"])
        inside = Ref(r["inside"], "persona", r["inside_name"])
        lines.append(([ref_of(r), kind, inside, _sure(r, kind, at)], [EdgeRef(kind, src, dst)]))
    return by_confidence(["who", "through", "inside", "confidence"], lines, limit)


async def _about(tx: Tx, a: Args, limit: int) -> Answer:
    found = await traverse.neighbourhood(tx, a["entity"].id, limit=limit)
    lines: list[Line] = []
    for e in found.edges:
        out = e.src == found.centre
        other = e.dst if out else e.src
        node = found.nodes.get(other)
        name = Ref(other, node.kind if node else "other", (node.name or node.key) if node else str(other))
        lines.append(
            ([e.kind, "to" if out else "from", name, e.confidence, _day(e.valid_from)], [EdgeRef(e.kind, e.src, e.dst)])
        )
    made = by_confidence(["relation", "direction", "what", "confidence", "since"], lines, limit)
    return Answer(made.columns, made.rows, made.edges, made.truncated or found.truncated)


RUN: dict[str, Run] = {
    "who": _who, "whom": _whom, "count": _count, "evidence": _evidence, "staff": _staff, "employer": _employer,
    "introducers": _introducers, "about": _about, "opinion": _opinion,
}  # fmt: skip
