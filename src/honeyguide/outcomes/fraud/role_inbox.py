"""A mailbox of a function (info@, sales@): nobody in particular signed up."""

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "role_inbox"


def check(case: Case) -> Finding | None:
    """Many people read it, so it says little about who was referred."""
    if not normalise.is_role_inbox(case.friend_email):
        return None
    reason = f"{case.friend_email} is a shared mailbox: it is not known who was referred."
    return Finding(RULE, "hold", reason, {"address": case.friend_email})
