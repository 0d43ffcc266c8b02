"""The port of transports: how one kind of system hands over the records of a stream, page by page.

A transport is plain code with a name; `Stream.transport` (or `hook`) in a definition chooses it. It keeps no state: where
it goes on from is the `position` it gave with the page before, which the sync commits together with the records.
"""

from collections.abc import AsyncIterator
from typing import Any, Protocol

from msgspec import Struct

from honeyguide.connectors.session import Session
from honeyguide.funnel.definitions import StreamSpec


class Ask(Struct, frozen=True):
    """What is wanted: a stream, from `since` (everything before is known), going on at `position` (None: the start)."""

    stream: str
    spec: StreamSpec
    since: Any = None
    position: Any = None
    limit: int = 0


class Page(Struct, frozen=True):
    """Records as JSON bytes, and the position after them (JSON values; None: that was all).

    `mark`: what becomes `since` when the pass has come to its end, where that is not the newest cursor field.
    """

    records: list[bytes]
    position: Any
    total: int | None = None
    mark: Any = None


class Transport(Protocol):
    """The port. `pages` may be left at any page and be called again with that page's position."""

    @property
    def name(self) -> str: ...

    def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]: ...

    async def reach(self, session: Session, /) -> str: ...
