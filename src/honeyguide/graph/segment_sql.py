"""Conditions as SQL: the shape comes from the tree, whatever a user typed travels as a parameter, names of properties too.

Two forms of the same meaning: `whole` asks all personas at once, and counts by grouping a kind's edges; otherwise the
question is asked of given personas one by one, and everything is a look-up by key.
"""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from honeyguide.graph.beliefs import BELIEVED, log_odds
from honeyguide.graph.kinds import NODE, partition
from honeyguide.graph.segment_conditions import (
    All,
    AnyOf,
    Company,
    Condition,
    Edges,
    Not,
    Property,
    Published,
    Scalar,
    Score,
)
from honeyguide.graph.vocabulary import Vocabulary

_SIGN = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class Query(Struct, frozen=True):
    """A statement that answers with the ids of personas, and its parameters."""

    sql: str
    args: list[Any]


class _Writer:
    """Collects parameters and hands out aliases."""

    def __init__(self, workspace: int, now: datetime, known: Vocabulary, whole: bool) -> None:
        self.args: list[Any] = [workspace]
        self.now, self.known, self.whole = now, known, whole
        self._aliases = 0

    def arg(self, value: Any, cast: str) -> str:
        self.args.append(value)
        return f"${len(self.args)}::{cast}"

    @contextlib.contextmanager
    def one_by_one(self) -> Iterator[None]:
        """Under `or` and `not` a set cannot become a join, and one too big for memory would be read again for every row."""
        before, self.whole = self.whole, False
        yield
        self.whole = before

    def alias(self, letter: str) -> str:
        self._aliases += 1
        return f"{letter}{self._aliases}"


def compiled(
    condition: Condition, workspace: int, now: datetime, known: Vocabulary, personas: Sequence[int] | None = None
) -> Query:
    """Which personas it holds for: of all, or of these."""
    writer = _Writer(workspace, now, known, personas is None)
    if personas is None:
        holds = _holds(condition, "n", writer)
        return Query(
            f"select n.id from node n where n.workspace_id = $1 and n.kind = {NODE['persona']} and {holds}", writer.args
        )
    ids = writer.arg(list(personas), "bigint[]")
    holds = _holds(condition, "n", writer)
    return Query(
        f"select n.id from unnest({ids}) as k(id) cross join lateral (select n.id from node n where n.workspace_id = $1 "
        f"and n.id = k.id and n.kind = {NODE['persona']} and {holds} offset 0) n",
        writer.args,
    )


def _holds(condition: Condition, node: str, writer: _Writer) -> str:
    match condition:
        case All(of):
            return _joined(" and ", "true", of, node, writer)
        case AnyOf(of):
            with writer.one_by_one():
                return _joined(" or ", "false", of, node, writer)
        case Not(of):
            with writer.one_by_one():
                return f"not {_holds(of, node, writer)}"
        case Property():
            return _property(condition, node, writer)
        case Edges():
            return _edges(condition, node, writer)
        case Company(of):
            return _company(of, node, writer)
        case Score():
            return _score(condition, node, writer)
        case Published():
            return _published(condition, node, writer)


def _joined(word: str, empty: str, of: Sequence[Condition], node: str, writer: _Writer) -> str:
    return "(" + (word.join(_holds(one, node, writer) for one in of) or empty) + ")"


def _property(p: Property, node: str, writer: _Writer) -> str:
    """Comparisons that a value of another type, or none, does not fulfil; never null, so that `not` turns them around."""
    name = writer.arg(p.name, "text")
    held = f"{node}.props -> {name}"
    if p.op == "exists":
        return f"coalesce(jsonb_typeof({held}) <> 'null', false)"
    if p.op == "in" and isinstance(p.value, tuple):
        return f"coalesce({held} = any({writer.arg(list(p.value), 'jsonb[]')}), false)"
    value = p.value
    if p.op in ("eq", "ne"):
        equal = f"{held} = {writer.arg(value, 'jsonb')}"
        if p.op == "eq":
            return f"coalesce({equal}, false)"
        return f"coalesce(jsonb_typeof({held}) <> 'null' and not {equal}, false)"
    text = f"{node}.props ->> {name}"
    if isinstance(value, str):
        return f"coalesce(jsonb_typeof({held}) = 'string' and {_text(p.op, text, writer.arg(value, 'text'))}, false)"
    number = writer.arg(_decimal(value), "numeric")
    return f"(case when jsonb_typeof({held}) = 'number' then ({text})::numeric {_SIGN[p.op]} {number} else false end)"


def _text(op: str, text: str, value: str) -> str:
    if op == "contains":
        return f"position(lower({value}) in lower({text})) > 0"
    if op == "starts_with":
        return f"starts_with(lower({text}), lower({value}))"
    return f'({text}) collate "C" {_SIGN[op]} {value}'


def _decimal(value: Scalar | tuple[Scalar, ...] | None) -> Decimal:
    return Decimal(repr(value))


def _company(of: Condition, persona: str, writer: _Writer) -> str:
    """The employer as `tables.employers` picks it: the job that began last, then the surest."""
    job, firm = writer.alias("w"), writer.alias("c")
    jobs = f"from edge_works_at {job} where {job}.workspace_id = $1 and {job}.valid_to is null"
    latest = f"{job}.valid_from desc, {job}.confidence desc, {job}.dst"
    at = f"join node {firm} on {firm}.workspace_id = $1 and {firm}.id = {job}.dst"
    if writer.whole:
        with writer.one_by_one():
            holds = _holds(of, firm, writer)
        return (
            f"{persona}.id in (select {job}.src from (select distinct on ({job}.src) {job}.src, {job}.dst {jobs} "
            f"order by {job}.src, {latest}) {job} {at} where {holds})"
        )
    return (
        f"exists (select 1 from (select {job}.dst {jobs} and {job}.src = {persona}.id order by {latest} limit 1) {job} "
        f"{at} where {_holds(of, firm, writer)})"
    )


def _score(score: Score, node: str, writer: _Writer) -> str:
    """Who has no score has 0."""
    i = writer.alias("i")
    found = f"select 1 from influence {i} where {i}.workspace_id = $1 and {i}.persona = {node}.id"
    if score.at_least > 0:
        low, high = writer.arg(score.at_least, "float8"), writer.arg(score.at_most, "float8")
        return f"exists ({found} and {i}.score >= {low} and {i}.score <= {high})"
    return f"not exists ({found} and {i}.score > {writer.arg(score.at_most, 'float8')})"


def _published(score: Published, node: str, writer: _Writer) -> str:
    p = writer.alias("p")
    name, low, high = (
        writer.arg(score.name, "text"),
        writer.arg(score.at_least, "float8"),
        writer.arg(score.at_most, "float8"),
    )
    of_words = f" and {p}.word = any({writer.arg(list(score.words), 'text[]')})" if score.words else ""
    return (
        f"exists (select 1 from persona_score {p} where {p}.workspace_id = $1 and {p}.persona = {node}.id and {p}.name = {name} "
        f"and {p}.value >= {low} and {p}.value <= {high}{of_words})"
    )


def _edges(edges: Edges, node: str, writer: _Writer) -> str:
    e = writer.alias("e")
    here, there = ("src", "dst") if edges.direction == "out" else ("dst", "src")
    sql = f"from {partition(edges.kind)} {e} where {e}.workspace_id = $1{_about(edges, e, there, writer)}"
    mine = f"{e}.{here} = {node}.id"
    least, most = edges.at_least, edges.at_most
    if least == 1 and most is None:
        return f"exists (select 1 {sql} and {mine})"
    if most == 0:
        return f"not exists (select 1 {sql} and {mine})"
    if writer.whole and least > 0:
        return f"{node}.id in (select {e}.{here} {sql} group by {e}.{here} having count(*) {_between(least, most, writer)})"
    return f"((select count(*) {sql} and {mine}) {_between(least, most, writer)})"


def _between(least: int, most: int | None, writer: _Writer) -> str:
    low = writer.arg(least, "int")
    return f">= {low}" if most is None else f"between {low} and {writer.arg(most, 'int')}"


def _about(edges: Edges, e: str, there: str, writer: _Writer) -> str:
    """What the edges that count have in common, each as ` and ...`."""
    parts: list[str] = [f"{e}.confidence >= {BELIEVED}"]
    if edges.state == "ended":
        parts.append(f"({e}.valid_to is not null and {e}.valid_to <= {writer.arg(writer.now, 'timestamptz')})")
    elif edges.state == "current":
        parts.append(f"({e}.valid_to is null or {e}.valid_to > {writer.arg(writer.now, 'timestamptz')})")
    if partition(edges.kind) == "edge_other":
        parts.append(f"{e}.kind = {writer.known.edges[edges.kind].code}")
    since = writer.now - timedelta(days=edges.within_days) if edges.within_days is not None else edges.since
    when = f"{e}.last_seen_at" if edges.by == "seen" else f"{e}.valid_from"
    if since is not None:
        parts.append(f"{when} >= {writer.arg(since, 'timestamptz')}")
    if edges.until is not None:
        parts.append(f"{when} < {writer.arg(edges.until, 'timestamptz')}")
    if edges.confidence > 0:
        parts.append(_sure(edges, e, writer))
    if edges.nodes or edges.keys or edges.where:
        parts += _other_end(edges, f"{e}.{there}", writer)
    return "".join(f" and {part}" for part in parts)


def _sure(edges: Edges, e: str, writer: _Writer) -> str:
    """Faded as `beliefs.decayed`: log-odds halve with every half-life."""
    least = writer.arg(log_odds(edges.confidence), "float8")
    odds = f"ln({e}.confidence::float8 / (1 - {e}.confidence::float8))"
    half_life = writer.known.edges[edges.kind].half_life_days
    if half_life is None:
        return f"{odds} >= {least}"
    lives = f"extract(epoch from {writer.arg(writer.now, 'timestamptz')} - {e}.last_seen_at)::float8 / 86400 / "
    lives += writer.arg(half_life, "float8")
    # Bounded, because a power below the least double is an error there and 0 in Python.
    return f"{odds} * power(0.5::float8, least(1000, greatest(0, {lives}))) >= {least}"


def _other_end(edges: Edges, end: str, writer: _Writer) -> list[str]:
    parts = []
    named: list[str] = []
    if edges.nodes:
        named.append(f"{end} = any({writer.arg([int(n) for n in edges.nodes], 'bigint[]')})")
    if edges.keys:
        split = [key.partition(":") for key in edges.keys]
        kinds = writer.arg([writer.known.nodes[kind].code for kind, _, _ in split], "smallint[]")
        keys, o = writer.arg([key for _, _, key in split], "text[]"), writer.alias("o")
        named.append(
            f"{end} = any(array(select {o}.id from unnest({kinds}, {keys}) as k(kind, key) join node {o} on {o}.workspace_id = $1 "
            f"and {o}.kind = k.kind and {o}.key = k.key))"
        )
    if named:
        parts.append(f"({' or '.join(named)})")
    if edges.where:
        o = writer.alias("o")
        said = " and ".join(_property(p, o, writer) for p in edges.where)
        parts.append(f"exists (select 1 from node {o} where {o}.workspace_id = $1 and {o}.id = {end} and {said})")
    return parts
