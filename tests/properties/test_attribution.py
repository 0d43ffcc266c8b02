"""Attribution: whatever the touches and their order, shares sum to the whole, and only what counts is credited."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.outcomes.attribution import (
    CHANNELS,
    PRIORITY,
    WHOLE,
    AttributionPolicy,
    Channel,
    Converted,
    Model,
    Seen,
    attribute,
    portions,
    settle,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DONE = Converted(UUID(int=1), NOW)


def seen(number: int, advocate: int, hours_before: float, **more: object) -> Seen:
    values: dict[str, object] = {
        "id": UUID(int=number), "kind": "click", "at": NOW - timedelta(hours=hours_before), "advocate_id": UUID(int=advocate),
        "referral_id": UUID(int=1000 + advocate), "link_id": UUID(int=2000 + advocate), "program_id": 1, **more,
    }  # fmt: skip
    return Seen(**values)  # type: ignore[arg-type]


touches = st.lists(
    st.builds(
        seen, st.integers(1, 40), st.integers(1, 5), st.integers(-50, 24 * 400), program_id=st.integers(1, 3),
        channel=st.sampled_from(CHANNELS), by_person=st.booleans(), human=st.booleans(),
    ),
    max_size=14, unique_by=lambda t: t.id,
)  # fmt: skip
ranks = st.sampled_from(
    [PRIORITY, (("referral", "affiliate"), ("coupon",)), (("affiliate",), ("referral",)), (CHANNELS,)]
)
policies = st.builds(
    AttributionPolicy, model=st.sampled_from(["first", "last", "position", "split"]), window_days=st.integers(1, 400),
    company_match=st.booleans(), priority=ranks, first_bp=st.integers(0, 5_000), last_bp=st.integers(0, 5_000),
)  # fmt: skip


@given(touches, policies, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_and_the_whole(found: list[Seen], policy: AttributionPolicy, lot: object) -> None:
    shares, passed = settle(found, policy, DONE)
    again = list(found) + found[:2]  # a touch that is told twice is one
    lot.shuffle(again)  # type: ignore[attr-defined]
    assert settle(again, policy, DONE) == (shares, passed)
    assert sum(s.share_bp for s in shares) == (WHOLE if shares else 0)
    assert all(s.share_bp > 0 for s in shares)
    assert len({s.advocate_id for s in shares}) == len(shares)
    # Nothing is credited and passed over at once, and no touch is forgotten where there is one advocate per touch.
    assert not {s.touch_id for s in shares} & {p.touch.id for p in passed}
    assert all(p.why for p in passed)


@given(touches, policies)
def test_only_what_may_count_is_credited(found: list[Seen], policy: AttributionPolicy) -> None:
    by_id = {t.id: t for t in found}
    shares = attribute(found, policy, DONE)
    ranked = {c: i for i, rank in enumerate(policy.priority) for c in rank}
    able = [
        t for t in found
        if t.human and NOW - timedelta(days=policy.window_days) <= t.at <= NOW and (t.by_person or policy.company_match)
    ]  # fmt: skip
    if any(t.by_person for t in able):
        able = [t for t in able if t.by_person]
    for share in shares:
        touch = by_id[share.touch_id]
        assert touch in able
        assert ranked[touch.channel] == min(ranked[t.channel] for t in able if t.channel in ranked)
    assert bool(shares) == any(t.channel in ranked for t in able)


@given(touches, policies, st.integers(1, 3))
def test_a_touch_that_does_not_count_changes_nothing(found: list[Seen], policy: AttributionPolicy, more: int) -> None:
    noise = [seen(100 + i, 9, 1, human=False) for i in range(more)]
    noise += [seen(200 + i, 9, -1) for i in range(more)]
    noise += [seen(300 + i, 9, 24 * policy.window_days + 1) for i in range(more)]
    assert attribute(found + noise, policy, DONE) == attribute(found, policy, DONE)


@given(touches, policies)
def test_one_policy_for_all_is_the_same_as_that_policy_for_each(found: list[Seen], policy: AttributionPolicy) -> None:
    each = dict.fromkeys((1, 2, 3), policy)
    assert attribute(found, each, DONE) == attribute(found, policy, DONE)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10_000), min_size=1, max_size=9).filter(any))
def test_portions_sum_and_are_within_one_of_exact(total: int, weights: list[int]) -> None:
    parts = portions(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(p * whole - total * w) < whole for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("hours", "counts"), [(0, True), (24 * 10, True), (24 * 10 + 0.001, False), (-0.001, False)])
def test_the_window_closes_to_the_second(hours: float, counts: bool) -> None:
    assert bool(attribute([seen(1, 1, hours)], AttributionPolicy(window_days=10), DONE)) is counts


THREE = [seen(1, 1, 30), seen(2, 2, 20), seen(3, 3, 10)]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {1: 10_000}),
        ("last", {3: 10_000}),
        ("split", {1: 3_334, 2: 3_333, 3: 3_333}),
        ("position", {1: 4_000, 2: 2_000, 3: 4_000}),
    ],
)
def test_the_models(model: Model, expected: dict[int, int]) -> None:
    shares = attribute(THREE, AttributionPolicy(model=model), DONE)
    assert {s.advocate_id.int: s.share_bp for s in shares} == expected


def test_position_of_two_and_of_one_advocate_twice() -> None:
    two = attribute(THREE[:2], AttributionPolicy(model="position", first_bp=1_000, last_bp=3_000), DONE)
    assert [s.share_bp for s in two] == [2_500, 7_500]
    twice = attribute([*THREE, seen(4, 1, 1)], AttributionPolicy(model="position"), DONE)
    assert {s.advocate_id.int: s.share_bp for s in twice} == {1: 8_000, 2: 1_000, 3: 1_000}
    none_for_ends = attribute(THREE[:2], AttributionPolicy(model="position", first_bp=0, last_bp=0), DONE)
    assert [s.share_bp for s in none_for_ends] == [5_000, 5_000]


def test_a_split_by_advocate_not_by_clicks() -> None:
    clicks = [seen(i, 1, 50 - i) for i in range(1, 20)]
    shares = attribute([*clicks, seen(30, 2, 60)], AttributionPolicy(model="split"), DONE)
    assert [s.share_bp for s in shares] == [5_000, 5_000]


# Affiliate, referral and coupon compete: kinds of touch in the order they came, the policy's ranks, who gets it.
# docs/explanation/attribution.md prints this table.
A: Channel = "affiliate"
R: Channel = "referral"
C: Channel = "coupon"
Ranks = tuple[tuple[Channel, ...], ...]
STRICT: Ranks = PRIORITY
EQUAL: Ranks = ((R, A), (C,))
PARTNERS: Ranks = ((A,), (R,))
OUTCOMES: list[tuple[str, Ranks, Model, dict[str, int]]] = [
    ("R", STRICT, "last", {"R1": 10_000}),
    ("A", STRICT, "last", {"A1": 10_000}),
    ("C", STRICT, "last", {"C1": 10_000}),
    ("RA", STRICT, "last", {"R1": 10_000}),
    ("AR", STRICT, "last", {"R2": 10_000}),
    ("RC", STRICT, "last", {"R1": 10_000}),
    ("CR", STRICT, "last", {"R2": 10_000}),
    ("AC", STRICT, "last", {"A1": 10_000}),
    ("CA", STRICT, "last", {"A2": 10_000}),
    ("RAC", STRICT, "last", {"R1": 10_000}),
    ("CAR", STRICT, "first", {"R3": 10_000}),
    ("RAR", STRICT, "last", {"R3": 10_000}),
    ("RAR", STRICT, "split", {"R1": 5_000, "R3": 5_000}),
    ("RA", EQUAL, "last", {"A2": 10_000}),
    ("AR", EQUAL, "last", {"R2": 10_000}),
    ("RA", EQUAL, "first", {"R1": 10_000}),
    ("RA", EQUAL, "split", {"R1": 5_000, "A2": 5_000}),
    ("RAC", EQUAL, "last", {"A2": 10_000}),
    ("RAC", EQUAL, "split", {"R1": 5_000, "A2": 5_000}),
    ("C", EQUAL, "last", {"C1": 10_000}),
    ("RA", PARTNERS, "last", {"A2": 10_000}),
    ("AR", PARTNERS, "last", {"A1": 10_000}),
    ("R", PARTNERS, "last", {"R1": 10_000}),
    ("C", PARTNERS, "last", {}),
    ("RC", PARTNERS, "last", {"R1": 10_000}),
    ("RAC", (CHANNELS,), "last", {"C3": 10_000}),
    ("RAC", (CHANNELS,), "first", {"R1": 10_000}),
    ("RAC", (CHANNELS,), "position", {"R1": 4_000, "A2": 2_000, "C3": 4_000}),
]


@pytest.mark.parametrize(("came", "priority", "model", "expected"), OUTCOMES)
def test_programs_that_compete(
    came: str, priority: tuple[tuple[Channel, ...], ...], model: Model, expected: dict[str, int]
) -> None:
    kinds: dict[str, Channel] = {"R": "referral", "A": "affiliate", "C": "coupon"}
    found = [seen(i, i, 100 - i, channel=kinds[c], program_id="RAC".index(c) + 1) for i, c in enumerate(came, start=1)]
    shares = attribute(found, AttributionPolicy(priority=priority, model=model), DONE)
    assert {f"{came[s.advocate_id.int - 1]}{s.advocate_id.int}": s.share_bp for s in shares} == expected


def test_a_program_keeps_its_own_window_beside_another() -> None:
    policy = {1: AttributionPolicy(window_days=10), 2: AttributionPolicy(window_days=90)}
    far = [seen(1, 1, 24 * 20, program_id=1), seen(2, 2, 24 * 40, program_id=2)]
    (share,) = attribute(far, policy, DONE)
    assert share.advocate_id == UUID(int=2)


@pytest.mark.parametrize(
    "bad",
    [
        AttributionPolicy(priority=((R, A), (R,))),
        AttributionPolicy(priority=()),
        AttributionPolicy(window_days=0),
        AttributionPolicy(first_bp=6_000, last_bp=6_000),
        AttributionPolicy(first_bp=-1),
    ],
)
def test_a_policy_that_says_nothing_is_refused(bad: AttributionPolicy) -> None:
    with pytest.raises(BadInput):
        bad.check()
