"""More sign-ups at once than people make, or than this advocate ever brought."""

import math

from honeyguide.outcomes.fraud.case import Case, Pace
from honeyguide.outcomes.terms import Finding

RULE = "velocity"
MOST_PER_VISITOR = 2  # in a day: colleagues at one screen happen, more is a script
MOST_PER_ADVOCATE = 10  # in an hour
LEAST_IN_A_DAY = 6
RARE = 1e-6  # how improbable a day must be by the advocate's own past
_PRIOR_DAYS, _PRIOR_SIGN_UPS = 30.0, 2.0  # what an advocate without a past is taken for


def check(case: Case) -> Finding | None:
    """Counts before this sign-up: one visitor in a day, one advocate in an hour, one advocate against their own past."""
    today = case.pace.last_day + 1
    if case.sign_ups_by_visitor >= MOST_PER_VISITOR:
        said = f"The same browser signed up {case.sign_ups_by_visitor + 1} people within a day."
    elif case.sign_ups_by_advocate >= MOST_PER_ADVOCATE:
        said = f"{case.advocate_name}'s link brought {case.sign_ups_by_advocate + 1} sign-ups within an hour."
    elif today >= LEAST_IN_A_DAY and tail(case.pace) < RARE:
        said = (
            f"{case.advocate_name}'s link brought {today} sign-ups within a day, and {case.pace.before} in the "
            f"{case.pace.days_before:.0f} days before."
        )
    else:
        return None
    evidence = {
        "by_visitor_in_a_day": case.sign_ups_by_visitor + 1,
        "by_advocate_in_an_hour": case.sign_ups_by_advocate + 1,
        "by_advocate_in_a_day": today,
    }
    return Finding(RULE, "hold", said, evidence)


def tail(pace: Pace) -> float:
    """How probable so many sign-ups in a day are, by the advocate's past: a gamma-Poisson (negative binomial) tail."""
    size = _PRIOR_SIGN_UPS + pace.before
    rate = _PRIOR_DAYS + pace.days_before
    p = rate / (rate + 1.0)
    below = sum(
        math.exp(
            math.lgamma(size + k) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log(p) + k * math.log1p(-p)
        )
        for k in range(pace.last_day + 1)
    )
    return max(1.0 - below, 0.0)
