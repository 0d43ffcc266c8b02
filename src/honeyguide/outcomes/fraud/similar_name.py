"""Self-referral: another address that carries the advocate's own name, also transposed, dotted or a letter off."""

from honeyguide.outcomes.fraud import likeness
from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "similar_name"


def check(case: Case) -> Finding | None:
    """The same full name or mailbox name elsewhere. A family name alone says nothing: relatives refer each other."""
    why = _why(case)
    if not why:
        return None
    reason = f"{case.friend_email} looks like {case.advocate_name} under another address: {why}."
    return Finding(RULE, "hold", reason, {"friend": case.friend_email, "advocate": case.advocate_email, "why": why})


def _why(case: Case) -> str:
    if likeness.same_local(case.friend_email, case.advocate_email):
        return "the mailboxes are named alike"
    if likeness.same_name(case.friend_name, case.advocate_name):
        return "the names are the same"
    if likeness.named_after(case.friend_email, case.advocate_name) and not _own_name(case):
        return "the mailbox carries the advocate's name"
    if likeness.near_name(case.friend_name, case.advocate_name):
        return "the names differ by one letter"
    return ""


def _own_name(case: Case) -> bool:
    """Anna Ortiz has a right to `aortiz@`, even when Alba Ortiz sent her."""
    return likeness.named_after(case.friend_email, case.friend_name)
