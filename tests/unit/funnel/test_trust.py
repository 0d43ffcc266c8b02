"""Whose word moves money: by the kind of source, the way an event came, and what staff said of its key."""

from datetime import UTC, datetime
from typing import Any

import pytest

from honeyguide.funnel import Source
from honeyguide.funnel.decode import decode
from honeyguide.funnel.trust import money_words, moves_money

AT = datetime(2026, 3, 2, tzinfo=UTC)


def source(kind: str, secret: str | None = None, **settings: Any) -> Source:
    return Source(1, 1, kind, kind, "hgw_", AT, secret, settings)


@pytest.mark.parametrize(
    ("found", "form", "believed"),
    [
        (source("internal"), "canonical", True),
        (source("import"), "import", True),
        (source("import"), "segment", False),  # its key at the door that browsers use
        (source("segment"), "segment", False),
        (source("segment", server_only=True), "segment", True),
        (source("segment"), "webhook", False),  # the page's key, put into a webhook's address
        (source("posthog", "s"), "posthog", False),
        (source("stripe", "whsec"), "stripe", True),
        (source("stripe", "whsec"), "segment", False),  # signed at one door, open at the other
        (source("stripe"), "stripe", False),
        (source("hubspot", config={}), "record", True),
        (source("webhook", "s"), "webhook", True),
        (source("webhook"), "webhook", False),
        (source("cloudevents"), "cloudevents", False),
    ],
)  # fmt: skip
def test_whose_word_moves_money(found: Source, form: str, believed: bool) -> None:
    assert moves_money(found, form) is believed


def test_every_event_says_whether_it_may() -> None:
    row: dict[str, Any] = {
        "event_id": None, "kind": "track", "message_id": "m", "event_time": AT, "received_at": AT, "format": "segment",
        "body": b'{"type":"track","userId":"u","event":"Deal Won","properties":{"deal":"7","amount":90000,"currency":"EUR"}}',
    }  # fmt: skip
    (open_,), (server,) = decode(row, source("segment")), decode(row, source("segment", server_only=True))
    assert (open_.kind, open_.moves_money, server.moves_money) == ("deal.won", False, True)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (source("segment"), "not believed"),
        (source("segment", server_only=True), "believed"),
        (source("stripe", "whsec"), "believed by signed webhook"),
        (source("import"), "believed from uploaded files only"),
    ],
)
def test_what_a_sources_word_is_worth(found: Source, words: str) -> None:
    assert money_words(found).startswith(words)
