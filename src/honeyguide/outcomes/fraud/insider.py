"""Somebody of our own side: an employee refers, or is referred."""

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "insider"


def check(case: Case) -> Finding | None:
    """By whom the sources name as employer, and by the domains of this workspace's own people; a provider of personal mailboxes is nobody's own."""
    ours = {d for d in case.own_domains if not normalise.is_free_mail(d)}
    if case.advocate_is_ours or case.advocate_domain in ours:
        said = f"{case.advocate_name} works for us ({case.advocate_domain})."
    elif case.friend_is_ours or case.friend_domain in ours:
        said = f"{case.friend_email} works for us."
    else:
        return None
    return Finding(RULE, "hold", said, {"advocate": case.advocate_email, "friend": case.friend_email})
