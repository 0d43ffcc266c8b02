"""What in a payload could name a person: the values a suppression is looked for by. Pure.

Two readings are joined. The decoded events give exact ones: the identifiers, ids and traits of their records. The raw
body gives what no decoder knew: every e-mail address and telephone number in any text of it, however it is escaped.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from urllib.parse import unquote

import msgspec

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent, RecordRef

DIGEST = 16
_LEAVES_MAX, _TEXT_MAX = 50_000, 1_000_000
_EMAIL = re.compile(r"[^\s@<>\"'(),;:\[\]{}|\\/=&?]{1,64}@[^\s@<>\"'(),;:\[\]{}|\\/=&?]{1,253}")
_PHONE = re.compile(r"\+?\(?\d[\d\s().\-/]{7,24}\d")
_DIGITS_MIN = 9  # shorter ones in free text are order numbers
_json = msgspec.json.Decoder()
Named = tuple[str, str]


def digest(key: bytes, named: Named) -> bytes:
    """A value under the workspace's key: the same value gives the same 16 bytes, and they give nothing back."""
    ns, value = named
    return blake2b(f"{ns}\x1f{value}".encode("utf-8", "replace"), digest_size=DIGEST, key=key).digest()


def plain(ns: str, value: str) -> list[Named]:
    """A value in the spellings under which it is looked for. Empty when it can name nobody."""
    text = value.strip()
    if ns == "email":
        return [("email", found) for found in dict.fromkeys((normalise.email(text), normalise.mailbox(text))) if found]
    if ns == "phone":
        number = normalise.phone(text)
        return [("phone", number.lstrip("+"))] if number else []
    return [(ns, text)] if text and not normalise.is_blocked(text) else []


def named_in(body: bytes, events: Iterable[CanonicalEvent]) -> set[Named]:
    """Everything in a payload that could name a person."""
    found: set[Named] = set()
    for text in _texts(body):
        found.update(_in_text(text))
    for event in events:
        for record in event.records():
            found.update(_of_record(record))
    return found


def _of_record(record: RecordRef) -> Iterator[Named]:
    yield (f"record:{record.source}", record.ext_id)
    for one in record.identifiers:
        yield from plain(one.ns, one.value)
    for ns in ("email", "phone"):
        value = record.traits.get(ns)
        if isinstance(value, str):
            yield from plain(ns, value)


def _in_text(text: str) -> Iterator[Named]:
    if "%40" in text:
        text = f"{text} {unquote(text)}"
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield from plain("email", match[0].strip(".!*`"))
    for match in _PHONE.finditer(text):
        number = normalise.phone(match[0])
        if number and len(number) >= _DIGITS_MIN:
            yield ("phone", number.lstrip("+"))


def _texts(body: bytes) -> Iterator[str]:
    """Every text of a JSON body, keys too; of any other body all of it."""
    try:
        value = _json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        yield body[:_TEXT_MAX].decode("utf-8", "replace")
        return
    waiting, seen = [value], 0
    while waiting and seen < _LEAVES_MAX:
        one = waiting.pop()
        seen += 1
        if isinstance(one, str):
            yield one
        elif isinstance(one, int) and not isinstance(one, bool) and one >= 10 ** (_DIGITS_MIN - 1):
            yield str(one)
        elif isinstance(one, dict):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
