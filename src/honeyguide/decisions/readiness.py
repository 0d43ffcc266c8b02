"""How ready every advocate is: computed in batches, stored, kept up with what changes, published for segments.

`readiness_step` is what the worker calls: for the personas something changed about, or (None) for everybody once a day,
because beliefs fade and asks age. The parts of the formula are in `readiness_parts`; reading them in words is
`readiness_words`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import structs

from honeyguide import graph, inference, programs
from honeyguide.db import Row, Tx
from honeyguide.decisions import journey_tables, network, network_tables, readiness_tables, reading
from honeyguide.decisions import readiness_parts as parts
from honeyguide.decisions.decide import ensure_policy
from honeyguide.decisions.journey import only_stages
from honeyguide.decisions.moment_free import Beliefs, People, beliefs
from honeyguide.decisions.readiness_tables import Line
from honeyguide.graph.kinds import EDGE, HALF_LIFE_DAYS
from honeyguide.programs import journey

SCORE = "readiness"  # the name the score is published under
CHUNK = 10_000
_FIRST = -(2**63)
_RATING_LIFE, _ASK_LIFE = 180.0, 60.0  # days after which a rating, and an ask, counts half
_QUIET = ("quiet", "do_not_contact")
_PUBLISHED = 0.05  # a smaller change of a score is not told to segments


async def readiness_step(tx: Tx, now: datetime, personas: Collection[int] | None = None) -> set[int]:
    """Compute readiness anew, of these personas or of everybody; returns those whose score or stage changed.

    `network.touched` says whom changes of the graph concern; the daily pass comes to everybody. Personas that are no customers, or are gone, lose their row.
    """
    if personas is not None:
        return await _chunk(tx, now, sorted(set(personas)))
    changed: set[int] = set()
    after: int | None = _FIRST
    while after is not None:
        moved, after = await _slice(tx, now, after)
        changed |= moved
    return changed


async def readiness_pass(tx: Tx, now: datetime, after: int = _FIRST) -> int | None:
    """The next slice of the daily pass; returns after which persona to go on, None when everybody was come to."""
    return (await _slice(tx, now, after))[1]


async def _slice(tx: Tx, now: datetime, after: int) -> tuple[set[int], int | None]:
    chunk = await network_tables.all_personas(tx, after, CHUNK)
    if not chunk:
        return await _forget(tx, await readiness_tables.strangers(tx)), None
    return await _chunk(tx, now, chunk), chunk[-1]


async def _chunk(tx: Tx, now: datetime, personas: Sequence[int]) -> set[int]:
    if not personas:
        return set()
    before = await readiness_tables.held(tx, personas)
    lines = await compute(tx, now, personas)
    await readiness_tables.store(tx, lines, now)
    after = {x.persona: (x.score, x.stage) for x in lines}
    changed = {p for p, (score, stage) in after.items() if p not in before or _moved(before[p], score, stage)}
    gone = await _forget(tx, before.keys() - after.keys())
    await graph.publish_scores(tx, SCORE, {p: after[p] for p in changed}, now)
    return changed | gone


def _moved(before: tuple[float, str], score: float, stage: str) -> bool:
    return before[1] != stage or abs(before[0] - score) >= _PUBLISHED


async def _forget(tx: Tx, personas: Collection[int]) -> set[int]:
    if not personas:
        return set()
    await graph.withdraw_scores(tx, SCORE, personas)
    return await readiness_tables.forget(tx, personas)


async def compute(tx: Tx, now: datetime, personas: Sequence[int]) -> list[Line]:
    """The rows of those of these personas who belong to a customer, without writing anything."""
    jobs = await journey_tables.employers(tx, personas, now)
    customers = await network_tables.customers(tx, {*personas, *jobs.values()}, now)
    ours = [p for p in personas if p in customers or jobs.get(p) in customers]
    # A persona that is joined to another one meanwhile is in one answer and no longer in the next: its turn comes again.
    stages = await only_stages(tx, ours, now)
    people = [r for r in await readiness_tables.people(tx, ours) if r["id"] in stages]
    if not people:
        return []
    ids = [r["id"] for r in people]
    firms = await readiness_tables.firms(tx, {jobs[p] for p in ids if p in jobs})
    facts = [_facts(r, firms.get(jobs.get(r["id"], 0))) for r in people]
    said = await readiness_tables.said(tx, ids, now)
    asks = await readiness_tables.asked(tx, ids, now)
    kinds = [(journey.segment_of(f), journey.vertical_of(f)) for f in facts]
    believed = await _believed(tx, people, facts, kinds, [stages[p].stage for p in ids], said, now)
    columns = await _columns(tx, ids, believed, said, asks, now)
    scored = parts.score(columns)
    amounts = np.stack([getattr(columns, name) for name in parts.AMOUNTS], axis=1).tolist()
    points = scored.points.T.tolist()
    bounds = np.round(np.stack([scored.score, scored.low, scored.high], axis=1), 2).tolist()
    gone = await readiness_tables.departed(tx, ids, now)
    stopped = {r["entity_id"] for r in asks if r["stopped"]}
    made = []
    for i, r in enumerate(people):
        p = r["id"]
        score, low, high = bounds[i]
        segment, vertical = kinds[i]
        line = Line(
            persona=p, company=jobs.get(p), score=score, low=low, high=high, stage=stages[p].stage, segment=segment,
            vertical=vertical, amounts=tuple(amounts[i]), points=tuple(points[i]), barred="",
        )  # fmt: skip
        made.append(_barred(line, r, firms.get(jobs.get(p, 0)), p in gone, p in stopped))
    return made


def _facts(person: Row, firm: Row | None) -> Mapping[str, Any]:
    """What groups and segments are chosen by."""
    return programs.group_facts(person["props"], firm["props"] if firm is not None else None) or {}


def _barred(line: Line, person: Row, firm: Row | None, departed: bool, stopped: bool) -> Line:
    """Nobody is ready whom we may never ask, whatever speaks for them."""
    why = ""
    if stopped:
        why = "stopped"
    elif departed:
        why = "departed"
    elif any(one["props"].get(k) is True for one in (person, firm) if one is not None for k in _QUIET):
        why = "quiet"
    return structs.replace(line, score=0.0, low=0.0, high=0.0, barred=why) if why else line


async def _believed(
    tx: Tx, people: list[Row], facts: list[Mapping[str, Any]], kinds: Sequence[tuple[str, str]], stages: Sequence[str],
    said: list[Row], now: datetime,
) -> Beliefs:  # fmt: skip
    """What the policy in force believes of sharing for who they are."""
    policy, terms = await ensure_policy(tx), await reading.terms_in_force(tx)
    roles = await inference.roles_of(tx, [r["id"] for r in people], now)
    power = {r["src"] for r in said if r["kind"] == EDGE["power_user_of"]}
    years = [max(0.0, (now - r["first_seen_at"]).total_seconds() / 86_400 / 365.25) for r in people]
    words = {
        "group": [programs.choose_group(terms.groups, f or None).slug for f in facts],
        "segment": [segment for segment, _ in kinds],
        "vertical": [vertical for _, vertical in kinds],
        "seniority": [role.seniority if (role := roles.get(r["id"])) else "unknown" for r in people],
        "stage": stages,
    }
    return beliefs(policy, People(words, np.array(years), np.array([float(r["id"] in power) for r in people])))


async def _columns(
    tx: Tx, ids: Sequence[int], believed: Beliefs, said: list[Row], asks: list[Row], now: datetime
) -> parts.Columns:
    place = {p: i for i, p in enumerate(ids)}
    sums = np.zeros((4, len(ids)))  # praise, complaints, ratings, asks
    for r in said:
        if r["kind"] in (EDGE["praised"], EDGE["complained_of"]):
            sums[0 if r["kind"] == EDGE["praised"] else 1, place[r["src"]]] += sureness(
                r["confidence"], r["kind"], r["days"]
            )
    for r in await readiness_tables.ratings(tx, ids, now):
        stars = _stars(r["score"])
        if stars is not None:
            sums[2, place[r["src"]]] += stars * 0.5 ** (r["days"] / _RATING_LIFE)
    for r in asks:
        if not r["stopped"]:
            sums[3, place[r["entity_id"]]] += 0.5 ** (max(r["days"], 0.0) / _ASK_LIFE)
    scores = await readiness_tables.influence(tx, ids)
    counted = await network.counts(tx, ids, now)
    return parts.Columns(
        logit=believed.logit, variance=believed.variance, share=believed.share,
        satisfaction=parts.satisfaction(sums[0], sums[1], sums[2]),
        influence=np.array([scores.get(p, 0.0) for p in ids]), prospects=counted.prospects, hits=counted.hits,
        seen=counted.seen, asks=sums[3],
    )  # fmt: skip


def sureness(confidence: float, kind: int, days: float) -> float:
    """What a statement is worth now, 0 to 1: its log-odds halve with every half-life; even odds are worth nothing."""
    odds = np.log(confidence / (1 - confidence)) * 0.5 ** (max(days, 0.0) / HALF_LIFE_DAYS[kind])
    return max(0.0, 2.0 / (1.0 + float(np.exp(-odds))) - 1.0)


def _stars(score: str) -> float | None:
    """A rating of 1 to 5 as -1 to 1; what is no such number says nothing."""
    try:
        found = float(score)
    except ValueError:
        return None
    return (min(max(found, 1.0), 5.0) - 3.0) / 2.0
