"""What people say of moments, and what is learned from it and from outcomes: precision, half-lives, rates.

Moments themselves are derived from events and stay what they are; what is learned is laid over them when they are read, so
that a replay changes nothing and every version of what was believed can be looked up.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from honeyguide import graph
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import content_id
from honeyguide.db import Tx, audit
from honeyguide.moments import learned, learned_tables, reading
from honeyguide.moments.kinds import KINDS
from honeyguide.moments.learned import WORTH_DAYS, Beta, Sample
from honeyguide.moments.learned_tables import Label
from honeyguide.moments.reading import segments_for
from honeyguide.programs.journey import segment_of

NotNowReason = Literal["wrong_moment", "wrong_person", "bad_timing", "already_asked", "relationship", "other"]
NOT_NOW_REASONS: tuple[str, ...] = get_args(NotNowReason)
RIGHT = "right"
WRONG = "wrong_moment"  # the one reason that says the moment was none; the others speak of the ask
_COUNTED = timedelta(days=365)


class Quality(Struct, frozen=True):
    """What is known of one kind in one segment ("" is all of them): how often it is real, and how fast it fades.

    `precision` with its central 90 % from `labels` moments people judged (of `said` they spoke about); `half_life_hours` with
    its central 90 % from `asks`, of which `shared` were; the built-in one, without an interval, where nothing was learned.
    """

    kind: str
    segment: str
    precision: float
    precision_low: float
    precision_high: float
    labels: int
    said: int
    half_life_hours: float
    half_life_low: float | None
    half_life_high: float | None
    asks: int
    shared: int


async def dispute(tx: Tx, moment_id: UUID, reason: str, actor: str, note: str, at: datetime) -> None:
    """Somebody says "not now" of a moment, and why. `wrong_moment` says that it was none: nobody is asked because of it.

    The last word on a moment counts. Raises NotFound, BadInput.
    """
    if reason not in NOT_NOW_REASONS:
        raise BadInput(f"{reason!r} is not a reason.", advice=f"Use one of: {', '.join(NOT_NOW_REASONS)}.")
    await _label(tx, moment_id, reason, False if reason == WRONG else None, actor, note, at)
    await audit.write(tx, actor, "moment.disputed", f"moment:{moment_id}", {"reason": reason, "note": note})


async def affirm(tx: Tx, moment_id: UUID, actor: str, at: datetime) -> None:
    """Somebody acted on a moment (approved an ask, or said so): it was one. Raises NotFound."""
    await _label(tx, moment_id, RIGHT, True, actor, "", at)


async def _label(
    tx: Tx, moment_id: UUID, reason: str, true_moment: bool | None, actor: str, note: str, at: datetime
) -> None:
    found = (await reading.by_ids(tx, [moment_id], at, disputed=True)).get(moment_id)
    if found is None:
        raise NotFound("There is no such moment.", "Its ground may have gone.")
    segment = (await segments_for(tx, [found])).get(moment_id, "")
    await learned_tables.put_label(
        tx, Label(moment_id, found.kind, segment, reason, true_moment, actor, note[:2000], at)
    )


async def precision(tx: Tx) -> dict[str, Beta]:
    """How often moments of each kind are real, by what people said; before anybody did, the prior."""
    return reading.precisions(await learned_tables.tallies(tx))


async def half_lives(tx: Tx) -> dict[tuple[str, str], float]:
    """(kind, segment) -> the learned half-life in hours; segment "" is the kind over all. Empty before anything was learned."""
    return {(r["kind"], r["segment"]): r["hours"] for r in await learned_tables.half_lives(tx)}


async def learn(tx: Tx, samples: Sequence[Sample], at: datetime) -> int:
    """Learn half-lives from all asks known (the whole set each time, in any order). Returns the version in force.

    The same samples make no new version. Raises BadInput for a kind nobody detects.
    """
    unknown = sorted({s.kind for s in samples} - set(KINDS))
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no kind of moment.", advice=f"Use one of: {', '.join(KINDS)}.")
    known = await learned_tables.half_lives(tx)
    version = known[0]["version"] if known else 0
    digest = _digest(samples)
    if not samples or (known and known[0]["digest"] == digest):
        return version
    await learned_tables.put_half_lives(tx, version + 1, learned.half_lives_of(samples), digest, at)
    return version + 1


def _digest(samples: Iterable[Sample]) -> str:
    counted = Counter(samples)
    lines = sorted(f"{s.kind}|{s.segment}|{s.age_hours:.4f}|{s.shared:d}|{n}" for s, n in counted.items())
    return content_id("half-lives", *lines).hex


async def quality(tx: Tx) -> list[Quality]:
    """What is known of every kind, over all segments and in each one something is known of; by kind and segment."""
    tallies = await learned_tables.tallies(tx)
    told = {(r["kind"], r["segment"]): (r["right_ones"], r["wrong_ones"], r["said"]) for r in tallies}
    for kind in KINDS:
        mine = [v for (k, _), v in told.items() if k == kind]
        told[kind, ""] = (sum(r for r, _, _ in mine), sum(w for _, w, _ in mine), sum(s for _, _, s in mine))
    lives = {(r["kind"], r["segment"]): r for r in await learned_tables.half_lives(tx)}
    out = []
    for kind, segment in sorted(told.keys() | lives.keys(), key=lambda k: (KINDS.index(k[0]), k[1])):
        right, wrong, said = told.get((kind, segment), (0, 0, 0))
        belief = learned.precision_of(right, wrong)
        low, high = belief.interval()
        life = lives.get((kind, segment)) or lives.get((kind, ""))
        mine_too = (kind, segment) in lives
        out.append(
            Quality(
                kind, segment, round(belief.mean, 4), round(low, 4), round(high, 4), right + wrong, said,
                life["hours"] if life else learned.TYPICAL[kind], life["low"] if life else None,
                life["high"] if life else None, life["n"] if life and mine_too else 0,
                life["shared"] if life and mine_too else 0,
            )
        )  # fmt: skip
    return out


async def count_rates(tx: Tx, now: datetime) -> None:
    """Count anew how often moments come in each segment: over the last year, or since a person is known."""
    people = await learned_tables.people(tx)
    segment = {p["id"]: segment_of(p["props"] or {}) for p in people}
    days: dict[str, float] = {}
    for p in people:
        days[segment[p["id"]]] = days.get(segment[p["id"]], 0.0) + _days(p["first_seen_at"], now)
    n: Counter[tuple[str, str]] = Counter()
    for r in await learned_tables.counts(tx, now - _COUNTED, now):
        if r["persona"] in segment:
            n[segment[r["persona"]], r["kind"]] += r["n"]
    found = {(s, kind): (float(n[s, kind]), d) for s, d in days.items() for kind in KINDS}
    await learned_tables.put_rates(tx, found, now)


async def rates(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, list[float]]:
    """Persona -> moments a day by kind, in the order of `KINDS`: their own year, drawn to the rate of their segment.

    Moments of a company count for who speaks for it. What was counted of segments is that of the last daily pass.
    """
    wanted = sorted(set(personas))
    nodes = await graph.nodes(tx, wanted)
    firms = {
        i: int(n.props["company"]) for i, n in nodes.items() if str(n.props.get("company", "")).lstrip("-").isdigit()
    }
    companies = await graph.nodes(tx, set(firms.values()))
    pooled = learned.pooled_rates(await learned_tables.rates(tx), KINDS)
    own: Counter[tuple[int, str]] = Counter()
    for r in await learned_tables.counts(tx, now - _COUNTED, now, wanted):
        own[r["persona"], r["kind"]] += r["n"]
    own += await _spoken_for(tx, set(firms.values()), set(wanted), now)
    found = {}
    for persona in wanted:
        node, firm = nodes.get(persona), companies.get(firms.get(persona, 0))
        segment = segment_of(firm.props if firm else {})
        days = _days(node.first_seen_at, now) if node else 0.0
        found[persona] = [
            learned.rate(own[persona, k], days, pooled.get((segment, k), pooled["", k]), WORTH_DAYS) for k in KINDS
        ]
    return found


async def _spoken_for(tx: Tx, companies: set[int], personas: set[int], now: datetime) -> Counter[tuple[int, str]]:
    speakers = await reading.speakers_for(tx, companies, now) if companies else {}
    mine = {firm: who for firm, (who, _) in speakers.items() if who in personas}
    out: Counter[tuple[int, str]] = Counter()
    for r in await learned_tables.company_counts(tx, now - _COUNTED, now, mine) if mine else []:
        out[mine[r["company"]], r["kind"]] += r["n"]
    return out


def _days(since: datetime, now: datetime) -> float:
    return min(_COUNTED.days, max(1.0, (now - since).total_seconds() / 86_400))
