"""Friend and advocate work for the same company: often honest, but not a new customer."""

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "same_company"


def check(case: Case) -> Finding | None:
    """The same work domain, or companies your sources know as one."""
    by_domain = case.friend_domain is not None and case.friend_domain == case.advocate_domain
    by_company = case.friend_company is not None and case.friend_company in case.advocate_companies
    if not by_domain and not by_company:
        return None
    what = case.friend_company_name or case.friend_domain or "the same company"
    reason = f"{case.friend_email} and {case.advocate_name} both belong to {what}."
    evidence = {"domain": case.friend_domain, "company": str(case.friend_company) if by_company else None}
    return Finding(RULE, "hold", reason, evidence)
