"""What a fact earns: every figure worked out by hand, every edge on both its sides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from honeyguide.core.errors import BadInput
from honeyguide.core.money import Money
from honeyguide.programs import PLAIN, Fact, SoFar, earnings, weigh
from honeyguide.programs.catalogue import load
from honeyguide.programs.earnings import months_after
from tests.unit.programs.files import commission, gift, program, rule

AT = datetime(2026, 3, 15, 9, tzinfo=UTC)


def won(minor: int | None = 100_000, currency: str | None = "EUR", **more: Any) -> Fact:
    return Fact(stage="won", at=more.pop("at", AT), amount_minor=minor, currency=currency, **more)


def test_the_demo_program_pays_what_it_always_paid() -> None:
    file = load("customer-referrals")
    (partner,) = earnings(file, "partner", won(4_000_000), SoFar())
    assert (partner.rule, partner.role, partner.money) == (PLAIN, "advocate", Money(500_000, "EUR"))
    assert partner.how == "15 % of €40,000, at most €5,000"
    (large,) = earnings(file, "partner", won(100_001, offered="commission-20"), SoFar(customers=99))
    assert large.money.minor == 20_000
    (card,) = earnings(file, "small-business", won(None, None), SoFar())
    assert (card.money.minor, card.how, card.incentive) == (10_000, "Gift card €100", "gift_card")
    (beta,) = earnings(file, "enterprise", won(offered="beta-access"), SoFar())
    assert (beta.money.minor, beta.incentive) == (0, "beta_access")
    assert earnings(file, "no such group", won(), SoFar()) == []
    # As before, every deal of a customer pays; nothing but a won deal does.
    assert earnings(file, "small-business", won(number=2), SoFar())
    assert earnings(file, "small-business", Fact(stage="qualified", at=AT), SoFar()) == []


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (won(None, None), "the deal has no amount"),
        (won(0), "the share of this deal is zero"),
        (won(4), "the share of this deal is zero"),
        (won(-500_000), "the share of this deal is zero"),
        (won(10, share_bp=1), "less than a cent"),
    ],
)
def test_no_share_is_said(fact: Fact, why: str) -> None:
    found = weigh(program([rule()], [commission()]), "all", fact, SoFar())
    assert found.earned == ()
    assert why in found.passed[0].why


def test_both_sides_and_the_parent_earn_by_their_own_rules() -> None:
    file = program(
        [rule(), rule("card", slug="f", who="friend"), rule("card", slug="p", who="parent")],
        [commission(), gift()], second_tier={},
    )  # fmt: skip
    found = earnings(file, "all", won(), SoFar())
    assert [(e.rule, e.role, e.money.minor) for e in found] == [
        ("r", "advocate", 20_000), ("f", "friend", 10_000), ("p", "parent", 10_000),
    ]  # fmt: skip
    assert [e.role for e in earnings(file, "all", won(), SoFar(parent=False))] == ["advocate", "friend"]


def test_recurring_ends_to_the_day_and_what_does_not_recur_is_earned_once() -> None:
    file = program([rule(recurring={"months": 12}), rule("card", slug="once")], [commission(), gift()])
    first = datetime(2025, 3, 15, 9, tzinfo=UTC)
    inside = won(number=12, customer_since=first, at=first + timedelta(days=364))
    assert [e.rule for e in earnings(file, "all", inside, SoFar())] == ["r"]
    assert earnings(file, "all", won(number=13, customer_since=first, at=AT), SoFar()) == []
    assert [e.rule for e in earnings(file, "all", won(), SoFar())] == ["r", "once"]
    assert months_after(datetime(2026, 1, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2024, 2, 29, tzinfo=UTC), 12) == datetime(2025, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2026, 12, 31, tzinfo=UTC), 2) == datetime(2027, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(("before", "minor"), [(0, 10_000), (3, 10_000), (4, 20_000), (98, 20_000), (99, 30_000)])
def test_tiers_by_customers_change_with_the_customer_they_name(before: int, minor: int) -> None:
    tiers = [{"from": 100, "rate_bp": 3000}, {"from": 5, "rate_bp": 2000}]
    file = program([rule(tiers=tiers)], [commission(1000)])
    assert earnings(file, "all", won(), SoFar(customers=before))[0].money.minor == minor
    fixed = program([rule("card", tiers=[{"from": 2, "amount_minor": 7}])], [gift(5)])
    assert [earnings(fixed, "all", won(), SoFar(customers=n))[0].money.minor for n in (0, 1)] == [5, 7]


def test_tiers_by_revenue_are_marginal() -> None:
    tiers = [{"from": 100_000, "rate_bp": 2000}, {"from": 200_000, "rate_bp": 3000}]
    file = program([rule(tiers=tiers, tier_by="revenue")], [commission(1000)])
    # 50,000 at 10 %, 100,000 at 20 %, 50,000 at 30 %
    assert earnings(file, "all", won(200_000), SoFar(revenue_minor=50_000))[0].money.minor == 5_000 + 20_000 + 15_000
    (other,) = earnings(file, "all", won(200_000, "USD"), SoFar(revenue_minor=50_000))
    assert (other.money, other.review) == (Money(20_000, "USD"), "The deal is in USD, the steps are in EUR.")


@pytest.mark.parametrize(("before", "minor"), [(1, 20_000), (2, 30_000), (7, 30_000)])
def test_an_accelerator_counts_the_period_with_this_customer(before: int, minor: int) -> None:
    file = program([rule(accelerator={"customers": 3, "per": "quarter", "factor_bp": 15_000})], [commission()])
    assert earnings(file, "all", won(), SoFar(in_period={"quarter": before, "month": 9}))[0].money.minor == minor


def test_the_cap_of_a_commission_holds_after_the_accelerator_and_the_tier() -> None:
    file = program(
        [rule(accelerator={"customers": 1, "factor_bp": 20_000}, tiers=[{"from": 1, "rate_bp": 9000}])],
        [commission(1000, cap_minor=30_000)],
    )
    assert earnings(file, "all", won(), SoFar())[0].money.minor == 30_000
    (other,) = earnings(file, "all", won(currency="USD"), SoFar())
    assert (other.money.minor, other.review) == (180_000, "The deal is in USD, the cap in EUR.")
    fixed = program([rule("card")], [gift(cap_minor=15_000)])
    (capped,) = earnings(fixed, "all", won(), SoFar())
    assert (capped.money.minor, capped.cap_minor) == (10_000, 15_000)  # the ledger keeps that one


def test_parts_and_expiry() -> None:
    parts = [
        {"share_bp": 3334, "due_days": 0},
        {"share_bp": 3333, "due_days": 365},
        {"share_bp": 3333, "due_days": 730},
    ]
    file = program([rule("card", parts=parts, expires_days=90)], [gift(10_001)])
    (found,) = earnings(file, "all", won(), SoFar())
    assert [(p.number, p.minor) for p in found.parts] == [(1, 3335), (2, 3333), (3, 3333)]
    assert [p.due - AT for p in found.parts] == [timedelta(days=d) for d in (0, 365, 730)]
    assert found.expires_at == AT + timedelta(days=90)
    yearly = program([rule("card", yearly_parts=True)], [gift(10_000)])
    assert [len(earnings(yearly, "all", won(contract_months=m), SoFar())[0].parts) for m in (1, 12, 13, 36)] == [
        0,
        0,
        2,
        3,
    ]
    assert [p.minor for p in earnings(yearly, "all", won(contract_months=36), SoFar())[0].parts] == [3334, 3333, 3333]
    # Too little to divide: the parts that are nothing are left out, their numbers stay.
    tiny = program([rule("card", parts=parts)], [gift(1)])
    assert [(p.number, p.minor) for p in earnings(tiny, "all", won(), SoFar())[0].parts] == [(1, 1)]


def test_conditions_decide_and_an_act_or_event_is_no_stage() -> None:
    when = {"stage": "won", "conditions": {"all": [
        {"fact": "amount", "op": "at_least", "value": 100_000},
        {"any": [{"fact": "event.plan", "op": "is", "value": "pro"}, {"fact": "graph.uses", "op": "at_least", "value": 2}]},
    ]}}  # fmt: skip
    file = program([rule("card", when=when)], [gift()])
    for fact, count in [
        (won(attributes={"event.plan": "Pro"}), 1), (won(attributes={"graph.uses": 2}), 1),
        (won(attributes={"graph.uses": 1}), 0), (won(99_999, attributes={"graph.uses": 9}), 0), (won(None, None), 0),
    ]:  # fmt: skip
        assert len(earnings(file, "all", fact, SoFar())) == count
    acts = program(
        [rule("card", when={"act": "review"}), rule("card", slug="e", when={"event": "invoice.paid"})], [gift()]
    )
    assert [e.rule for e in earnings(acts, "all", Fact(kind="act", stage="review", at=AT, number=3), SoFar())] == ["r"]
    assert [e.rule for e in earnings(acts, "all", Fact(kind="invoice.paid", at=AT), SoFar())] == ["e"]
    assert earnings(acts, "all", won(), SoFar()) == []


def test_a_gift_that_may_not_be_taken_becomes_what_may() -> None:
    offers = [gift(), {"slug": "give", "label": "Donation", "incentive": "donation", "amount_minor": 9_000}]
    public = {"advocate": {"public_sector": True}}
    found = weigh(program([rule("card", instead="give")], offers), "all", won(receivers=public), SoFar())
    assert [(e.offer_slug, e.money.minor) for e in found.earned] == [("give", 9_000)]
    found = weigh(program([rule("card")], [gift()]), "all", won(receivers=public), SoFar())
    assert (found.earned, found.passed[0].kind) == ((), "gift")
    assert "public authority" in found.passed[0].why
    # The friend's own company decides for the friend.
    file = program([rule("card", who="friend")], [gift()])
    assert weigh(file, "all", won(company={"industry": "Government"}), SoFar()).earned == ()
    assert len(weigh(file, "all", won(company={"industry": "Software"}, receivers=public), SoFar()).earned) == 1


@pytest.mark.parametrize(
    ("earns", "says"),
    [
        ([rule("nothing")], "no offer nothing"),
        ([rule(when={"stage": "won", "act": "review"})], "one thing"),
        ([rule(when={})], "one thing"),
        ([rule(when={"stage": "dreamt"})], "no stage dreamt"),
        ([rule(parts=[{"share_bp": 5000, "due_days": 0}])], "add up"),
        ([rule(tiers=[{"from": 0, "rate_bp": 1}])], "starts at 1"),
        ([rule(tiers=[{"from": 1}])], "a rate or an amount"),
        ([rule(tiers=[{"from": 1, "rate_bp": 10_001}])], "between 0 and 10000"),
        ([rule(tiers=[{"from": 1, "amount_minor": 5}], tier_by="revenue")], "need rates"),
        ([rule(accelerator={"customers": 1, "factor_bp": 1})], "multiplies by 1"),
        ([rule(), rule()], "two rules are called r"),
        ([rule(who="parent")], "no second tier"),
        ([rule(recurring={"months": 0})], "1 to 1200"),
        ([rule(expires_days=0)], "claimed for 1"),
        ([rule(when={"stage": "won", "conditions": {"all": [{"fact": "mood", "op": "is", "value": 1}]}})], "mood"),
        ([rule(when={"stage": "won", "conditions": {"all": [{"fact": "amount", "op": "at_least", "value": "much"}]}})], "not a number"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_kept_is_refused(earns: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        program(earns, [commission()])
    assert says in refused.value.sentence()
