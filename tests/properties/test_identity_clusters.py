"""Properties of the pure clustering: limits hold, order is nothing, and a merge with its unmerge is nothing."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from honeyguide.identity import Clustering, Guards, Incidence, Subject, cluster
from honeyguide.identity.classes import MOST_RECORDS, counted_as, limit

START = datetime(2026, 1, 1, tzinfo=UTC)
_VALUES = (
    *(("email", f"p{n}@acme.io", True) for n in range(4)), ("email", "ana@web.de", True), ("email", "bo@gmx.de", True),
    ("user_id", "u1", True), ("user_id", "u2", True), ("external:stripe", "c1", True), ("external:stripe", "c2", True),
    ("phone", "+4930", False), ("phone", "+4931", False), ("device", "d1", False),
)  # fmt: skip
_names = st.sampled_from(("", "ana lopez", "bob stone", "a lopez"))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[int, Subject], list[Incidence]]:
    """A dozen records at most, with a few values that collide; some named by a value only."""
    records: dict[int, Subject] = {}
    found: set[Incidence] = set()
    for r in range(draw(st.integers(2, 10))):
        source = draw(st.sampled_from(("crm", "desk", "shop", None)))
        values = draw(st.lists(st.sampled_from(_VALUES), max_size=3, unique=True))
        mails = [v[:2] for v in values if v[0] == "email"]
        records[r] = Subject(
            source,
            START + timedelta(days=draw(st.integers(0, 5))),
            draw(_names),
            mails[0] if mails and not source else None,
        )
        found |= {Incidence(r, *v, START + timedelta(days=draw(st.integers(0, 3)))) for v in values}
    return records, sorted(found)


def sets(found: Clustering) -> set[frozenset[int]]:
    return {frozenset(g) for g in found.groups}


def apart_of(pairs: set[tuple[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for a, b in pairs:
        found.setdefault(a, set()).add(b)
        found.setdefault(b, set()).add(a)
    return {r: frozenset(others) for r, others in found.items()}


@given(worlds())
def test_no_limit_is_ever_broken_by_a_join(world: Any) -> None:
    records, incidences = world
    carried: dict[int, set[tuple[str, str]]] = {}
    for i in incidences:
        if i.strong:
            carried.setdefault(i.record, set()).add((i.ns, i.value))
    found = cluster(records, incidences)
    shared = {(r.ns, r.value) for r in found.refusals if r.kind == "shared"}
    for members in found.groups:
        assert len(members) <= MOST_RECORDS
        sources = [s for r in members if (s := records[r].source) is not None]
        assert len(sources) == len(set(sources))
        counts: dict[str, set[str]] = {}
        for r in members:
            for ns, value in carried.get(r, set()) - shared:
                for key in counted_as(ns, value):
                    counts.setdefault(key, set()).add(value)
        for key, values in counts.items():
            alone = max(len([1 for v in carried.get(r, ()) if key in counted_as(*v)]) for r in members)
            assert len(values) <= max(limit(key), alone), (key, values)


@given(worlds(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same(world: Any, rng: Any) -> None:
    records, incidences = world
    shuffled = sorted(incidences, key=lambda _: rng.random())
    again = cluster(dict(sorted(records.items(), key=lambda _: rng.random())), shuffled)
    first = cluster(records, incidences)
    assert sets(again) == sets(first)
    assert sorted(again.refusals) == sorted(first.refusals)


@given(worlds(), st.data())
def test_a_merge_and_its_unmerge_are_nothing(world: Any, data: st.DataObject) -> None:
    """Link any two personas, then separate what the link had brought together: what was before is there again."""
    records, incidences = world
    before = sets(cluster(records, incidences))
    if len(before) < 2:
        return
    one, other = data.draw(st.permutations(sorted(before, key=sorted)))[:2]
    link = (min(one), min(other))
    merged = sets(cluster(records, incidences, Guards(links=(link,))))
    whole = next(g for g in merged if link[0] in g)
    assert link[1] in whole
    rest = whole - one
    undone = apart_of({(a, b) for a, b in product(one, rest) if not (a in one and b in one)})
    assert sets(cluster(records, incidences, Guards(apart=undone))) == before


@given(worlds(), st.data())
def test_an_unmerge_and_its_undo_bring_the_persona_back(world: Any, data: st.DataObject) -> None:
    records, incidences = world
    before = cluster(records, incidences)
    large = sorted(sorted(g) for g in before.groups if len(g) > 1)
    if not large:
        return
    whole = data.draw(st.sampled_from(large))
    apart = set(data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=len(whole) - 1, unique=True)))
    pairs = {(a, b) for a, b in product(apart, set(whole) - apart)}
    split = sets(cluster(records, incidences, Guards(apart=apart_of(pairs))))
    assert not any(g & apart and g - apart & set(whole) for g in split)
    back = sets(cluster(records, incidences, Guards(links=tuple(sorted(pairs)))))
    assert any(set(whole) <= g for g in back)


@given(worlds(), st.data())
def test_new_guards_between_personas_that_are_apart_change_nothing(world: Any, data: st.DataObject) -> None:
    """Money that comes to two personas, or a person's "no" about them, moves nobody."""
    records, incidences = world
    before = cluster(records, incidences)
    crossing = [p for p in combinations(sorted(records), 2) if not any(set(p) <= g for g in before.groups)]
    if not crossing:
        return
    chosen = set(data.draw(st.lists(st.sampled_from(crossing), min_size=1, max_size=6)))
    assert sets(cluster(records, incidences, Guards(apart=apart_of(chosen)))) == sets(before)
    a, b = min(chosen)
    assert sets(cluster(records, incidences, Guards(payees={a: frozenset("A"), b: frozenset("B")}))) == sets(before)
