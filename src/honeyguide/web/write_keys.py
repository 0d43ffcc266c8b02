"""Write keys: which source a request comes from, remembered for seconds so that the hot path asks nobody."""

import base64
import binascii
import time

from honeyguide.core.errors import Unauthenticated
from honeyguide.db import Database
from honeyguide.funnel import Source, source_of_key

TTL_S = 10.0
_KEYS_MAX = 10_000


class WriteKeys:
    """The sources of one process by their keys. Bounded; a revoked key stops working within `TTL_S` seconds."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str | bytes, tuple[float, Source]] = {}

    def known(self, name: str | bytes) -> Source | None:
        """The source remembered under a key or a header, if it still may be."""
        found = self._known.get(name)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    async def of_header(self, header: bytes) -> Source:
        """The source of an authorization header, remembered under the header itself. Raises Unauthenticated."""
        source = self.known(header)
        if source is None:
            source = await self.of_key(_key_in(header.decode("latin-1")))
            self._remember(header, source)
        return source

    async def of_key(self, key: str) -> Source:
        """The source of a write key. Raises Unauthenticated."""
        source = self.known(key)
        if source is not None:
            return source
        source = await source_of_key(self._db, key) if key else None
        if source is None:
            raise Unauthenticated(
                "The write key is not known." if key else "The write key is missing.",
                advice="Send it as the basic-auth name, as a bearer token, or in the body where the format has a place.",
                code="unknown_write_key",
            )
        self._remember(key, source)
        return source

    def _remember(self, name: str | bytes, source: Source) -> None:
        if len(self._known) >= _KEYS_MAX:
            self._known.clear()
        self._known[name] = (time.monotonic() + TTL_S, source)


def _key_in(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
