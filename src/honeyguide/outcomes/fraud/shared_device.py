"""Friend and advocate used one device or network. An office's are everybody's, so they say nothing."""

from honeyguide.outcomes.fraud.case import Case, Shared
from honeyguide.outcomes.terms import Finding

RULE = "shared_device"
OFFICE_PEOPLE = 3
OFFICE_SHARE = 0.6
CROWD = 12  # a carrier's or a hotel's network: many people of nobody's company


def is_office(shared: Shared) -> bool:
    """Do at least three people use it, most of them of one employer; or is it a network of a crowd?"""
    if shared.kind == "network" and shared.people > CROWD:
        return True
    return shared.people >= OFFICE_PEOPLE and shared.of_one_company >= OFFICE_SHARE * shared.people


def check(case: Case) -> Finding | None:
    """A device of their own is held, except between colleagues; a network alone is never more than a note."""
    own = [s for s in case.shared if not is_office(s) and s.kind != "payee"]
    if not own:
        return None
    device = next((s for s in own if s.kind != "network"), None)
    one = device or own[0]
    evidence = {"kind": one.kind, "people": one.people, "of_one_company": one.of_one_company}
    if device is None or device.both_colleagues:
        what = "network" if device is None else "device (they are colleagues)"
        return Finding(RULE, "note", f"{case.friend_email} and {case.advocate_name} used the same {what}.", evidence)
    others = f", which {one.people - 2} others used too" if one.people > 2 else ", which nobody else used"
    reason = f"{case.friend_email} and {case.advocate_name} used the same {one.kind}{others}."
    return Finding(RULE, "hold", reason, evidence)
