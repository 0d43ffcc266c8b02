"""Which records are one: must-merge and must-not-merge sides of every rule."""

import random

from honeyguide.identity import Incidence, cluster
from honeyguide.identity.clusters import CROWD


def groups(records: dict[int, str | None], *incidences: tuple[int, str, str, bool]) -> set[frozenset[int]]:
    return {frozenset(g) for g in cluster(records, [Incidence(*i) for i in incidences])}


def apart(*ids: int) -> set[frozenset[int]]:
    return {frozenset({i}) for i in ids}


def test_no_evidence_no_merge() -> None:
    assert groups({1: "a", 2: "a", 3: None}) == apart(1, 2, 3)


def test_a_strong_identifier_joins_across_and_within_sources() -> None:
    assert groups({1: "a", 2: "b", 3: "a"}, *[(r, "email", "x", True) for r in (1, 2, 3)]) == {frozenset({1, 2, 3})}


def test_strong_identifiers_join_transitively() -> None:
    found = groups(
        {1: "a", 2: "b", 3: "c"},
        (1, "email", "x", True),
        (2, "email", "x", True),
        (2, "user_id", "u", True),
        (3, "user_id", "u", True),
    )
    assert found == {frozenset({1, 2, 3})}


def test_equal_values_of_other_namespaces_do_not_join() -> None:
    assert groups({1: "a", 2: "b"}, (1, "email", "x", True), (2, "user_id", "x", True)) == apart(1, 2)


def test_a_device_attaches_an_anonymous_record_to_one_person() -> None:
    assert groups({1: "a", 2: None}, (1, "email", "x", True), (1, "device", "d", False), (2, "device", "d", False)) == {
        frozenset({1, 2})
    }


def test_a_shared_device_joins_nobody() -> None:
    found = groups(
        {1: "a", 2: "b", 3: None},
        (1, "email", "x", True), (2, "email", "y", True), *[(r, "device", "d", False) for r in (1, 2, 3)],
    )  # fmt: skip
    assert found == apart(1, 2, 3)


def test_a_weak_value_never_bridges_two_people_through_a_third_record() -> None:
    found = groups(
        {1: "a", 2: "b", 3: None},
        (1, "email", "x", True), (2, "email", "y", True),
        (1, "device", "d", False), (3, "device", "d", False), (3, "phone", "p", False), (2, "phone", "p", False),
    )  # fmt: skip
    assert found == apart(1, 2, 3)


def test_a_switchboard_does_not_join_the_people_of_one_source() -> None:
    records: dict[int, str | None] = dict.fromkeys(range(1, 20), "zendesk")
    assert groups(records, *[(r, "phone", "+49301", False) for r in records]) == apart(*records)


def test_a_phone_joins_records_of_two_sources_nothing_else_knows() -> None:
    assert groups({1: "a", 2: "b"}, (1, "phone", "p", False), (2, "phone", "p", False)) == {frozenset({1, 2})}


def test_a_source_keeps_its_own_people_apart_from_a_known_one() -> None:
    found = groups(
        {1: "a", 2: "b", 3: "a"},
        (1, "email", "x", True),
        (2, "email", "x", True),
        (2, "phone", "p", False),
        (3, "phone", "p", False),
    )
    assert found == {frozenset({1, 2}), frozenset({3})}


def test_a_crowd_joins_nobody() -> None:
    records: dict[int, str | None] = dict.fromkeys(range(CROWD + 1))
    many = [(r, "email", "kiosk@x.io", True) for r in records]
    assert len(groups(records, *many)) == CROWD + 1
    assert len(groups(dict.fromkeys(range(CROWD)), *many[:CROWD])) == 1


def test_any_order_of_the_evidence_gives_the_same_components() -> None:
    rng = random.Random(4)
    for _ in range(200):
        records = {n: rng.choice(["a", "b", None]) for n in range(12)}
        incidences = [
            (rng.randrange(12), ns, str(rng.randrange(4)), ns == "email")
            for _ in range(20)
            for ns in [rng.choice(["email", "phone", "device"])]
        ]
        first = groups(records, *incidences)
        assert sorted(i for g in first for i in g) == list(range(12))
        rng.shuffle(incidences)
        shuffled = dict(sorted(records.items(), key=lambda _: rng.random()))
        assert groups(shuffled, *incidences) == first


def test_weak_evidence_never_joins_two_firm_components() -> None:
    rng = random.Random(5)
    for _ in range(300):
        records = {n: rng.choice(["a", "b", "c", None]) for n in range(10)}
        strong = [(rng.randrange(10), "email", str(rng.randrange(5)), True) for _ in range(6)]
        weak = [(rng.randrange(10), rng.choice(["phone", "device"]), str(rng.randrange(3)), False) for _ in range(12)]
        firm = groups(records, *strong)
        named = {r for r, *_ in strong}
        for component in groups(records, *strong, *weak):
            assert len([f for f in firm if f & component & named]) <= 1
