"""The first words of an ask: plain templates, only facts we hold, and no blank where a fact is missing.

`{{ link }}` stays in the text: the personal link exists only once somebody approved. Values are stripped of anything
a template engine or a mail could read as markup, so a name cannot become a field or a second link.
"""

import re

from msgspec import Struct

from honeyguide.core.money import money_text
from honeyguide.decisions.situation import Action, Situation
from honeyguide.programs import Playbook

_PLACE = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
_NAME = re.compile(r"[^\W\d_][^\W\d_'’\-]*(?:['’\-][^\W\d_]+)*", re.UNICODE)
_STYLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra", "ing", "dipl"})
_WORDS = {"first_name": "the person's first name", "workspace": "the workspace's name"}


class Draft(Struct, frozen=True):
    """A subject of one line and a body in plain text."""

    subject: str
    body: str


def draft(situation: Situation, action: Action, playbook: Playbook) -> Draft | str:
    """The message of an action, or, as a sentence, what it needs and nobody knows."""
    texts = playbook.messages.get(situation.moment.kind)
    if texts is None:
        return f"The playbook has no message for {situation.moment.kind.replace('_', ' ')}."
    text = texts[action.tone]
    known = {
        "first_name": first_name(situation.person.name if situation.person else ""),
        "workspace": plain(situation.workspace),
        "offer": offer_words(action, playbook),
    }
    needed = set(_PLACE.findall(text.subject) + _PLACE.findall(text.body))
    absent = sorted(_WORDS.get(n, n.replace("_", " ")) for n in needed if not known.get(n))
    if absent:
        return f"The message needs {' and '.join(absent)}, which is not known."
    filled = [_PLACE.sub(lambda m: known[m.group(1)], part) for part in (text.subject, text.body)]
    return Draft(" ".join(filled[0].split()), filled[1].strip() + "\n")


def offer_words(action: Action, playbook: Playbook) -> str:
    """What the person gets, as the playbook says it."""
    known = {
        "amount": money_text(action.amount_minor, action.currency),
        "rate": f"{action.rate_bp / 100:g} %",
        "cap": money_text(action.cap_minor or 0, action.currency),
    }
    return _PLACE.sub(lambda m: known[m.group(1)], playbook.offer_words[action.offer])


def first_name(name: str) -> str:
    """The given name of a full name, or "" when it does not look like one (a mailbox, a link, a number)."""
    tail = name.split(",", 1)[1] if name.count(",") == 1 else name
    words = [w for w in tail.split() if w.rstrip(".").casefold() not in _STYLES]
    return words[0] if words and len(words[0]) <= 40 and _NAME.fullmatch(words[0]) else ""


def plain(text: str) -> str:
    """Text without line ends, control characters and template brackets."""
    kept = "".join(c if c.isprintable() and c not in "{}<>" else " " for c in text)
    return " ".join(kept.split())[:120]
