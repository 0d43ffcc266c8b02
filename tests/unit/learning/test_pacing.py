"""Budgets become prices: nothing below the plan, more the further above it, the same from the same log."""

from datetime import UTC, datetime, timedelta

from honeyguide.decisions.science import schema_of
from honeyguide.decisions.science_prior import prices_of
from honeyguide.learning import pacing
from tests.unit.decisions.brains import CATALOGUE, FILE

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def days(amount: float, n: int = 40) -> dict[str, float]:
    return {f"{NOW - timedelta(days=back):%Y-%m-%d}": amount for back in range(1, n + 1)}


def test_an_ask_has_a_price_only_where_more_is_asked_than_planned() -> None:
    below, at_ease = pacing.contact_price(days(8.0), 10.0, 500.0, NOW), pacing.contact_price({}, 10.0, 500.0, NOW)
    above, far_above = (
        pacing.contact_price(days(15.0), 10.0, 500.0, NOW),
        pacing.contact_price(days(30.0), 10.0, 500.0, NOW),
    )
    assert (below, at_ease) == (0.0, 0.0)
    assert 0 < above < far_above
    assert pacing.contact_price(days(15.0), 10.0, 500.0, NOW) == above


def test_the_price_falls_again_when_less_is_asked() -> None:
    spent = days(30.0)
    calmer = spent | dict.fromkeys(sorted(spent)[-15:], 2.0)
    assert pacing.contact_price(calmer, 10.0, 500.0, NOW) < 0.2 * pacing.contact_price(spent, 10.0, 500.0, NOW)


def test_plans_have_defaults() -> None:
    assert pacing.contact_plan(0, None) == 5.0
    assert pacing.contact_plan(3_650, None) == 80.0
    assert pacing.contact_plan(3_650, 7.0) == 7.0
    assert pacing.money_plan(None, None) is None
    assert pacing.money_plan(9_000, None) == 100.0
    assert pacing.money_plan(9_000, 55.0) == 55.0


def test_money_has_a_bounded_price() -> None:
    assert pacing.money_price(days(50.0), 100.0, NOW) == 0.0
    assert 0 < pacing.money_price(days(400.0), 100.0, NOW) <= 10.0


def test_what_is_due_grows_with_learned_deals_only_where_it_is_a_share_of_them() -> None:
    schema = schema_of(CATALOGUE)
    economics = FILE.playbook.economics
    prior = prices_of(CATALOGUE, schema, economics)
    doubled = prices_of(CATALOGUE, schema, economics, [2 * float(m) for m in prior.margin])
    names = list(schema.actions)
    at = {schema.actions["offer"][row[names.index("offer")]]: k for k, row in enumerate(schema.table)}
    gift, share = at["small_business/gift_card"], at["partner/commission_10"]
    assert doubled.commission[gift] < 0.51 * prior.commission[gift]
    assert doubled.commission[share] > 0.8 * prior.commission[share]
