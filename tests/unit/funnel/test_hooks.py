"""Webhooks with a definition: items split, named and dated by its paths; records converge with what a sync pulls."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from honeyguide.core.errors import Unauthenticated
from honeyguide.funnel import Broken, NewEvent, Source, hooks
from honeyguide.funnel.decode import decode
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.events import event_id
from honeyguide.funnel.records import pieces, record_event, tombstone, with_children
from honeyguide.funnel.signatures import SignedRequest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = """
connector: desk
label: Desk
streams:
  cases: {request: {path: /cases}, version: changed, cursor: {field: changed}}
  people: {request: {path: /people}, version: changed, children: {notes: {path: "/people/{id}/notes"}}}
webhook:
  verify: github
  items: deliveries
  id: delivery
  time: happened
  kind: topic
  routes:
    - {when: "_kind == 'case.changed'", stream: cases, record: data.case}
    - {when: "_kind == 'person.changed'", stream: people, record: data.person, refetch: data.person.id}
    - {when: "_kind == 'people.changed'", map: notice, stream: people, refetch: data.ids}
    - {when: "starts_with(_kind, 'note.')", map: notice}
maps:
  cases: {person: {id: who, email: mail}, ref: "Case {id}", events: [{kind: ticket.opened, props: {ticket: id}}]}
  people: {person: {id: id}, events: [{kind: persona.identified}]}
  notice: {events: [{kind: custom, name: {value: Notice}}]}
"""


def source(text: str = TEXT, secret: str | None = None) -> Source:
    definition = msgspec.to_builtins(parse_definition(text))
    return Source(1, 7, "webhook", "Desk", "hgw_x", NOW, secret, {"definition": definition})


def heard(*items: Any, body: bytes | None = None) -> hooks.Heard:
    return hooks.heard(source(), json.dumps({"deliveries": items}).encode() if body is None else body, {}, NOW)


def events_of(given: NewEvent) -> list[Any]:
    row = {f: getattr(given, f) for f in ("format", "kind", "message_id", "event_time", "received_at", "body")}
    return decode(row | {"event_id": event_id(1, 7, given.message_id)}, source())


CASE = {"id": 5, "who": 9, "mail": "ana@birch.example", "changed": "2026-02-03T10:00:00Z", "weight": 1.10}


def test_a_record_in_a_webhook_is_the_record_a_sync_pulls() -> None:
    (given,) = heard({"topic": "case.changed", "delivery": "d1", "data": {"case": CASE}}).inputs
    definition = parse_definition(TEXT)
    pulled = record_event("cases", definition.streams["cases"], json.dumps(CASE).encode(), NOW)
    assert isinstance(given, NewEvent)
    assert isinstance(pulled, NewEvent)
    assert (given.format, given.kind, given.message_id, given.versioned) == (
        "record",
        "cases",
        "cases:5:2026-02-03T10:00:00Z",
        True,
    )
    assert given.message_id == pulled.message_id
    assert given.event_time == pulled.event_time == datetime(2026, 2, 3, 10, tzinfo=UTC)
    (event,) = events_of(given)
    assert (event.kind, event.props["ticket"]) == ("ticket.opened", 5)


def test_a_record_that_is_less_than_the_streams_is_read_and_fetched() -> None:
    found = heard({"topic": "person.changed", "delivery": "d2", "data": {"person": {"id": 3, "changed": "x"}}})
    (given,) = found.inputs
    assert isinstance(given, NewEvent)
    assert (given.format, given.kind, given.message_id) == ("webhook", "person.changed", "d2")
    assert found.refetch == [("people", "3")]
    assert events_of(given)[0].kind == "persona.identified"


def test_several_records_may_be_named() -> None:
    found = heard({"topic": "people.changed", "delivery": "d3", "data": {"ids": [1, "2"]}})
    assert found.refetch == [("people", "1"), ("people", "2")]


def test_items_are_named_dated_and_split_and_nothing_is_dropped() -> None:
    found = heard(
        {"topic": "note.added", "delivery": "d4", "happened": "2026-01-01T00:00:00Z"},
        {"topic": "never.heard", "id": "own", "user": {"email": "ana@birch.example"}},
        "no object",
    ).inputs
    first, second, third = found
    assert isinstance(first, NewEvent)
    assert isinstance(second, NewEvent)
    assert (first.kind, first.message_id, first.event_time.year, first.event_time.month) == (
        "note.added",
        "d4",
        2026,
        1,
    )
    assert events_of(first)[0].name == "Notice"
    assert (second.message_id, events_of(second)[0].kind) == ("own", "custom")
    assert isinstance(third, Broken)
    assert (third.stage, third.body) == ("hook", b'"no object"')


def test_a_body_without_items_is_one_item() -> None:
    (given,) = heard(body=b'{"topic": "note.added", "delivery": "d5"}').inputs
    assert isinstance(given, NewEvent)
    assert given.message_id == "d5"
    assert heard(body=b'{"deliveries": []}').inputs == []
    (broken,) = heard(body=b"<xml/>").inputs
    assert isinstance(broken, Broken)
    assert broken.reason == "not_json"


def test_without_a_definition_it_is_any_webhook() -> None:
    plain = Source(1, 7, "webhook", "Desk", "hgw_x", NOW, None, {})
    (given,) = hooks.heard(plain, b'{"type": "x", "id": "1"}', {}, NOW).inputs
    assert isinstance(given, NewEvent)
    assert (given.format, given.kind, given.message_id) == ("webhook", "x", "1")


def test_a_definitions_own_scheme_is_checked() -> None:
    signed = source(secret="hush")
    with pytest.raises(Unauthenticated) as e:
        hooks.verified(signed, SignedRequest({}, b"{}"), NOW)
    assert "x-hub-signature-256" in e.value.detail
    unknown = source(TEXT.replace("verify: github", "verify: no-such"), secret="hush")
    with pytest.raises(Unauthenticated):
        hooks.verified(unknown, SignedRequest({}, b"{}"), NOW)
    hooks.verified(source(), SignedRequest({}, b"{}"), NOW)


def test_bytes_stay_as_they_came() -> None:
    body = b'{"a": {"b": [{"n": 1.10, "x":  "\\u00fc"}, 12345678901234567890.0]}, "c": null}'
    assert pieces(body, "a.b") == [b'{"n": 1.10, "x":  "\\u00fc"}', b"12345678901234567890.0"]
    assert pieces(body, "a") == [b'{"b": [{"n": 1.10, "x":  "\\u00fc"}, 12345678901234567890.0]}']
    assert pieces(body, "c") is None
    assert pieces(body, "a.no") is None
    assert pieces(b"[1, 2]", "a.b") is None
    assert pieces(b"[1, [2]]", "@") == [b"1", b"[2]"]
    assert pieces(body, "a.b[?n].n") == [b"1.1"]
    for bad in (b"{", b"", b"nope", b'{"a": }'):
        with pytest.raises(ValueError, match=r"JSON|truncated|byte"):
            pieces(bad, "@")
    assert json.loads(with_children(b'{"n": 1.10}', {"kids": [b'{"k": 2.50}']})) == {"n": 1.1, "kids": [{"k": 2.5}]}
    assert b"1.10" in with_children(b'{"n": 1.10}', {"kids": []})


def test_a_tombstone_says_what_the_stream_says_of_deleted_ones() -> None:
    stream = parse_definition(
        TEXT.replace(
            "{request: {path: /cases}, version", "{request: {path: /cases}, id: meta.key, deleted: meta.gone, version"
        )
    ).streams["cases"]
    assert json.loads(tombstone(stream, "7")) == {"_gone": True, "meta": {"key": "7", "gone": True}}


@pytest.mark.parametrize("size", [1_000_001])
def test_a_record_too_large_for_the_log_is_put_aside(size: int) -> None:
    stream = parse_definition(TEXT).streams["cases"]
    made = record_event("cases", stream, json.dumps({"id": 1, "x": "y" * size}).encode(), NOW)
    assert isinstance(made, Broken)
    assert made.reason == "too_large"
