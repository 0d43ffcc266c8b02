"""Replies of Zendesk's API: every list maps, a second pull brings nothing new, and the numbers are the replies'."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from honeyguide.funnel.decode.vocabulary import KINDS
from tests.contracts.pulls import pull, records_of, tell

LISTS = {
    "tickets": "tickets", "ticket_show_many": "tickets", "ticket": "tickets", "users": "users", "user": "users",
    "organizations": "organizations", "organization": "organizations", "ticket_audits": "audits", "ticket_audit": "audits",
    "organization_memberships": "organization_memberships",
}  # fmt: skip


@pytest.fixture
def folder(shared_path: Callable[[str], Path]) -> Path:
    return shared_path("vectors/zendesk-api")


def _load(file: Path) -> Any:
    return json.loads(file.read_text())


@pytest.mark.parametrize(("name", "stream"), LISTS.items())
def test_lists_map_and_a_second_pull_brings_nothing_new(folder: Path, name: str, stream: str) -> None:
    reply = _load(folder / "GET" / f"{name}.json")
    expected = len(reply[k]) if isinstance(reply[k := next(iter(reply))], list) else 1
    assert len(records_of("zendesk", stream, reply)) == expected == reply.get("count", expected)
    first, second = pull("zendesk", stream, reply), pull("zendesk", stream, _load(folder / "GET" / f"{name}.json"))
    assert len(first) == expected
    assert first == second
    for key, events in first.items():
        assert events, key
        assert all(e.kind in KINDS for e in events)
        # The one audit recorded there opens a new ticket and adds an internal note: neither has a kind of its own.
        assert stream == "audits" or all(e.kind != "custom" for e in events)


def test_what_a_ticket_tells(folder: Path) -> None:
    found = pull("zendesk", "tickets", _load(folder / "GET" / "tickets.json"))
    mail, web = list(found.values())
    assert [(e.kind, e.ref, e.props) for e in mail] == [
        ("ticket.opened", "Zendesk #2", {"ticket": "2", "subject": "Mail to create fixture ticket for testing"}),
        ("ticket.solved", "Zendesk #2", {"ticket": "2"}),
    ]
    assert mail[0].at.isoformat() == "2019-06-03T02:23:47+00:00"
    assert mail[0].person is not None
    assert mail[0].company is not None
    assert (mail[0].person.ext_id, mail[0].person.traits) == (
        "377922500012", {"email": "nukosuke@lavabit.com", "name": "Yosuke Tamura"},
    )  # fmt: skip
    assert mail[0].company.ext_id == "360363695492"
    assert web[0].person is not None
    assert (web[0].text, web[0].person.traits) == ("ぬこすけ", {})


def test_people_and_organisations(folder: Path) -> None:
    [[user], _] = list(pull("zendesk", "users", _load(folder / "GET" / "users.json")).values())
    assert user.person is not None
    assert user.person.traits["email"] == "customer@example.com"
    assert (user.person.traits["timezone"], user.person.traits["role"]) == ("Asia/Tokyo", "end-user")
    [[rebels], [senate]] = pull("zendesk", "organizations", _load(folder / "GET" / "organizations.json")).values()
    assert rebels.company is not None
    assert senate.company is not None
    assert rebels.company.traits["domains"] == ["hoth.com", "dantooine.com"]
    assert (rebels.company.ext_id, rebels.company.traits["domain"]) == ("361898904439", "hoth.com")
    assert senate.company.traits["name"] == "Imperial Senate"
    memberships = pull("zendesk", "organization_memberships", _load(folder / "GET" / "organization_memberships.json"))
    assert {(e.person and e.person.ext_id, e.company and e.company.ext_id) for [e] in memberships.values()} == {
        ("369531345753", "361898904439"), ("369537351454", "361898904439"),
    }  # fmt: skip


def test_comments_merged_into_a_ticket_are_said_by_who_wrote_them(folder: Path) -> None:
    ticket = _load(folder / "GET" / "ticket.json")["ticket"]
    comments = _load(folder / "GET" / "ticket_comments.json")["comments"]
    events = tell("zendesk", "tickets", "k", ticket | {"comments": comments})
    said = [e for e in events if e.kind == "ticket.commented"]
    assert [(e.text, e.at.isoformat()) for e in said] == [  # the first comment is the ticket's own text
        ("Mail to create fixture ticket for testing", "2019-06-03T02:23:47+00:00")
    ]
    [other] = [
        e for e in tell("zendesk", "tickets", "k", {**ticket, "comments": [comments[0], comments[1] | {"author_id": 5}]})
        if e.kind == "ticket.commented"
    ]  # fmt: skip
    assert (other.text, other.props["agent_text"]) == ("", "Mail to create fixture ticket for testing")


def test_no_reply_of_any_kind_fails_as_a_webhook_or_as_a_record(folder: Path) -> None:
    n = 0
    for file in sorted(folder.glob("*/**/*.json")):
        reply = _load(file)
        for part in [reply, *(v for k, v in reply.items() if isinstance(v, dict | list))]:
            for one in part if isinstance(part, list) else [part]:
                if not isinstance(one, dict):
                    continue
                assert tell("zendesk", "webhook", f"{n}", one, form="zendesk")
                for stream in ("tickets", "users", "organizations", "audits", "satisfaction_ratings", "ticket_events"):
                    tell("zendesk", stream, f"{n}", one)
                n += 1
    assert n > 80
