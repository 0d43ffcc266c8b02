"""Answers about time: what changed between two dates, and what happened."""

from datetime import timedelta

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.graph.ask_answers import Answer, Args, Cell, EdgeRef, Line, table
from honeyguide.graph.ask_people import ref
from honeyguide.graph.changes import EdgeChange, difference, story
from honeyguide.graph.nodes import Node, nodes

_WHEN_NOT_SAID = timedelta(days=30)


async def changes(tx: Tx, a: Args, limit: int) -> Answer:
    """What changed about an entity in a period (30 days when none is said)."""
    until = a.get("until") or clock.now()
    since = a.get("since") or until - _WHEN_NOT_SAID
    found = await difference(tx, a["entity"].id, since, until)
    sorts = (
        ("appeared", found.appeared),
        ("ended", found.ended),
        ("stronger", found.stronger),
        ("weaker", found.weaker),
    )
    named = await nodes(tx, {i for _, some in sorts for c in some for i in (c.src, c.dst)})
    lines: list[Line] = [_change(named, what, c) for what, some in sorts for c in some]
    lines += [([f"{p.name} said", None, p.name, str(p.value)[:200], None, None, ""], []) for p in found.properties]
    answer = table(["what", "from", "relation", "to", "before", "after", "quote"], lines, limit)
    return Answer(answer.columns, answer.rows, answer.edges, answer.truncated or found.truncated)


def _change(named: dict[int, Node], what: str, c: EdgeChange) -> Line:
    quote = c.ground.quote if c.ground else ""
    cells: list[Cell] = [
        what,
        ref(named, c.src),
        c.kind,
        ref(named, c.dst),
        _rounded(c.before),
        _rounded(c.after),
        quote,
    ]
    return cells, [EdgeRef(c.kind, c.src, c.dst)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


async def happened(tx: Tx, a: Args, limit: int) -> Answer:
    """What happened around an entity, newest first."""
    found = await story(tx, a["entity"].id, limit + 1)
    named = await nodes(tx, {i for c in found for i in (c.src, c.dst)})
    lines: list[Line] = [
        ([c.at.date().isoformat(), c.what, ref(named, c.src), c.kind, ref(named, c.dst), c.words, c.source_ref, c.by],
         [EdgeRef(c.kind, c.src, c.dst)])
        for c in found
    ]  # fmt: skip
    return table(["when", "what", "from", "relation", "to", "words", "record", "by"], lines, limit)
