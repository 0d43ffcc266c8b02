"""Self-referral: another address, but the same person by what the sources know."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "same_persona"


def check(case: Case) -> Finding | None:
    """Identity resolution says friend and advocate are one persona."""
    if case.friend_entity is None or case.friend_entity != case.advocate_entity:
        return None
    reason = f"{case.friend_email} belongs to {case.advocate_name}: your sources know both addresses as one person."
    return Finding(RULE, "hold", reason, {"persona": str(case.advocate_entity)})
