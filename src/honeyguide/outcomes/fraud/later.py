"""Rules that can say more after the sign-up: where money goes, what was taken back, where the code went."""

from collections.abc import Callable
from datetime import datetime, timedelta

from honeyguide.core import normalise
from honeyguide.db import Tx
from honeyguide.outcomes.fraud import (
    code_leak,
    duplicate_payee,
    insider,
    known_rows,
    refund_rate,
    shared_device,
    velocity,
)
from honeyguide.outcomes.fraud.case import Case, Pace, Takings, Visits
from honeyguide.outcomes.fraud.cases import Counts, case_of
from honeyguide.outcomes.fraud.loading import Loaded
from honeyguide.outcomes.terms import Finding

_VISIT_DAYS = 7.0
_RULES: tuple[Callable[[Case], Finding | None], ...] = (
    insider.check, duplicate_payee.check, shared_device.check, refund_rate.check, code_leak.check,
)  # fmt: skip
RULES_LATER = frozenset({
    insider.RULE, duplicate_payee.RULE, shared_device.RULE, refund_rate.RULE, code_leak.RULE,
})  # fmt: skip


async def findings(tx: Tx, web: Loaded, referral_id: str, now: datetime) -> list[Finding]:
    """What these rules say about a referral today."""
    case = await _case(tx, web, referral_id, now)
    found = [f for rule in _RULES if (f := rule(case)) is not None]
    pace = velocity.check(
        case
    )  # its counts of visitor and hour belong to the sign-up; the day's baseline is looked at here
    return found + ([pace] if pace else [])


async def _case(tx: Tx, web: Loaded, referral_id: str, now: datetime) -> Case:
    row = web.rows[referral_id]
    took = await known_rows.takings(tx, row["advocate_id"], row["program_id"])
    until = max(now, row["created_at"])
    seen = await known_rows.visits(tx, row["link_id"], until, _VISIT_DAYS)
    hosts = await known_rows.hosts(tx, row["link_id"], until, _VISIT_DAYS)
    pace = await known_rows.pace(tx, row["advocate_id"], row["created_at"])
    domains = {normalise.work_domain(e) for e in await known_rows.own_domains(tx)}
    counts = Counts(
        takings=Takings(took["won"], took["taken_back"], took["program_won"], took["program_taken_back"]) if took else Takings(),
        visits=Visits(seen["visitors"], _VISIT_DAYS, tuple((h["host"], h["n"]) for h in hosts), seen["companies"]) if seen else Visits(),
        pace=Pace(pace["last_day"], pace["before"], _days(row["created_at"] - pace["since"])) if pace else Pace(),
        own_domains=tuple(sorted(d for d in domains if d)),
    )  # fmt: skip
    return case_of(web, referral_id, counts, {p: name or email for p, (name, email) in web.names.items()})


def _days(age: timedelta) -> float:
    return min(max(age.total_seconds(), 0.0) / 86_400, 90.0)
