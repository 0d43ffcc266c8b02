"""The words of the first message, read once from `texts.yaml` and checked: no slot is missing for any tone or length."""

import re
from functools import cache
from importlib.resources import files

import msgspec
import yaml
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.programs.playbooks import KINDS, LENGTHS, TONES

PLACE = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")


class Moment(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one kind of moment: a subject per tone, an opening per tone and length."""

    subject: dict[str, str]
    opening: dict[str, dict[str, str]]


class Reminder(Struct, frozen=True, forbid_unknown_fields=True):
    """Words of a reminder by tone; `last` and `more` say whether another one may come."""

    subject: dict[str, str]
    opening: dict[str, str]
    ask: dict[str, str]
    last: str
    more: str


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """All slots."""

    greeting: dict[str, str]
    ask: dict[str, dict[str, str]]
    out: dict[str, str]
    close: dict[str, str]
    offer: dict[str, dict[str, str]]
    disclosure: dict[str, str]
    phrase: dict[str, str]
    moment: dict[str, Moment]
    ask_at: dict[str, dict[str, dict[str, str]]]
    reminder: Reminder


@cache
def texts() -> Texts:
    """The shipped words. Raises BadInput when a slot is missing."""
    source = files("honeyguide.decisions.messages").joinpath("texts.yaml").read_text(encoding="utf-8")
    found = msgspec.convert(yaml.safe_load(source), Texts)
    if absent := missing(found):
        raise BadInput("The words of the first message are not complete.", " ".join(absent))
    return found


def missing(made: Texts) -> list[str]:
    """Slots without words, as sentences."""
    by_length = {"ask": made.ask, **{f"ask at {k}": v for k, v in made.ask_at.items()}}
    by_length |= {f"opening of {k}": m.opening for k, m in made.moment.items()}
    by_tone = {"greeting": made.greeting, "out": made.out, "close": made.close}
    by_tone |= {f"{k} of a reminder": getattr(made.reminder, k) for k in ("subject", "opening", "ask")}
    by_tone |= {f"subject of {k}": m.subject for k, m in made.moment.items()}
    found = [f"There are no words for {kind}." for kind in KINDS if kind not in made.moment]
    found += [f"The {slot} lacks the tone {t}." for slot, tones in by_tone.items() for t in TONES if not tones.get(t)]
    return found + [
        f"The {slot} lacks {tone}, {length}."
        for slot, tones in by_length.items()
        for tone in TONES
        for length in LENGTHS
        if not tones.get(tone, {}).get(length)
    ]


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its places filled. Raises KeyError when a value is missing: a blank is never written."""

    def value(match: re.Match[str]) -> str:
        found = values[match.group(1)]
        if not found:
            raise KeyError(match.group(1))
        return found

    return PLACE.sub(value, text)
