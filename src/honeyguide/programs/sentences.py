"""A program in plain sentences, for the people who run it."""

from collections.abc import Mapping, Sequence

from honeyguide.core.money import money_text
from honeyguide.programs.groups import in_words
from honeyguide.programs.terms import Group, Offer, Program


def offer_sentence(offer: Offer) -> str:
    """What an advocate gets, and when."""
    if offer.incentive == "commission":
        cap = f", at most {money_text(offer.cap_minor, offer.currency)} per customer" if offer.cap_minor else ""
        return f"{_percent(offer.rate_bp)} of what a referred customer pays in the first year{cap}."
    if offer.incentive == "renewal_credit":
        return f"{money_text(offer.amount_minor, offer.currency)} off the next renewal for each referred customer."
    if offer.incentive == "gift_card":
        return f"A gift card of {money_text(offer.amount_minor, offer.currency)} for each referred customer."
    if offer.incentive != "beta_access":
        return f"{offer.label.rstrip('.')} for each referred customer."
    return "Access to beta features once a referred customer has signed."


def group_sentence(group: Group) -> str:
    """Who belongs to the group."""
    if group.conditions.default:
        return f"{group.name}: everybody no other group fits."
    parts = []
    if group.conditions.all:
        parts.append(" and ".join(in_words(c) for c in group.conditions.all))
    if group.conditions.any:
        parts.append(", or ".join(in_words(c) for c in group.conditions.any))
    return f"{group.name}: a company {', and '.join(parts)}."


def sentences(program: Program, groups: Sequence[Group], offers: Mapping[int, Sequence[Offer]]) -> list[str]:
    """The whole program: groups with their offers (`offers` by group id), then the terms."""
    told = []
    for group in sorted(groups, key=lambda g: g.position):
        choices = " Or: ".join(offer_sentence(o) for o in sorted(offers.get(group.id, ()), key=lambda o: o.position))
        told.append(f"{group_sentence(group)} {choices}".strip())
    terms = program.terms
    told.append(f"A reward is held for {terms.hold_days} days after the deal is won, then a person may approve it.")
    told.append(f"A deal counts when it is won within {terms.attribution_days} days of the referral.")
    return told


def _percent(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole} %" if not rest else f"{bp / 100:g} %"
