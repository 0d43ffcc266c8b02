"""The friend's company is a customer already, so the referral brings nobody new."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "existing_customer"


def check(case: Case) -> Finding | None:
    """A purchase, subscription or won deal from before the sign-up."""
    if not case.bought:
        return None
    first = min(case.bought, key=lambda b: (b.since, b.what))
    who = case.friend_company_name or case.friend_domain or case.friend_email
    reason = f"Not new: {who} is a customer since {first.since.day} {first.since:%B %Y} ({first.what})."
    evidence = {"bought": [{"what": b.what, "since": b.since.isoformat(), "source": b.source} for b in case.bought]}
    return Finding(RULE, "hold", reason, evidence)
