"""The arithmetic of belief, worked out by hand."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from honeyguide.graph.beliefs import Assertion, decayed, fuse, identified, merged, month_key, periods
from honeyguide.graph.kinds import EDGE

T = datetime(2026, 1, 1, tzinfo=UTC)


def day(n: float) -> datetime:
    return T + timedelta(days=n)


def says(at: float = 0, confidence: float = 0.8, **more: Any) -> Assertion:
    last = more.pop("last", at)
    base = {"inferrer": "rule", "source": "zendesk", "inferrer_version": "1", "subject": 1}
    return Assertion(
        kind=8, src=1, dst=2, confidence=confidence, valid_from=day(at), last_seen_at=day(last), **{**base, **more}
    )


def test_one_witness_is_believed_as_it_says() -> None:
    belief = fuse([says()])
    assert belief is not None
    assert (belief.confidence, belief.support, belief.valid_from, belief.valid_to) == (0.8, 1, T, None)


def test_independent_witnesses_add_their_log_odds() -> None:
    belief = fuse([says(), says(source="hubspot")])
    assert belief is not None
    assert belief.confidence == pytest.approx(16 / 17, abs=1e-4)  # odds 4 * 4


def test_one_witness_repeating_itself_counts_once_with_its_surest_word() -> None:
    belief = fuse([says(confidence=0.6), says(confidence=0.8), says(3, confidence=0.7)])
    assert belief is not None
    assert (belief.confidence, belief.support) == (0.8, 1)


def test_a_contradiction_subtracts() -> None:
    belief = fuse([says(), says(source="hubspot", supports=False, confidence=0.8)])
    assert belief is not None
    assert belief.confidence == 0.5


def test_belief_is_capped_both_ways() -> None:
    sure = [says(confidence=0.98, source=str(n)) for n in range(9)]
    assert fuse(sure).confidence == 0.995  # type: ignore[union-attr]
    against = [says(confidence=0.98, source=str(n), supports=False) for n in range(9)]
    assert fuse([says(), *against]).confidence == 0.005  # type: ignore[union-attr]


def test_nothing_supports_nothing_stands() -> None:
    assert fuse([]) is None
    assert fuse([says(supports=False)]) is None
    assert fuse([says(ends=True)]) is None


def test_an_end_closes_and_later_evidence_opens_again() -> None:
    found = periods([says(0, last=3), says(10, last=20)], [says(5, ends=True)])
    assert found == [(day(0), day(5)), (day(10), None)]


def test_an_end_inside_a_month_reopens_at_the_last_evidence() -> None:
    assert periods([says(0, last=20)], [says(5, ends=True)]) == [(day(0), day(5)), (day(20), None)]


def test_an_end_at_the_moment_of_the_evidence_wins() -> None:
    assert periods([says(5)], [says(5, ends=True)]) == []
    assert fuse([says(5), says(5, ends=True)]) is None


def test_an_end_of_one_stream_leaves_the_other_open() -> None:
    one, two = says(0, stream="S1"), says(2, stream="S2", source="b")
    assert periods([one, two], [says(5, ends=True, stream="S1")]) == [(day(0), None)]
    assert periods([one, two], [says(5, ends=True)]) == [(day(0), day(5))]


def test_an_own_end_holds_exactly() -> None:
    assert periods([says(0, valid_to=day(30)), says(60, valid_to=day(90))], []) == [
        (day(0), day(30)),
        (day(60), day(90)),
    ]
    assert periods([says(0, valid_to=day(30)), says(20, valid_to=day(40))], []) == [(day(0), day(40))]


def test_merging_is_associative_and_commutative() -> None:
    rng = random.Random(1)
    shown = [identified(says(rng.randrange(20), source_ref=str(n))) for n in range(8)]
    shown = [structs.replace(a, event_id=None, id=shown[0].id) for a in shown]
    assert len({identified(structs.replace(a, id=shown[0].id)).id for a in shown}) == 1
    results = set()
    for _ in range(50):
        rng.shuffle(shown)
        total = shown[0]
        for a in shown[1:]:
            total = merged(total, a)
        results.add((total.valid_from, total.last, total.seen))
    assert len(results) == 1


def test_the_id_tells_statements_apart_not_sightings() -> None:
    a = identified(says())
    assert identified(says(5, confidence=0.3)).id == a.id
    for other in (
        says(supports=False),
        says(ends=True),
        says(source="b"),
        says(inferrer="b"),
        says(stream="s"),
        says(key="k"),
    ):
        assert identified(other).id != a.id


def test_evidence_of_endable_kinds_is_kept_per_month() -> None:
    assert month_key(EDGE["works_at"], T) == "2026-01"
    assert month_key(EDGE["uses"], T) == ""


def test_decay_halves_the_log_odds_per_half_life() -> None:
    assert decayed(0.8, EDGE["uses"], T, day(60)) == pytest.approx(2 / 3)  # odds 4 -> 2
    assert decayed(0.8, EDGE["bought"], T, day(6000)) == 0.8
    assert decayed(0.8, EDGE["uses"], T, day(-1)) == 0.8
    assert decayed(0.2, EDGE["uses"], T, day(60)) == pytest.approx(1 / 3)
