"""A file in sentences: whatever differs is told, in words people use, and money is told apart from words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide.programs import ProgramFile
from honeyguide.programs.catalogue import available, load
from honeyguide.programs.rules import (
    Accelerator,
    Application,
    Attribution,
    GiftPolicy,
    Recurring,
    Registration,
    SecondTier,
    Tier,
)
from honeyguide.programs.telling import changes_money, diff, sentences_of
from honeyguide.programs.terms import Condition, Conditions
from tests.properties.test_program_earnings import files

JARGON = re.compile(r"minor|basis|_bp|one_of|at_least|gift_card|slug|None|null|\{|\}|\[")
PARTNERS, DEALS = load("partner-commission"), load("deal-registration")


def with_rule(file: ProgramFile, **change: object) -> ProgramFile:
    group = file.groups[0]
    rules = [structs.replace(group.earns[0], **change), *group.earns[1:]]
    return structs.replace(file, groups=[structs.replace(group, earns=rules), *file.groups[1:]])


def with_offer(file: ProgramFile, **change: object) -> ProgramFile:
    group = file.groups[0]
    offers = [structs.replace(group.offers[0], **change), *group.offers[1:]]
    return structs.replace(file, groups=[structs.replace(group, offers=offers), *file.groups[1:]])


def with_terms(file: ProgramFile, **change: object) -> ProgramFile:
    return structs.replace(file, terms=structs.replace(file.terms, **change))


MONEY = {
    "rate": with_offer(PARTNERS, rate_bp=2100),
    "cap": with_offer(PARTNERS, cap_minor=None),
    "incentive": with_offer(load("advocacy"), incentive="points"),
    "months": with_rule(PARTNERS, recurring=Recurring(24)),
    "steps": with_rule(PARTNERS, tiers=[Tier(5, rate_bp=2600)]),
    "steps of revenue": with_rule(PARTNERS, tier_by="revenue"),
    "accelerator": with_rule(PARTNERS, accelerator=Accelerator(4, "month", 12_500)),
    "who": with_rule(PARTNERS, who="friend"),
    "expiry": with_rule(PARTNERS, expires_days=10),
    "parts": with_rule(DEALS, yearly_parts=True),
    "hold": with_terms(PARTNERS, hold_days=31),
    "window": with_terms(PARTNERS, attribution_days=1),
    "budget": with_terms(PARTNERS, budget_minor=100),
    "currency": with_terms(PARTNERS, currency="USD"),
    "eligibility": structs.replace(PARTNERS, eligibility=Conditions(all=[Condition("country", "is", "DE")])),
    "application": structs.replace(PARTNERS, application=Application("application")),
    "attribution": structs.replace(PARTNERS, attribution=Attribution("split")),
    "priority": structs.replace(PARTNERS, priority=["coupon", "referral", "affiliate"]),
    "gifts": structs.replace(PARTNERS, gift_policy=GiftPolicy(employers=["bank.example"])),
    "public": structs.replace(PARTNERS, gift_policy=GiftPolicy(public_sector="allow")),
    "tier two": structs.replace(PARTNERS, second_tier=SecondTier(12)),
    "registration": structs.replace(DEALS, registration=Registration(protection_days=30)),
    "bounties": structs.replace(load("advocacy"), bounties=load("advocacy").bounties[1:]),
    "groups": structs.replace(load("customer-referrals"), groups=load("customer-referrals").groups[1:]),
    "order": structs.replace(load("customer-referrals"), groups=[load("customer-referrals").groups[i] for i in (1, 0, 2)]),
}  # fmt: skip
WORDS = {
    "name": structs.replace(PARTNERS, name="Friends"),
    "description": structs.replace(PARTNERS, description="Other words"),
    "label": with_offer(PARTNERS, label="A fifth"),
    "accept": with_terms(PARTNERS, accept="Be good."),
    "destination": with_terms(PARTNERS, destination="/hello"),
    "landing": with_terms(PARTNERS, landing=structs.replace(PARTNERS.terms.landing, button="Go")),
}
BASE = {f.slug: f for f in map(load, available())}


@pytest.mark.parametrize("what", MONEY)
def test_what_changes_money_is_told_and_known(what: str) -> None:
    after = MONEY[what]
    before = BASE[after.slug]
    told = diff(before, after)
    assert told
    assert "Details of the file differ" not in " ".join(told)
    assert not any(JARGON.search(t) for t in told)
    assert changes_money(before, after)
    assert diff(after, before)


@pytest.mark.parametrize("what", WORDS)
def test_words_are_told_and_change_no_money(what: str) -> None:
    after = WORDS[what]
    assert diff(BASE[after.slug], after)
    assert not changes_money(BASE[after.slug], after)


@given(files(), files())
def test_a_difference_is_never_silent(one: ProgramFile, other: ProgramFile) -> None:
    assert diff(one, one) == []
    assert bool(diff(one, other)) == (one != other)
    if changes_money(one, other):
        assert diff(one, other)


@given(files(), st.integers(2, 9))
def test_a_number_of_a_version_is_no_difference(file: ProgramFile, number: int) -> None:
    assert diff(file, structs.replace(file, version=number)) == []


@pytest.mark.parametrize("slug", available())
def test_templates_read_as_sentences(slug: str) -> None:
    told = sentences_of(load(slug))
    assert all(t.strip().endswith(".") or t.strip().endswith("?") for t in told)
    assert not any(JARGON.search(t) for t in told)


def test_a_partner_program_says_all_of_it() -> None:
    (first, *_) = sentences_of(PARTNERS)
    assert first == (
        "Partners: everybody no other group fits. Whoever referred earns 20 % of what is paid, at most €10,000 when a friend "
        "pays an invoice. It is earned again with every payment for 12 months. From customer 5 on it is 25 %. From customer 20 on it is 30 %. "
        "From customer 4 of a quarter on it is 1.25 times as much. Whoever brought the advocate in earns 5 % of what is paid, at most "
        "€2,500 when a friend pays an invoice. It is earned again with every payment for 12 months."
    )
