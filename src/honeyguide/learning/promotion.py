"""Who may run alone: levels rise on evidence, fall at once, and a person may always lower them.

`review` runs every few minutes. It lowers what has done harm, at once and to 0, and raises what has earned it as far as the
workspace's ceiling allows (0 unless a person set one: then a person moves each step). At level 4 it may move a budget
within the bounds a person set. `set_level` is the person's slider: up by one level and only when nothing is missing.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide.core.errors import BadInput, Forbidden
from honeyguide.db import Tx
from honeyguide.decisions import autonomy, autonomy_history, gating, labels
from honeyguide.decisions.autonomy import Budget, Grant, State
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.decisions.labels import Tally
from honeyguide.learning import track
from honeyguide.learning.promotion_rules import Known, Missing, Proof, harmed, missing, numbers

HONEYGUIDE = "honeyguide"
_RAISE_BY, _DAY = 1.2, timedelta(days=1)
Evidences = Callable[[Tx, datetime], Awaitable[Callable[[str], Proof]]]


class Change(Struct, frozen=True):
    """What a review did to a step."""

    step: str
    was: int
    now: int
    why: str


class Step(Struct, frozen=True):
    """A step as the slider shows it: where it is, how far it may go now, and what is missing for more."""

    step: str
    level: int
    kept: int
    max_level_now: int
    stopped: bool
    since: datetime | None
    missing: tuple[Missing, ...]
    proof: Proof
    tally: Tally


async def standings(tx: Tx, now: datetime, evidence: Evidences, *, seal: Seal | None = None) -> list[Step]:
    """Every step, in the order of their names."""
    holds = await autonomy.state(tx, seal)
    steps = await _all(tx)
    known = await _known(tx, steps, holds, now, evidence)
    return [_step(known[s], holds, now) for s in steps]


async def _all(tx: Tx) -> list[str]:
    """The program as a whole, then every step; nothing before anybody was decided about."""
    found = [s for s in await autonomy.steps(tx) if s != autonomy.WHOLE]
    return [autonomy.WHOLE, *found] if found else []


async def standing(tx: Tx, step: str, now: datetime, evidence: Evidences, *, seal: Seal | None = None) -> Step:
    """One step; also one nobody was decided about yet."""
    holds = await autonomy.state(tx, seal)
    return _step((await _known(tx, [step], holds, now, evidence))[step], holds, now)


async def requirements(tx: Tx, step: str, now: datetime, evidence: Evidences) -> list[Missing]:
    """What is missing for the next level, in plain words; empty when the step may rise."""
    return list((await standing(tx, step, now, evidence)).missing)


async def set_level(
    tx: Tx, step: str, level: int, actor: str, now: datetime, evidence: Evidences, *, note: str = "",
    seal: Seal | None = None,
) -> Step:  # fmt: skip
    """A person moves the slider: down always, up by one and only when nothing is missing. Raises Forbidden, BadInput."""
    if level not in autonomy.LEVELS or not step:
        raise BadInput(f"There is no level {level}.", "Levels are 0 to 4.")
    found = await standing(tx, step, now, evidence, seal=seal)
    if level > found.max_level_now:
        lacking = " ".join(m.text for m in found.missing) or "A step rises by one level at a time."
        raise Forbidden(
            f"Level {level} is not earned yet.", f"{lacking} The highest level now is {found.max_level_now}.",
            advice="Choose a lower level, or come back when nothing is missing.",
        )  # fmt: skip
    if level > found.kept:
        grant = Grant(step, level, numbers(found.proof))
        await autonomy.raise_level(tx, grant, actor, now, note=note, seal=seal)
    else:
        await autonomy.lower_level(tx, step, level, actor, now, note=note, seal=seal)
    return await standing(tx, step, now, evidence, seal=seal)


async def review(tx: Tx, now: datetime, evidence: Evidences, *, seal: Seal | None = None) -> list[Change]:
    """Look at the program and every step: lower what harms, raise what has earned it up to the ceiling, let level 4 move its
    budgets. A step that only follows the whole program and does harm is stopped until a person lifts that.
    """
    holds = await autonomy.state(tx, seal)
    steps = sorted({*holds.steps, *holds.trusted}) if holds.ceiling == 0 else await _all(tx)
    known = await _known(tx, steps, holds, now, evidence)
    changes = []
    for step in steps:
        one = known[step]
        why = harmed(one.proof) if max(one.level, holds.level(step)) > 0 else ""
        if why and one.level > 0:
            await autonomy.lower_level(tx, step, 0, HONEYGUIDE, now, note=why, evidence=numbers(one.proof), seal=seal)
            changes.append(Change(step, one.level, 0, why))
        elif why:
            await autonomy.stop(tx, HONEYGUIDE, now, step=step, note=why, seal=seal)
            changes.append(Change(step, holds.level(step), 0, why))
        elif one.level < holds.ceiling and not missing(one, now):
            why = "Everything the next level takes is there."
            await autonomy.raise_level(
                tx, Grant(step, one.level + 1, numbers(one.proof)), HONEYGUIDE, now, note=why, seal=seal
            )
            changes.append(Change(step, one.level, one.level + 1, why))
    await _budgets(tx, known, now, seal)
    return changes


def _step(known: Known, holds: State, now: datetime) -> Step:
    lacking = tuple(missing(known, now))
    most = known.level if lacking else known.level + 1
    return Step(
        known.step, holds.level(known.step), known.level, most, known.stopped, known.since, lacking, known.proof,
        known.tally,
    )  # fmt: skip


async def _known(tx: Tx, steps: list[str], holds: State, now: datetime, evidence: Evidences) -> Mapping[str, Known]:
    if not steps:
        return {}
    look = await evidence(tx, now)
    tallies = await labels.tallies(tx)
    language = any(c.expert == "language" for c in await gating.challengers(tx))
    trail = await track.trail(tx, "language") if language else 0
    found = {}
    for step in steps:
        at = holds.steps.get(step)
        found[step] = Known(
            step, at.kept if at else 0, holds.stopped or bool(at and at.stopped), at.since if at else None, look(step),
            _sum(tallies) if step == autonomy.WHOLE else tallies.get(step, Tally()), language, trail,
        )  # fmt: skip
    return found


def _sum(tallies: Mapping[str, Tally]) -> Tally:
    found = tallies.values()
    return Tally(sum(t.approved for t in found), sum(t.edited for t in found), sum(t.declined for t in found))


async def _budgets(tx: Tx, known: Mapping[str, Known], now: datetime, seal: Seal | None) -> None:
    """At level 4: yesterday's asks used up and the step proven: a fifth more; not proven any more: back to the least."""
    holds = await autonomy.state(tx, seal)
    spent = await autonomy.released_since(tx, now - _DAY)
    for (step, name), held in sorted(holds.budgets.items()):
        one = known.get(step)
        if name != "asks_per_day" or one is None or holds.level(step) < 4 or await _moved_today(tx, step, now):
            continue
        wanted, why = _wanted(held, one.proof, spent.get(step, 0))
        if wanted != held.value:
            await autonomy.change_budget(tx, step, name, wanted, f"{autonomy.ACTOR}{step}", now, why=why, seal=seal)


def _wanted(held: Budget, proof: Proof, spent: int) -> tuple[int, str]:
    proven = proof.lower is not None and proof.lower > 0
    if not proven:
        return held.low, "Its effect is not proven any more."
    if spent >= held.value:
        return min(
            held.high, max(held.value + 1, int(held.value * _RAISE_BY))
        ), "The day's asks were used up, and it is proven."
    return held.value, ""


async def _moved_today(tx: Tx, step: str, now: datetime) -> bool:
    rows = await autonomy_history.acts(tx, step, None, 20)
    return any(r.kind in ("budget", "bounds") and r.at > now - _DAY for r in rows)
