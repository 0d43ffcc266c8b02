"""Rings: nothing depends on the order of edges or on names, and no edge ever makes a ring smaller."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from honeyguide.outcomes.fraud.rings import Edge, Ring, cores, hands, rings, ties

PEOPLE = [f"p{n}" for n in range(9)]
THINGS = ["payee:a", "device:b", "device:c", "network:d"]


@st.composite
def edges(draw: st.DrawFn) -> list[Edge]:
    made = set()
    for _ in range(draw(st.integers(0, 24))):
        kind = draw(st.sampled_from(["referred", "referred", "hard", "soft"]))
        a = draw(st.sampled_from(PEOPLE))
        b = draw(st.sampled_from(PEOPLE if kind == "referred" else THINGS))
        made.add(Edge(kind, a, b, 0.5 if kind == "soft" else 1.0))  # type: ignore[arg-type]  # one of the kinds
    return sorted(made)


def caught(found: list[Ring], shape: str) -> set[tuple[str, str]]:
    """The referrals that lie within a ring of this shape."""
    return {pair for r in found if r.shape == shape for pair in r.inner}


@given(edges(), st.integers(0, 10_000))
def test_the_order_of_edges_changes_nothing(found: list[Edge], seed: int) -> None:
    shuffled = [*found, *found[:3]]  # repeated too
    random.Random(seed).shuffle(shuffled)
    assert rings(shuffled) == rings(found)


@given(edges())
def test_names_change_nothing_but_names(found: list[Edge]) -> None:
    turned = {p: f"q{9 - n}" for n, p in enumerate(PEOPLE)}
    renamed = [Edge(e.kind, turned.get(e.a, e.a), turned.get(e.b, e.b), e.weight) for e in found]
    for shape in ("one_hand", "cycle", "dense"):
        theirs = {(turned[a], turned[b]) for a, b in caught(rings(found), shape)}
        assert caught(rings(renamed), shape) == theirs


@given(edges(), edges())
def test_more_edges_never_free_a_referral(found: list[Edge], more: list[Edge]) -> None:
    """Honest referrals, more accounts, more shared things: none of it makes a ring disappear (no camouflage)."""
    before, after = rings(found), rings([*found, *more])
    for shape in ("one_hand", "dense"):
        assert caught(before, shape) <= caught(after, shape)
    # A circle that a hard link closes into one hand is caught as that instead.
    assert caught(before, "cycle") <= caught(after, "cycle") | caught(after, "one_hand")


@given(edges(), edges())
def test_core_numbers_never_fall(found: list[Edge], more: list[Edge]) -> None:
    before, after = cores(ties(found)), cores(ties([*found, *more]))
    assert all(after[person] >= core - 1e-9 for person, core in before.items())


@given(edges())
def test_everybody_of_a_core_has_that_much_weight_inside_it(found: list[Edge]) -> None:
    between = ties(found)
    for person, level in (core := cores(between)).items():
        inside = sum(w for other, w in between[person].items() if core[other] >= level - 1e-9)
        assert inside >= level - 1e-9


@given(edges())
def test_a_hand_is_what_hard_links_reach(found: list[Edge]) -> None:
    hand = hands(found)
    reach = {n: {n} for n in hand}
    for _ in range(len(hand)):
        for e in found:
            if e.kind == "hard":
                both = reach[e.a] | reach[e.b]
                for n in both:
                    reach[n] = reach[n] | both
    for a, b in itertools.combinations(hand, 2):
        assert (hand[a] == hand[b]) == (b in reach[a])


def test_shapes_of_textbook_rings() -> None:
    circle = [Edge("referred", f"p{n}", f"p{(n + 1) % 4}") for n in range(4)]
    assert [(r.shape, r.hands) for r in rings(circle)] == [("cycle", 4)]
    hand = [Edge("referred", "p0", "p1"), Edge("hard", "p0", "payee:a"), Edge("hard", "p1", "payee:a")]
    assert [(r.shape, r.inner, r.hands) for r in rings(hand)] == [("one_hand", (("p0", "p1"),), 1)]
    block = [Edge("referred", a, b) for a, b in itertools.combinations(PEOPLE[:5], 2)]
    assert [(r.shape, len(r.members)) for r in rings(block)] == [("dense", 5)]
    star = [Edge("referred", "p0", p) for p in PEOPLE[1:]]
    assert rings(star) == []
    chain = [Edge("referred", a, b) for a, b in itertools.pairwise(PEOPLE)]
    assert rings(chain) == []
