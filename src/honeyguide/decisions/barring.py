"""What the program's own terms forbid for somebody: to take part at all, or to be given this. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from honeyguide.decisions.situation import Situation
from honeyguide.programs import Offer, may_give, partners
from honeyguide.programs.file import ProgramFile


def ineligible(
    file: ProgramFile, company: Mapping[str, Any], person: Mapping[str, Any], seniority: str
) -> str:  # fmt: skip
    """Why somebody may not take part in the program, empty when they may. What the company says comes before the person's own."""
    facts = {"seniority": seniority, **person} | {k: v for k, v in company.items() if v not in (None, "")}
    facts |= {f"company.{k}": v for k, v in company.items()} | {f"person.{k}": v for k, v in person.items()}
    return partners.why_not_eligible(file, facts) or ""


def not_given(
    file: ProgramFile, offers: Sequence[Offer], company: Mapping[str, Any], person: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """The offers that may not be made to somebody, by slug, with the reason: the rule that is asked again when they earn it."""
    country = str(company.get("country") or person.get("country") or "")
    found = []
    for offer in offers:
        amount = offer.amount_minor if offer.currency == file.terms.currency else 0
        why = may_give(
            offer.incentive, company, person, country, amount_minor=amount, currency=file.terms.currency,
            policy=file.gift_policy,
        )  # fmt: skip
        if why is not None:
            found.append((offer.slug, why))
    return tuple(found)


def barred(situation: Situation, offer: str) -> str | None:
    """Why this offer may not be made to the situation's person; None when it may."""
    return dict(situation.not_given).get(offer)
