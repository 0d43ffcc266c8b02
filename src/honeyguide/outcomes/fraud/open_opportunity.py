"""Sales was talking to the friend's company before the friend signed up."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "open_opportunity"


def check(case: Case) -> Finding | None:
    """A deal that was opened before the sign-up and not closed by then."""
    if not case.open_deals:
        return None
    first = min(case.open_deals, key=lambda d: (d.since, d.deal))
    reason = f"Not new: {first.ref} was open since {first.since.day} {first.since:%B %Y}, before the sign-up."
    evidence = {"deals": [{"deal": d.deal, "ref": d.ref, "since": d.since.isoformat()} for d in case.open_deals]}
    return Finding(RULE, "hold", reason, evidence)
