"""What came back of a sale: the same for any order of facts, never more than the whole, told twice is once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from honeyguide.outcomes.giveback import GivenBack, given_back
from honeyguide.outcomes.terms import DealFact, DealKind

AT = datetime(2026, 3, 2, tzinfo=UTC)
BASE = 10_000


def fact(
    number: int, kind: DealKind, hours: float, minor: int | None = None, ident: str = "", currency: str = "EUR"
) -> DealFact:
    return DealFact(
        UUID(int=number),
        "sale:1",
        kind,
        AT + timedelta(hours=hours),
        minor,
        None if minor is None else currency,
        "",
        ident,
        f"fact {number}",
    )


WON = fact(1, "won", 0, BASE)
events = st.lists(
    st.builds(
        fact, st.integers(10, 99), st.sampled_from(["refunded", "disputed", "dispute_won", "dispute_lost", "open", "lost"]),
        st.integers(1, 500), st.one_of(st.none(), st.integers(0, 12_000)), st.sampled_from(["r1", "r2", "d1"]),
        st.sampled_from(["EUR", "USD"]),
    ),
    max_size=8, unique_by=lambda f: f.event_id,
)  # fmt: skip


@given(events, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_and_never_more_than_the_whole(found: list[DealFact], lot: object) -> None:
    facts = [WON, *found]
    said = given_back(facts, BASE, "EUR")
    lot.shuffle(facts)  # type: ignore[attr-defined]
    assert given_back(facts, BASE, "EUR") == said
    assert 0 <= said.minor <= BASE
    assert not said.whole or said.minor == BASE


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_part_of_a_reward_is_in_proportion_and_rounds_for_the_advocate(reward: int, base: int, back: int) -> None:
    back = min(base, back)
    part = GivenBack(base, back, back == base, (), (), (), "", "").part_of(reward)
    assert 0 <= part <= reward
    assert part == reward if back == base else part * base <= reward * back


def test_one_refund_told_by_two_systems_is_one() -> None:
    both = [
        WON,
        fact(2, "refunded", 5, 3_000, "re_1"),
        fact(3, "refunded", 6, 3_000, "re_1"),
        fact(4, "refunded", 7, 1_000, "re_2"),
    ]
    assert given_back(both, BASE, "EUR").minor == 4_000


def test_a_refund_without_an_amount_is_all_of_it() -> None:
    assert given_back([WON, fact(2, "refunded", 5, None, "re_1")], BASE, "EUR").whole


def test_a_dispute_holds_and_then_takes_or_releases() -> None:
    opened = fact(2, "disputed", 5, 4_000, "d1")
    assert given_back([WON, opened], BASE, "EUR").disputes == ("d1",)
    won = given_back([WON, opened, fact(3, "dispute_won", 9, None, "d1")], BASE, "EUR")
    assert (won.disputes, won.won, won.minor) == ((), ("d1",), 0)
    lost = given_back([WON, opened, fact(3, "dispute_lost", 9, None, "d1")], BASE, "EUR")
    assert (lost.disputes, lost.lost, lost.minor) == ((), ("d1",), 4_000)


def test_a_deal_made_smaller_gives_the_difference_back_and_another_currency_is_for_people() -> None:
    assert given_back([WON, fact(2, "open", 5, 6_000)], BASE, "EUR").minor == 4_000
    assert given_back([WON, fact(2, "open", 5, 60_000)], BASE, "EUR").minor == 0
    foreign = given_back([WON, fact(2, "refunded", 5, BASE, "re_1", "USD")], BASE, "EUR")
    assert (foreign.minor, foreign.whole) == (0, False)
    assert "came back in USD" in foreign.review


def test_lost_after_won_is_all() -> None:
    said = given_back([WON, fact(2, "lost", 5)], BASE, "EUR")
    assert said.whole
    assert said.why == "fact 1 was reported lost on 2 March 2026 after it was won."
