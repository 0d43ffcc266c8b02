"""Intercom's definition: every reply of its published API, every webhook topic, conversations and tickets as histories.

Payloads marked so come from Intercom's own OpenAPI document; the others are of our own invention in the shapes of it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import bare_connection, session_with
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode.vocabulary import KINDS
from honeyguide.funnel.definitions import definition_of, path
from honeyguide.funnel.definitions.spec import RequestSpec
from honeyguide.inference import Subject, read_ticket
from honeyguide.inference.signals import signals_of
from honeyguide.settings import Settings
from tests.contracts.rows import NOW, read, row_of, source_of

SOURCE = source_of("intercom")
STREAM_OF = {
    "contact": "contacts", "company": "companies", "conversation": "conversations", "ticket": "tickets", "call": "calls",
    "tag": "tags", "segment": "segments", "admin": "admins",
}  # fmt: skip
TOPICS = {
    "contact": ("contact.created", "contact.user.created", "contact.lead.created", "contact.lead.added_email", "contact.lead.signed_up", "contact.email.updated",
                "contact.tag.created", "contact.tag.deleted", "contact.unsubscribed", "contact.subscribed", "contact.merged", "contact.deleted", "contact.archived",
                "contact.unarchived", "user.created", "user.deleted", "user.email.updated", "user.tag.created", "user.unsubscribed", "visitor.signed_up", "granular.unsubscribe"),
    "company": ("company.created", "company.updated", "company.deleted", "company.contact.attached", "company.contact.detached"),
    "conversation": ("conversation.user.created", "conversation.user.replied", "conversation.admin.replied", "conversation.admin.single.created", "conversation.admin.assigned",
                     "conversation.admin.open.assigned", "conversation.admin.opened", "conversation.admin.closed", "conversation.admin.noted", "conversation.admin.snoozed",
                     "conversation.admin.unsnoozed", "conversation.operator.replied", "conversation.contact.attached", "conversation.contact.detached", "conversation.deleted",
                     "conversation.priority.updated", "conversation.rating.added", "conversation.read", "conversation_part.tag.created", "conversation_part.redacted"),
    "ticket": ("ticket.created", "ticket.state.updated", "ticket.closed", "ticket.contact.replied", "ticket.admin.replied", "ticket.note.created", "ticket.rating.provided",
               "ticket.admin.assigned", "ticket.team.assigned", "ticket.attribute.updated", "ticket.contact.attached"),
    "call": ("call.ended", "call.started"),
}  # fmt: skip


def record(stream: str, body: dict[str, Any]) -> list[CanonicalEvent]:
    return read([row_of("record", stream, f"{stream}:{body.get('id')}:{body.get('updated_at')}", body)], SOURCE)


def hook(topic: str, item: dict[str, Any], at: int = 1_790_000_000) -> list[CanonicalEvent]:
    envelope = {
        "type": "notification_event",
        "app_id": "app",
        "topic": topic,
        "id": f"notif_{topic}",
        "created_at": at,
        "data": {"type": "notification_event_data", "item": item},
    }
    return read([row_of("webhook", topic, f"notif_{topic}", envelope, at)], SOURCE)


def told(events: list[CanonicalEvent]) -> list[tuple[str, int]]:
    return sorted((e.kind, int(e.at.timestamp())) for e in events)


@pytest.fixture(scope="module")
def replies() -> list[dict[str, Any]]:
    file = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "intercom-openapi" / "responses.jsonl"
    if not file.exists():
        pytest.skip("the vectors are not here")
    return [msgspec.json.decode(line) for line in file.read_text().splitlines()]


def _typed(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a reply that says what it is, however deep."""
    if isinstance(value, dict):
        if value.get("type") in STREAM_OF:
            yield value
        for inner in value.values():
            yield from _typed(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _typed(inner)


def test_every_reply_of_the_published_api_is_read_or_kept(replies: list[dict[str, Any]]) -> None:
    good = [r for r in replies if r["status"].startswith("2")]
    assert len(good) >= 150
    kinds: Counter[str] = Counter()
    for reply in good:
        bodies = list(_typed(reply["body"])) or [reply["body"]]
        for body in (b for b in bodies if isinstance(b, dict)):
            made = record(STREAM_OF.get(str(body.get("type")), "contacts"), body)
            assert made, reply["path"]
            assert {e.kind for e in made} <= set(KINDS)
            msgspec.json.encode(made)
            kinds.update(e.kind for e in made)
    assert (
        min(
            kinds[k]
            for k in ("persona.identified", "company.identified", "ticket.opened", "ticket.commented", "call.made")
        )
        >= 1
    ), kinds


def test_the_lists_of_the_api_are_found_where_the_streams_look(replies: list[dict[str, Any]]) -> None:
    definition = definition_of(SOURCE)
    assert definition is not None
    found: dict[str, int] = {}
    for name, stream in definition.streams.items():
        for reply in replies:
            if reply["status"] == "200" and (reply["method"].upper(), reply["path"]) == (
                stream.request.method,
                stream.request.path,
            ):
                records = path(stream.records)(reply["body"])
                assert isinstance(records, list), name
                found[name] = found.get(name, 0) + len(records)
    assert set(found) == set(definition.streams)
    assert min(found[n] for n in ("companies", "conversations", "tickets", "tags", "segments", "admins")) >= 1


def test_every_topic_is_read_on_every_shape_of_its_resource(replies: list[dict[str, Any]]) -> None:
    samples: dict[str, list[dict[str, Any]]] = {}
    for reply in replies:
        if reply["status"].startswith("2"):
            for body in _typed(reply["body"]):
                samples.setdefault(body["type"], []).append(body)
    for resource, topics in TOPICS.items():
        for topic, item in itertools.product(topics, samples[resource][:25]):
            made = hook(topic, item)
            assert made, topic
            assert {e.kind for e in made} <= set(KINDS)
            assert all(e.at.timestamp() <= 1_790_000_000 for e in made), topic
    assert [e.kind for e in hook("nobody.knows.this", {"type": "novelty", "id": "1"})] == ["custom"]
    assert [(e.kind, e.name) for e in hook("ping", {"type": "ping", "message": "something something interzen"})] == [
        ("custom", "ping")
    ]
    [admin] = hook("admin.logged_in", {"type": "admin", "id": "9", "email": "us@our.example", "name": "Us"})
    assert (admin.kind, admin.person) == ("custom", None)  # our own side never becomes somebody to ask


def test_topics_become_kinds_with_plain_names() -> None:
    user = {"type": "user", "id": "c1", "user_id": "u1", "email": "ines@kranich.example", "name": "Ines"}
    item = {"type": "conversation", "id": "88", "user": user, "state": "open", "created_at": 1_789_000_000, "conversation_message": {"body": "<p>It <b>stalls</b></p>", "author": {"type": "user", "id": "c1"}},
            "conversation_parts": {"conversation_parts": [{"part_type": "comment", "body": "<p>Thanks!</p>", "author": {"type": "user", "id": "c1"}}]}}  # fmt: skip
    [opened] = hook("conversation.user.created", item)
    assert (opened.kind, opened.name, opened.text, opened.props["ticket"]) == (
        "ticket.opened",
        "User started conversation",
        "It stalls",
        "88",
    )
    assert opened.person is not None
    assert (opened.person.ext_id, {(i.ns, i.value) for i in opened.person.identifiers}) == (
        "c1",
        {("email", "ines@kranich.example"), ("external:intercom_user", "u1")},
    )
    [replied] = hook("conversation.user.replied", item)
    assert (replied.kind, replied.text) == ("ticket.commented", "Thanks!")
    [closed] = hook("conversation.admin.closed", item)
    assert (closed.kind, closed.text) == ("ticket.solved", "")
    ours = item | {
        "conversation_parts": {
            "conversation_parts": [
                {"part_type": "comment", "body": "<p>Try now</p>", "author": {"type": "admin", "id": "9"}}
            ]
        }
    }
    [answer] = hook("conversation.admin.replied", ours)
    assert (answer.kind, answer.text, answer.props["agent_text"]) == ("ticket.commented", "", "Try now")
    [rated] = hook(
        "conversation.rating.added",
        item | {"conversation_rating": {"rating": 5, "remark": "fast", "created_at": 1_789_500_000}},
    )
    assert (rated.kind, rated.props["score"], rated.props["comment"], int(rated.at.timestamp())) == (
        "ticket.rated",
        5,
        "fast",
        1_789_500_000,
    )
    unsubscribed = hook("contact.unsubscribed", {"type": "contact", "id": "c1", "unsubscribed_from_emails": True})
    assert [(e.kind, e.props) for e in unsubscribed[1:]] == [
        ("consent.changed", {"channel": "email", "state": "withdrawn"})
    ]
    assert unsubscribed[0].person is not None
    assert unsubscribed[0].person.traits["consent_email"] is False
    [created, *_] = hook("contact.created", {"type": "contact", "id": "c1", "unsubscribed_from_emails": False})
    assert created.person is not None
    assert "consent_email" not in created.person.traits
    [left] = hook(
        "company.contact.detached", {"type": "company", "id": "k1", "name": "Kranich", "contact": {"id": "c1"}}
    )
    assert (left.kind, left.props["left_company_ref"], left.person and left.person.ext_id) == (
        "persona.departed",
        "k1",
        "c1",
    )
    [used] = hook("event.created", {"type": "event", "event_name": "Order Completed", "email": "ines@kranich.example", "user_id": "u1", "created_at": 1_789_000_000, "metadata": {"order_id": "o1", "total": 12.5, "currency": "EUR"}})  # fmt: skip
    assert (used.kind, used.props, int(used.at.timestamp())) == (
        "purchase.completed",
        {"order": "o1", "amount_minor": 1250, "currency": "EUR"},
        1_789_000_000,
    )


def _part(kind: str, at: int, author: str = "admin", body: str | None = None) -> dict[str, Any]:
    return {
        "type": "conversation_part",
        "id": str(at),
        "part_type": kind,
        "created_at": at,
        "body": body,
        "author": {"type": author, "id": f"{author}1", "name": author},
    }


PARTS = [
    _part("comment", 200, "user", "<p>Still down</p>"),
    _part("close", 300, body="<p>Done</p>"),
    _part("open", 400, "user", "<p>No!</p>"),
    _part("close", 500),
    _part("note", 450, body="careful"),
]
CONVERSATION = {
    "type": "conversation", "id": "88", "created_at": 100, "updated_at": 600, "state": "closed", "title": None, "priority": "priority",
    "source": {"type": "conversation", "delivered_as": "customer_initiated", "subject": "<p>Outage</p>", "body": "<p>Down</p>", "author": {"type": "user", "id": "user1", "email": "ines@kranich.example"}},
    "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "user1", "external_id": "u1"}]},
    "conversation_rating": {"rating": 2, "remark": "slow", "created_at": 550}, "statistics": {"last_close_at": 500},
}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_a_conversation_is_a_history_in_any_order(order: tuple[int, ...]) -> None:
    made = record("conversations", CONVERSATION | {"parts": [PARTS[n] for n in order]})
    assert told(made) == [
        ("account_note.added", 450), ("ticket.commented", 200), ("ticket.commented", 300), ("ticket.commented", 400), ("ticket.opened", 100),
        ("ticket.rated", 550), ("ticket.reopened", 400), ("ticket.solved", 300), ("ticket.solved", 500),
    ]  # fmt: skip
    assert sorted(e.text for e in made if e.text) == ["Down", "No!", "Still down"]
    state = read_ticket(Subject.of(1, "ticket", "intercom:88", [s.fact for s in signals_of(made)]))
    assert state is not None
    assert state.solved is not None
    assert (int(state.solved.at.timestamp()), state.is_open, state.score, state.priority) == (500, False, 2, "high")


def test_without_parts_the_statistics_say_when_it_was_closed_and_what_we_began_is_no_question() -> None:
    assert told(record("conversations", CONVERSATION)) == [
        ("ticket.opened", 100),
        ("ticket.rated", 550),
        ("ticket.solved", 500),
    ]
    ours = CONVERSATION | {
        "source": {
            "delivered_as": "admin_initiated",
            "body": "Hi",
            "author": {"type": "admin", "id": "9", "email": "us@our.example"},
        },
        "conversation_rating": None,
    }
    [solved] = record("conversations", ours)
    assert (solved.kind, solved.person and solved.person.ext_id, solved.text) == ("ticket.solved", "user1", "")


def test_tickets_have_states() -> None:
    ticket = {"type": "ticket", "id": "633", "ticket_attributes": {"_default_title_": "Broken", "_default_description_": "very"}, "ticket_state": {"category": "resolved"},
              "contacts": {"contacts": [{"id": "c1"}]}, "created_at": 100, "updated_at": 900, "ticket_parts": {"ticket_parts": [
                  {"part_type": "ticket_state_updated_by_admin", "ticket_state": "resolved", "previous_ticket_state": "in_progress", "created_at": 300},
                  {"part_type": "ticket_state_updated_by_admin", "ticket_state": "in_progress", "previous_ticket_state": "resolved", "created_at": 400},
                  {"part_type": "comment", "body": "<p>hm</p>", "author": {"type": "user", "id": "c1"}, "created_at": 350}]}}  # fmt: skip
    assert told(record("tickets", ticket)) == [
        ("ticket.commented", 350),
        ("ticket.opened", 100),
        ("ticket.reopened", 400),
        ("ticket.solved", 300),
    ]
    assert told(record("tickets", ticket | {"ticket_parts": None})) == [("ticket.opened", 100), ("ticket.solved", 900)]
    assert [e.kind for e in hook("ticket.state.updated", ticket)] == ["ticket.solved"]
    assert [e.kind for e in hook("ticket.state.updated", ticket | {"ticket_state": "submitted"})] == ["custom"]


def test_a_person_may_be_at_several_companies() -> None:
    made = record("contacts", {"type": "contact", "id": "c1", "updated_at": 5, "companies": [{"id": "k1", "name": "Kranich"}, {"id": "k2", "company_id": "x2", "name": "Zwei"}],
                               "notes": [{"id": "n1", "created_at": 3, "body": "<p>VIP</p>", "author": {"name": "Rep"}}]})  # fmt: skip
    assert [(e.kind, e.company.ext_id if e.company else "", int(e.at.timestamp())) for e in made] == [
        ("persona.identified", "k1", 5), ("persona.identified", "k2", 5), ("account_note.added", "k1", 3),
    ]  # fmt: skip
    assert made[0].person is not None
    assert made[0].person.traits["companies"] == ["Kranich", "Zwei"]


def test_names_that_were_not_given_are_not_taken_for_none() -> None:
    """A webhook lists the ids of tags only: that says nothing about their names, and must not wipe those we know."""

    def traits(**user: Any) -> dict[str, Any]:
        person = hook("user.tag.created", {"user": {"id": "c1", **user}})[0].person
        assert person is not None
        return person.traits

    assert "tags" not in traits(tags={"tags": [{"id": "1"}]})
    assert traits(tags={"tags": []})["tags"] == []
    assert "tags" not in traits()


async def test_every_published_error_says_what_to_do(replies: list[dict[str, Any]]) -> None:
    """401 needs new credentials, 429 waits as long as it is told, any other tells its own words and is tried again."""
    definition = definition_of(SOURCE)
    assert definition is not None
    eager = msgspec.structs.replace(
        definition, http=msgspec.structs.replace(definition.http, base="https://recorded.example", per_second=1e4)
    )
    errors = [r for r in replies if not r["status"].startswith("2")]
    assert len(errors) > 200
    given: list[dict[str, Any]] = []

    async def respond(_: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "application/json"} | (
            {"retry-after": "3600"} if given[-1]["status"] == "429" else {}
        )
        return httpx2.Response(
            int(given[-1]["status"]), headers=headers, content=msgspec.json.encode(given[-1]["body"])
        )

    async with session_with(eager, bare_connection(eager, {}, NOW), {"token": "t"}, Settings.load({})) as session:
        session.web.client = httpx2.AsyncClient(transport=httpx2.MockTransport(respond))
        for reply in errors:
            given.append(reply)
            with pytest.raises(VendorProblem) as caught:
                await session.ask(RequestSpec(path="/contacts"), {})
            problem = caught.value
            assert (problem.status_code, problem.needs_auth) == (int(reply["status"]), reply["status"] == "401"), reply
            assert (problem.wait_s == 3600) == (reply["status"] == "429")
            words = path("errors[0].message")(reply["body"])
            assert not words or reply["status"] == "429" or words[:60] in f"{problem.title} {problem.detail}", reply


def test_whom_a_full_sync_no_longer_shows_is_gone() -> None:
    [gone] = record("contacts", {"id": "c1", "_gone": True})
    assert (gone.kind, gone.person and gone.person.ext_id, gone.person and gone.person.traits["deleted"]) == (
        "record.deleted",
        "c1",
        True,
    )
    [gone] = record("companies", {"id": "k1", "_gone": True})
    assert (gone.kind, gone.company and gone.company.ext_id) == ("record.deleted", "k1")
