"""How ready every advocate is: computed in batches, stored, kept up with what changes, published for segments.

`readiness_step` is what the worker calls: for the personas something changed about, or (None) for everybody once a day,
because beliefs fade and asks age. The parts of the formula are in `readiness_parts`; reading them in words is
`readiness_words`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
from msgspec import structs

from honeyguide import graph, inference, programs
from honeyguide.db import Row, Tx
from honeyguide.decisions import journey_tables, network, network_tables, readiness_tables, reading
from honeyguide.decisions import readiness_parts as parts
from honeyguide.decisions.decide import ensure_policy
from honeyguide.decisions.journey import only_stages
from honeyguide.decisions.moment_free import Beliefs, beliefs
from honeyguide.decisions.readiness_tables import Line
from honeyguide.graph.kinds import EDGE, HALF_LIFE_DAYS
from honeyguide.programs import journey

SCORE = "readiness"  # the name the score is published under
CHUNK = 10_000
_FIRST = -(2**63)
_RATING_LIFE, _ASK_LIFE = 180.0, 60.0  # days after which a rating, and an ask, counts half
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
    people = await readiness_tables.people(tx, ours)
    if not people:
        return []
    ids = [r["id"] for r in people]
    firms = await readiness_tables.firms(tx, {jobs[p] for p in ids if p in jobs})
    asks = await readiness_tables.asked(tx, ids, now)
    believed = await _believed(tx, people, jobs, firms, now)
    columns = await _columns(tx, ids, believed, asks, now)
    stages = await only_stages(tx, ids, now)
    gone = await readiness_tables.departed(tx, ids, now)
    stopped = {r["entity_id"] for r in asks if r["stopped"]}
    scored = parts.score(columns)
    made = []
    for i, r in enumerate(people):
        facts = programs.group_facts(r["props"], firms[jobs[r["id"]]]["props"] if jobs.get(r["id"]) in firms else None)
        line = Line(
            persona=r["id"], company=jobs.get(r["id"]), score=round(float(scored.score[i]), 2),
            low=round(float(scored.low[i]), 2), high=round(float(scored.high[i]), 2), stage=stages[r["id"]].stage,
            segment=journey.segment_of(facts or {}), vertical=journey.vertical_of(facts or {}),
            amounts=tuple(float(getattr(columns, name)[i]) for name in parts.AMOUNTS),
            points=tuple(float(v) for v in scored.points[:, i]), barred="",
        )  # fmt: skip
        firm = firms.get(jobs.get(r["id"], 0))
        made.append(_barred(line, r, firm, r["id"] in gone, r["id"] in stopped))
    return made


def _barred(line: Line, person: Row, firm: Row | None, departed: bool, stopped: bool) -> Line:
    """Nobody is ready whom we may never ask, whatever speaks for them."""
    why = ""
    if stopped:
        why = "stopped"
    elif departed:
        why = "departed"
    elif any(
        person["props"].get(k) is True or (firm and firm["props"].get(k) is True) for k in ("quiet", "do_not_contact")
    ):
        why = "quiet"
    return structs.replace(line, score=0.0, low=0.0, high=0.0, barred=why) if why else line


async def _believed(tx: Tx, people: list[Row], jobs: dict[int, int], firms: dict[int, Row], now: datetime) -> Beliefs:
    """What the policy in force believes of sharing for who they are."""
    policy, terms = await ensure_policy(tx), await reading.terms_in_force(tx)
    roles = await inference.roles_of(tx, [r["id"] for r in people], now)
    by_firm: dict[int, str] = {}
    groups = []
    for r in people:
        firm = firms.get(jobs.get(r["id"], 0))
        facts = programs.group_facts(r["props"], firm["props"] if firm else None)
        key = firm["id"] if firm and facts == firm["props"] else 0
        if not key or key not in by_firm:
            by_firm[key] = programs.choose_group(terms.groups, facts).slug
        groups.append(by_firm[key])
    power = {
        r["src"]
        for r in await readiness_tables.said(tx, [p["id"] for p in people], now)
        if r["kind"] == EDGE["power_user_of"]
    }
    years = np.array([max(0.0, (now - r["first_seen_at"]).total_seconds() / 86_400 / 365.25) for r in people])
    seniority = [role.seniority if (role := roles.get(r["id"])) else "" for r in people]
    return beliefs(policy, groups, seniority, years, np.array([float(r["id"] in power) for r in people]))


async def _columns(tx: Tx, ids: Sequence[int], believed: Beliefs, asks: list[Row], now: datetime) -> parts.Columns:
    place = {p: i for i, p in enumerate(ids)}
    sums = np.zeros((4, len(ids)))  # praise, complaints, ratings, asks
    for r in await readiness_tables.said(tx, ids, now):
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
