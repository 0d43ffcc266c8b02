"""The guard: limits, separations, money, names, size; and that plain components do what it prevents."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from honeyguide.identity.background.guard import (
    JOINED,
    LARGEST,
    OPEN,
    Limits,
    Names,
    Outcome,
    Signs,
    Thresholds,
    cluster_best_first,
    components,
    in_words,
    source_limits,
)

Ids = NDArray[np.int64]
LINE = Thresholds(0.9, 0.5)


def signs(*rows: tuple[int, str, str]) -> Signs:
    kinds = sorted({kind for _, kind, _ in rows})
    values = sorted({value for _, _, value in rows})
    return Signs(
        kinds, np.array([r for r, _, _ in rows], np.int64), np.array([kinds.index(k) for _, k, _ in rows], np.int64),
        np.array([values.index(v) for _, _, v in rows], np.int64),
    )  # fmt: skip


def join(n: int, pairs: list[tuple[int, int, float]], known: Signs | None = None, limits: dict[str, int] | None = None, **more: object) -> Outcome:  # fmt: skip
    left, right = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    weight = np.array([p[2] for p in pairs], float)
    entity = more.pop("entity", None)
    return cluster_best_first(
        np.arange(n) if entity is None else np.array(entity), left, right, weight, known or signs(), Limits(limits or {}),
        LINE, **more,  # type: ignore[arg-type]  # the tests' own shorthand
    )  # fmt: skip


def groups(found: Outcome) -> list[list[int]]:
    return sorted(np.flatnonzero(found.cluster == c).tolist() for c in set(found.cluster.tolist()))


def test_the_best_pair_wins_what_a_limit_lets_only_one_have() -> None:
    """Two people, a record that could be either: it goes to the likelier, and the two stay two."""
    mails = signs((0, "work", "a@x"), (1, "work", "b@x"), (2, "work", "c@x"))
    found = join(4, [(0, 3, 9.0), (1, 3, 8.0), (2, 3, 7.0)], mails, {"work": 1})
    assert groups(found) == [[0, 3], [1], [2]]
    assert found.fate.tolist() == [JOINED, OPEN, OPEN]
    assert found.reason == {1: "work", 2: "work"}
    assert len(set(components(np.arange(4), np.array([0, 1, 2]), np.array([3, 3, 3])).tolist())) == 1


def test_a_limit_counts_values_not_records() -> None:
    mails = signs(*((i, "work", "a@x" if i % 2 else "b@x") for i in range(8)))
    found = join(8, [(i, i + 1, 9.0) for i in range(7)], mails, {"work": 2})
    assert len(groups(found)) == 1


def test_what_must_stay_apart_stays_apart_however_the_chain_runs() -> None:
    pairs = [(0, 1, 9.0), (1, 2, 8.5), (2, 3, 8.0)]
    for order in (pairs, pairs[::-1]):
        found = join(4, order, apart=[(0, 3)])
        assert found.cluster[0] != found.cluster[3]
        assert Counter(found.reason.values()) == {"apart": 1}


def test_money_on_both_sides_waits_even_at_the_end_of_a_chain() -> None:
    money = signs((0, "money", "p1"), (3, "money", "p2"))
    found = join(4, [(0, 1, 9.0), (1, 2, 8.5), (2, 3, 8.0)], money, {"money": 1})
    assert found.cluster[0] != found.cluster[3]
    assert list(found.reason.values()) == ["money"]
    one_sided = join(4, [(0, 1, 9.0), (1, 2, 8.5), (2, 3, 8.0)], signs((0, "money", "p1")), {"money": 1})
    assert len(groups(one_sided)) == 1


def test_a_caller_may_protect_by_a_rule_of_its_own() -> None:
    asked: list[tuple[list[int], list[int]]] = []

    def both_even(a: list[int], b: list[int]) -> bool:
        asked.append((sorted(a), sorted(b)))
        return any(x % 2 == 0 for x in a) and any(x % 2 == 0 for x in b)

    found = join(4, [(0, 1, 9.0), (1, 3, 8.5), (2, 3, 8.0)], protected=both_even)
    assert groups(found) == [[0, 1, 3], [2]]
    assert asked[-1] in (([0, 1, 3], [2]), ([2], [0, 1, 3]))


def test_a_contaminated_entity_grows_by_its_majority_only() -> None:
    named = Names(np.arange(5), np.array([7, 7, 8, 7, 8]))
    found = join(5, [(0, 3, 9.0), (2, 4, 8.5)], entity=[0, 0, 0, 3, 4], named=named)
    assert found.cluster[3] == found.cluster[0]
    assert found.cluster[4] != found.cluster[0]
    assert list(found.reason.values()) == ["name"]


def test_a_pet_name_of_several_names_speaks_for_each() -> None:
    """Jerry may be Jerome or Jeremiah, whichever the majority of the other side is called."""
    jerome, jeremiah = 1, 2
    named = Names(np.array([0, 1, 1, 2]), np.array([jerome, jerome, jeremiah, jeremiah]))
    assert groups(join(3, [(0, 1, 9.0)], named=named)) == [[0, 1], [2]]
    assert groups(join(3, [(1, 2, 9.0)], named=named)) == [[0], [1, 2]]
    assert groups(join(3, [(0, 2, 9.0)], named=named)) == [[0], [1], [2]]


def test_nobody_becomes_larger_than_the_largest_and_plain_components_do() -> None:
    n = 500
    pairs = [(i, i + 1, 9.0 - i / n) for i in range(n - 1)]
    found = join(n, pairs)
    assert np.bincount(found.cluster).max() <= LARGEST == 30
    assert "size" in found.reason.values()
    assert np.bincount(components(np.arange(n), np.arange(n - 1), np.arange(1, n))).max() == n


def test_below_the_line_is_asked_or_dropped() -> None:
    found = join(6, [(0, 1, 9.0), (2, 3, 1.0), (4, 5, -2.0)])
    assert groups(found) == [[0, 1], [2], [3], [4], [5]]
    assert [int(f) for f in found.fate] == [0, 2, 3]


def test_every_reason_can_be_told() -> None:
    limits = Limits({"work": 2, "source crm": 1, "source billing": 3, "external:stripe": 2})
    for why in ("apart", "size", "money", "name", *limits.most):
        words = in_words(why, limits)
        assert words.endswith(".")
        assert words[0].isupper() or why.startswith("source")
    assert in_words("", limits) == ""


@pytest.mark.parametrize(("twice", "wanted"), [(0, 1), (1, 1), (20, 2)])
def test_a_source_gets_the_limit_its_own_duplicates_call_for(twice: int, wanted: int) -> None:
    """A hundred people known to `desk` and to `crm`; `twice` of them are in `crm` twice."""
    certain = [i for i in range(100) for _ in range(2)] + list(range(twice))
    source = ["desk", "crm"] * 100 + ["crm"] * twice
    found = source_limits(np.array(certain), source)
    assert found == {"desk": 1, "crm": wanted}


def test_records_with_company_elsewhere_count_as_people_a_source_keeps_once() -> None:
    """`crm` holds one of a hundred and fifty twice: a habit among those known twice, none among all that have company."""
    certain = np.array([*range(150), 0])
    source = ["crm"] * 151
    assert source_limits(certain, source) == {"crm": 1}  # too few to know
    assert source_limits(certain, source, np.ones(151, bool)) == {"crm": 1}
    more = np.array([*range(150), *range(9)])
    assert source_limits(more, ["crm"] * 159, np.ones(159, bool)) == {"crm": 2}


@given(st.integers(0, 10_000))
def test_no_order_of_equal_input_breaks_a_limit(seed: int) -> None:
    rng = random.Random(seed)
    n = 30
    drawn = [rng.sample(range(n), 2) for _ in range(80)]
    pairs = [(a, b, rng.uniform(-2, 12)) for a, b in drawn]
    mails = signs(*((i, rng.choice(["work", "personal"]), f"m{rng.randrange(12)}") for i in range(n)))
    apart = [(a, b) for a, b in (rng.sample(range(n), 2) for _ in range(6))]
    found = join(n, pairs, mails, {"work": 2, "personal": 1}, apart=apart)
    held: dict[tuple[int, int], set[int]] = {}
    for record, kind, value in zip(mails.record.tolist(), mails.kind.tolist(), mails.value.tolist(), strict=True):
        held.setdefault((int(found.cluster[record]), kind), set()).add(value)
    most = {mails.kinds.index(k): v for k, v in {"work": 2, "personal": 1}.items() if k in mails.kinds}
    assert all(len(values) <= most[kind] for (_, kind), values in held.items())
    assert all(found.cluster[a] != found.cluster[b] for a, b in apart)
    shuffled = rng.sample(pairs, len(pairs))
    again = join(n, shuffled, mails, {"work": 2, "personal": 1}, apart=apart)
    assert groups(again) == groups(found)  # weights differ, so the order of the input does not matter
