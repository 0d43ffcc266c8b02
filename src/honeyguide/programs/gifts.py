"""Who may be given what. A refusal is a sentence; nothing here is legal advice, and a stricter policy is the program's.

What is for a person (gift card, points, a present of one's own) is told apart from what goes to their company (renewal
credit, account credit, coupon, co-marketing) or to somebody else (donation). A commission is a contract between companies,
but not where the one who earns it is a public servant. Access to a beta is a benefit too, without a price.

Sources of what is refused without any policy of the program's own:
- public servants: 5 CFR 2635.202 and .204(a) (United States: at most $20 a gift and $50 a year from one source);
  sections 331-334 StGB and section 71 BBG with section 42 BeamtStG (Germany: nothing without consent); articles 432-11 and
  433-1 Code pénal (France); Bribery Act 2010 sections 1, 2, 6 (United Kingdom). One rule covers all: nothing personal.
- staff of companies: section 299 StGB, Bribery Act 2010 sections 1 and 2, article 445-1 Code pénal forbid what is given
  for a decision in business; their employers' own limits are the policy's to state (`limits_minor`, `employers`).
- health: 42 U.S.C. 1320a-7b(b) (Anti-Kickback Statute), section 299a StGB: `no_gifts_industries`, in the templates.
"""

from collections.abc import Mapping
from typing import Any

from honeyguide.core.money import money_text
from honeyguide.programs.rules import GiftPolicy
from honeyguide.programs.terms import Incentive

PERSONAL: frozenset[Incentive] = frozenset({"gift_card", "points", "custom"})
VALUED: frozenset[Incentive] = PERSONAL | {"commission"}
PUBLIC_WORDS = ("government", "public sector", "public administration", "municipal", "federal agency", "ministry", "defence", "defense", "public authority")  # fmt: skip
PUBLIC_DOMAINS = (".gov", ".mil", ".gouv.fr", ".gov.uk", ".bund.de", ".gv.at", ".admin.ch", ".europa.eu")
_NAMES = {
    "united states": "US", "united states of america": "US", "usa": "US", "germany": "DE", "deutschland": "DE", "france": "FR",
    "united kingdom": "GB", "great britain": "GB", "uk": "GB", "austria": "AT", "switzerland": "CH", "netherlands": "NL",
    "spain": "ES", "italy": "IT", "sweden": "SE", "denmark": "DK", "norway": "NO", "poland": "PL", "ireland": "IE",
}  # fmt: skip
_WORDS: dict[str, str] = {
    "gift_card": "a gift card", "points": "points", "custom": "a gift", "commission": "a commission", "beta_access": "early access",
}  # fmt: skip


def may_give(
    incentive: Incentive, company: Mapping[str, Any], person: Mapping[str, Any], country: str, *, amount_minor: int = 0,
    currency: str = "EUR", policy: GiftPolicy | None = None,
) -> str | None:  # fmt: skip
    """Why this may not be given to somebody of this company, or None. `amount_minor` is in the policy's currency."""
    if incentive not in VALUED:
        return None
    rules = policy or GiftPolicy()
    what = _WORDS[incentive]
    if rules.public_sector == "refuse" and is_public(company, person):
        return f"Somebody who works for a public authority may not take {what}."
    if incentive not in PERSONAL:
        return None
    return _own_rules(rules, what, company, person, country_code(country), amount_minor, currency)


def _own_rules(
    rules: GiftPolicy, what: str, company: Mapping[str, Any], person: Mapping[str, Any], code: str, amount_minor: int, currency: str
) -> str | None:  # fmt: skip
    if _truth(company.get("no_gifts")) or _truth(person.get("no_gifts")):
        return f"Their employer does not allow {what}."
    domain = domain_of(company, person)
    if domain and any(domain == d.casefold() or domain.endswith(f".{d.casefold()}") for d in rules.employers):
        return f"Their employer ({domain}) does not allow {what}."
    industry = _plain(company.get("industry"))
    if industry and any(_plain(one) and _plain(one) in industry for one in rules.no_gifts_industries):
        return f"Staff of this industry ({company.get('industry')}) may not take {what}."
    if code and code in {country_code(c) for c in rules.no_gifts_countries}:
        return f"In {code} nobody is given {what}."
    limits = {"*" if k.strip() == "*" else country_code(k): v for k, v in rules.limits_minor.items()}
    limit = limits.get(code, limits.get("*")) if code else min(limits.values(), default=None)
    if limit is not None and amount_minor > limit:
        where = code or "a country we do not know"
        return f"In {where} {what} may be worth {money_text(limit, currency)} at most."
    return None


def is_public(company: Mapping[str, Any], person: Mapping[str, Any]) -> bool:
    """Does a public authority employ them, as far as its facts, industry or domain say?"""
    if _truth(company.get("public_sector")) or _truth(person.get("public_sector")):
        return True
    words = f"{_plain(company.get('industry'))} {_plain(company.get('segment'))}"
    domain = domain_of(company, person)
    return any(w in words for w in PUBLIC_WORDS) or any(f".{domain}".endswith(d) for d in PUBLIC_DOMAINS if domain)


def domain_of(company: Mapping[str, Any], person: Mapping[str, Any]) -> str:
    """The domain of the company, else that of the person's address; empty when neither is known."""
    found = str(company.get("domain") or "") or str(person.get("email") or "").rpartition("@")[2]
    return found.strip().casefold().removeprefix("www.")


def country_code(country: str) -> str:
    """The two letters of a country (ISO 3166) from them or from its name; what we do not know stays as it is."""
    word = country.strip()
    return _NAMES.get(word.casefold(), word.upper())


def _truth(value: object) -> bool:
    return str(value or "").strip().casefold() in {"true", "yes", "1"}


def _plain(value: object) -> str:
    return " ".join(str(value or "").casefold().replace("_", " ").replace("-", " ").split())
