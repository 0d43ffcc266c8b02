"""What may be said about lift, and when."""

import pytest

from honeyguide.learning import Counts, difference, judge
from honeyguide.learning.sequence import units_to_see, width


def test_nothing_to_compare_is_too_early_without_an_estimate() -> None:
    lift = judge(Counts(0, 0), Counts(0, 0), share_held_out=0.05)
    assert (lift.verdict, lift.estimate, lift.rate_holdout) == ("not_enough_yet", None, None)
    assert lift.needed == 600  # 30 held-out companies at five in a hundred
    assert "About 600 more companies" in lift.sentence


@pytest.mark.parametrize(
    ("treated", "holdout", "needed"),
    [((99, 20), (30, 3), 2), ((570, 60), (29, 3), 20), ((570, 60), (30, 0), None), ((570, 4), (30, 0), 723)],
)
def test_the_rule_for_saying_anything(treated: tuple[int, int], holdout: tuple[int, int], needed: int | None) -> None:
    lift = judge(Counts(*treated), Counts(*holdout), share_held_out=0.05)
    assert lift.verdict == "not_enough_yet"
    if needed is None:  # the rule is met, the interval is still wide: the sentence says what would tell
        assert "the difference may be anything" in lift.sentence
        assert lift.needed is not None
    else:
        assert lift.needed == needed


def test_verdicts_follow_the_interval() -> None:
    good = judge(Counts(9500, 950), Counts(500, 5), share_held_out=0.05)
    assert good.verdict == "positive"
    assert good.lower is not None
    assert good.lower > 0
    assert "10.0 % of 9,500 treated companies" in good.sentence
    assert good.needed is None
    bad = judge(Counts(9500, 95), Counts(500, 60), share_held_out=0.05)
    assert bad.verdict == "negative"
    same = judge(Counts(95_000, 950), Counts(95_000, 950), share_held_out=0.5)
    assert same.verdict == "no_difference"
    assert "No difference of 0.5 points or more" in same.sentence
    open_ = judge(Counts(950, 60), Counts(50, 2), share_held_out=0.05)
    assert open_.verdict == "not_enough_yet"
    assert open_.needed is not None
    assert open_.needed > 0


def test_young_companies_are_named_and_never_counted() -> None:
    lift = judge(Counts(10, 1), Counts(1, 0), share_held_out=0.05, young=400)
    assert lift.n_treated == 10
    assert "400 more are within their 28 days" in lift.sentence


def test_the_interval_by_hand() -> None:
    """alpha 0.05, n 5,000, tuned there: rho^2 = (5.9915 + log 6.9915) / 5000 = 0.0015872; n rho^2 = 7.936."""
    assert width(5_000) * 5_000**0.5 == pytest.approx((2 * 8.936 / 7.936 * 4.0892) ** 0.5, rel=1e-3)
    found = difference(Counts(4750, 475), Counts(250, 10))
    assert found is not None
    assert found.estimate == pytest.approx(0.06)
    variance = (477 / 4754) * (1 - 477 / 4754) / 4750 + (12 / 254) * (1 - 12 / 254) / 250
    assert found.upper - found.estimate == pytest.approx((5_000 * variance) ** 0.5 * width(5_000), rel=1e-9)


def test_a_holdout_without_a_single_referral_is_not_certainty() -> None:
    found = difference(Counts(570, 57), Counts(30, 0))
    assert found is not None
    assert found.lower < 0


def test_units_to_see_is_the_first_number_that_suffices() -> None:
    one, zero = Counts(950, 60), Counts(50, 2)
    n = units_to_see(0.04, one, zero, 0.95)
    variance = one.variance / 0.95 + zero.variance / 0.05
    assert variance**0.5 * width(n) <= 0.04 < variance**0.5 * width(n - 1)


def test_where_recommending_is_rare_two_points_are_not_called_none() -> None:
    """One in a hundred: an interval of more than a point either way holds a doubling; it is still open."""
    found = judge(Counts(19_000, 190), Counts(1_000, 10), share_held_out=0.05)
    assert found.verdict == "not_enough_yet"
    assert found.lower is not None
    assert found.upper is not None
    assert -0.02 < found.lower < -0.005
    assert found.upper < 0.02
    frequent = judge(Counts(95_000, 19_000), Counts(95_000, 19_000), share_held_out=0.5)
    assert (frequent.verdict, "2.0 points" in frequent.sentence) == ("no_difference", True)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_without_a_holdout_nothing_can_be_compared_and_nothing_divides_by_zero(share: float) -> None:
    lift = judge(Counts(500, 20), Counts(0, 0), share_held_out=share)
    assert (lift.verdict, lift.needed) == ("not_enough_yet", None)
    assert lift.sentence.startswith("Nothing can be compared")


def test_one_company_is_one_in_words() -> None:
    lift = judge(Counts(99, 20), Counts(30, 3), share_held_out=0.5, young=1)
    assert "1 more is within its 28 days" in lift.sentence
    lift = judge(Counts(100, 20), Counts(29, 3), share_held_out=0.99)
    assert "About 2 more companies are needed" in lift.sentence


def test_a_proof_says_how_many_of_a_hundred_and_never_a_bare_uplift() -> None:
    lift = judge(Counts(9500, 950), Counts(500, 5), share_held_out=0.05)
    assert "So of 100 companies asked, between" in lift.sentence
    assert lift.lower is not None
    assert lift.upper is not None
    assert (
        f"{100 * lift.lower:.1f} and {100 * lift.upper:.1f} brought a referral because they were asked" in lift.sentence
    )


def test_more_companies_than_there_are_is_promised_to_nobody() -> None:
    """Nobody of a million: the effect that would show is below any number of companies."""
    lift = judge(Counts(500, 10), Counts(500, 10), share_held_out=1e-7)
    assert lift.needed is None or lift.needed < 10**9
