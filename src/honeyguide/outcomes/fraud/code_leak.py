"""A personal code that went public: on a coupon site, or followed by crowds who do not know the advocate."""

import re

from honeyguide.outcomes.fraud.case import Case
from honeyguide.outcomes.terms import Finding

RULE = "code_leak"
_COUPONS = re.compile(
    r"coupon|promo(?!tion|ter)|voucher|discount|deals(?!ign)|dealspot|dealnews|cashback|gutschein|rabatt|codepromo|sconto|retailmenot|joinhoney|"
    r"slickdeals|mydealz|hotukdeals|honey\.io|wethrift|dontpayfull|referralcodes?|refer-?codes|invitation\.codes"
)  # fmt: skip
LEAST_FROM_COUPONS = 2
MOST_VISITORS_PER_DAY = 40.0
LEAST_COMPANIES = 8  # so many employers in a short time are nobody's acquaintances
_SHORT_DAYS = 7.0


def is_coupon_site(host: str) -> bool:
    """Does the name of the site say that it collects codes?"""
    return _COUPONS.search(host.lower()) is not None


def check(case: Case) -> Finding | None:
    """Visits through sites that collect codes, or many visitors of many companies within a week."""
    seen = case.visits
    sites = sorted((host, n) for host, n in seen.hosts if is_coupon_site(host))
    through = sum(n for _, n in sites)
    rate = seen.visitors / max(seen.days, 1.0)
    if through >= LEAST_FROM_COUPONS:
        reason = f"{case.advocate_name}'s code is public: {through} visits came from {sites[0][0]}."
    elif rate > MOST_VISITORS_PER_DAY and seen.companies >= LEAST_COMPANIES and seen.days <= _SHORT_DAYS:
        reason = (
            f"{case.advocate_name}'s code is followed by {seen.visitors} visitors within {seen.days:.0f} days, and people of "
            f"{seen.companies} companies signed up: more than one person knows."
        )
    else:
        return None
    return Finding(RULE, "hold", reason, {"visitors": seen.visitors, "sites": [h for h, _ in sites]})
