"""More sign-ups at once than people make."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "velocity"
MOST_PER_VISITOR = 2  # in a day: colleagues at one screen happen, more is a script
MOST_PER_ADVOCATE = 10  # in an hour


def check(case: Case) -> Finding | None:
    """Counts before this sign-up: one visitor in a day, one advocate in an hour."""
    if case.sign_ups_by_visitor >= MOST_PER_VISITOR:
        said = f"The same browser signed up {case.sign_ups_by_visitor + 1} people within a day."
    elif case.sign_ups_by_advocate >= MOST_PER_ADVOCATE:
        said = f"{case.advocate_name}'s link brought {case.sign_ups_by_advocate + 1} sign-ups within an hour."
    else:
        return None
    evidence = {
        "by_visitor_in_a_day": case.sign_ups_by_visitor + 1,
        "by_advocate_in_an_hour": case.sign_ups_by_advocate + 1,
    }
    return Finding(RULE, "hold", said, evidence)
