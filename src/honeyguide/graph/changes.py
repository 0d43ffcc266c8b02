"""What changed about somebody: between two dates, and in the order it came.

Both look at when things happened, not at when we were told: a difference fuses the evidence there was at either date.
Evidence that was taken back since is no part of it; `reads.history` tells what we believed at the time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, structs

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.graph import tables
from honeyguide.graph.beliefs import BELIEVED, PERSON, Assertion, Belief, EdgeKey, faded
from honeyguide.graph.edges import siblings
from honeyguide.graph.extensions import vocabulary
from honeyguide.graph.ground import Ground, grounds
from honeyguide.graph.rules import beliefs_of
from honeyguide.graph.vocabulary import Rules

What = Literal["began", "began again", "ended", "confirmed", "refuted", "corrected", "withdrawn"]
_MOST = 5_000  # statements about one entity that are looked at, the newest
_TELLING = 0.05  # a lesser change of confidence is fading, not news


class EdgeChange(Struct, frozen=True):
    """One edge at two dates: what was left of the belief in it at each (None: it did not hold or was not believed)."""

    kind: str
    src: int
    dst: int
    before: float | None
    after: float | None
    since: datetime
    until: datetime | None
    ground: Ground | None


class PropertySaid(Struct, frozen=True):
    """A property whose newest statement falls between the dates; what it was before is not kept."""

    name: str
    value: Any
    said_at: datetime


class Difference(Struct, frozen=True):
    """What is different about an entity. `truncated`: it has more evidence than was looked at, only the newest was."""

    entity: int
    before: datetime
    after: datetime
    appeared: list[EdgeChange]
    ended: list[EdgeChange]
    stronger: list[EdgeChange]
    weaker: list[EdgeChange]
    properties: list[PropertySaid]
    truncated: bool


class Chapter(Struct, frozen=True):
    """Something that happened to an edge of an entity. `words`: the quote or note it rests on, `by` who says so."""

    at: datetime
    what: What
    kind: str
    src: int
    dst: int
    confidence: float
    words: str
    source_ref: str
    by: str


async def difference(tx: Tx, entity: int, before: datetime, after: datetime | None = None) -> Difference:
    """What changed about a persona, company or other node between two dates (`after`: now). Raises BadInput when they are swapped.

    An edge appeared or ended when it holds and is believed at one date only; it is stronger or weaker when its belief
    differs by more than five points, fading included.
    """
    until = after or clock.now()
    if until <= before:
        raise BadInput("The second date must come after the first.")
    who = (await identity.resolve(tx, (entity,)))[entity]
    known = await vocabulary(tx)
    about = await _about(tx, who, known.rules)
    old, new = (_beliefs(about, moment, known.rules) for moment in (before, until))
    then, now = _left(old, before, known.rules), _left(new, until, known.rules)
    said = await grounds(tx, then.keys() | now.keys())
    found: dict[str, list[EdgeChange]] = defaultdict(list)
    for key in sorted(then.keys() | now.keys()):
        belief = new.get(key) or old[key]
        change = EdgeChange(
            known.edge_name.get(key[0], "other"), key[1], key[2], then.get(key), now.get(key), belief.valid_from,
            belief.valid_to, said.get(key),
        )  # fmt: skip
        found[_sort(change.before, change.after)].append(change)
    return Difference(
        who, before, until, found["appeared"], found["ended"], found["stronger"], found["weaker"],
        await _said_between(tx, who, before, until), about.truncated,
    )  # fmt: skip


class _About(Struct, frozen=True):
    """All that is stated about an entity, and about the edges that bear on its edges."""

    grouped: Mapping[EdgeKey, list[Assertion]]
    own: list[EdgeKey]
    truncated: bool


async def _about(tx: Tx, who: int, rules: Rules) -> _About:
    mine = (await identity.members(tx, (who,)))[who]
    stated = await tables.assertions_touching(tx, mine, _MOST + 1)
    ends = await identity.resolve(tx, {i for a in stated for i in (a.src, a.dst)})
    own = {(a.kind, ends[a.src], ends[a.dst]) for a in stated[:_MOST]}
    beside = await siblings(tx, own, rules) - own
    more = await tables.assertions_between(tx, await _between(tx, beside)) if beside else []
    ends |= await identity.resolve(tx, {i for a in more for i in (a.src, a.dst)} - ends.keys())
    grouped: dict[EdgeKey, list[Assertion]] = defaultdict(list)
    for a in {a.id: a for a in [*stated[:_MOST], *more]}.values():
        grouped[a.kind, ends[a.src], ends[a.dst]].append(a)
    return _About(grouped, sorted(own), len(stated) > _MOST)


async def _between(tx: Tx, keys: Iterable[EdgeKey]) -> list[EdgeKey]:
    found = set(keys)
    members = await identity.members(tx, {i for _, src, dst in found for i in (src, dst)})
    return sorted({(k, s, d) for k, src, dst in found for s in members[src] for d in members[dst]})


def _as_of(a: Assertion, moment: datetime) -> Assertion | None:
    """An assertion as it stood at a moment: not yet made, or last seen by then."""
    if a.valid_from > moment:
        return None
    return a if a.last <= moment else structs.replace(a, last_seen_at=moment)


def _beliefs(about: _About, moment: datetime, rules: Rules) -> dict[EdgeKey, Belief]:
    """What the evidence there was at a moment says about the entity's edges."""
    there = {key: [b for a in found if (b := _as_of(a, moment)) is not None] for key, found in about.grouped.items()}
    return {key: b for key, b in beliefs_of(there, about.own, rules).items() if b is not None}


def _left(beliefs: Mapping[EdgeKey, Belief], moment: datetime, rules: Rules) -> dict[EdgeKey, float]:
    """The edges that held at a moment and were believed, with what was left of the belief."""
    return {
        key: round(faded(b.confidence, rules.half_life.get(key[0]), b.last_seen_at, moment), 4)
        for key, b in beliefs.items()
        if b.confidence >= BELIEVED and _holds(b, moment)
    }


def _holds(belief: Belief, moment: datetime) -> bool:
    return any(
        start <= moment and (end is None or end > moment)
        for start, end in [*belief.earlier, (belief.valid_from, belief.valid_to)]
    )


def _sort(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "appeared" if after is not None else "ended" if before is not None else ""
    if abs(after - before) <= _TELLING:
        return ""
    return "stronger" if after > before else "weaker"


async def _said_between(tx: Tx, who: int, before: datetime, after: datetime) -> list[PropertySaid]:
    profile = (await identity.profiles(tx, (who,))).get(who)
    if profile is not None:
        stamps = {name: (one["v"], str(one["t"])) for name, one in profile.traits.items()}
    else:
        node = (await tables.stored_nodes(tx, (who,))).get(who)
        stamps = {} if node is None else {n: (node.props.get(n), at[0]) for n, at in node.props_at.items()}
    said = [PropertySaid(name, value, datetime.fromisoformat(at)) for name, (value, at) in sorted(stamps.items())]
    return [one for one in said if before < one.said_at <= after]


async def story(tx: Tx, entity: int, limit: int = 100) -> list[Chapter]:
    """What happened to an entity's edges, newest first: when each began, ended and began again, and what people said."""
    who = (await identity.resolve(tx, (entity,)))[entity]
    known = await vocabulary(tx)
    about = await _about(tx, who, known.rules)
    found: list[Chapter] = []
    for key, belief in beliefs_of(about.grouped, about.own, known.rules).items():
        name = known.edge_name.get(key[0], "other")
        if belief is not None:
            found += _periods(name, key, belief, about.grouped[key])
        found += [
            Chapter(a.valid_from, a.detail["verdict"], name, key[1], key[2], a.confidence, a.quote, a.source_ref, PERSON)
            for a in about.grouped.get(key, ()) if a.inferrer == PERSON and "verdict" in a.detail
        ]  # fmt: skip
    return sorted(found, key=lambda c: (c.at, c.kind, c.src, c.dst, c.what), reverse=True)[:limit]


def _periods(name: str, key: EdgeKey, belief: Belief, said: Iterable[Assertion]) -> Iterable[Chapter]:
    """One chapter for each begin and end, with the statement that lies nearest."""
    stated = sorted(said, key=lambda a: (a.valid_from, str(a.id)))
    for n, (start, end) in enumerate([*belief.earlier, (belief.valid_from, belief.valid_to)]):
        moments: list[tuple[datetime | None, What]] = [(start, "began again" if n else "began"), (end, "ended")]
        for at, what in moments:
            if at is not None:
                near = _nearest(stated, at, ending=what == "ended")
                yield Chapter(
                    at, what, name, key[1], key[2], belief.confidence, near.quote if near else "",
                    near.source_ref if near else "", near.inferrer if near else "",
                )  # fmt: skip


def _nearest(stated: Iterable[Assertion], at: datetime, *, ending: bool) -> Assertion | None:
    """The statement a begin or end rests on: one of that very moment, else none (a rival was seen, or an end was told)."""
    for a in stated:
        if ending and ((a.ends and at in (a.valid_from, a.last)) or a.valid_to == at):
            return a
        if not ending and a.supports and not a.ends and at in (a.valid_from, a.last):
            return a
    return None
