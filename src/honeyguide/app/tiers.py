"""The tiers that can answer here now: what is installed, fetched and configured, and what each workspace has agreed to."""

import contextlib
import ctypes
import gc
import logging
from typing import Any, Protocol

from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Tx
from honeyguide.inference import gate
from honeyguide.inference.consent import hosted_kinds
from honeyguide.inference.contract import Provider
from honeyguide.inference.models.store import Store
from honeyguide.inference.port import Tier
from honeyguide.inference.providers import build, stamp
from honeyguide.inference.providers.embedding import Embedding, EmbeddingHead
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.seeding import Embedder, shipped_heads, version_of
from honeyguide.settings import Settings

_log = logging.getLogger(__name__)


class Tiers(Protocol):
    """Who answers for a workspace; `embedder` learns from its labels (None: nothing can)."""

    @property
    def embedder(self) -> Embedder | None: ...
    async def of(self, tx: Tx) -> dict[Tier, Provider]:
        """The providers of the transaction's workspace."""
        ...

    def rest(self) -> None:
        """Give back the memory of what is loaded again when a text comes."""
        ...


class Installed:
    """What this installation has. Weights that come later are noticed; what cannot be loaded is told once and left out."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._store = settings, Store(settings.models)
        self._stamp = ""
        self._shared: dict[Tier, Provider] = {}
        self._embedding: Embedding | None = Embedding()
        self._heads: dict[tuple[str, str], Any] = {}

    @property
    def embedder(self) -> Embedder | None:
        """The embedding model, where it is installed."""
        return self._embedding

    def rest(self) -> None:
        """Give the embedding model's memory back, to the operating system where its C library can be told to."""
        if self._embedding is not None:
            self._embedding.rest()
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)

    async def of(self, tx: Tx) -> dict[Tier, Provider]:
        """The providers of a workspace: its own heads over the shipped ones, and only texts it lets leave."""
        self._renew()
        found = dict(self._shared)
        hosted = found.pop("hosted_model", None)
        kinds = await hosted_kinds(tx)
        if hosted is not None and kinds:
            permitting = getattr(hosted, "permitting", None)
            found["hosted_model"] = permitting(kinds) if permitting else hosted
        if (head := await self._head(tx)) is not None:
            found["embedding"] = head
        return found

    def _renew(self) -> None:
        """Take in weights and settings that are new since."""
        now = stamp(self._settings, self._store)
        if now == self._stamp:
            return
        self._stamp = now
        try:
            self._shared = build(self._settings, self._store)
        except HoneyguideError as e:
            _log.warning("%s", e.sentence())
            self._shared = {}

    async def _head(self, tx: Tx) -> EmbeddingHead | None:
        if self._embedding is None:
            return None
        try:
            if not self._heads:
                self._heads = dict(shipped_heads(shipped().values(), self._embedding))
            own = {key: head for key, (_, head) in (await gate.current_heads(tx, self._embedding.model)).items()}
        except HoneyguideError as e:
            _log.warning("%s", e.sentence())
            self._embedding = None
            return None
        heads = self._heads | own
        return EmbeddingHead(self._embedding, heads, version=version_of(heads))
