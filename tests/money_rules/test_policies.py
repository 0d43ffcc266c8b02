"""Attribution policies: which touch counts, and in what order programs come"""

import itertools
from datetime import timedelta
from uuid import UUID

import pytest

from honeyguide.core.errors import BadInput
from honeyguide.outcomes import AttributionPolicy, Converted, Seen, attribute
from tests.money_rules import rule
from tests.unit.outcomes.town import AT, days

WON = Converted(UUID(int=99), days(30))


def touch(n: int, day: float, advocate: int = 1, **more: object) -> Seen:
    a = UUID(int=advocate)
    return Seen(
        id=UUID(int=1_000 + n), kind="click", at=AT + timedelta(days=day), advocate_id=a, referral_id=a, link_id=a, program_id=1, **more,  # type: ignore[arg-type]  # fields by their names
    )  # fmt: skip


def credit(touches: list[Seen], policy: AttributionPolicy | None = None) -> dict[int, int]:
    """Basis points by the advocate's number."""
    return {s.advocate_id.int: s.share_bp for s in attribute(touches, policy or AttributionPolicy(), WON)}


THREE = [touch(0, 1, 1), touch(1, 5, 2), touch(2, 9, 3)]


@rule("MR-155", "Under every model the shares of a win are the whole of it, or nobody's.")
@pytest.mark.parametrize(
    ("model", "shares"),
    [("first", {1: 10_000}), ("last", {3: 10_000}), ("split", {1: 3_334, 2: 3_333, 3: 3_333}), ("position", {1: 4_000, 2: 2_000, 3: 4_000})],
)  # fmt: skip
def test_models(model: str, shares: dict[int, int]) -> None:
    assert credit(THREE, AttributionPolicy(model=model)) == shares  # type: ignore[arg-type]  # a model
    assert sum(shares.values()) == 10_000
    assert credit([]) == {}


_TABLE = [
    (("referral", "affiliate"), "referral"),
    (("referral", "coupon"), "referral"),
    (("affiliate", "coupon"), "affiliate"),
    (("referral", "affiliate", "coupon"), "referral"),
    (("coupon",), "coupon"),
    (("affiliate",), "affiliate"),
]


@rule(
    "MR-156",
    "Where programs compete, the order in the policy decides, not who came last: a customer's word before a partner's, both before a code found on the way.",
)
@pytest.mark.parametrize(("kinds", "winner"), _TABLE)
def test_priority(kinds: tuple[str, ...], winner: str) -> None:
    for order in itertools.permutations(kinds):
        seen = [touch(n, n + 1, n + 1, channel=kind) for n, kind in enumerate(order)]
        assert credit(seen) == {order.index(winner) + 1: 10_000}


@rule("MR-157", "A kind of program the policy does not rank earns nothing, not even alone.")
def test_unranked_earns_nothing() -> None:
    only = AttributionPolicy(priority=(("referral",), ("affiliate",)))
    assert credit([touch(0, 3, 1, channel="coupon")], only) == {}
    assert credit([touch(0, 3, 1, channel="affiliate"), touch(1, 4, 2, channel="coupon")], only) == {1: 10_000}


@rule("MR-158", "Kinds of one rank compete by the model alone.")
def test_one_rank() -> None:
    level = AttributionPolicy(priority=(("referral", "affiliate"), ("coupon",)))
    assert credit([touch(0, 3, 1), touch(1, 4, 2, channel="affiliate"), touch(2, 5, 3, channel="coupon")], level) == {
        2: 10_000
    }


@rule("MR-159", "The order in which touches are told, and telling them twice, means nothing.")
@pytest.mark.parametrize("model", ["first", "last", "split", "position"])
def test_order_means_nothing(model: str) -> None:
    policy = AttributionPolicy(model=model)  # type: ignore[arg-type]  # a model
    said = {tuple(sorted(credit([*order, *order], policy).items())) for order in itertools.permutations(THREE)}
    assert len(said) == 1


@rule("MR-160", "A machine's touch, one after the win and one before the window carry nothing.")
@pytest.mark.parametrize("bad", [touch(7, 29, 9, human=False), touch(7, 31, 9), touch(7, -151, 9)])
def test_what_does_not_count(bad: Seen) -> None:
    assert credit([touch(0, 3, 1), bad]) == {1: 10_000}
    assert credit([bad]) == {}


@rule("MR-161", "The customer's own touch comes before a colleague's, whichever was later.")
def test_ones_own_first() -> None:
    assert credit([touch(0, 3, 1), touch(1, 9, 2, by_person=False)]) == {1: 10_000}
    assert credit([touch(1, 9, 2, by_person=False)]) == {2: 10_000}
    assert credit([touch(1, 9, 2, by_person=False)], AttributionPolicy(company_match=False)) == {}


@rule("MR-162", "Looking at a page ten times is one introduction.")
def test_repeats_are_one() -> None:
    again = [touch(n, 1 + n / 10, 1) for n in range(10)]
    assert credit([*again, touch(20, 5, 2)], AttributionPolicy(model="split")) == {1: 5_000, 2: 5_000}


@rule("MR-163", "A policy that would give more than the whole, or names a kind twice, is refused.")
@pytest.mark.parametrize(
    "bad",
    [AttributionPolicy(model="position", first_bp=6_000, last_bp=5_000), AttributionPolicy(first_bp=-1), AttributionPolicy(window_days=0), AttributionPolicy(priority=(("referral",), ("referral",)))],
)  # fmt: skip
def test_bad_policies(bad: AttributionPolicy) -> None:
    with pytest.raises(BadInput):
        bad.check()
