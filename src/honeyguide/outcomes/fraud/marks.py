"""Marks: what people used that others may use too, kept as keyed hashes. The value itself is never stored."""

import hashlib
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.outcomes.fraud import tables

Side = Literal["advocate", "friend"]
KINDS = ("payee", "card", "device", "phone", "network")
FADE = timedelta(days=180)  # how long it is kept which device and network somebody used
FADING = ("device", "network")


class Used(Struct, frozen=True):
    """Something somebody used: an account, a card, a device's key, a telephone number, a network. `value` is hashed."""

    kind: str
    value: str


async def digest_of(tx: Tx, kind: str, value: str) -> str:
    """The keyed hash of a value, empty for an empty one. Spaces and case do not matter. Raises BadInput on an unknown kind."""
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no kind of mark.", f"Kinds: {', '.join(KINDS)}.")
    text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    if not text:
        return ""
    secret = await tables.key(tx, secrets.token_bytes(32))
    return hashlib.blake2b(f"{kind}\x1f{text}".encode(), key=secret, digest_size=12).hexdigest()


async def mark(tx: Tx, side: Side, owner: UUID, kind: str, value: str, at: datetime) -> bool:
    """Keep that an advocate (by id), or the friend of a referral (by its id), used `value`: an IBAN, a device's key, an address.

    True when it was new; the same again changes nothing. Raises BadInput on an unknown kind.
    """
    digest = await digest_of(tx, kind, value)
    return bool(digest) and await tables.insert_mark(tx, side, owner, kind, digest, at)


async def forget(tx: Tx, records: list[int]) -> int:
    """Remove every mark of the people with these records."""
    return await tables.forget_marks(tx, records)


async def fade(tx: Tx, now: datetime) -> int:
    """Remove marks of devices and networks that are older than `FADE`. Returns how many."""
    return await tables.fade_marks(tx, FADING, now - FADE)
