"""Contradictions between edges: what holds at a time, what speaks against what, and that no order plays a part."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.graph.beliefs import PERSON, Assertion, Belief, faded, log_odds
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.rules import beliefs_of
from honeyguide.graph.vocabulary import core, parse

T = datetime(2026, 1, 1, tzinfo=UTC)
LEADS, FOR, AGAINST = EDGE["reports_to"], EDGE["champion_of"], EDGE["blocks"]
ANA = 1


def day(n: float) -> datetime:
    return T + timedelta(days=n)


def says(kind: int, dst: int, at: float, last: float | None = None, **more: Any) -> Assertion:
    base: dict[str, Any] = {
        "confidence": 0.8,
        "inferrer": "rule",
        "source": "crm",
        "inferrer_version": "1",
        "subject": ANA,
    }
    return Assertion(
        kind=kind, src=ANA, dst=dst, valid_from=day(at), last_seen_at=day(at if last is None else last), **(base | more)
    )  # fmt: skip


def settled(*said: Assertion) -> dict[tuple[int, int], Belief | None]:
    """The beliefs of all edges by (kind, dst); the same for every order of what was said."""
    outcomes = []
    for order in itertools.islice(itertools.permutations(said), 24):
        grouped: dict[tuple[int, int, int], list[Assertion]] = {}
        for a in order:
            grouped.setdefault((a.kind, a.src, a.dst), []).append(a)
        outcomes.append(beliefs_of(grouped, list(grouped), core().rules))
    assert all(one == outcomes[0] for one in outcomes)
    return {(kind, dst): b for (kind, _, dst), b in outcomes[0].items()}


def spans(belief: Belief | None) -> list[tuple[datetime, datetime | None]]:
    return [] if belief is None else [*belief.earlier, (belief.valid_from, belief.valid_to)]


def sure(belief: Belief | None) -> float:
    assert belief is not None
    return belief.confidence


def test_a_new_leader_ends_the_old_one() -> None:
    found = settled(says(LEADS, 2, 0), says(LEADS, 3, 10))
    assert spans(found[LEADS, 2]) == [(day(0), day(10))]
    assert spans(found[LEADS, 3]) == [(day(10), None)]


def test_the_old_leader_seen_again_leads_again() -> None:
    found = settled(says(LEADS, 2, 0, 20), says(LEADS, 3, 10))
    assert spans(found[LEADS, 2]) == [(day(0), day(10)), (day(20), None)]
    assert spans(found[LEADS, 3]) == [(day(10), day(20))]


def test_who_is_not_believed_ends_nobody() -> None:
    doubted = [says(LEADS, 3, 10), says(LEADS, 3, 11, supports=False, confidence=0.9, source="desk")]
    found = settled(says(LEADS, 2, 0), *doubted)
    assert spans(found[LEADS, 2]) == [(day(0), None)]
    assert sure(found[LEADS, 3]) < 0.5


def test_of_two_seen_at_once_the_surer_leads() -> None:
    found = settled(says(LEADS, 2, 5), says(LEADS, 3, 5, confidence=0.9))
    assert (spans(found[LEADS, 2]), spans(found[LEADS, 3])) == ([], [(day(5), None)])
    alike = settled(says(LEADS, 2, 5), says(LEADS, 3, 5))
    assert (spans(alike[LEADS, 2]), spans(alike[LEADS, 3])) == ([(day(5), None)], [])


def test_a_told_end_is_cut_short_by_a_rival_only() -> None:
    found = settled(says(LEADS, 2, 0, valid_to=day(30)), says(LEADS, 3, 10))
    assert spans(found[LEADS, 2]) == [(day(0), day(10))]
    assert spans(settled(says(LEADS, 2, 0, valid_to=day(30)))[LEADS, 2]) == [(day(0), day(30))]


def test_jobs_and_roles_stand_beside_each_other() -> None:
    for kind in (EDGE["works_at"], EDGE["holds_role"]):
        assert all(spans(b)[-1][1] is None for b in settled(says(kind, 2, 0), says(kind, 3, 10)).values())


_STATED = st.lists(
    st.tuples(
        st.integers(2, 4), st.integers(0, 8), st.integers(0, 4), st.sampled_from((0.6, 0.8)),
        st.booleans(), st.sampled_from((None, None, 3)), st.sampled_from(("crm", "desk")),
    ),
    min_size=1, max_size=7,
)  # fmt: skip


@given(_STATED)
def test_at_most_one_believed_leader_at_any_moment_and_it_is_the_one_seen_last(stated: Sequence[Any]) -> None:
    """The reference is a register: whoever was seen last, of those believed, until told that it ended."""
    said = [
        says(LEADS, dst, at, at + more, confidence=sure, supports=for_it, source=source, inferrer=f"i{n}",
             valid_to=day(at + end) if end is not None and more < end else None)
        for n, (dst, at, more, sure, for_it, end, source) in enumerate(stated)
    ]  # fmt: skip
    found = settled(*said)
    for moment in (day(n / 4) for n in range(60)):
        holding = {
            dst for (_, dst), b in found.items()
            if b is not None and b.confidence >= 0.5 and any(s <= moment and (e is None or e > moment) for s, e in spans(b))
        }  # fmt: skip
        assert len(holding) <= 1
        sights = [
            (at, dst) for (_, dst), alone in _alone(said).items() if alone is not None and alone.confidence >= 0.5
            for a in said if a.dst == dst and a.supports
            for at in ((a.valid_from,) if a.valid_to else (a.valid_from, a.last)) if at <= moment
        ]  # fmt: skip
        last = max((at for at, _ in sights), default=None)
        assert holding <= {dst for at, dst in sights if at == last}


def _alone(said: Sequence[Assertion]) -> dict[tuple[int, int], Belief | None]:
    return {(LEADS, dst): settled(*(a for a in said if a.dst == dst))[LEADS, dst] for dst in {a.dst for a in said}}


def test_what_speaks_for_one_speaks_against_the_other() -> None:
    found = settled(says(FOR, 9, 0, confidence=0.98), says(AGAINST, 9, 0, confidence=0.7))
    champion, blocker = found[FOR, 9], found[AGAINST, 9]
    assert champion is not None
    assert blocker is not None
    assert champion.confidence == pytest.approx(1 / (1 + (0.02 / 0.98) * (0.7 / 0.3)), abs=1e-4)
    assert champion.confidence == pytest.approx(1 - blocker.confidence, abs=1e-4)
    other_product = settled(says(FOR, 9, 0), says(AGAINST, 8, 0))
    assert [b.confidence for b in other_product.values() if b] == [0.8, 0.8]


@given(
    one=st.sampled_from((0.6, 0.7, 0.8)), two=st.sampled_from((0.6, 0.7, 0.8)), first=st.integers(0, 200),
    second=st.integers(0, 200), later=st.integers(200, 900),
)  # fmt: skip
def test_the_stored_balance_is_right_at_every_moment(
    one: float, two: float, first: int, second: int, later: int
) -> None:
    """What readers fade is the difference of the two faded beliefs, whenever they read."""
    found = settled(says(FOR, 9, first, confidence=one), says(AGAINST, 9, second, confidence=two))
    champion, half_life = found[FOR, 9], 120.0
    assert champion is not None
    wanted = log_odds(one) * 2 ** (-(later - first) / half_life) - log_odds(two) * 2 ** (-(later - second) / half_life)
    if 0.005 < champion.confidence < 0.995:  # at the cap the stored belief is less sure than the balance
        left = faded(champion.confidence, half_life, day(first), day(later))
        assert log_odds(left) == pytest.approx(wanted, abs=5e-3)


def test_an_opposite_that_ended_is_about_another_time() -> None:
    found = settled(says(FOR, 9, 50), says(AGAINST, 9, 0, confidence=0.98, valid_to=day(20)))
    assert sure(found[FOR, 9]) == 0.8


def test_praise_and_complaint_are_both_told() -> None:
    found = settled(says(EDGE["praised"], 9, 0), says(EDGE["complained_of"], 9, 0))
    assert [b.confidence for b in found.values() if b] == [0.8, 0.8]


def verdict(said: str, n: int, at: float, dst: int = 2, kind: int = LEADS, **detail: str) -> Assertion:
    return says(
        kind, dst, at, inferrer=PERSON, source="honeyguide", confidence=0.5 if said == "withdrawn" else 0.98,
        supports=said == "confirmed", event_id=f"e{n}", detail={"verdict": said, **detail},
    )  # fmt: skip


def test_a_person_outweighs_all_machines_together() -> None:
    machines = [says(LEADS, 2, 0, confidence=0.98, source=str(n)) for n in range(5)]
    refuted = settled(*machines[:3], verdict("refuted", 1, 5))[LEADS, 2]
    assert refuted is not None
    assert refuted.confidence == pytest.approx(9 * (0.02 / 0.98) / (1 + 9 * (0.02 / 0.98)), abs=1e-4)
    doubts = [says(LEADS, 2, 0, confidence=0.98, source=str(n), supports=False) for n in range(2)]
    confirmed = settled(*doubts, verdict("confirmed", 1, 5))[LEADS, 2]
    assert confirmed is not None
    assert confirmed.confidence > 0.8


def test_the_latest_verdict_counts_and_can_be_taken_back() -> None:
    base = says(LEADS, 2, 0)
    yes, no = verdict("confirmed", 1, 5), verdict("refuted", 2, 6)
    assert _sure(base, yes, no) < 0.5
    assert _sure(base, yes, no, verdict("withdrawn", 3, 7, of="e2")) > 0.9
    assert _sure(base, no, verdict("withdrawn", 3, 7, of="e2")) == 0.8
    assert _sure(base, yes, verdict("withdrawn", 3, 4, of="e1")) == 0.8  # whenever it was said
    assert _sure(base, yes, verdict("withdrawn", 3, 7, of="e9")) > 0.9  # of another edge's verdict: nothing
    assert _sure(base, yes, verdict("withdrawn", 3, 7, of="e1"), verdict("confirmed", 4, 8)) > 0.9


def _sure(*said: Assertion) -> float:
    return sure(settled(*said)[LEADS, 2])


def test_a_refuted_leader_ends_nobody_and_a_confirmed_one_leads() -> None:
    old, new = says(LEADS, 2, 0), says(LEADS, 3, 10)
    refuted = settled(old, new, verdict("refuted", 1, 12, dst=3))
    assert spans(refuted[LEADS, 2]) == [(day(0), None)]
    confirmed = settled(old, new, verdict("confirmed", 1, 12, dst=2))
    assert spans(confirmed[LEADS, 2])[-1] == (day(12), None)
    assert spans(confirmed[LEADS, 3]) == [(day(10), day(12))]


def test_verdicts_alone() -> None:
    assert settled(verdict("refuted", 1, 5))[LEADS, 2] is None
    assert settled(verdict("confirmed", 1, 5), verdict("withdrawn", 2, 6, of="e1"))[LEADS, 2] is None
    alone = settled(verdict("confirmed", 1, 5))[LEADS, 2]
    assert alone is not None
    assert (alone.confidence, alone.inferrer, alone.valid_from) == (0.98, PERSON, day(5))


_HEAD = "version: 9\nnodes:\n  persona: {code: 1, about: a}\nedges:\n"


@pytest.mark.parametrize(
    "edges",
    [
        "  a: {code: 1, from: [ghost], to: [], about: x}\n",
        "  a: {code: 1, about: x}\n  b: {code: 1, about: x}\n",
        "  a: {code: 1000, about: x}\n",
        "  a: {code: 1, about: x, rule: exclusive}\n",
        "  a: {code: 1, about: x, excludes: [b]}\n  b: {code: 2, about: x}\n",
        "  a: {code: 1, about: x, rule: exclusive, excludes: [b]}\n  b: {code: 2, about: x}\n",
        "  a: {code: 1, about: x, rule: exclusive, excludes: [a]}\n",
        "  a: {code: 1, about: x, rule: exclusive, excludes: [b], half_life_days: 10}\n"
        "  b: {code: 2, about: x, rule: exclusive, excludes: [a], half_life_days: 20}\n",
        "  a: {code: 1, about: x, rule: sometimes}\n",
        "  a: {code: 1, about: x, half_life_days: 0}\n",
        "  a: {code: 1, about: x, inferable: 0.2}\n",
        "  a: {about: x}\n",
        "  a: [1]\n",
    ],
)
def test_a_vocabulary_that_cannot_stand_is_refused(edges: str) -> None:
    with pytest.raises(BadInput):
        parse((_HEAD + edges).encode())


def test_a_vocabulary_that_can_stand() -> None:
    good = parse((_HEAD + "  a: {code: 1, from: [persona], to: [persona], about: x, half_life_days: 10}\n").encode())
    assert good.rules.half_life == {1: 10.0}
    assert good.edges["a"].source == ("persona",)
