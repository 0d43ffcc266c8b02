"""Definitions: what is wrong with one is said with its place; a record can only lose the values it does not have."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source, Undecodable
from honeyguide.funnel.decode import decode
from honeyguide.funnel.decode.maps import unknown_kinds
from honeyguide.funnel.definitions import library, message_id, parse_definition, path, plain_text, template

DESK = """
connector: desk
label: Desk
streams:
  people: {request: {path: /people}, version: changed, deleted: gone}
  cases: {request: {path: /cases}, version: changed}
webhook:
  routes:
    - {when: "_kind == 'case.changed'", stream: cases, record: data.case}
    - {when: "starts_with(_kind, 'note.')", map: note}
maps:
  people:
    time: changed
    person:
      id: id
      email: mail || contact.mail
      external: {crm: crm_id}
      traits: {name: {template: "{first} {last}"}, title: {path: job, map: {cto: Chief Technology Officer}, default: Other}, tags: tags}
      keep: more
    company: {id: firm.id, domain: firm.site, name: firm.name, parent: firm.parent}
    ref: "Desk person {id}"
    events:
      - {kind: persona.identified}
      - kind: records.merged
        when: was
        others: [{kind: persona, id: was}]
  cases:
    time: changed
    person: {id: who.id, email: who.mail}
    ref: "Desk #{id}"
    events:
      - {kind: ticket.opened, at: opened, props: {ticket: id, subject: title}}
      - each: "history[?field=='state']"
        kind: {path: _item.to, map: {solved: ticket.solved, escalated: ticket.escalated}}
        at: _item.at
        props: {ticket: id}
      - kind: purchase.completed
        when: paid
        props: {order: id, amount_minor: {path: paid, type: money, currency: currency}, currency: {path: currency, type: text}}
  note:
    person: {email: author}
    events: [{kind: auto, name: _kind, keep: "@"}]
"""
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _read(fmt: str, kind: str, body: dict[str, Any], text: str = DESK, **settings: Any) -> list[CanonicalEvent]:
    definition = msgspec.to_builtins(parse_definition(text))
    source = Source(1, 7, "desk", "Desk", "", AT, settings={"definition": definition, **settings})
    row = {
        "event_id": UUID(int=5), "kind": kind, "message_id": "m", "event_time": AT, "received_at": AT, "format": fmt,
        "body": msgspec.json.encode(body),
    }  # fmt: skip
    return decode(row, source)


def test_a_record_becomes_a_person_at_a_company() -> None:
    record = {
        "id": 12, "changed": "2026-02-01T10:00:00Z", "first": "Ana", "last": "Silva", "contact": {"mail": "ANA@acme.de"},
        "job": "CTO", "tags": ["vip", "beta"], "crm_id": "003x", "more": {"Shoe Size": 41, "nested": {"a": 1}},
        "firm": {"id": 9, "site": "https://www.acme.de/x", "name": "Acme GmbH", "parent": 8}, "was": [11, "12", "10"],
    }  # fmt: skip
    identified, merged = _read("record", "people", record)
    assert identified.kind == "persona.identified"
    assert identified.person is not None
    assert identified.person.ext_id == "12"
    assert identified.person.traits == {
        "email": "ana@acme.de", "name": "Ana Silva", "title": "Chief Technology Officer", "tags": ["vip", "beta"],
        "shoe_size": 41,
    }  # fmt: skip
    assert {(i.ns, i.value) for i in identified.person.identifiers} == {
        ("email", "ana@acme.de"),
        ("external:crm", "003x"),
    }
    assert identified.company is not None
    assert (identified.company.ext_id, identified.company.traits["domain"]) == ("9", "acme.de")
    assert identified.company.traits["parent"] == 8
    assert (identified.ref, identified.at.isoformat()) == ("Desk person 12", "2026-02-01T10:00:00+00:00")
    assert merged.kind == "records.merged"
    assert merged.props == {"kept": "12", "merged": ["11", "10"]}


def test_a_tombstone_says_only_that_the_record_is_gone_and_its_return_that_it_is_there() -> None:
    [gone] = _read("record", "people", {"id": 12, "gone": True, "first": "Ana", "last": "Silva"})
    assert (gone.kind, gone.person and gone.person.traits) == (
        "record.deleted", {"deleted": True, "deleted_at": "2026-03-01T12:00:00+00:00"},
    )  # fmt: skip
    [back] = _read("record", "people", {"id": 12, "gone": False})
    assert back.person is not None
    assert back.person.traits["deleted"] is False


def test_history_becomes_one_event_per_change_at_its_time() -> None:
    case = {
        "id": 4, "title": "Down", "opened": 1769940000, "changed": "2026-02-03", "who": {"mail": "ana@acme.de"},
        "history": [
            {"field": "state", "to": "solved", "at": "2026-02-02T08:00:00Z"}, {"field": "owner", "to": "solved", "at": "x"},
            {"field": "state", "to": "open", "at": "2026-02-01"}, {"field": "state", "to": "escalated", "at": 1769990000000},
        ],
        "paid": "1,250.5", "currency": "jpy",
    }  # fmt: skip
    made = _read("webhook", "case.changed", {"data": {"case": case}})
    assert [e.kind for e in made] == ["ticket.opened", "ticket.solved", "ticket.escalated", "purchase.completed"]
    assert made[1].at.isoformat() == "2026-02-02T08:00:00+00:00"
    assert made[3].props == {"order": 4, "amount_minor": 1250, "currency": "jpy"}  # yen have no minor unit
    assert {e.ref for e in made} == {"Desk #4"}


def test_a_history_tells_its_changes_whatever_its_order() -> None:
    entries = [
        {"v": v, "t": t}
        for v, t in (("a", 3), ("b", "1970-01-01T00:00:05Z"), ("a", 1), ("a", 2), ("b", 6), ("c", "when?"))
    ]
    for told in (entries, entries[::-1], entries[3:] + entries[:3]):
        assert [(e["v"], e["_was"]) for e in path("changes(h, 'v', 't')")({"h": told})] == [("a", None), ("b", "a")]
    assert path("changes(h, 'v', 't')")({"h": "none"}) == []


def test_what_a_map_makes_nothing_of_is_kept_as_what_it_is() -> None:
    text = DESK.replace("    time: changed\n    person:\n      id: id", "    each: inner\n    person:\n      id: id")
    [kept] = _read("record", "people", {"id": 3, "wind": 4}, text)
    assert (kept.kind, kept.name, kept.props["wind"]) == ("custom", "people", 4)


def test_what_no_route_knows_is_read_as_any_webhook() -> None:
    [note] = _read("webhook", "note.added", {"author": "ana@acme.de", "deep": {"a": [1, {"b": 2}]}, "name": "n"})
    assert (note.kind, note.name, note.props["deep"], note.props["name"]) == ("custom", "note.added", {"a": [1, {"b": 2}]}, "n")  # fmt: skip
    [other] = _read("webhook", "weather", {"user": {"email": "bo@acme.de"}, "wind": 3})
    assert other.person is not None
    assert (other.kind, other.person.ext_id, other.props["wind"]) == ("custom", "email:bo@acme.de", 3)


def test_a_workspace_lays_its_own_traits_over_a_definition() -> None:
    overrides = {"maps": {"people": {"person": {"traits": {"plan": "more.plan"}, "external": {"app": "app.id"}}}}}
    [event] = _read("record", "people", {"id": 1, "more": {"plan": "gold"}, "app": {"id": "u1"}}, overrides=overrides)
    assert event.person is not None
    assert event.person.traits["plan"] == "gold"
    assert ("external:app", "u1") in {(i.ns, i.value) for i in event.person.identifiers}


def test_a_value_laid_over_another_takes_its_place_as_a_whole() -> None:
    traits = {
        "name": "full",
        "title": {"template": "{job}!"},
        "tags": {"first": ["labels", "tags"]},
        "plan": {"path": "more.plan", "type": "text"},
    }
    overrides = {"maps": {"people": {"person": {"traits": traits, "email": {"template": "{login}@acme.de"}}}}}
    body = {
        "id": 1,
        "full": "Ana",
        "first": "No",
        "last": "No",
        "job": "CTO",
        "labels": ["a"],
        "login": "ana",
        "mail": "x@y.de",
        "more": {"plan": 3},
    }
    [event] = _read("record", "people", body, overrides=overrides)
    assert event.person is not None
    assert event.person.traits == {"name": "Ana", "title": "CTO!", "tags": ["a"], "plan": "3", "email": "ana@acme.de"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("connector: [", "not YAML"),
        ("connector: x\nlabel: X", "neither streams nor a webhook"),
        ("connector: x\nlabel: X\nstreams: {a: {idd: 3}}", "idd"),
        ("connector: x\nlabel: X\nstreams: {a: {}}", "no map 'a'"),
        ("connector: x\nlabel: X\nstreams: {a: {}}\nmaps: {a: {events: []}}", "makes no event"),
        (
            "connector: x\nlabel: X\nstreams: {a: {}}\nmaps: {a: {events: [{kind: custom, when: 'a =='}]}}",
            "maps.a.events[0]",
        ),
        (
            "connector: x\nlabel: X\nstreams: {a: {}}\nmaps: {a: {ref: '{a..b}', events: [{kind: custom}]}}",
            "is no path",
        ),
        ("connector: x\nlabel: X\nwebhook: {routes: [{stream: b}]}", "no stream 'b'"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said_with_its_place(wrong: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_definition(wrong, "mine.yaml")
    assert said in caught.value.sentence()


def test_the_library_parses_and_speaks_our_vocabulary() -> None:
    for name, found in library().items():
        assert found.connector == name
        assert unknown_kinds(found) == [], name


def test_paths_and_their_functions() -> None:
    data = {"a-b": {"c": 3}, "when": 1769940000, "html": "<p>Hi&nbsp;<b>you</b><script>x()</script></p>", "e": "a@b.c"}
    cases: dict[str, Any] = {
        '"a-b".c': 3, "missing.c": None, "iso(when)": "2026-02-01T10:00:00+00:00", "after(e, '@')": "b.c",
        "before(e, '#')": None, "split(e, '@')[0]": "a", "join('-', ['x', text_of(when)])": "x-1769940000",
        "plain(html)": "Hi\xa0you", "entries(@)[0].key": "a-b", "object_of(['k'], [when]).k": 1769940000,
        "parse_json('{\"q\": 1}').q": 1, "query('https://x.y/?ref=z&a=1').ref": "z", "length(when)": None, "lookup(@, after(e, '@b.'))": None, "lookup(@, 'a-b').c": 3,
    }  # fmt: skip
    assert {p: path(p)(data) for p in cases} == cases
    assert template("x-{when}/{{e}}")(data) == "x-1769940000/{e}"
    assert template("x-{nope}")(data) is None
    assert plain_text("1 < 2 & <br>done") == "1 < 2 &\ndone"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "mail", "firm", "history", "field", "to", "at", "paid", "who", "gone", "was", "x"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["id", "mail", "firm", "history", "paid", "who", "gone", "was", "changed", "more", "tags", "contact"]), _json))  # fmt: skip
def test_no_record_makes_a_map_fail(record: dict[str, Any]) -> None:
    for kind in ("people", "cases"):
        made = _read("record", kind, record)
        assert made == _read("record", kind, record)
        assert all(e.at <= AT for e in made)
        msgspec.json.encode(made)
    _read("webhook", "case.changed", {"data": {"case": record}})


def test_a_version_of_a_record_has_one_id_however_it_came() -> None:
    definition = parse_definition(DESK)
    people = definition.streams["people"]
    assert message_id("people", people, {"id": 1, "changed": "t1"}) == "people:1:t1"
    assert message_id("people", people, {"id": 1, "changed": "t1", "gone": True}) == "people:1:t1:deleted"
    a, b = (
        message_id("people", people, {"id": 1, "x": 1, "y": 2}),
        message_id("people", people, {"y": 2, "x": 1, "id": 1}),
    )
    assert a == b != message_id("people", people, {"id": 1, "x": 2, "y": 2})


BOX = """
connector: box
label: Box
webhook: {items: "all || @", routes: [{when: kind, map: thing}]}
maps:
  thing:
    refuse: [{when: "kind == 'junk'", reason: junk, say: This is junk.}]
    each: "part || @"
    ref: "{_label} {_item.id}"
    events:
      - {kind: purchase.completed, when: "_item.paid", props: {order: _item.id, currency: {path: _item.money, type: currency, default: EUR}}}
      - {kind: custom, otherwise: true, name: title(kind), keep: _item}
"""


def test_what_no_event_tells_is_told_otherwise() -> None:
    paid, left = _read(
        "webhook",
        "x",
        {"all": [{"kind": "a", "part": {"id": 1, "paid": True, "money": "usd"}}, {"kind": "b_c.d", "id": 2}]},
        BOX,
    )
    assert (paid.kind, paid.ref, paid.props) == ("purchase.completed", "Desk 1", {"order": 1, "currency": "USD"})
    assert (left.kind, left.name, left.props["id"]) == ("custom", "B C D", 2)
    assert _read("webhook", "x", {"kind": "a", "part": {"paid": 1, "money": "?"}}, BOX)[0].props == {"currency": "EUR"}


def test_what_has_no_route_or_tells_nothing_is_read_as_any_webhook() -> None:
    [kept] = _read("webhook", "x", {"email": "ana@acme.de", "n": 1}, BOX)
    assert (kept.kind, kept.props["n"], kept.person and kept.person.ext_id) == ("custom", 1, "email:ana@acme.de")


def test_a_definition_may_refuse_with_its_reason() -> None:
    with pytest.raises(Undecodable) as refused:
        _read("webhook", "x", {"kind": "junk"}, BOX)
    assert (refused.value.reason, refused.value.detail) == ("junk", "This is junk.")
    # In a row that was logged before its definition could split it, the others are still read.
    told, kept = _read(
        "webhook", "x", {"all": [{"kind": "a", "paid": True, "id": 1}, {"kind": "junk", "email": "ana@acme.de"}]}, BOX
    )
    assert (told.kind, kept.kind, kept.person and kept.person.ext_id) == (
        "purchase.completed",
        "custom",
        "email:ana@acme.de",
    )


@pytest.mark.parametrize(
    ("expression", "value", "found"),
    [
        ("times(a, b)", {"a": 3, "b": 4}, 12), ("times(a, b)", {"a": "3", "b": 4}, 12), ("times(a, b)", {"a": "x", "b": 4}, None),
        ("times(a, b)", {"a": True, "b": 4}, None), ("total(a)", {"a": [1, None, "x", "2", 3.5]}, 6.5), ("total(a)", {"a": "x"}, 0),
        ("title(a)", {"a": "incident.priority_updated"}, "Incident Priority Updated"), ("title(a)", {}, ""),
        ("work_domain(a)", {"a": "ana@sub.acme.de"}, "acme.de"), ("work_domain(a)", {"a": "ana@gmail.com"}, None), ("work_domain(a)", {"a": 5}, None),
    ],
)  # fmt: skip
def test_functions(expression: str, value: dict[str, Any], found: Any) -> None:
    assert path(expression)(value) == found
