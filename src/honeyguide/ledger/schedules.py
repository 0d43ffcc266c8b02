"""Runs of payouts: who is due, who waits and why, and the payouts a schedule requests. A second person approves each.

A run has a key of its period, taken in the transaction that makes the payouts: however many workers wind the clock, and
wherever one of them dies, each period makes its payouts once.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.core.money import money_text
from honeyguide.db import Row, Tx, audit
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import payee_rows, tax
from honeyguide.ledger import policy_rows as rows
from honeyguide.ledger.payout_moves import settle_owed
from honeyguide.ledger.payouts import request_payout
from honeyguide.ledger.policy_rows import Policy
from honeyguide.ledger.reversing import owed
from honeyguide.ledger.states import Payout

SCHEDULES = ("manual", "weekly", "monthly", "on_approval")
ACTOR = "schedule"


class Due(Struct, frozen=True):
    """What one advocate would get in one currency. `why_not` says why it waits; None when it is paid by the next run."""

    advocate_id: UUID
    name: str
    currency: str
    reward_ids: tuple[UUID, ...]
    gross_minor: int
    owed_minor: int
    why_not: str | None


class Run(Struct, frozen=True):
    """What a run made: payouts to be approved, and who waits and why."""

    key: str
    payouts: list[Payout]
    withheld: list[Due]


def check_policy(policy: Policy) -> None:
    """Raises BadInput on a policy that cannot be followed."""
    if policy.schedule not in SCHEDULES:
        raise BadInput(f"There is no schedule {policy.schedule!r}.", f"Schedules: {', '.join(SCHEDULES)}.")
    if policy.schedule == "weekly" and not 1 <= policy.day <= 7:
        raise BadInput("The day of the week is 1 (Monday) to 7.")
    if any(len(c) != 3 or not c.isupper() or m < 0 for c, m in policy.minimums.items()):
        raise BadInput("Minimums are whole minor units by currency, such as EUR: 5000.")


async def set_policy(tx: Tx, policy: Policy, actor: str, now: datetime) -> Policy:
    """Replace the payout policy. Raises BadInput."""
    check_policy(policy)
    await rows.put_policy(tx, policy, actor, now)
    await audit.write(tx, actor, "payout.policy", "payouts", {"schedule": policy.schedule, "rail": policy.rail})
    return await rows.policy(tx)


async def get_policy(tx: Tx) -> Policy:
    """The payout policy."""
    return await rows.policy(tx)


def run_key(policy: Policy, now: datetime) -> str | None:
    """The run that is due at a time, None when none is. A month without the day runs on its last one; a missed day is made up."""
    at = now.astimezone(UTC)
    if policy.schedule == "on_approval":
        return f"on_approval:{at:%Y-%m-%dT%H:%M}"
    if policy.schedule == "weekly":
        year, week, weekday = at.isocalendar()
        return f"weekly:{year}-W{week:02d}" if weekday >= policy.day else None
    if policy.schedule == "monthly":
        day = min(policy.day, monthrange(at.year, at.month)[1])
        return f"monthly:{at:%Y-%m}" if at.day >= day else None
    return None


async def due(tx: Tx, now: datetime, rail: str | None = None) -> list[Due]:
    """Everybody with payable rewards, by currency: what they would get over a rail (the policy's), or why it waits."""
    policy = await rows.policy(tx)
    setup = await lines.rails(tx, rail or policy.rail)
    kind = setup[0].payee_kind if setup else ""
    groups: dict[tuple[UUID, str], list[Row]] = {}
    for row in await rows.waiting(tx, now):
        groups.setdefault((row["advocate_id"], row["currency"]), []).append(row)
    found = []
    for (advocate_id, currency), theirs in sorted(groups.items()):
        gross = sum(r["amount_minor"] for r in theirs)
        owes = await owed(tx, advocate_id, currency)
        why = await _why_not(tx, policy, kind, theirs[0], gross, owes, now)
        ids = tuple(r["id"] for r in theirs)
        found.append(Due(advocate_id, theirs[0]["name"], currency, ids, gross, owes, why))
    return found


async def _why_not(tx: Tx, policy: Policy, kind: str, row: Row, gross: int, owed: int, now: datetime) -> str | None:
    advocate_id, currency = row["advocate_id"], row["currency"]
    left, least = max(0, gross - owed), policy.minimums.get(currency, 0)
    if not row["accepted"]:
        return "The program's terms are not accepted."
    if left < max(least, 1):
        after = f" after {money_text(owed, currency)} that is owed" if owed else ""
        return f"{money_text(left, currency)}{after} is less than the minimum of {money_text(least, currency)}."
    if kind:
        payee, why = await payee_rows.usable(tx, advocate_id, kind, None, now)
        if payee is None:
            return why
    return await tax.why_waits(tx, policy, advocate_id, currency, left, now)


async def run(tx: Tx, key: str, now: datetime, *, actor: str = ACTOR, rail: str | None = None) -> Run | None:
    """Request a payout for everybody who is due, one each; None when the run of this key was made before."""
    policy = await rows.policy(tx)
    if not await rows.begin_run(tx, key, now):
        return None
    made, withheld = [], []
    for one in await due(tx, now, rail):
        if one.owed_minor >= one.gross_minor:
            await settle_owed(tx, one.advocate_id, one.currency, actor, now)
        if one.why_not is not None:
            withheld.append(one)
        else:
            made.append(await request_payout(tx, list(one.reward_ids), rail or policy.rail, actor, now))
    await rows.end_run(tx, key, len(made), len(withheld))
    await audit.write(tx, actor, "payout.run", f"run:{key}", {"payouts": len(made), "withheld": len(withheld)})
    return Run(key, made, withheld)


async def run_due(tx: Tx, now: datetime) -> Run | None:
    """The run the schedule asks for now, if it was not made yet."""
    policy = await rows.policy(tx)
    key = run_key(policy, now)
    if key is None:
        return None
    if policy.schedule == "on_approval" and not [d for d in await due(tx, now) if d.why_not is None]:
        return None
    return await run(tx, key, now)


def cooling(policy: Policy) -> timedelta:
    """How long a changed account waits."""
    return timedelta(days=policy.cooling_days)


__all__ = [
    "ACTOR", "SCHEDULES", "Due", "Policy", "Run", "check_policy", "cooling", "due", "get_policy", "run",
    "run_due", "run_key", "set_policy",
]  # fmt: skip
