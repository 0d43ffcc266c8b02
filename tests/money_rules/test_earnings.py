"""Terms of a program: what a fact earns, to the cent, and what nobody may be given"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from honeyguide.core.errors import HoneyguideError
from honeyguide.programs import Fact, ProgramFile, SoFar, earnings, may_give, weigh
from tests.money_rules import rule
from tests.unit.programs.files import commission, gift, program
from tests.unit.programs.files import rule as earn

AT = datetime(2026, 3, 15, 9, tzinfo=UTC)


def won(minor: int | None = 100_000, currency: str | None = "EUR", **more: Any) -> Fact:
    return Fact(stage="won", at=more.pop("at", AT), amount_minor=minor, currency=currency, **more)


def sums(file: ProgramFile, fact: Fact, so_far: SoFar | None = None) -> dict[str, int]:
    """What each role earns."""
    return {e.role: e.money.minor for e in earnings(file, "all", fact, so_far or SoFar())}


@rule("MR-320", "The same terms, fact and history give the same cents, every time.")
def test_terms_are_exact() -> None:
    file = program([earn(), earn("card", slug="f", who="friend")], [commission(1_733), gift(777)])
    assert len({str(earnings(file, "all", won(99_991), SoFar(customers=3))) for _ in range(5)}) == 1
    assert sums(file, won(99_991)) == {"advocate": 99_991 * 1_733 // 10_000, "friend": 777}


@rule("MR-321", "A share is rounded down: a cent that was not earned is not paid.")
@pytest.mark.parametrize(
    ("minor", "rate", "share"), [(9, 1_111, 0), (1, 9_999, 0), (10_001, 1_500, 1_500), (3, 3_334, 1), (99, 101, 0)]
)
def test_shares_round_down(minor: int, rate: int, share: int) -> None:
    assert sum(sums(program([earn()], [commission(rate)]), won(minor)).values()) == share


@rule("MR-322", "A deal without an amount, worth nothing or less than nothing earns no share, and the reason is told.")
@pytest.mark.parametrize("fact", [won(None, None), won(0), won(-50_000)])
def test_nothing_of_nothing(fact: Fact) -> None:
    said = weigh(program([earn()], [commission()]), "all", fact, SoFar())
    assert (said.earned, bool(said.passed[0].why)) == ((), True)


@rule("MR-323", "A step is reached with the customer it names, not one before or after.")
@pytest.mark.parametrize(("before", "share"), [(3, 10_000), (4, 20_000), (5, 20_000)])
def test_steps(before: int, share: int) -> None:
    file = program([earn(tiers=[{"from": 5, "rate_bp": 2_000}])], [commission(1_000)])
    assert sums(file, won(), SoFar(customers=before)) == {"advocate": share}


@rule("MR-324", "Under steps of revenue each euro earns the rate of its own step: bringing more never earns less.")
def test_revenue_steps_never_fall() -> None:
    file = program([earn(tiers=[{"from": 100_000, "rate_bp": 2_000}], tier_by="revenue")], [commission(1_000)])
    got = [sum(sums(file, won(m), SoFar(revenue_minor=60_000)).values()) for m in range(0, 100_000, 5_000)]
    assert got == sorted(got)
    assert sums(file, won(80_000), SoFar(revenue_minor=60_000)) == {"advocate": 4_000 + 8_000}


@rule("MR-325", "How a sale is cut into payments does not change what steps of revenue earn by more than a cent each.")
def test_cutting_changes_nothing() -> None:
    file = program([earn(tiers=[{"from": 100_000, "rate_bp": 2_000}], tier_by="revenue")], [commission(1_000)])
    whole = sum(sums(file, won(150_000)).values())
    halves = sum(sums(file, won(75_000)).values()) + sum(sums(file, won(75_000), SoFar(revenue_minor=75_000)).values())
    assert abs(whole - halves) <= 1


@rule("MR-326", "A commission for a year ends to the day; one for the first payment is for the first payment.")
def test_recurring_ends() -> None:
    first = AT - timedelta(days=365)
    year, once = program([earn(recurring={"months": 12})], [commission()]), program([earn()], [commission()])
    assert sums(year, won(number=12, customer_since=first, at=AT - timedelta(seconds=1)))
    assert not sums(year, won(number=13, customer_since=first, at=AT))
    assert (bool(sums(once, won(number=1))), bool(sums(once, won(number=2)))) == (True, False)


@rule("MR-327", "The cap of a share holds after every step and accelerator.")
def test_caps_come_last() -> None:
    faster = {"customers": 1, "per": "month", "factor_bp": 90_000}
    file = program(
        [earn(accelerator=faster, tiers=[{"from": 1, "rate_bp": 9_000}])], [commission(1_000, cap_minor=12_345)]
    )
    assert sums(file, won(10_000_000)) == {"advocate": 12_345}


@rule("MR-328", "The parts of a reward add up to it, whatever cannot be divided.")
@pytest.mark.parametrize("minor", [3, 100, 10_001, 99_999])
def test_parts_add_up(minor: int) -> None:
    file = program([earn("card", yearly_parts=True)], [gift(minor)])
    for months in (24, 36, 60, 84):
        (found,) = earnings(file, "all", won(contract_months=months), SoFar())
        assert sum(p.minor for p in found.parts) == found.money.minor == minor
        assert [p.due for p in found.parts] == sorted(p.due for p in found.parts)


@rule("MR-329", "Credit that is shared between advocates shares the reward: together never more than the whole.")
def test_shared_credit() -> None:
    file = program([earn()], [commission(1_500)])
    parts = [sum(sums(file, won(100_001, share_bp=bp)).values()) for bp in (3_334, 3_333, 3_333)]
    assert sum(parts) <= sum(sums(file, won(100_001)).values()) <= sum(parts) + 3


@rule("MR-330", "What a condition asks for must be there: an unknown fact fulfils nothing.")
def test_conditions_need_facts() -> None:
    when = {"stage": "won", "conditions": {"all": [{"fact": "employees", "op": "at_least", "value": 50}]}}
    file = program([earn(when=when)], [commission()])
    assert [bool(sums(file, won(company=c))) for c in ({}, {"employees": 49}, {"employees": 50})] == [
        False,
        False,
        True,
    ]


@rule("MR-331", "Another stage, act or event than the rule names earns nothing.")
@pytest.mark.parametrize(
    "fact",
    [
        Fact(stage="qualified", at=AT),
        Fact(kind="act", stage="review", at=AT),
        Fact(kind="invoice.paid", at=AT),
        Fact(kind="won", at=AT),
    ],
)
def test_only_what_is_named(fact: Fact) -> None:
    assert not sums(program([earn()], [commission()]), fact)


@rule("MR-332", "A group the program does not have earns nothing.")
def test_unknown_groups() -> None:
    assert earnings(program([earn()], [commission()]), "nobody", won(), SoFar()) == []


@rule("MR-333", "Who serves the public takes no gift and no commission, whatever the amount.")
@pytest.mark.parametrize(
    "who",
    [
        {"public_sector": True},
        {"domain": "city.gov"},
        {"domain": "army.mil"},
        {"industry": "Public Sector"},
        {"domain": "ministere.gouv.fr"},
    ],
)
@pytest.mark.parametrize("incentive", ["gift_card", "points", "commission", "custom"])
def test_public_servants(who: dict[str, Any], incentive: Any) -> None:
    assert may_give(incentive, who, {}, "DE", amount_minor=1)
    assert may_give("renewal_credit", who, {}, "DE", amount_minor=1) is None


@rule("MR-334", "An employer's own policy against gifts is kept, and told as the reason.")
def test_employers_policy() -> None:
    for company, person in (({"no_gifts": True}, {}), ({}, {"no_gifts": "yes"})):
        said = may_give("gift_card", company, person, "DE", amount_minor=1)
        assert said is not None
        assert "employer" in said


@rule("MR-335", "A limit of a country is kept to the cent, and where the country is not known the strictest one.")
def test_country_limits() -> None:
    file = program([earn("card")], [gift(5_000)], gift_policy={"limits_minor": {"DE": 3_500, "FR": 6_900, "*": 10_000}})
    rules = file.gift_policy
    told = [
        may_give("gift_card", {}, {}, c, amount_minor=m, policy=rules)
        for c, m in (("DE", 3_500), ("Germany", 3_501), ("FR", 6_900), ("BR", 10_000), ("", 3_501))
    ]
    assert [t is None for t in told] == [True, False, True, True, False]


@rule("MR-336", "Where a gift may not be given the offer named instead is, and where none is named the reason stands.")
def test_instead() -> None:
    credit = {"slug": "credit", "label": "Credit", "incentive": "renewal_credit", "amount_minor": 4_000}
    barred = won(receivers={"advocate": {"no_gifts": True}})
    (given,) = earnings(program([earn("card", instead="credit")], [gift(), credit]), "all", barred, SoFar())
    assert (given.incentive, given.money.minor) == ("renewal_credit", 4_000)
    said = weigh(program([earn("card")], [gift()]), "all", barred, SoFar())
    assert (said.earned, said.passed[0].kind) == ((), "gift")


@rule("MR-337", "Terms that cannot be meant are refused before anybody earns by them.")
@pytest.mark.parametrize(
    ("earns", "offers"),
    [
        ([earn("nowhere")], [commission()]),
        ([earn()], [commission(-5)]),
        ([earn(), earn()], [commission()]),
        ([earn(when={"stage": "won", "act": "review"})], [commission()]),
        ([earn(when={})], [commission()]),
        ([earn("card")], [gift(-1)]),
        ([earn("card", parts=[{"share_bp": 5_000, "due_days": 0}])], [gift()]),
    ],
)  # fmt: skip
def test_senseless_terms(earns: list[dict[str, Any]], offers: list[dict[str, Any]]) -> None:
    with pytest.raises(HoneyguideError):
        program(earns, offers)


@rule("MR-338", "Every earning says how it came about, in words with its sums.")
def test_earnings_speak() -> None:
    (found,) = earnings(program([earn()], [commission(1_500, cap_minor=1_000)]), "all", won(), SoFar())
    assert found.how == "15 % of €1,000, at most €10"


@rule("MR-339", "A second tier earns only where the advocate was brought by somebody.")
def test_second_tier() -> None:
    file = program([earn(), earn("card", slug="p", who="parent")], [commission(), gift()], second_tier={})
    assert set(sums(file, won(), SoFar(parent=True))) == {"advocate", "parent"}
    assert set(sums(file, won(), SoFar(parent=False))) == {"advocate"}
