"""Two advocates are paid into one account, or the advocate is paid where the friend is."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "duplicate_payee"


def check(case: Case) -> Finding | None:
    """Colleagues may share their employer's account: that is a note. Strangers who share one, or friend and advocate, are held."""
    payee = case.payee
    if payee is None or (not payee.others and not payee.friend):
        return None
    evidence = {"others": list(payee.others), "companies": payee.companies, "friend": payee.friend}
    if payee.friend:
        return Finding(RULE, "hold", f"{case.advocate_name} and {case.friend_email} are paid into the same account.", evidence)  # fmt: skip
    shown = ", ".join(payee.others[:3]) + (f" and {len(payee.others) - 3} more" if len(payee.others) > 3 else "")
    if payee.companies <= 1:
        return Finding(RULE, "note", f"{case.advocate_name} is paid into the account of a colleague: {shown}.", evidence)  # fmt: skip
    reason = f"{case.advocate_name} is paid into the same account as {shown}, of other companies."
    return Finding(RULE, "hold", reason, evidence)
