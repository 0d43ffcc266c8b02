"""Telephone numbers on record become marks of a referral's two people. A switchboard's number is nobody's."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from honeyguide.core import normalise
from honeyguide.db import Tx
from honeyguide.outcomes.fraud import known_rows
from honeyguide.outcomes.fraud.case import Shared
from honeyguide.outcomes.fraud.marks import mark
from honeyguide.outcomes.fraud.policy import Policy, keeps
from honeyguide.outcomes.fraud.shared_device import is_office


async def telephones(tx: Tx, referral_id: UUID, rules: Policy, now: datetime) -> int:
    """Mark friend and advocate with the numbers your sources have of them; returns how many were new.

    A number that three people or more have, most of one employer, is a switchboard and marks nobody.
    """
    if not keeps(rules, "phone"):
        return 0
    rows = await known_rows.numbers(tx, referral_id)
    users: dict[str, dict[int, str | None]] = {}
    for r in rows:
        users.setdefault(r["value"], {})[r["person"]] = normalise.work_domain(r["email"] or "")
    fresh = 0
    for side, owner, value in sorted({(r["side"], r["owner"], r["value"]) for r in rows}):
        companies = Counter(c for c in users[value].values() if c)
        if not is_office(Shared("phone", len(users[value]), max(companies.values(), default=0))):
            fresh += await mark(tx, side, owner, "phone", value, now)
    return fresh
