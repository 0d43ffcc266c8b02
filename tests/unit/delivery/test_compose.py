"""The letter: no blanks, no markup out of fields, no header breaks, no endless templates."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.delivery import AskMessage, MissingField, compose

URL = "https://refer.example/u/hgu_1"


def ask(**more: Any) -> AskMessage:
    values: dict[str, Any] = {
        "ask_id": "7f4b5a7e-0000-4000-8000-000000000001",
        "record_id": 1,
        "company_record_id": None,
        "channel": "email",
        "to_address": "ana@example.com",
        "subject": "{{ first_name }}, a word?",
        "body": "Hello {{ first_name }},\n\nwould you share {{ link }}?\n\nThanks",
        "link": "https://refer.example/r/ABC234",
        "portal_link": "https://refer.example/p/hgp_1",
        "workspace": "Acme & Sons",
        "fields": {"first_name": "Ana"},
    }
    return AskMessage(**(values | more))


def test_both_parts_say_the_same() -> None:
    letter = compose(ask(), URL)
    assert letter.subject == "Ana, a word?"
    for part in (letter.text, letter.html):
        assert "Hello Ana," in part
        assert "https://refer.example/r/ABC234" in part
        assert "https://refer.example/p/hgp_1" in part
        assert URL in part
    assert "Acme &amp; Sons" in letter.html
    assert "fonts.googleapis" not in letter.html  # a mail must not tell a third party that it was opened


def test_without_a_portal_link_the_line_is_left_out() -> None:
    letter = compose(ask(portal_link=""), URL)
    assert "your page" not in letter.html
    assert "earned" not in letter.text


@pytest.mark.parametrize(
    "body", ["{{ nickname }}", "Hello {{ first_name.middle }}", "{{ company }} and {{ first_name }}"]
)
def test_a_missing_field_stops_the_message(body: str) -> None:
    with pytest.raises(MissingField, match="body needs"):
        compose(ask(body=body), URL)


def test_an_empty_field_is_a_missing_field() -> None:
    with pytest.raises(MissingField):
        compose(ask(fields={"first_name": ""}), URL)
    with pytest.raises(MissingField):
        compose(ask(body=" \n "), URL)


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
        "{% if %}",
        "{% include 'settings' %}",
        "{% render 'x' %}",
    ],
)
def test_hostile_templates_end_with_a_reason(body: str) -> None:
    with pytest.raises(BadInput) as stopped:
        compose(ask(body=body), URL)
    assert "\n" not in stopped.value.title


def test_markup_in_fields_and_drafts_is_text() -> None:
    letter = compose(
        ask(
            body='<img src=x onerror=alert(1)> {{ first_name | safe }} <a href="javascript:1">x</a>',
            fields={"first_name": "<script>alert(2)</script>"},
        ),
        URL,
    )
    for bad in ("<script", "<img src=x", 'href="javascript'):
        assert bad not in letter.html


@given(st.text(max_size=60))
def test_a_subject_is_always_one_line(name: str) -> None:
    try:
        letter = compose(ask(subject="{{ first_name }}", fields={"first_name": f"a{name}\r\nBcc: x@example.com"}), URL)
    except BadInput:
        return
    assert len(letter.subject.splitlines()) == 1
    assert letter.subject.isprintable()
