"""Companies, decisions, referrals, deals and rewards as the stages would have written them, many at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from honeyguide import ledger, programs
from honeyguide.core.ids import content_id, entity_id
from honeyguide.core.money import Money
from honeyguide.db import Tx
from honeyguide.graph.kinds import EDGE

DAY0 = datetime(2026, 1, 5, 9, tzinfo=UTC)


def day(n: float) -> datetime:
    """So many days after the beginning."""
    return DAY0 + timedelta(days=n)


async def firms(
    tx: Tx, arms: Sequence[str], *, step: str = "support/warm", spread: float = 0.0
) -> list[tuple[int, int]]:
    """A company with one person per entry of `arms`; the n-th enters on day `n * spread`. Returns (company, person)."""
    made, records, decisions = [], [], []
    for n, arm in enumerate(arms):
        firm, person = entity_id("company", "books", f"{step} {n}"), entity_id("persona", "books", f"{step} {n}")
        made.append((firm, person))
        records += [(firm, "company", f"{step} {n}"), (person, "persona", f"{step} {n}")]
        decisions.append((firm, person, arm, day(n * spread), n))
    await tx.many(
        "insert into record (workspace_id, id, kind, source, ext_id, entity_id, traits, first_seen_at, last_seen_at) "
        "values ($1, $2, $3, 'books', $4, $2, '{}', $5, $5)",
        [[tx.workspace_id, ident, kind, key, DAY0] for ident, kind, key in records],
    )
    await tx.many(
        "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, last_seen_at, support, inferrer, recorded_at) "
        "values ($1, $2, $3, $4, 0.98, $5, $5, 1, 'record', $5)",
        [[tx.workspace_id, EDGE["works_at"], person, firm, DAY0 - timedelta(days=300)] for firm, person in made],
    )
    await tx.many(
        _DECISION,
        [_decision(tx, firm, person, arm, at, step=step, key=str(n))[1] for firm, person, arm, at, n in decisions],
    )
    return made


_DECISION = (
    "insert into decision (workspace_id, id, at, moment_id, look, record_id, company_record_id, playbook_step, stage, arm, "
    "arm_cluster, context, legal_actions, blocked, distribution, action, propensity, policy_version, seed, expected, score, "
    "score_low, score_high, reason) values ($1, $2, $3, $2, 1, $4, $5, $6, 'first_ask', $7, $8, $9, $10, '[]', $11, $12, $13, "
    "1, 1, '{}', 5, 1, 9, 'because')"
)


def _decision(
    tx: Tx, firm: int, person: int, arm: str, at: datetime, *, step: str = "support/warm", key: str = "",
    action: str = "gift-card/email", chance: dict[str, float] | None = None, context: dict[str, Any] | None = None,
) -> tuple[UUID, list[Any]]:  # fmt: skip
    ident = content_id("decision", step, str(firm), key, at.isoformat())
    spread = chance or {action: 0.98, "wait": 0.02}
    return ident, [
        tx.workspace_id, ident, at, person, firm, step, arm, f"company:{firm}", context or {"features": {}},
        [{"action": k} for k in spread], spread, action, spread[action],
    ]  # fmt: skip


async def decide(tx: Tx, firm: int, person: int, arm: str, at: datetime, **more: Any) -> UUID:
    """A logged decision."""
    ident, values = _decision(tx, firm, person, arm, at, **more)
    await tx.run(_DECISION, *values)
    return ident


async def decide_many(tx: Tx, rows: Sequence[tuple[int, int, str, datetime, dict[str, Any]]]) -> list[UUID]:
    """Logged decisions: (company, person, arm, time, more)."""
    made = [_decision(tx, firm, person, arm, at, **more) for firm, person, arm, at, more in rows]
    await tx.many(_DECISION, [values for _, values in made])
    return [ident for ident, _ in made]


async def ask(tx: Tx, decision: UUID, firm: int, person: int, at: datetime, *, reason: str | None = None) -> None:
    """An ask that was sent."""
    await tx.run(
        "insert into ask (workspace_id, id, decision_id, moment_id, record_id, company_record_id, offer_id, channel, subject, body, "
        "state, score, score_low, score_high, window_ends_at, created_at, decided_at, not_now_reason) "
        "values ($1, $2, $2, $2, $3, $4, 1, 'email', 's', 'b', 'sent', 5, 1, 9, $5, $5, $5, $6)",
        tx.workspace_id, decision, person, firm, at, reason,
    )  # fmt: skip


async def refer(tx: Tx, person: int, at: datetime, *, stage: str = "signed_up", name: str = "Ana Lima") -> UUID:
    """A friend signed up through this person's link."""
    return (await refer_many(tx, [(person, at)], stage=stage, name=name))[0]


async def refer_many(
    tx: Tx, rows: Sequence[tuple[int, datetime]], *, stage: str = "signed_up", name: str = "Ana Lima"
) -> list[UUID]:
    """Friends signed up through these persons' links."""
    program = await programs.ensure_program(tx)
    group = (await programs.groups(tx, program.id))[2]
    advocates = {person: content_id("advocate", str(tx.workspace_id), str(person)) for person, _ in rows}
    await tx.many(
        "insert into advocate (workspace_id, id, record_id, name, email, program_id, group_id, portal_digest, created_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        [
            [tx.workspace_id, ident, person, name, f"a{person}@firm.example", program.id, group.id, ident.bytes, DAY0]
            for person, ident in advocates.items()
        ],
    )
    made = [content_id("referral", str(tx.workspace_id), str(person), at.isoformat()) for person, at in rows]
    await tx.many(
        "insert into referral (workspace_id, id, link_id, advocate_id, program_id, friend_email, friend_record_id, stage, stage_at, "
        "created_at) values ($1, $2, $3, $3, $4, 'f@x.example', $5, $6, $7, $7)",
        [
            [tx.workspace_id, ident, advocates[person], program.id, ident.int >> 66, stage, at]
            for ident, (person, at) in zip(made, rows, strict=True)
        ],
    )
    return made


async def deal(
    tx: Tx, name: str, at: datetime, amount: int | None, *, kind: str = "won", record: int | None = None,
    currency: str = "EUR",
) -> UUID:  # fmt: skip
    """A reported deal event, of a company or person."""
    event = content_id("deal", name, kind, at.isoformat())
    await tx.run(
        "insert into deal_fact (workspace_id, event_id, deal, kind, at, amount_minor, currency) values ($1, $2, $3, $4, $5, $6, $7)",
        tx.workspace_id, event, name, kind, at, amount, currency if amount is not None else None,
    )  # fmt: skip
    if record is not None:
        await tx.run(
            "insert into deal_fact_record (workspace_id, record_id, event_id) values ($1, $2, $3)",
            tx.workspace_id, record, event,
        )  # fmt: skip
    return event


async def win(
    tx: Tx,
    referral: UUID,
    at: datetime,
    amount: int,
    *,
    reward: int = 0,
    currency: str = "EUR",
    buyer: int | None = None,
) -> UUID | None:
    """The referral's deal was won, credited and rewarded. Returns the reward."""
    event = await deal(tx, f"deal {referral}", at, amount, record=buyer, currency=currency)
    conversion = content_id("conversion", str(referral))
    await tx.run(
        "insert into conversion (workspace_id, id, referral_id, deal, amount_minor, currency, occurred_at, event_id, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $7)",
        tx.workspace_id, conversion, referral, f"deal {referral}", amount, currency, at, event,
    )  # fmt: skip
    await tx.run("update referral set stage = 'won' where workspace_id = $1 and id = $2", tx.workspace_id, referral)
    if not reward:
        return None
    row = await tx.row(
        "select advocate_id, program_id from referral where workspace_id = $1 and id = $2", tx.workspace_id, referral
    )
    assert row is not None
    issued = await ledger.issue_reward(
        tx,
        ledger.Earned(
            rule="test", role="advocate", conversion_id=conversion, advocate_id=row["advocate_id"],
            program_id=row["program_id"], offer_id=1, incentive="gift_card", label="Gift card",
            money=Money(reward, currency), reason="won", hold_until=at,
        ),
        at,
    )  # fmt: skip
    return issued.id


async def win_many(tx: Tx, rows: Sequence[tuple[UUID, datetime, int]]) -> None:
    """Deals of referrals were won and credited, without rewards: (referral, time, amount)."""
    made = [(r, content_id("won", str(r)), at, amount) for r, at, amount in rows]
    await tx.many(
        "insert into deal_fact (workspace_id, event_id, deal, kind, at, amount_minor, currency) "
        "values ($1, $2, $3, 'won', $4, $5, 'EUR')",
        [[tx.workspace_id, event, f"deal {r}", at, amount] for r, event, at, amount in made],
    )
    await tx.many(
        "insert into conversion (workspace_id, id, referral_id, deal, amount_minor, currency, occurred_at, event_id, recorded_at) "
        "values ($1, $2, $3, $4, $5, 'EUR', $6, $2, $6)",
        [[tx.workspace_id, event, r, f"deal {r}", amount, at] for r, event, at, amount in made],
    )
    await tx.run(
        "update referral set stage = 'won' where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id, [r for r, _, _, _ in made],
    )  # fmt: skip
