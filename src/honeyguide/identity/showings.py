"""What a record's row remembers of the identifiers it was shown with, so that saying them again costs one comparison.

A showing is a set of identifiers as a source gives them; most records are shown in one or two ways, thousands of times.
`known` holds up to four: a digest, and since when all of its identifiers are stored. A later showing of the same is no
news: identifiers are never taken away from a record, and their first showing only moves to earlier times. Which
showings are remembered depends on the order of arrival; what is stored does not.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from honeyguide.core.terms import Identifier

# Raised when identifiers are normalised in another way: what is remembered then counts for nothing.
_RULES = b"1"
_DIGEST, _SLOT, _MOST = 16, 24, 4
raw_of = msgspec.msgpack.Encoder().encode
_blake = hashlib.blake2b


class Showing(msgspec.Struct):
    """Identifiers as a batch shows them on a record: first when, and by which event."""

    at: datetime
    event_id: UUID
    identifiers: tuple[Identifier, ...]


def digest_of(raw: bytes) -> bytes:
    """What a showing is known by."""
    return _blake(_RULES + raw, digest_size=_DIGEST).digest()


def _moment(at: datetime) -> int:
    return max(0, round(at.timestamp() * 1e6))  # exact: these numbers are far below what a float tells apart


def is_known(known: bytes, digest: bytes, at: datetime) -> bool:
    """Are the identifiers of this showing all stored, with a first showing before this one?"""
    for start in range(0, len(known), _SLOT):
        if known.startswith(digest, start):
            return int.from_bytes(known[start + _DIGEST : start + _SLOT], "big") < _moment(at)
    return False


def remembered(known: bytes, shown: Iterable[tuple[bytes, datetime]]) -> bytes:
    """`known` with showings that are stored now; the oldest make room."""
    slots = [known[n : n + _SLOT] for n in range(0, len(known), _SLOT)]
    for digest, at in shown:
        slots = [s for s in slots if not s.startswith(digest)]
        slots.insert(0, digest + _moment(at).to_bytes(8, "big"))
    return b"".join(slots[:_MOST])
