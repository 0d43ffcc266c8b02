"""Readiness for readers: the score with its interval, and each part in a sentence with what shows it.

A sentence names only what the graph or our own asks hold; a part that moved the score by nothing is not told.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.terms import Evidence
from honeyguide.db import Row, Tx
from honeyguide.decisions import network, readiness_tables
from honeyguide.decisions import readiness_parts as parts
from honeyguide.decisions.journey import day, evidence_of
from honeyguide.decisions.readiness import sureness
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.graph.kinds import EDGE

Filters = readiness_tables.Filters
LEAST = 0.05  # points a part must have moved the score to be told
_NAMED, _SHOWN = 3, 3
ROLE = "Their role: "
_BARRED = {
    "stopped": "They asked us to stop.",
    "departed": "They no longer work where we knew them.",
    "quiet": "They, or their company, are marked as not to be contacted.",
}


class Contribution(Struct, frozen=True):
    """What one part did: `weight` are points of the score, `evidence` what shows it."""

    feature: str
    text: str
    weight: float
    evidence: tuple[Evidence, ...]


class Readiness(Struct, frozen=True):
    """How ready a persona is: 0 to 100 with the central 90 %; 50 is a customer of whom nothing special is known.

    The weights of the contributions add up to `score - 50`, but for those too small to be told. `barred`: why nobody may
    ever ask them, else "".
    """

    persona: int
    score: float
    low: float
    high: float
    contributions: tuple[Contribution, ...]
    stage: str
    segment: str
    vertical: str
    at: datetime
    company: int | None = None
    barred: str = ""


class Advocate(Struct, frozen=True):
    """A line of the list of advocates, without the reasons."""

    persona: int
    name: str
    title: str
    company: int | None
    company_name: str
    score: float
    low: float
    high: float
    stage: str
    segment: str
    vertical: str
    barred: str
    at: datetime


class _Known(Struct, frozen=True):
    said: dict[int, list[Row]]
    ratings: dict[int, list[Row]]
    asks: dict[int, list[Row]]
    around: dict[int, network.Around]
    influence: dict[int, graph.Influence]
    names: dict[int, graph.Node]
    employers: dict[int, int]
    grounds: dict[EdgeKey, graph.Ground]
    now: datetime


async def readiness_of(tx: Tx, personas: Collection[int], now: datetime | None = None) -> dict[int, Readiness]:
    """The stored readiness of these personas with its reasons as the graph holds them. Who is no customer is absent."""
    rows = await readiness_tables.rows_of(tx, personas)
    if not rows:
        return {}
    known = await _read(tx, [r["persona"] for r in rows], now or clock.now())
    return {r["persona"]: _readiness(r, known) for r in rows}


async def top(
    tx: Tx, filters: Filters | None = None, *, after: tuple[float, int] | None = None, limit: int = 50
) -> tuple[list[Advocate], int]:
    """Advocates, the readiest first, and how many there are. `after`: (score, persona) of the last one of the page before."""
    wanted = filters or Filters()
    rows = await readiness_tables.top(tx, wanted, after, limit)
    return [_advocate(r) for r in rows], await readiness_tables.how_many(tx, wanted)


def _advocate(r: Row) -> Advocate:
    return Advocate(
        r["persona"], r["name"], str(r["props"].get("title") or ""), r["company"], r["company_name"] or "", r["score"],
        r["low"], r["high"], r["stage"], r["segment"], r["vertical"], _BARRED.get(r["barred"], ""), r["at"],
    )  # fmt: skip


async def _read(tx: Tx, personas: Sequence[int], now: datetime) -> _Known:
    around = await network.around(tx, personas, now)
    said = await readiness_tables.said(tx, personas, now)
    named = {p for a in around.values() for p in (*sorted(a.prospects)[:_NAMED], *sorted(a.hits)[:_NAMED])}
    employers = await network.employers_of(tx, {p for a in around.values() for p in sorted(a.prospects)[:_NAMED]}, now)
    edges = {(r["kind"], r["src"], r["dst"]) for r in said}
    edges |= {e for a in around.values() for n in sorted(a.hits)[:_NAMED] for e in a.hits[n][:1]}
    edges |= {(EDGE["works_at"], p, c) for p, c in employers.items()}
    ratings = await readiness_tables.ratings(tx, personas, now)
    edges |= {(EDGE["opened"], r["src"], r["ticket"]) for r in ratings}
    influence = await graph.influence_of(tx, personas)
    edges |= {e for i in influence.values() for r in i.reasons[:1] for e in r.edges[:_SHOWN]}
    return _Known(
        said=_by(said, "src"),
        ratings=_by(ratings, "src"),
        asks=_by(await readiness_tables.asked(tx, personas, now), "entity_id"),
        around=around,
        influence=influence,
        names=await graph.nodes(tx, named | set(employers.values())),
        employers=employers,
        grounds=await graph.grounds(tx, edges),
        now=now,
    )


def _by(rows: Sequence[Row], key: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for r in rows:
        found.setdefault(r[key], []).append(r)
    return found


def _readiness(r: Row, known: _Known) -> Readiness:
    amounts = dict(zip(parts.AMOUNTS, r["amounts"], strict=True))
    told: list[Contribution] = []
    if r["barred"]:
        told.append(Contribution("barred", _BARRED[r["barred"]], -parts.MIDDLE, ()))
    else:
        for feature, points in zip(parts.FEATURES, r["points"], strict=True):
            if abs(points) >= LEAST:
                text, evidence = _TOLD[feature](r["persona"], amounts, known)
                told.append(Contribution(feature, text, round(points, 2), tuple(evidence)))
    told.sort(key=lambda c: (-abs(c.weight), c.feature))
    return Readiness(
        r["persona"], round(r["score"], 1), round(r["low"], 1), round(r["high"], 1), tuple(told), r["stage"], r["segment"],
        r["vertical"], r["at"], r["company"], _BARRED.get(r["barred"], ""),
    )  # fmt: skip


Told = tuple[str, list[Evidence]]


def _propensity(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    return f"Of people in their position about {amounts['share']:.0%} are expected to pass a link on when asked.", []


def _satisfaction(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    said = sorted(known.said.get(persona, []), key=lambda r: (r["days"], r["kind"], r["dst"]))
    lines: list[str] = []
    shown: list[Evidence] = []
    for kind, words in (("praised", "praised us"), ("complained_of", "complained")):
        rows = [r for r in said if r["kind"] == EDGE[kind] and sureness(r["confidence"], r["kind"], r["days"]) > 0]
        if rows:
            lines.append(f"{words} {'once' if len(rows) == 1 else f'{len(rows)} times'}")
            shown += _evidence([(r["kind"], r["src"], r["dst"]) for r in rows[:_SHOWN]], known)
    rated = [r for r in known.ratings.get(persona, []) if _is_number(r["score"])]
    if rated:
        mean = sum(float(r["score"]) for r in rated) / len(rated)
        lines.append(
            f"rated our support {mean:.1f} of 5 over {'one case' if len(rated) == 1 else f'{len(rated)} cases'}"
        )
        shown += _evidence([(EDGE["opened"], r["src"], r["ticket"]) for r in rated[:_SHOWN]], known)
    text = " and ".join([", ".join(lines[:-1]), lines[-1]]) if len(lines) > 1 else "".join(lines)
    text = text or "No word of theirs counts any more"
    return text[:1].upper() + text[1:] + ".", shown


def _influence(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    found = known.influence.get(persona)
    if found is None or not found.reasons:
        return f"Influence {amounts['influence']:.2f} of 1.", []
    reason = next((r for r in found.reasons if r.kind != "seniority"), None)
    if reason is None:  # a title alone: who they are, not what they did
        first = found.reasons[0]
        return f"{ROLE}{first.text.removeprefix('Is ')}", _evidence(first.edges[:_SHOWN], known)
    return reason.text, _evidence(reason.edges[:_SHOWN], known)


def _reach(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    near = sorted(known.around[persona].prospects) if persona in known.around else []
    many = len(near)
    named = [
        f"{name} at {firm}" for p in near[:_NAMED]
        if p in known.employers and (name := _name(p, known)) and (firm := _name(known.employers[p], known))
    ]  # fmt: skip
    where = (
        "one person at a company that is not a customer"
        if many == 1
        else f"{many} people at companies that are not customers"
    )
    text = f"Knows {where}" + (f": {_joined(named, many)}." if named else ".")
    return text, _evidence(
        [(EDGE["works_at"], p, known.employers[p]) for p in near[:_NAMED] if p in known.employers], known
    )


def _neighbours(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    around = known.around.get(persona)
    hits = sorted(around.hits) if around else []
    seen = len(around.seen) if around else 0
    if not hits:
        return f"None of the {seen} people around them referred somebody or came by a referral yet.", []
    shown = _evidence([e for n in hits[:_NAMED] for e in (around.hits[n][:1] if around else [])], known)
    return f"Of {seen} {'person' if seen == 1 else 'people'} around them, {_did(around, hits, known)}.", shown


def _did(around: network.Around | None, hits: list[int], known: _Known) -> str:
    """`2 referred somebody (Ana, Ben) and one came by a referral (Cleo)`."""
    told: dict[str, list[int]] = {}
    for n in hits:
        kind, src, _ = around.hits[n][0] if around else (0, 0, 0)
        done = (
            "bought from us elsewhere"
            if kind == EDGE["bought"]
            else "referred somebody"
            if src == n
            else "came by a referral"
        )
        told.setdefault(done, []).append(n)
    said = []
    for done, people in told.items():
        names = [name for n in people[:_NAMED] if (name := _name(n, known))]
        who = f" ({', '.join(names)}{' and others' if len(people) > len(names) else ''})" if names else ""
        said.append(f"{'one' if len(people) == 1 else len(people)} {done}{who}")
    return " and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def _fatigue(persona: int, amounts: Mapping[str, float], known: _Known) -> Told:
    asks = [r for r in known.asks.get(persona, []) if not r["stopped"]]
    if not asks:
        return "Was asked before.", []
    last = known.now.timestamp() - min(r["days"] for r in asks) * 86_400
    when = day(datetime.fromtimestamp(last, known.now.tzinfo))
    return f"Was asked {'once' if len(asks) == 1 else f'{len(asks)} times'}, last on {when}.", []


_TOLD: dict[str, Any] = {
    "propensity": _propensity, "satisfaction": _satisfaction, "influence": _influence, "reach": _reach,
    "neighbours": _neighbours, "fatigue": _fatigue,
}  # fmt: skip


def _evidence(edges: Sequence[EdgeKey], known: _Known) -> list[Evidence]:
    return [evidence_of(known.grounds[e]) for e in edges if e in known.grounds]


def _name(ident: int, known: _Known) -> str:
    """What somebody is called; "" where nobody ever said (a key is no name)."""
    node = known.names.get(ident)
    return node.name if node is not None and node.props.get("name") else ""


def _joined(names: Sequence[str], many: int) -> str:
    """`Ana, Ben, Carla and 4 more`."""
    if many > len(names):
        return f"{', '.join(names)} and {many - len(names)} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
