"""What a batch says about records, and which identifiers may be keys at all."""

from datetime import timedelta

from honeyguide.core.terms import Identifier
from honeyguide.identity.evidence import identifiers_of, newest, observe, stamp
from tests.properties.worlds import START, company, email, event, persona


def keys(ref: object) -> set[tuple[str, str]]:
    return {(ns, value) for ns, value, _ in identifiers_of(ref)}  # type: ignore[arg-type]


def test_addresses_are_spelled_one_way() -> None:
    assert keys(persona("s", "1", email("Ana.B+x@GoogleMail.com"))) == {("email", "anab@gmail.com")}


def test_role_inboxes_placeholders_and_mailbox_providers_are_no_keys() -> None:
    assert keys(persona("s", "1", email("info@acme.io"), email("support+eu@acme.io"), email("nonsense"))) == set()
    assert keys(persona("s", "1", Identifier("user_id", "null"), Identifier("user_id", "0000-0000"))) == set()
    assert keys(company("s", "1", Identifier("domain", "gmail.com"))) == set()
    assert keys(company("s", "1", Identifier("domain", "eu.acme.co.uk"))) == {("domain", "acme.co.uk")}


def test_an_id_made_of_an_identifier_is_one() -> None:
    assert keys(persona("s", "email:ana@acme.io")) == {("email", "ana@acme.io")}
    assert keys(company("s", "domain:acme.io")) == {("domain", "acme.io")}
    assert keys(persona("s", "anon:17")) == set()


def test_traits_are_won_by_the_later_statement_then_by_the_event_id() -> None:
    known: dict[str, dict[str, str]] = {}
    assert newest(known, {"name": "A"}, stamp(START), "b")
    assert not newest(known, {"name": "B"}, stamp(START), "a")
    assert not newest(known, {"name": None}, stamp(START + timedelta(days=1)), "z")
    assert newest(known, {"name": "C"}, stamp(START), "c")
    assert known["name"]["v"] == "C"


def test_a_merge_speaks_of_the_kept_record_too() -> None:
    seen = observe([event(1, "records.merged", START, others=(persona("hubspot", "2"),), kept="1", source="hubspot")])
    assert {r.ext_id for r in seen.records.values()} == {"1", "2"}
    assert len({(k[1], k[2]) for k in seen.signs}) == 1
    assert len(seen.signs) == 2


def test_the_earliest_showing_is_kept_and_strong_wins() -> None:
    weak = persona("s", "1", Identifier("email", "ana@acme.io", strong=False))
    strong = persona("s", "1", email("ana@acme.io"))
    (sign,) = observe(
        [event(2, "custom", START + timedelta(days=1), strong), event(1, "custom", START, weak)]
    ).signs.values()
    assert sign.strong
    assert sign.at == START
