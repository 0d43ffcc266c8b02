"""The friend's domain imitates the advocate's, ours, or one of a customer: other letters that read the same, or one letter off."""

from honeyguide.core import normalise
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.fraud.likeness import looks_like
from honeyguide.outcomes.terms import Finding

RULE = "lookalike_domain"
_SAID = {
    "letters": "reads like", "letter": "is one letter off", "dash": "is, but for a dash,", "ending": "has the name of",
}  # fmt: skip


def check(case: Case) -> Finding | None:
    """Another ending alone (`acme.de` beside `acme.com`) is worth a note only: companies own several."""
    if case.friend_domain is None or normalise.is_free_mail(case.friend_domain):
        return None
    for known in (case.advocate_domain, *case.own_domains):
        how = looks_like(case.friend_domain, known) if known and not normalise.is_free_mail(known) else None
        if how:
            reason = f"{case.friend_domain} {_SAID[how]} {known}."
            evidence = {"domain": case.friend_domain, "known": known, "how": how}
            return Finding(RULE, "note" if how == "ending" else "hold", reason, evidence)
    return None
