"""Marks: what people used that others may use too, kept as keyed hashes. The value itself is never stored."""

import hashlib
import secrets
import unicodedata
from datetime import datetime
from typing import Literal
from uuid import UUID

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.outcomes.fraud import tables

Side = Literal["advocate", "friend"]
KINDS = ("payee", "card", "device", "phone", "network")


async def mark(tx: Tx, side: Side, owner: UUID, kind: str, value: str, at: datetime) -> bool:
    """Keep that an advocate (by id), or the friend of a referral (by its id), used `value`: an IBAN, a device's key, an address.

    Spaces and case do not matter. True when it was new; the same again changes nothing. Raises BadInput on an unknown kind.
    """
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no kind of mark.", f"Kinds: {', '.join(KINDS)}.")
    text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    if not text:
        return False
    secret = await tables.key(tx, secrets.token_bytes(32))
    digest = hashlib.blake2b(f"{kind}\x1f{text}".encode(), key=secret, digest_size=12).hexdigest()
    return await tables.insert_mark(tx, side, owner, kind, digest, at)


async def forget(tx: Tx, records: list[int]) -> int:
    """Remove every mark of the people with these records."""
    return await tables.forget_marks(tx, records)
