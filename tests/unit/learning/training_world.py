"""A small company's year in the database: moments, decisions, asks that are sent, and what comes of them, day by day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from honeyguide import decisions
from honeyguide.core.ids import content_id
from honeyguide.db import Row, Tx
from honeyguide.decisions import reading
from tests.unit.decisions import world

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Chance = Callable[[Row], float]
KINDS = ("support_success", "purchase_euphoria", "product_milestone")


class World:
    """People at companies of their own, and a seeded fate."""

    def __init__(self, seed: int, chance: Chance, *, unasked: float = 0.0, leaves: float = 0.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.chance, self.unasked, self.leaves = chance, unasked, leaves
        self.people: list[tuple[int, int]] = []
        self.asked: list[int] = []
        self.sent: set[UUID] = set()

    async def settle(self, tx: Tx, people: int) -> None:
        """Bring in the people; every third company is an enterprise."""
        for n in range(people):
            firm = await world.company(tx, f"firm {n}", **({"segment": "enterprise"} if n % 3 == 0 else {}))
            self.people.append((await world.persona(tx, f"p{n}", firm, name="Ana Lima"), firm))
        await reading.terms_in_force(tx)

    async def live(self, tx: Tx, day: int, moments: int, *, decide: bool = True) -> None:
        """A day: moments come, decisions are made, what is suggested is sent, and people do what they do."""
        now = START + timedelta(days=day)
        for at in self.rng.choice(len(self.people), moments, replace=False):
            persona, firm = self.people[int(at)]
            kind = KINDS[int(self.rng.integers(0, len(KINDS)))]
            strength = round(float(self.rng.uniform(0.4, 1.0)), 3)
            await world.moment(
                tx, persona, firm, kind=kind, strength=strength, at=now - timedelta(hours=2), natural=True
            )
        if decide:
            while await decisions.decide(tx, now, 500):
                pass
            await self.send(tx, now)
        for persona, _ in self.people:
            if self.rng.random() < self.unasked:
                await self.refer(tx, persona, now + timedelta(hours=5), "unasked")

    async def send(self, tx: Tx, now: datetime) -> None:
        """Every suggested ask is sent; the person shares, or leaves, by chance."""
        rows = await tx.rows(
            "select a.id, a.record_id, a.channel, o.slug as offer, d.context->'moment'->>'kind' as kind, d.action, "
            "d.context->>'group' as group_slug from ask a join decision d on d.workspace_id = a.workspace_id "
            "and d.id = a.decision_id join offer o on o.workspace_id = a.workspace_id and o.id = a.offer_id "
            "where a.workspace_id = $1 and a.state = 'suggested' order by a.id",
            tx.workspace_id,
        )
        self.asked.append(len(rows))
        for r in rows:
            await tx.run(
                "update ask set state = 'sent', decided_by = 'test', decided_at = $3, not_now_reason = $4 "
                "where workspace_id = $1 and id = $2",
                tx.workspace_id, r["id"], now, "opted_out" if self.rng.random() < self.leaves else None,
            )  # fmt: skip
            if self.rng.random() < self.chance(r):
                await self.refer(
                    tx, r["record_id"], now + timedelta(days=float(self.rng.uniform(0.2, 6))), str(r["id"])
                )

    async def refer(self, tx: Tx, persona: int, at: datetime, why: str, **fate: object) -> UUID:
        """A friend signs up through somebody's link; a fifth of them become a lead, some of these a deal."""
        ident = content_id("test-referral", str(persona), at.isoformat(), why)
        advocate = content_id("test-advocate", str(tx.workspace_id), str(persona))
        program = await tx.value("select id from program where workspace_id = $1", tx.workspace_id)
        group = await tx.value("select min(id) from program_group where workspace_id = $1", tx.workspace_id)
        await tx.run(
            "insert into advocate (workspace_id, id, record_id, name, email, program_id, group_id, portal_digest, created_at) "
            "values ($1, $2, $3, 'A', 'a@x.example', $4, $5, $6, $7) on conflict do nothing",
            tx.workspace_id, advocate, persona, program, group, advocate.bytes, at,
        )  # fmt: skip
        friend = int(self.rng.integers(1, 2**62))
        await tx.run(
            "insert into referral (workspace_id, id, link_id, advocate_id, program_id, friend_email, friend_record_id, stage, "
            "stage_at, created_at) values ($1, $2, $2, $3, $4, 'f@y.example', $5, $6, $7, $7)",
            tx.workspace_id, ident, advocate, program, friend, str(fate.get("stage", "signed_up")), at,
        )  # fmt: skip
        if self.rng.random() < 0.5:
            await tx.run(
                "insert into referral_stage (workspace_id, referral_id, stage, at, reason) values ($1, $2, 'qualified', $3, 'x')",
                tx.workspace_id, ident, at + timedelta(days=3),
            )  # fmt: skip
            if self.rng.random() < 0.4:
                await tx.run(
                    "insert into conversion (workspace_id, id, referral_id, deal, amount_minor, currency, occurred_at, event_id, "
                    "recorded_at) values ($1, $2, $2, $3, $4, 'EUR', $5, $2, $5)",
                    tx.workspace_id, ident, str(ident), int(self.rng.integers(2_000, 9_000)) * 100,
                    at + timedelta(days=float(self.rng.uniform(10, 60))),
                )  # fmt: skip
        return ident
