"""The friend's address is of a provider of throw-away mailboxes: nobody can be reached there next week."""

import disposable_email_domains

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "disposable_domain"
DOMAINS: frozenset[str] = frozenset(disposable_email_domains.blocklist)


def is_disposable(address: str) -> bool:
    """Is the host, its registrable domain, or anything between the two on the list?"""
    host = normalise.domain(address.rsplit("@", 1)[-1]) or ""
    parts = host.split(".")
    return any(".".join(parts[i:]) in DOMAINS for i in range(len(parts) - 1))


def check(case: Case) -> Finding | None:
    """Known throw-away domains, offline (disposable-email-domains, 10,000 of them)."""
    if not is_disposable(case.friend_email):
        return None
    reason = f"{case.friend_email} is a throw-away address: it is not known who was referred."
    return Finding(RULE, "hold", reason, {"address": case.friend_email})
