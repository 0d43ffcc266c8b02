"""Mapping versions: what a source was read by, since when, and which version read which row.

A version is the source's definition and file mappings together with the decoders of this release. The road looks
before every batch; a change begins a new version, and the row it begins at is written down in the same transaction.
Reading old rows by a new version is a replay.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from importlib import resources
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.funnel import catalogue_tables, tables
from honeyguide.funnel.definitions import definition_of
from honeyguide.funnel.sources import Source

_KEPT = ("definition", "mappings", "config")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_PACKAGES = ("honeyguide.funnel.decode", "honeyguide.funnel.definitions")


class MappingVersion(Struct, frozen=True):
    """One version and how many rows it has read."""

    version: int
    digest: str
    at: datetime
    n: int
    definition: dict[str, Any]


@lru_cache(maxsize=1)
def decoders_digest() -> str:
    """A digest of the shipped decoders: of their files, so that no change goes without a version."""
    found = blake2b(digest_size=16)
    for package in _PACKAGES:
        for file in sorted(resources.files(package).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".py"):
                found.update(file.name.encode() + b"\x00" + file.read_bytes())
    return found.hexdigest()


def mapping_of(source: Source) -> tuple[bytes, dict[str, Any]]:
    """What a source is read by now: its digest and its content as JSON values."""
    kept = {name: source.settings[name] for name in _KEPT if name in source.settings}
    return _mapping(source.kind, msgspec.json.encode(kept))


@lru_cache(maxsize=1_024)
def _mapping(kind: str, kept: bytes) -> tuple[bytes, dict[str, Any]]:
    found: dict[str, Any] = msgspec.json.decode(kept)
    bare = Source(0, 0, kind, kind, "", _NEVER, settings=found)
    definition = definition_of(bare)
    if definition is not None:
        found = {**found, "definition": msgspec.to_builtins(definition)}
    found = {**found, "decoders": decoders_digest()}
    return blake2b(msgspec.json.encode([kind, found], order="sorted"), digest_size=16).digest(), found


def content(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What of a version can still be read by: everything but the decoders of its release."""
    return {n: v for n, v in definition.items() if n in _KEPT}


def as_of(source: Source, definition: Mapping[str, Any]) -> Source:
    """The source as an earlier version read it (its decoders were of their release, and are not kept)."""
    settings = {n: v for n, v in source.settings.items() if n not in _KEPT}
    settings |= {n: v for n, v in definition.items() if n in _KEPT}
    return msgspec.structs.replace(source, settings=settings)


async def note_versions(tx: Tx, rows: Sequence[Row], sources: Mapping[int, Source]) -> None:
    """Write down which version reads these rows (of one lane, in log order)."""
    first: dict[int, Row] = {}
    count: dict[int, int] = {}
    for row in rows:
        first.setdefault(row["source_id"], row)
        count[row["source_id"]] = count.get(row["source_id"], 0) + 1
    newest = {r["source_id"]: (r["version"], r["digest"]) for r in await catalogue_tables.newest_versions(tx)}
    found: list[catalogue_tables.Reading] = []
    for source_id, row in first.items():
        version = await _version(tx, sources[source_id], newest.get(source_id))
        found.append((source_id, row["lane"], row["at_xid"], row["seq"], version, count[source_id]))
    await catalogue_tables.add_reading(tx, found)


async def _version(tx: Tx, source: Source, newest: tuple[int, bytes] | None) -> int:
    digest, definition = mapping_of(source)
    if newest is not None and newest[1] == digest:
        return newest[0]
    known = await catalogue_tables.version_of(tx, source.id, digest)
    if known is not None:
        return known  # a mapping that was in use before
    version = newest[0] + 1 if newest else 1
    await catalogue_tables.add_version(tx, source.id, version, digest, definition, clock.now())
    return version


async def versions(tx: Tx, source_id: int) -> list[MappingVersion]:
    """The versions of a source, newest first."""
    return [
        MappingVersion(row["version"], row["digest"].hex(), row["at"], row["n"], row["definition"])
        for row in await catalogue_tables.versions(tx, source_id)
    ]


class Readers(Struct):
    """Which version read which row of a source."""

    starts: dict[int, list[tuple[int, int, int]]]
    definitions: dict[int, dict[str, Any]]

    def version_of(self, lane: int, xid: int, seq: int) -> int | None:
        """The version that read a row; None when no consumer has read it yet."""
        found = None
        for from_xid, from_seq, version in self.starts.get(lane, ()):
            if (from_xid, from_seq) > (xid, seq):
                break
            found = version
        return found


async def readers(tx: Tx, source_id: int) -> Readers:
    """What is known about who read the rows of a source."""
    starts: dict[int, list[tuple[int, int, int]]] = {}
    for row in await catalogue_tables.readings(tx, source_id):
        starts.setdefault(row["lane"], []).append((int(row["from_xid"]), row["from_seq"], row["version"]))
    return Readers(starts, await catalogue_tables.definitions(tx, source_id))


async def read_by(tx: Tx, events: Sequence[UUID]) -> dict[UUID, int]:
    """Which mapping version read these rows of the log; without those no consumer has read yet."""
    found: dict[UUID, int] = {}
    known: dict[int, Readers] = {}
    for ident in dict.fromkeys(events):
        row = await tables.logged_event(tx, ident)
        if row is None:
            continue
        if row["source_id"] not in known:
            known[row["source_id"]] = await readers(tx, row["source_id"])
        version = known[row["source_id"]].version_of(row["lane"], int(row["xid"]), row["seq"])
        if version is not None:
            found[ident] = version
    return found
