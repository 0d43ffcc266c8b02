"""Deterministic and random identifiers.

Everything derived from the log has an id that is a digest of what it is, never of when it arrived:
so any order of events, and any replay, gives the same ids.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from uuid import UUID, uuid4

_SEPARATOR, _SEPARATOR_TEXT = b"\x1f", "\x1f"
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: codes are read aloud


def _blake(size: int, parts: tuple[str | bytes, ...]) -> bytes:
    try:
        joined = _SEPARATOR_TEXT.join(parts).encode()  # type: ignore[arg-type]  # the common case, four times as fast
    except TypeError:
        joined = _SEPARATOR.join(p if isinstance(p, bytes) else p.encode() for p in parts)
    return hashlib.blake2b(joined, digest_size=size).digest()


def entity_id(kind: str, *parts: str) -> int:
    """A 63-bit positive id for a node or record, from its kind and natural key."""
    return int.from_bytes(_blake(8, (kind, *parts)), "big") & 0x7FFF_FFFF_FFFF_FFFF


def content_id(*parts: str | bytes) -> UUID:
    """A 128-bit id that depends on the parts only."""
    return UUID(bytes=_blake(16, parts))


def seed_of(ident: UUID) -> int:
    """A 63-bit seed for a random generator, from a content id."""
    return ident.int >> 65


_lots: ContextVar[Random | None] = ContextVar("lots", default=None)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within the block `new_id` and `short_code` draw from a seed, so that a simulated year can be told again.

    Secrets (`new_token`) never do.
    """
    token = _lots.set(Random(seed))  # noqa: S311  # ids of a simulation, not secrets
    try:
        yield
    finally:
        _lots.reset(token)


def new_id() -> UUID:
    """A random id for something that happens once (a touch, a payout)."""
    lots = _lots.get()
    return uuid4() if lots is None else UUID(int=lots.getrandbits(128), version=4)


def new_token(prefix: str) -> str:
    """A secret with 256 bits of randomness, readable by secret scanners through its prefix."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(token: str) -> bytes:
    """What we store instead of a token: its SHA-256. Tokens carry 256 bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def short_code(length: int = 6) -> str:
    """A readable random code for links (31 symbols, so six of them carry about 30 bits)."""
    lots = _lots.get()
    choose = secrets.choice if lots is None else lots.choice
    return "".join(choose(_CODE_ALPHABET) for _ in range(length))
