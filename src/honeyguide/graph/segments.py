"""Segments: saved conditions over the graph, with their members kept live and every entry and exit dated.

Who is a member now follows from the graph and the condition alone; when somebody entered or left tells when we came to
know it. Conditions with a time window or a confidence also change by time passing: `rebuild` asks everybody again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Row, Tx
from honeyguide.graph import segment_tables as tables
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.graph.extensions import vocabulary
from honeyguide.graph.kinds import NODE
from honeyguide.graph.nodes import nodes
from honeyguide.graph.segment_conditions import KINDS, Company, Condition, Edges, dump, parse, walk
from honeyguide.graph.segment_sql import compiled
from honeyguide.graph.vocabulary import Vocabulary

MOST_SEGMENTS, LONGEST_NAME = 200, 100
_SAMPLE = 10
_REMEMBERED = 1_024  # saved conditions, parsed, in a process


class Segment(Struct, frozen=True):
    """A saved condition. `condition` is its JSON form, `members` how many there are now."""

    id: int
    name: str
    condition: Any
    version: int
    members: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    evaluated_at: datetime


class Member(Struct, frozen=True):
    """A persona in a segment, and since when; `title` is their job title, "" when unknown."""

    persona: int
    name: str
    title: str
    entered_at: datetime | None


class Stay(Struct, frozen=True):
    """One stay of a persona in a segment; `left_at` None: still in it."""

    persona: int
    entered_at: datetime
    left_at: datetime | None


class Preview(Struct, frozen=True):
    """What a condition would hold for: how many of how many personas, and a few of them."""

    count: int
    of: int
    sample: list[Member]


class Needs(Struct, frozen=True):
    """What a condition rests on: kinds of edges at the persona, at its company, and at nodes whose properties it compares."""

    kinds: frozenset[str]
    company: bool
    company_kinds: frozenset[str]
    beside: frozenset[str]


async def create(tx: Tx, name: str, condition: Any, actor: str) -> Segment:
    """Save a condition (typed or JSON) and find its members. Raises BadInput, Conflict when the name is taken."""
    known = await vocabulary(tx)
    wanted, title = _condition(condition, known), _name(name)
    await tables.lock(tx)
    if len(await tables.every(tx)) >= MOST_SEGMENTS:
        raise BadInput(f"There are {MOST_SEGMENTS} segments already.", advice="Delete one that nobody uses.")
    now = clock.now()
    made = await tables.insert(tx, title, dump(wanted), actor, now)
    if made is None:
        raise _taken(title)
    await _evaluate(tx, made, wanted, known, now)
    return await get(tx, made)


async def update(tx: Tx, segment: int, *, name: str | None = None, condition: Any = None) -> Segment:
    """Rename a segment or give it another condition; members enter and leave accordingly. Raises NotFound, BadInput, Conflict."""
    await tables.lock(tx)
    row = await _row(tx, segment)
    title = row["name"] if name is None else _name(name)
    other = await tables.named(tx, title)
    if other not in (None, segment):
        raise _taken(title)
    known = await vocabulary(tx)
    wanted = _condition(row["condition"] if condition is None else condition, known)
    said, now = dump(wanted), clock.now()
    changed = said != row["condition"]
    await tables.change(tx, segment, title, said, row["version"] + changed, now)
    if changed:
        await _evaluate(tx, segment, wanted, known, now)
    return await get(tx, segment)


async def delete(tx: Tx, segment: int) -> None:
    """Remove a segment, its members and their history. Raises NotFound."""
    if not await tables.delete(tx, segment):
        raise _unknown(segment)


async def get(tx: Tx, segment: int) -> Segment:
    """One segment. Raises NotFound."""
    return _segment(await _row(tx, segment), await tables.sizes(tx))


async def list(tx: Tx) -> Sequence[Segment]:
    """All segments, by name."""
    sizes = await tables.sizes(tx)
    return [_segment(r, sizes) for r in await tables.every(tx)]


async def members(tx: Tx, segment: int, *, after: int = -(2**63), limit: int = 50) -> Sequence[Member]:
    """Who is in it now, in the order of ids; `after`: the last persona of the page before. Raises NotFound."""
    await _row(tx, segment)
    rows = await tables.members(tx, segment, after, limit)
    return [Member(r["persona"], r["name"] or "", _title(r["props"] or {}), r["entered_at"]) for r in rows]


async def stays(tx: Tx, segment: int, *, limit: int = 200) -> Sequence[Stay]:
    """Who entered and left, the latest change first. Raises NotFound."""
    await _row(tx, segment)
    return [Stay(r["persona"], r["entered_at"], r["left_at"]) for r in await tables.stays(tx, segment, limit)]


async def of_persona(tx: Tx, persona: int) -> Sequence[tuple[int, str, datetime]]:
    """The segments a persona is in now: id, name, since when."""
    return [(r["id"], r["name"], r["entered_at"]) for r in await tables.segments_of(tx, persona)]


async def preview(tx: Tx, condition: Any, *, sample: int = _SAMPLE) -> Preview:
    """What a condition (typed or JSON) would hold for, without saving it. Raises BadInput."""
    known = await vocabulary(tx)
    found = sorted(await _asked(tx, _condition(condition, known), clock.now(), known))
    shown = await nodes(tx, found[:sample])
    some = [Member(i, n.name, _title(n.props), None) for i, n in sorted(shown.items())]
    return Preview(len(found), await tables.how_many(tx), some)


async def segments_step(
    tx: Tx, touched: Collection[int], edges: Iterable[EdgeKey] = ()
) -> dict[int, tuple[set[int], set[int]]]:
    """Bring members up to date: `touched` are nodes that changed or went and personas whose influence changed, `edges` the keys
    of changed edges (what `graph.step` and `graph.replace` return). Both ends of an edge in `touched` do as well, but cost more.

    Returns per segment who entered and who left. Call it last in a transaction: it holds a lock until the transaction ends.
    """
    changed = {*edges}
    if not touched and not changed:
        return {}
    await tables.lock(tx)
    segments = await tables.every(tx)
    if not segments:
        return {}
    async with identity.by_index(tx):
        known = await vocabulary(tx)
        news = await _news(tx, touched, changed, known)
        gone = await tables.forget(tx, news.gone) if news.gone else set()
        now, moved = clock.now(), {}
        for row in segments:
            condition = _parse_saved(msgspec.json.encode(row["condition"]), known)
            wanted = await _concerned(tx, news, needs(condition), known) - gone
            if wanted:
                moved[row["id"]] = await _settle(tx, row["id"], condition, sorted(wanted), known, now)
    return {segment: found for segment, found in moved.items() if found[0] or found[1]}


async def segments_rebuild(tx: Tx) -> dict[int, tuple[set[int], set[int]]]:
    """Ask everybody again, for every segment: what time alone changes. Returns per segment who entered and who left."""
    await tables.lock(tx)
    now, known = clock.now(), await vocabulary(tx)
    return {
        r["id"]: await _evaluate(tx, r["id"], parse(r["condition"], known), known, now) for r in await tables.every(tx)
    }


class _News(Struct):
    """What changed, by what it is."""

    personas: set[int]
    companies: set[int]
    others: set[int]
    gone: set[int]
    ends: dict[str, set[int]]  # kind of edge -> personas and companies at its changed edges
    kind_of: dict[int, int]


async def _news(tx: Tx, touched: Collection[int], edges: set[EdgeKey], known: Vocabulary) -> _News:
    ids = {*touched, *(i for _, src, dst in edges for i in (src, dst))}
    kinds = await tables.kinds_of(tx, sorted(ids))
    ends: dict[str, set[int]] = {}
    for kind, src, dst in edges:
        ends.setdefault(known.edge_name.get(kind, ""), set()).update((src, dst))
    named = {*touched}
    return _News(
        personas={i for i in named if kinds.get(i) == NODE["persona"]},
        companies={i for i in named if kinds.get(i) == NODE["company"]},
        others={i for i in named if i in kinds and kinds[i] not in (NODE["persona"], NODE["company"])},
        gone=ids - kinds.keys(),
        ends=ends,
        kind_of=kinds,
    )


async def _concerned(tx: Tx, news: _News, need: Needs, known: Vocabulary) -> set[int]:
    """Which personas a segment has to be asked again for."""
    found = set(news.personas)
    for kind in need.kinds & news.ends.keys():
        found |= news.ends[kind]
    companies = set(news.companies) if need.company else set()
    for kind in need.company_kinds & news.ends.keys():
        companies |= {i for i in news.ends[kind] if news.kind_of.get(i) == NODE["company"]}
    if need.beside and (news.others or news.companies or news.personas):
        changed = news.others | news.companies | news.personas
        near = await tables.beside(tx, sorted(changed), sorted(known.edges[kind].code for kind in need.beside))
        found |= near
        companies |= near if need.company else set()
    if companies:
        found |= await tables.staff_of(tx, sorted(companies))
    return found - news.gone


_saved: dict[bytes, Condition] = {}


def _parse_saved(condition: bytes, known: Vocabulary) -> Condition:
    """A saved condition, parsed once in a process."""
    found = _saved.get(condition)
    if found is None:
        if len(_saved) > _REMEMBERED:
            _saved.clear()
        found = _saved[condition] = parse(condition, known)
    return found


@lru_cache(maxsize=_REMEMBERED)
def needs(condition: Condition) -> Needs:
    """What a condition rests on."""
    kinds: set[str] = set()
    of_company: set[str] = set()
    beside: set[str] = set()
    company = False
    for _, _, node, in_company in walk(condition):
        if isinstance(node, Company):
            company = True
            kinds.add("works_at")
        elif isinstance(node, Edges):
            (of_company if in_company else kinds).add(node.kind)
            if node.where or node.keys:
                beside.add(node.kind)
    return Needs(frozenset(kinds), company, frozenset(of_company), frozenset(beside))


async def _settle(
    tx: Tx, segment: int, condition: Condition, personas: Sequence[int] | None, known: Vocabulary, now: datetime
) -> tuple[set[int], set[int]]:
    """Let enter and leave who should, of these personas or of all."""
    holds = await _asked(tx, condition, now, known, personas)
    before = await tables.present(tx, segment, personas)
    await tables.leave(tx, segment, before - holds, now)
    await tables.enter(tx, segment, holds - before, now)
    return holds - before, before - holds


async def _evaluate(
    tx: Tx, segment: int, condition: Condition, known: Vocabulary, now: datetime
) -> tuple[set[int], set[int]]:
    moved = await _settle(tx, segment, condition, None, known, now)
    await tables.evaluated(tx, segment, now)
    return moved


async def _asked(
    tx: Tx, condition: Condition, now: datetime, known: Vocabulary, personas: Sequence[int] | None = None
) -> set[int]:
    query = compiled(condition, tx.workspace_id, now, known, personas)
    return {r["id"] for r in await tx.rows(query.sql, *query.args)}


def _condition(said: Any, known: Vocabulary) -> Condition:
    """Typed conditions go through their JSON form too, so that nothing unchecked is saved."""
    return parse(dump(said) if isinstance(said, KINDS) else said, known)


def _name(name: str) -> str:
    title = name.strip()
    if not 1 <= len(title) <= LONGEST_NAME or "\x00" in title or any(0xD800 <= ord(c) <= 0xDFFF for c in title):
        raise BadInput("This cannot be the name of a segment.", f"It has 1 to {LONGEST_NAME} characters.")
    return title


async def _row(tx: Tx, segment: int) -> Row:
    row = await tables.one(tx, segment)
    if row is None:
        raise _unknown(segment)
    return row


def _segment(row: Row, sizes: dict[int, int]) -> Segment:
    return Segment(
        row["id"], row["name"], row["condition"], row["version"], sizes.get(row["id"], 0), row["created_by"],
        row["created_at"], row["updated_at"], row["evaluated_at"],
    )  # fmt: skip


def _title(props: dict[str, Any]) -> str:
    return str(props.get("title") or "")


def _unknown(segment: int) -> NotFound:
    return NotFound("There is no such segment.", f"Its id would be {segment}.")


def _taken(name: str) -> Conflict:
    return Conflict("There is a segment of that name.", name, advice="Choose another name, or change that segment.")
