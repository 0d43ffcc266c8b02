"""Self-referral: the friend's address is the advocate's, in another spelling at most."""

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "same_email"


def check(case: Case) -> Finding | None:
    """`ana+friend@x.io` and `ana@x.io` are one mailbox."""
    friend, advocate = normalise.mailbox(case.friend_email), normalise.mailbox(case.advocate_email)
    if friend is None or friend != advocate:
        return None
    reason = f"{case.friend_email} is {case.advocate_name}'s own mailbox."
    return Finding(
        RULE, "hold", reason, {"friend": case.friend_email, "advocate": case.advocate_email, "mailbox": friend}
    )
