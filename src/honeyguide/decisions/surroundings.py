"""What surrounds a moment: where the customer stands, who is near, what came before and what may come."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from math import fsum
from uuid import UUID

import numpy as np
from msgspec import Struct, structs

from honeyguide import moments
from honeyguide.db import Tx
from honeyguide.decisions.brain import leaning
from honeyguide.decisions.journey import only_stages
from honeyguide.decisions.network import neighbours
from honeyguide.decisions.propensity import logit
from honeyguide.decisions.situation import Neighbours, Situation
from honeyguide.decisions.step_facts import step_facts
from honeyguide.graph.kinds import EDGE
from honeyguide.programs.journey import Stage, segment_of, vertical_of
from honeyguide.programs.playbooks import Playbooks, in_force, steps_for, stopped

USUAL: Stage = "value"  # where nothing shows the stage
GLOW_DAYS = 60
WEAR_HALVES_DAYS = 45.0
SHARE_DAYS = 14
_LEANING_WORTH = 2.0  # so many expected referrals is it worth that people are alike


class Surroundings(Struct, frozen=True):
    """By persona: stage, neighbours, moments a day by kind, and earlier moments; missing where nothing is known."""

    stages: Mapping[int, Stage]
    neighbours: Mapping[int, Neighbours]
    rates: Mapping[int, tuple[tuple[str, float], ...]]
    earlier: Mapping[int, list[tuple[UUID, datetime, float, float]]]
    playbooks: Playbooks

    def with_steps(self, situation: Situation, base: float) -> Situation:
        """The situation with the playbook's steps for it: those that may ask now first, and why the others may not.

        `base` is the share the program's playbook expects; the first step's expectation is told against it.
        """
        stage = self.stages.get(situation.person.id, USUAL) if situation.person else USUAL
        facts = step_facts(situation)
        firm = situation.firm.facts if situation.firm else {}
        found = steps_for(
            self.playbooks, stage, segment_of(firm), vertical_of(firm), situation.moment.kind, facts
        )  # fmt: skip
        stops = tuple((s.slug, why) for s in found if (why := stopped(s, facts)) is not None)
        held = {slug for slug, _ in stops}
        steps = sorted(found, key=lambda s: s.slug in held)
        lift = logit(steps[0].lift.mean) - logit(base) if steps else 0.0
        return structs.replace(situation, steps=tuple(steps), stops=stops, lift=lift)

    def glow(self, person: int, moment: UUID, now: datetime) -> float:
        """What is left at `now` of the person's other moments: their strengths, halved by their half-lives."""
        total = 0.0
        for ident, at, strength, half_life in self.earlier.get(person, []):
            if ident != moment and at <= now:
                total += strength * 0.5 ** ((now - at).total_seconds() / 3600 / half_life)
        return float(min(total, 4.0))


async def surroundings(tx: Tx, people: Collection[int], now: datetime) -> Surroundings:
    """What surrounds these people at `now`."""
    near = await neighbours(tx, people, now) if people else {}
    rates = await moments.rates(tx, people, now) if people else {}
    return Surroundings(
        {p: s.stage for p, s in (await only_stages(tx, people, now)).items()} if people else {},
        {p: Neighbours(int(n["hits"]), int(n["seen"])) for p, n in near.items()},
        {p: tuple(zip(moments.KINDS, found, strict=True)) for p, found in rates.items()},
        await _earlier(tx, people, now),
        await in_force(tx),
    )


async def _earlier(
    tx: Tx, people: Collection[int], now: datetime
) -> dict[int, list[tuple[UUID, datetime, float, float]]]:
    rows = await tx.rows(
        "select r.entity_id, m.id, m.occurred_at, m.strength, m.half_life_hours from record r join moment m "
        "on m.workspace_id = r.workspace_id and m.record_id = r.id where r.workspace_id = $1 "
        "and r.entity_id = any($2::bigint[]) and m.occurred_at > $3 and m.occurred_at <= $4 "
        "order by m.occurred_at, m.id",
        tx.workspace_id, list(people), now - timedelta(days=GLOW_DAYS), now,
    )  # fmt: skip
    found: dict[int, list[tuple[UUID, datetime, float, float]]] = defaultdict(list)
    for r in rows:
        found[r["entity_id"]].append((r["id"], r["occurred_at"], float(r["strength"]), float(r["half_life_hours"])))
    return found


async def referred_at(tx: Tx, people: Collection[int], now: datetime) -> dict[int, list[datetime]]:
    """When each of these people brought somebody, as the graph knows it."""
    rows = await tx.rows(
        "select r.entity_id, a.valid_from from record r join assertion a on a.workspace_id = r.workspace_id "
        "and a.src = r.id where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) and a.kind = $3::smallint "
        "and a.supports and not a.ends and a.retracted_at is null and a.valid_from <= $4 order by a.valid_from",
        tx.workspace_id, list(people), EDGE["referred"], now,
    )  # fmt: skip
    found: dict[int, list[datetime]] = defaultdict(list)
    for r in rows:
        found[r["entity_id"]].append(r["valid_from"])
    return found


def worn(made: Collection[datetime], now: datetime) -> float:
    """How much recent asks weigh: each counts 1 and halves in 45 days."""
    days = [max((now - at).total_seconds(), 0.0) / 86_400 for at in made]
    return float(sum(0.5 ** (d / WEAR_HALVES_DAYS) for d in sorted(days)))


def leaning_of(made: Collection[tuple[datetime, float]], came: Collection[datetime], now: datetime) -> float:
    """What asks whose days are over brought, against what was expected of them when they were made."""
    window = timedelta(days=SHARE_DAYS)
    over = [(at, hope) for at, hope in made if at + window <= now]
    hits = sum(1 for at, _ in over if any(at <= c < at + window for c in came))
    return float(leaning(np.array([float(hits)]), np.array([fsum(hope for _, hope in over)]), _LEANING_WORTH)[0])


def misses(made: Collection[datetime], came: Collection[datetime], now: datetime) -> int:
    """Asks whose days are over and that brought nobody."""
    window = timedelta(days=SHARE_DAYS)
    over = [at for at in made if at + window <= now]
    return sum(1 for at in over if not any(at <= c < at + window for c in came))
