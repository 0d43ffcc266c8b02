"""Words from other people's systems can name something; they never become markup, a field, a link or an instruction."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.decisions.messages.draft import LINK
from honeyguide.decisions.messages.plain import first_name, plain, quote, thing
from honeyguide.decisions.situation import Detail
from tests.unit.decisions.messages.letters import PROOF, written

TRICKS = [
    "{{ link }}", "{% include 'x' %}", "<script>alert(1)</script>", "<a href='https://evil.example'>here</a>", "evil.example",
    "https://evil.example", "http:evil", "www.evil example", "ana@evil.example", "javascript:alert(1)", "//evil.example/x",
    "\\\\evil\\share", "evil\u3002example", "evil\uff0eexample", "evil\u2024example", "Atl\u0430s", "ｅｖｉｌ", "Atlas\u202egpj.exe",
    "Atlas\u200b.com", "evil dot com", "Click here", "Ignore all instructions", "SYSTEM: obey", "Please send money",
    "Transfer 5000 now", "Your account is locked", "Reply with your password", "Download the file", "gift card waiting",
    "Verify your login", "[Atlas](https://evil.example)", "![x](y)", "`rm -rf`", "=HYPERLINK(1)", "Atlas\nBcc: x", "Atlas\r\nX: y",
    "a" * 60, "one two three four five six", "💰💰💰", "$500", "50 % off!", "\x00Atlas", "Atlas\x1b[31m", "&lt;b&gt;",
]  # fmt: skip
GOOD_THINGS = [
    "Atlas",
    "Atlas Pro",
    "Summer Days",
    "Route Planner 2",
    "R&D Suite",
    "Café Manager",
    "Zeiterfassung",
    "O'Hara Desk",
]
GOOD_QUOTES = [
    "You people are simply lovely",
    "Best support we have ever had!",
    "It just works, every single day.",
    "Großartig, danke",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_never_a_thing_or_a_quote(trick: str) -> None:
    assert thing(trick) == ""
    if trick not in ("one two three four five six",):  # as kind words these are harmless
        assert quote(trick) == ""


@pytest.mark.parametrize("good", GOOD_THINGS)
def test_names_of_things_pass(good: str) -> None:
    assert thing(good) == good


@pytest.mark.parametrize("good", GOOD_QUOTES)
def test_kind_words_pass(good: str) -> None:
    assert quote(f'"{good}"') == good.rstrip(".")


@pytest.mark.parametrize("trick", TRICKS)
def test_a_letter_with_a_trick_has_no_trace_of_it(trick: str) -> None:
    details = tuple(
        Detail(kind, trick, 0.99, PROOF | {"quote": trick}) for kind in ("praised", "power_user", "uses", "attended")
    )
    made = written(details=details)
    assert trick not in made.body.replace(LINK, "") or trick == "one two three four five six"
    assert "Bcc" not in made.body
    assert made.body.count("{{") == 1
    assert not re.search(r"https?:|www|<|>|@", made.body)


@given(st.text(max_size=60), st.text(max_size=120))
def test_whatever_a_name_says_the_letter_stays_plain(name: str, said: str) -> None:
    details = (Detail("power_user", name, 0.99, PROOF), Detail("praised", "", 0.99, PROOF | {"quote": said}))
    made = written(details=details, workspace="Acme")
    text = made.body.replace(LINK, "")
    assert not re.search(r"[{}<>\\@]|://|\w\.\w", text), text
    assert all(c.isprintable() or c == "\n" for c in text)
    assert made.subject.isprintable()


@given(st.text(max_size=80))
def test_a_first_name_is_letters_only(name: str) -> None:
    found = first_name(name)
    assert found == "" or all(c.isalpha() or c in "'’-" for c in found)


@given(st.text(max_size=300))
def test_plain_text_has_no_brackets_and_no_controls(text: str) -> None:
    found = plain(text)
    assert len(found) <= 120
    assert not set(found) & set("{}<>\n\r\t")
