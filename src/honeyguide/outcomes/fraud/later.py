"""Rules that can say more after the sign-up: where money goes, what was taken back, where the code went."""

from collections.abc import Callable
from datetime import datetime

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
from honeyguide.outcomes.fraud.case import Case, Pace, Payee, Takings, Visits
from honeyguide.outcomes.fraud.loading import Loaded
from honeyguide.outcomes.terms import Finding

_VISIT_DAYS = 7.0
_RULES: tuple[Callable[[Case], Finding | None], ...] = (
    insider.check, duplicate_payee.check, shared_device.check, refund_rate.check, code_leak.check,
)  # fmt: skip
RULES_LATER = frozenset({
    insider.RULE, duplicate_payee.RULE, shared_device.RULE, refund_rate.RULE, code_leak.RULE,
})  # fmt: skip
_MOST_NAMES = 10


async def findings(tx: Tx, web: Loaded, referral_id: str, now: datetime) -> list[Finding]:
    """What these rules say about a referral today."""
    case = await _case(tx, web, referral_id, now)
    found = [f for rule in _RULES if (f := rule(case)) is not None]
    pace = velocity.check(
        case
    )  # its counts of visitor and hour belong to the sign-up; the day's baseline is looked at here
    return found + ([pace] if pace else [])


async def _case(tx: Tx, web: Loaded, referral_id: str, now: datetime) -> Case:
    one, row = web.referrals[referral_id], web.rows[referral_id]
    took = await known_rows.takings(tx, row["advocate_id"], row["program_id"])
    until = max(now, row["created_at"])
    seen = await known_rows.visits(tx, row["link_id"], until, _VISIT_DAYS)
    hosts = await known_rows.hosts(tx, row["link_id"], until, _VISIT_DAYS)
    pace = await known_rows.pace(tx, row["advocate_id"], row["created_at"])
    domains = {normalise.work_domain(e) for e in await known_rows.own_domains(tx)}
    colleagues = one.advocate.company is not None and one.advocate.company == one.friend.company
    return Case(
        advocate_name=one.advocate.name, advocate_email=one.advocate.email, advocate_entity=int(row["advocate_person"]),
        advocate_domain=one.advocate.company, advocate_companies=(), friend_email=one.friend.email, friend_name=one.friend.name,
        friend_entity=int(row["friend_person"]), friend_domain=one.friend.company, friend_company=None, friend_company_name="",
        shared=tuple(web.shared(m, colleagues) for m in web.common(one.advocate.person, one.friend.person)),
        payee=_payee(web, one.advocate.person, one.friend.person),
        takings=Takings(took["won"], took["taken_back"], took["program_won"], took["program_taken_back"]) if took else Takings(),
        visits=Visits(seen["visitors"], _VISIT_DAYS, tuple((h["host"], h["n"]) for h in hosts), seen["companies"]) if seen else Visits(),
        pace=Pace(pace["last_day"], pace["before"], min((row["created_at"] - pace["since"]).total_seconds() / 86_400, 90.0)) if pace else Pace(),
        own_domains=tuple(sorted(d for d in domains if d)),
    )  # fmt: skip


def _payee(web: Loaded, advocate: str, friend: str) -> Payee | None:
    """Who is paid where the advocate is."""
    accounts = [m for m in web.marks.get(advocate, ()) if m.kind in ("payee", "card")]
    if not accounts:
        return None
    people = {p: c for m in accounts for p, c in web.users[m].items()}
    others = sorted(p for p in people if p not in (advocate, friend))
    names = tuple(sorted(web.names.get(p, ("", p))[0] or web.names.get(p, ("", p))[1] for p in others))[:_MOST_NAMES]
    return Payee(names, len(set(people.values())), friend in people)
