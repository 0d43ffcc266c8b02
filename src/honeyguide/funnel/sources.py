"""Sources: the systems that tell us things, each with its own write key, signing secret and settings.

A write key is shown once. The workspace's directory keeps its digest, the source its first letters.
"""

import re
import unicodedata
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.ids import digest, new_token
from honeyguide.db import Database, Tx
from honeyguide.funnel import tables
from honeyguide.funnel.definitions import library_names

KEY_KIND = "write_key"
KEY_PREFIX = "hgw"
PREFIX_LENGTH = 16  # hgw_ and 12 of 43 characters: enough to recognise and to look up, far too few to guess the rest
INTERNAL = "honeyguide"
SERVER_ONLY = "server_only"  # in a source's settings: its key lives on servers, no page ever shows it
# Kinds with a decoder or a signature scheme of their own, beside those of the library. Any other system is a `webhook`.
KINDS = (
    "segment", "stripe", "zendesk", "import", "internal", "webhook", "hubspot", "intercom", "shopify", "github",
    "segment-webhook", "standard-webhooks", "cloudevents",
)  # fmt: skip


class Source(Struct, frozen=True):
    """A system that sends to us. `slug` is how its records are named; two sources of a workspace never share one."""

    workspace_id: int
    id: int
    kind: str
    name: str
    key_prefix: str
    created_at: datetime
    secret: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    paused_at: datetime | None = None

    @property
    def slug(self) -> str:
        """`HubSpot EU` becomes `hubspot-eu`."""
        return slug_of(self.name)


def slug_of(name: str) -> str:
    """A name as lower-case ASCII words joined by '-'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


async def create_source(
    tx: Tx, kind: str, name: str, secret: str | None = None, settings: dict[str, Any] | None = None
) -> tuple[Source, str]:
    """Make a source and its write key (`hgw_...`, also the token of its `/hooks/` address). The key is not kept.

    `secret` is the sender's signing secret for webhooks. Raises BadInput on an unknown kind or an unusable name,
    Conflict when a source of this name exists.
    """
    _check(kind, name)
    if any(slug_of(row["name"]) == slug_of(name) for row in await tables.sources(tx)):
        raise Conflict(f"There is already a source {name!r}.", advice="Take another name, or use the one there is.")
    key = new_token(KEY_PREFIX)
    row = await tables.insert_source(tx, kind, name, key[:PREFIX_LENGTH], secret, settings or {}, clock.now())
    if row is None:
        raise Conflict(f"There is already a source {name!r}.", advice="Take another name, or use the one there is.")
    await tx.register(KEY_KIND, digest(key))
    return _source(row), key


def _check(kind: str, name: str) -> None:
    known = sorted({*KINDS, *library_names()})
    if kind not in known:
        raise BadInput(f"There is no source kind {kind!r}.", f"The kinds are: {', '.join(known)}.")
    if not 1 <= len(name) <= 80 or not slug_of(name):
        raise BadInput(f"A source cannot be named {name!r}.", "A name has 1 to 80 characters with a letter or a digit.")
    if kind != "internal" and slug_of(name) == INTERNAL:  # what we write ourselves is believed as ours
        raise BadInput(f"A source cannot be named {name!r}.", "The name is kept for what Honeyguide itself writes.")


async def ensure_source(tx: Tx, kind: str, name: str) -> Source:
    """The source of this name, made when absent and without a write key: for imports and for ourselves."""
    _check(kind, name)
    row = await tables.insert_source(tx, kind, name, "", None, {}, clock.now())
    row = row or await tables.source_by_name(tx, name)
    if row is None:
        raise Conflict(f"The source {name!r} has just been removed.")
    found = _source(row)
    if found.kind != kind:
        raise Conflict(f"The source {name!r} is of kind {found.kind}, not {kind}.", advice="Take another name.")
    return found


async def renew_key(tx: Tx, source: Source, secret: str | None = None) -> str:
    """A new write key for a source (and a new signing secret when given). The old key stops working."""
    key = new_token(KEY_PREFIX)
    await tables.update_source_key(tx, source.id, key[:PREFIX_LENGTH], secret)
    await tx.register(KEY_KIND, digest(key))
    return key


async def internal_source(tx: Tx) -> Source:
    """The source of events Honeyguide itself writes to the log (a sign-up on a landing page)."""
    return await ensure_source(tx, "internal", INTERNAL)


async def load_sources(tx: Tx) -> dict[int, Source]:
    """Every source of the workspace by its id."""
    return {row["id"]: _source(row) for row in await tables.sources(tx)}


async def source_of_key(db: Database, key: str, *, ttl_s: float = 5.0) -> Source | None:
    """The source a write key belongs to, or None. `ttl_s`: how long the directory's answer may be remembered."""
    if not key.startswith(f"{KEY_PREFIX}_") or len(key) > 128:
        return None
    workspace_id = await db.find(KEY_KIND, digest(key), ttl_s=ttl_s)
    if workspace_id is None:
        return None
    async with db.tx(workspace_id) as tx:
        row = await tables.source_by_prefix(tx, key[:PREFIX_LENGTH])
    return None if row is None else _source(row)


async def change_settings(tx: Tx, source: Source, settings: dict[str, Any]) -> Source:
    """Replace a source's settings (an import keeps its mappings there)."""
    await tables.update_source_settings(tx, source.id, settings)
    return _source({**_row(source), "settings": settings})


async def set_server_only(tx: Tx, source: Source, yes: bool) -> Source:
    """Say that a source's key lives on servers only (what it tells of money is believed), or that it does not."""
    return await change_settings(tx, source, {**source.settings, SERVER_ONLY: yes})


def _row(source: Source) -> dict[str, Any]:
    return {f: getattr(source, f) for f in source.__struct_fields__}


def _source(row: Any) -> Source:
    return Source(**{f: row[f] for f in Source.__struct_fields__})


async def source_totals(tx: Tx) -> list[dict[str, Any]]:
    """Every source with its counters (accepted, duplicate, mismatch, dead_letter, refused), open dead letters, last event's time."""
    return [dict(row) for row in await tables.source_totals(tx)]
