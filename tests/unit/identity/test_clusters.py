"""Which records are one: must-merge and must-not-merge sides of every rule."""

import random
from datetime import UTC, datetime, timedelta

from honeyguide.identity import Clustering, Guards, Incidence, Subject, cluster
from honeyguide.identity.classes import CROWD, MOST_RECORDS, WEAK_CROWD

START = datetime(2026, 1, 1, tzinfo=UTC)


def told(
    records: dict[int, str | None], *incidences: tuple[int, str, str, bool], guards: Guards | None = None
) -> Clustering:
    """Records seen in the order of their ids; no names."""
    subjects = {r: Subject(source, START + timedelta(days=r)) for r, source in records.items()}
    return cluster(subjects, [Incidence(*i) for i in incidences], guards or Guards())


def groups(
    records: dict[int, str | None], *incidences: tuple[int, str, str, bool], guards: Guards | None = None
) -> set[frozenset[int]]:
    return {frozenset(g) for g in told(records, *incidences, guards=guards).groups}


def people(
    named: dict[int, tuple[str | None, str]], *incidences: tuple[int, str, str, bool], guards: Guards | None = None
) -> Clustering:
    """Records with a source and a name."""
    subjects = {r: Subject(source, START + timedelta(days=r), name) for r, (source, name) in named.items()}
    return cluster(subjects, [Incidence(*i) for i in incidences], guards or Guards())


def sets(found: Clustering) -> set[frozenset[int]]:
    return {frozenset(g) for g in found.groups}


def apart(*ids: int) -> set[frozenset[int]]:
    return {frozenset({i}) for i in ids}


def together(*ids: int) -> set[frozenset[int]]:
    return {frozenset(ids)}


def mail(record: int, address: str) -> tuple[int, str, str, bool]:
    return (record, "email", address, True)


def test_no_evidence_no_merge() -> None:
    assert groups({1: "a", 2: "a", 3: None}) == apart(1, 2, 3)


def test_a_strong_identifier_joins_across_sources() -> None:
    assert groups({1: "a", 2: "b", 3: None}, *[mail(r, "x@acme.io") for r in (1, 2, 3)]) == together(1, 2, 3)


def test_a_source_keeps_its_own_people_apart_whatever_they_share() -> None:
    """A mailbox no list knows: two ids of one source carry it, so it names nobody, the third record neither."""
    found = told({1: "a", 2: "a", 3: "b"}, *[mail(r, "sales-team@acme.io") for r in (1, 2, 3)])
    assert sets(found) == apart(1, 2, 3)
    assert [(r.kind, r.value, r.records, r.detail) for r in found.refusals] == [
        ("shared", "sales-team@acme.io", (1, 2, 3), "a")
    ]


def test_unless_the_source_itself_merged_them() -> None:
    both = [(1, "merge", "m", True), (2, "merge", "m", True)]
    assert groups({1: "a", 2: "a", 3: "b"}, *both, *[mail(r, "x@acme.io") for r in (1, 2, 3)]) == together(1, 2, 3)


def test_the_records_named_by_a_shared_mailbox_alone_stay_one() -> None:
    named = ("email", "sales-team@acme.io")
    subjects = {
        1: Subject("a", START), 2: Subject("a", START), 3: Subject(None, START, "", named), 4: Subject(None, START, "", named),
    }  # fmt: skip
    found = cluster(subjects, [Incidence(r, *named, True) for r in subjects])
    assert sets(found) == apart(1, 2) | together(3, 4)


def test_a_duplicate_within_a_source_does_not_cost_the_person_the_other_sources() -> None:
    """Same source, same address, same name: the elder stays joined, the younger is told as a duplicate."""
    found = people(
        {1: ("sf", "ana lopez"), 2: ("sf", "ana lopez"), 3: ("zen", "ana lopez")},
        *[mail(r, "ana@acme.io") for r in (1, 2, 3)],
    )
    assert sets(found) == together(1, 3) | apart(2)
    assert [(r.kind, r.detail) for r in found.refusals] == [("duplicate", "sf")]


def test_a_recycled_address_joins_neither_owner() -> None:
    found = people(
        {1: ("hubspot", "ana lopez"), 2: ("hubspot", "ana maria berg"), 3: ("zen", "")},
        *[mail(r, "ana@acme.io") for r in (1, 2, 3)],
    )
    assert sets(found) == apart(1, 2, 3)


def test_strangers_with_addresses_of_their_own_share_a_mailbox() -> None:
    shared = [mail(1, "sales-team@acme.io"), mail(2, "sales-team@acme.io")]
    own = [mail(1, "ana@web.de"), mail(2, "bob@gmx.de")]
    assert sets(people({1: ("a", "ana lopez"), 2: ("b", "bob stone")}, *shared, *own)) == apart(1, 2)
    assert sets(people({1: ("a", "ana lopez"), 2: ("b", "a. lopez")}, *shared, *own)) == together(1, 2)


def test_who_stands_under_another_s_address_is_left_apart_and_the_owner_s_records_join() -> None:
    found = people(
        {1: ("crm", "robert trellwitz"), 2: ("zen", "bob trellwitz"), 3: ("billing", "mona okafor"), 4: ("events", "")},
        *[mail(r, "robert.trellwitz@orbex.io") for r in (1, 2, 3, 4)],
    )
    assert sets(found) == together(1, 2, 4) | apart(3)
    assert [(r.kind, r.records) for r in found.refusals] == [("other_name", (1, 2, 3, 4))]


def test_an_address_of_another_does_not_count_as_the_stranger_s_own() -> None:
    """Mona was entered under her boss's address; her own one still joins her records, and not to his."""
    found = people(
        {1: ("crm", "robert trellwitz"), 2: ("crm", "mona okafor"), 3: ("zen", "mona okafor")},
        mail(1, "robert.trellwitz@orbex.io"), mail(2, "robert.trellwitz@orbex.io"), mail(2, "mona@okafor.example"),
        mail(3, "mona@okafor.example"),
    )  # fmt: skip
    assert sets(found) == together(2, 3) | apart(1)


def test_a_person_s_link_is_stronger_than_the_names() -> None:
    found = cluster(
        {1: Subject("crm", START, "robert trellwitz"), 2: Subject("zen", START, "mona okafor")},
        [Incidence(r, "email", "robert.trellwitz@orbex.io", True) for r in (1, 2)], Guards(links=((1, 2),)),
    )  # fmt: skip
    assert sets(found) == together(1, 2)


def test_a_phone_of_two_names_attaches_nobody() -> None:
    number = [(r, "phone", "+493055512345", False) for r in (1, 2)]
    strangers: dict[int, tuple[str | None, str]] = {1: ("a", "robert trellwitz"), 2: ("b", "mona okafor")}
    assert sets(people(strangers, mail(1, "robert@orbex.io"), *number)) == apart(1, 2)
    one: dict[int, tuple[str | None, str]] = {1: ("a", "robert trellwitz"), 2: ("b", "bob trellwitz")}
    assert sets(people(one, mail(1, "robert@orbex.io"), *number)) == together(1, 2)


def test_too_many_addresses_at_one_domain_are_an_office_not_a_person() -> None:
    shared = [mail(1, "desk9@acme.io"), mail(2, "desk9@acme.io"), mail(3, "desk9@acme.io")]
    found = told({1: "a", 2: "b", 3: "c"}, *shared, mail(1, "ana@acme.io"), mail(2, "bob@acme.io"))
    assert sets(found) == apart(1, 2, 3)
    assert [(r.kind, r.detail) for r in found.refusals] == [("limit", "email:domain:acme.io")]


def test_a_second_address_and_a_job_change_stay_one_person() -> None:
    found = groups(
        {1: "a", 2: "b", 3: "c"},
        mail(1, "ana@acme.io"), mail(2, "ana@acme.io"), mail(2, "ana.lopez@acme.io"), mail(2, "ana@web.de"),
        mail(3, "ana@web.de"), mail(3, "ana@beta.io"),
    )  # fmt: skip
    assert found == together(1, 2, 3)


def test_a_fourth_employer_is_one_too_many() -> None:
    chain = [mail(n, f"ana@w{n}.io") for n in range(1, 5)] + [mail(n, f"ana@w{n - 1}.io") for n in range(2, 5)]
    assert groups({1: "a", 2: "b", 3: "c", 4: "d"}, *chain) == together(1, 2, 3) | apart(4)


def test_the_best_evidence_joins_first_whenever_it_came() -> None:
    """A work address goes before a personal one: what cannot have both keeps the better."""
    ids: dict[int, str | None] = {1: "crm", 2: "zen", 3: "crm"}
    found = groups(ids, mail(1, "ana@acme.io"), mail(2, "ana@acme.io"), mail(2, "fam@web.de"), mail(3, "fam@web.de"))
    assert found == together(1, 2) | apart(3)


def test_a_record_with_the_addresses_of_many_is_nobodys() -> None:
    kiosk = [mail(9, f"p{n}@acme.io") for n in range(5)]
    found = told({1: "a", 2: "b", 9: "shop"}, *kiosk, mail(1, "p1@acme.io"), mail(2, "p1@acme.io"))
    assert sets(found) == together(1, 2) | apart(9)
    assert [(r.kind, r.value) for r in found.refusals] == [("overfull", "9")]


def test_strong_identifiers_join_transitively() -> None:
    found = groups(
        {1: "a", 2: "b", 3: "c"},
        mail(1, "x@a.io"),
        mail(2, "x@a.io"),
        (2, "user_id", "u", True),
        (3, "user_id", "u", True),
    )
    assert found == together(1, 2, 3)


def test_equal_values_of_other_namespaces_do_not_join() -> None:
    assert groups({1: "a", 2: "b"}, (1, "email", "x", True), (2, "user_id", "x", True)) == apart(1, 2)


def test_two_user_ids_are_two_people() -> None:
    ids = [(1, "user_id", "u1", True), (2, "user_id", "u2", True)]
    assert groups({1: "a", 2: "b"}, mail(1, "x@a.io"), mail(2, "x@a.io"), *ids) == apart(1, 2)


def test_a_device_attaches_an_anonymous_record_to_one_person() -> None:
    assert groups(
        {1: "a", 2: None}, mail(1, "x@a.io"), (1, "device", "d", False), (2, "device", "d", False)
    ) == together(1, 2)


def test_a_shared_device_joins_nobody_and_says_so() -> None:
    found = told(
        {1: "a", 2: "b", 3: None}, mail(1, "x@a.io"), mail(2, "y@a.io"), *[(r, "device", "d", False) for r in (1, 2, 3)]
    )
    assert sets(found) == apart(1, 2, 3)
    assert [(r.kind, r.ns) for r in found.refusals] == [("shared", "device")]


def test_a_household_shares_its_telephone_and_nothing_else() -> None:
    found = people(
        {1: ("crm", "ana berg"), 2: ("crm", "otto berg"), 3: ("shop", "ana berg")},
        mail(1, "ana@web.de"), mail(2, "otto@web.de"), mail(3, "ana@web.de"), *[(r, "phone", "+4930", False) for r in (1, 2, 3)],
    )  # fmt: skip
    assert sets(found) == together(1, 3) | apart(2)


def test_junior_and_senior_with_one_name_and_one_telephone_stay_two() -> None:
    found = people(
        {1: ("crm", "john smith"), 2: ("zen", "john smith")},
        mail(1, "john@smith.io"), mail(2, "jsmith@smith.io"), (1, "phone", "+1", False), (2, "phone", "+1", False),
    )  # fmt: skip
    assert sets(found) == apart(1, 2)


def test_a_nickname_alone_is_left_to_the_background_pass() -> None:
    assert sets(people({1: ("a", "bob stone"), 2: ("b", "robert stone")})) == apart(1, 2)


def test_a_weak_value_never_bridges_two_people_through_a_third_record() -> None:
    found = told(
        {1: "a", 2: "b", 3: None},
        mail(1, "x@a.io"), mail(2, "y@a.io"),
        (1, "device", "d", False), (3, "device", "d", False), (3, "phone", "p", False), (2, "phone", "p", False),
    )  # fmt: skip
    assert sets(found) == apart(1, 2, 3)
    assert {r.kind for r in found.refusals} == {"ambiguous"}


def test_a_switchboard_does_not_join_the_people_of_one_source() -> None:
    records: dict[int, str | None] = dict.fromkeys(range(1, 20), "zendesk")
    assert groups(records, *[(r, "phone", "+49301", False) for r in records]) == apart(*records)


def test_a_phone_joins_records_of_two_sources_nothing_else_knows() -> None:
    assert groups({1: "a", 2: "b"}, (1, "phone", "p", False), (2, "phone", "p", False)) == together(1, 2)


def test_a_source_keeps_its_own_people_apart_from_a_known_one() -> None:
    found = groups(
        {1: "a", 2: "b", 3: "a"},
        mail(1, "x@a.io"),
        mail(2, "x@a.io"),
        (2, "phone", "p", False),
        (3, "phone", "p", False),
    )
    assert found == together(1, 2) | apart(3)


def test_a_crowd_joins_nobody() -> None:
    for most, strong, ns in ((CROWD, True, "email"), (WEAK_CROWD, False, "phone")):
        records: dict[int, str | None] = dict.fromkeys(range(most + 1))
        many = [(r, ns, "kiosk@x.io", strong) for r in records]
        assert len(groups(records, *many)) == most + 1
        assert len(groups(dict.fromkeys(range(most)), *many[:most])) == 1


def test_nothing_automatic_grows_beyond_the_tens() -> None:
    """A chain of addresses: each link harmless, the whole a crowd."""
    records: dict[int, str | None] = dict.fromkeys(range(300))
    chain = [(r, "device_id", f"v{r + k}", True) for r in records for k in (0, 1)]
    assert max(len(g) for g in groups(records, *chain)) <= MOST_RECORDS
    rings = [(r, "external:x", f"{r // 60}-{(r + k) % 60}", True) for r in records for k in (0, 1)]
    assert max(len(g) for g in groups(records, *rings)) <= MOST_RECORDS


def test_a_name_alone_proposes_and_never_joins_companies() -> None:
    found = told({1: "a", 2: "b"}, (1, "company_name", "acme", False), (2, "company_name", "acme", False))
    assert sets(found) == apart(1, 2)
    assert [(r.kind, r.value) for r in found.refusals] == [("same_name", "acme")]


def test_two_companies_of_one_source_share_the_domain_of_their_group() -> None:
    found = people(
        {1: ("crm", "acme gmbh"), 2: ("crm", "acme france"), 3: ("zen", "acme")},
        *[(r, "domain", "acme.com", True) for r in (1, 2, 3)],
    )
    assert sets(found) == apart(1, 2, 3)
    assert found.refusals[0].kind == "shared"


def test_any_order_of_the_evidence_gives_the_same_components_and_refusals() -> None:
    rng = random.Random(4)
    for _ in range(200):
        records = {n: (rng.choice(["a", "b", None]), rng.choice(["", "ana", "bob"])) for n in range(12)}
        incidences = [
            (rng.randrange(12), ns, f"{rng.randrange(4)}@x.io", ns == "email")
            for _ in range(20)
            for ns in [rng.choice(["email", "phone", "device"])]
        ]
        incidences = list(dict.fromkeys(incidences))
        first = people(records, *incidences)
        assert sorted(i for g in first.groups for i in g) == list(range(12))
        rng.shuffle(incidences)
        shuffled = dict(sorted(records.items(), key=lambda _: rng.random()))
        again = people(shuffled, *incidences)
        assert sets(again) == sets(first)
        assert sorted(again.refusals) == sorted(first.refusals)


def test_weak_evidence_never_joins_two_firm_components() -> None:
    rng = random.Random(5)
    for _ in range(300):
        records = {n: rng.choice(["a", "b", "c", None]) for n in range(10)}
        strong = [mail(rng.randrange(10), f"{rng.randrange(5)}@x.io") for _ in range(6)]
        weak = [(rng.randrange(10), rng.choice(["phone", "device"]), str(rng.randrange(3)), False) for _ in range(12)]
        firm = groups(records, *dict.fromkeys(strong))
        named = {r for r, *_ in strong}
        for component in groups(records, *dict.fromkeys(strong), *dict.fromkeys(weak)):
            assert len([f for f in firm if f & component & named]) <= 1


def test_a_link_of_a_person_joins_what_nothing_else_would() -> None:
    both = [(1, "user_id", "u1", True), (2, "user_id", "u2", True)]
    assert groups({1: "a", 2: "a"}, *both, guards=Guards(links=((1, 2),))) == together(1, 2)


def test_a_separation_holds_against_an_address_and_only_there() -> None:
    guards = Guards(apart={1: frozenset({2, 3}), 2: frozenset({1}), 3: frozenset({1})})
    found = told({1: "a", 2: "b", 3: "c"}, *[mail(r, "x@a.io") for r in (1, 2, 3)], guards=guards)
    assert sets(found) == apart(1) | together(2, 3)
    assert {r.kind for r in found.refusals} == {"separated"}


def test_a_separation_holds_against_a_chain_of_links() -> None:
    guards = Guards(links=((2, 3), (1, 2)), apart={1: frozenset({3}), 3: frozenset({1})})
    found = told({1: "a", 2: "b", 3: "c"}, guards=guards)
    assert sets(found) == together(2, 3) | apart(1)
    assert [(r.kind, r.ns, r.value) for r in found.refusals] == [("separated", "link", "1-2")]


def test_money_keeps_two_payees_and_the_sides_of_a_referral_apart_until_a_person_says_otherwise() -> None:
    evidence = [mail(r, "x@a.io") for r in (1, 2)]
    payees = Guards(payees={1: frozenset({"A"}), 2: frozenset({"B"})})
    sides = Guards(parties={1: frozenset({("R", "referrer")}), 2: frozenset({("R", "referee")})})
    for guards in (payees, sides):
        found = told({1: "a", 2: "b"}, *evidence, guards=guards)
        assert sets(found) == apart(1, 2)
        assert [r.kind for r in found.refusals] == ["money"]
        linked = Guards(links=((1, 2),), payees=guards.payees, parties=guards.parties)
        assert sets(told({1: "a", 2: "b"}, *evidence, guards=linked)) == together(1, 2)
        assert told({1: "a", 2: "b"}, *evidence, guards=linked).refusals == []


def test_one_account_or_another_referral_is_no_obstacle() -> None:
    evidence = [mail(r, "x@a.io") for r in (1, 2)]
    for guards in (
        Guards(payees={1: frozenset({"A"}), 2: frozenset({"A"})}),
        Guards(payees={1: frozenset({"A"})}),
        Guards(parties={1: frozenset({("R", "referrer")}), 2: frozenset({("S", "referee")})}),
    ):
        assert groups({1: "a", 2: "b"}, *evidence, guards=guards) == together(1, 2)


def test_what_was_one_before_the_money_came_stays_one_and_is_told() -> None:
    guards = Guards(payees={1: frozenset({"A"}), 2: frozenset({"B"})}, settled=frozenset({(1, 2)}))
    found = told({1: "a", 2: "b"}, *[mail(r, "x@a.io") for r in (1, 2)], guards=guards)
    assert sets(found) == together(1, 2)
    assert [(r.kind, r.detail) for r in found.refusals] == [("money", "joined")]
