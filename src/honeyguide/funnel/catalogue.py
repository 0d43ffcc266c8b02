"""The catalogue: which shapes the payloads of a source have, since when, how many. Drift is an entry, never a failure.

A shape is the set of key paths with their JSON types. Keys that are ids themselves (numbers, uuids, addresses) stand
as `*`, so that a map by id has one shape; beyond 200 shapes of a kind the rest are counted together. The road counts
as it reads the log, so a replay counts anew.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.funnel import catalogue_tables
from honeyguide.funnel.catalogue_tables import Shapes

SHAPES_MAX, PATHS_MAX, DEPTH_MAX, ELEMENTS_MAX, KEY_MAX = 200, 400, 8, 20, 100
REST = b"\x00" * 16  # the fingerprint under which shapes beyond the limit are counted together
SETTLING = timedelta(days=1)
NEW_FOR = timedelta(days=7)
_CACHE_MAX = 20_000
_AN_ID = re.compile(r"[0-9][0-9_.:-]*|[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-f]{16,}|.*[@\x00-\x1f].*", re.I | re.S)
_json = msgspec.json.Decoder()
Paths = frozenset[tuple[str, str]]
_prints: dict[Paths, bytes] = {}
_known: dict[tuple[int, int, str], set[bytes]] = {}


class ShapePath(Struct, frozen=True):
    """A key path and the JSON types seen at it."""

    path: str
    types: list[str]


class Shape(Struct, frozen=True):
    """One shape. `new`: its kind has been sent for over a day when it appeared, and that was less than a week ago."""

    kind: str
    fingerprint: str
    paths: list[ShapePath]
    first_seen_at: datetime
    last_seen_at: datetime
    n: int
    sample_event_id: UUID
    new: bool


def paths_of(value: Any) -> Paths:
    """The key paths of a JSON value with their types: `user.tags[]` / `text`."""
    found: set[tuple[str, str]] = set()
    _walk(value, "", 0, found)
    return frozenset(found)


def fingerprint(paths: Paths) -> bytes:
    """16 bytes over the sorted paths and types."""
    known = _prints.get(paths)
    if known is None:
        text = "\n".join(f"{path}\t{kind}" for path, kind in sorted(paths))
        known = blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        if len(_prints) >= _CACHE_MAX:
            _prints.clear()
        _prints[paths] = known
    return known


def _walk(value: Any, path: str, depth: int, found: set[tuple[str, str]]) -> None:
    if len(found) >= PATHS_MAX:
        return
    if isinstance(value, dict) and depth < DEPTH_MAX:
        for key, inner in value.items():
            name = "*" if _AN_ID.fullmatch(key) or len(key) > KEY_MAX else key
            _walk(inner, f"{path}.{name}" if path else name, depth + 1, found)
    elif isinstance(value, list) and depth < DEPTH_MAX:
        for inner in value[:ELEMENTS_MAX]:
            _walk(inner, f"{path}[]", depth + 1, found)
        if not value:
            found.add((f"{path}[]", "empty"))
    else:
        found.add((path, _type(value)))


def _type(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (str, "text"), (int, "number"), (float, "number"), (dict, "object"),
                       (list, "list")):  # fmt: skip
        if isinstance(value, kind):
            return name
    return "null"


async def note_shapes(tx: Tx, rows: Sequence[Row]) -> None:
    """Count the shapes of rows of the log. A body that is no JSON has none."""
    read = [(row, _print(row["body"])) for row in rows]
    shaped = [(row, mark, paths) for row, (mark, paths) in read if mark is not None]
    if not shaped:
        return
    await _learn(tx, {(row["source_id"], row["kind"]) for row, _, _ in shaped})
    found: dict[tuple[int, str, bytes], Shapes] = {}
    for row, mark, paths in shaped:
        source_id, kind, at, ident = row["source_id"], row["kind"], row["received_at"], row["event_id"]
        known = _known[tx.workspace_id, source_id, kind]
        if mark not in known and len(known) >= SHAPES_MAX:
            mark, paths = REST, frozenset()
        known.add(mark)
        before = found.get((source_id, kind, mark))
        if before is None:
            found[source_id, kind, mark] = (source_id, kind, mark, _listed(paths), at, at, 1, ident)
        else:
            first, last, n, sample = before[4:]
            found[source_id, kind, mark] = (
                *before[:4], min(first, at), max(last, at), n + 1, min(sample, ident),
            )  # fmt: skip
    await catalogue_tables.add_shapes(tx, list(found.values()))


async def _learn(tx: Tx, wanted: set[tuple[int, str]]) -> None:
    if len(_known) > _CACHE_MAX:
        _known.clear()
    unknown = {key for key in wanted if (tx.workspace_id, *key) not in _known}
    if not unknown:
        return
    for key in unknown:
        _known[tx.workspace_id, *key] = set()
    rows = await catalogue_tables.known_shapes(tx, [s for s, _ in unknown], [k for _, k in unknown])
    for row in rows:
        if (row["source_id"], row["kind"]) in unknown:
            _known[tx.workspace_id, row["source_id"], row["kind"]].add(row["fingerprint"])


def _print(body: bytes) -> tuple[bytes | None, Paths]:
    try:
        paths = paths_of(_json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, frozenset()
    return fingerprint(paths), paths


def _listed(paths: Paths) -> str:
    types: dict[str, list[str]] = {}
    for path, kind in sorted(paths):
        types.setdefault(_storable(path), []).append(kind)
    return msgspec.json.encode([{"path": p, "types": sorted(set(kinds))} for p, kinds in types.items()]).decode()


def _storable(path: str) -> str:
    """As PostgreSQL's jsonb can hold it: no NUL, no lone surrogate."""
    return path.replace("\x00", "").encode("utf-8", "replace").decode()


async def note_cost(tx: Tx, rows: Sequence[Row]) -> None:
    """Count rows and bytes per source and day of arrival."""
    found: dict[tuple[int, date], list[int]] = {}
    for row in rows:
        sums = found.setdefault((row["source_id"], row["received_at"].astimezone(UTC).date()), [0, 0])
        sums[0] += 1
        sums[1] += len(row["body"])
    await catalogue_tables.add_days(tx, [(s, day, n, size) for (s, day), (n, size) in found.items()])


async def shapes(tx: Tx, source_id: int, now: datetime) -> list[Shape]:
    """The shapes of a source by kind, the newest first."""
    return [_shape(row, now) for row in await catalogue_tables.shapes(tx, source_id)]


async def cost(tx: Tx, now: datetime, days: int = 30) -> dict[int, tuple[int, int]]:
    """Source -> (events, bytes) that arrived in the last days and were read."""
    since = now.astimezone(UTC).date() - timedelta(days=days)
    return {row["source_id"]: (row["n"], row["bytes"]) for row in await catalogue_tables.cost(tx, since)}


def _shape(row: Row, now: datetime) -> Shape:
    late = row["first_seen_at"] - row["kind_first_seen_at"] > SETTLING
    paths = [ShapePath(p["path"], p["types"]) for p in row["paths"]]
    return Shape(
        row["kind"], row["fingerprint"].hex(), paths, row["first_seen_at"], row["last_seen_at"], row["n"],
        row["sample_event_id"], late and now - row["first_seen_at"] < NEW_FOR,
    )  # fmt: skip
