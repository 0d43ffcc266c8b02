"""What differs between two copies of a derived table: streamed in key order from both, so memory stays bounded."""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from honeyguide.db import Tx

_PAGE = 2_000
SAMPLED = 5  # rows of each table that are shown


class Changes(Struct):
    """How many rows of a table stay the same, change, come and go; and the keys of some of them."""

    same: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    keys: list[tuple[str, str]] = []


class _Table(Struct, frozen=True):
    """A table as two copies of it are compared: what names a row, what a row says, which rows count."""

    name: str
    key: str
    says: str
    where: str


async def compare(before: Tx, after: Tx, table: str, history: tuple[str, ...], where: str) -> Changes:
    """Compare a table's rows of two workspaces; columns of `history` are left out."""
    shape = await _shape(before, table, history, where)
    found = Changes(keys=[])
    old, new = _rows(before, shape), _rows(after, shape)
    left, right = await anext(old, None), await anext(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            found.removed += 1
            _sample(found, left, "removed")
            left = await anext(old, None)
        elif left is None or right[0] < left[0]:
            found.added += 1
            _sample(found, right, "added")
            right = await anext(new, None)
        else:
            if left[1] == right[1]:
                found.same += 1
            else:
                found.changed += 1
                _sample(found, left, "changed")
            left, right = await anext(old, None), await anext(new, None)
    return found


def _sample(found: Changes, row: tuple[str, str] | None, change: str) -> None:
    if row is not None and len(found.keys) < SAMPLED:
        found.keys.append((row[0], change))


async def sample(before: Tx, after: Tx, table: str, history: tuple[str, ...], where: str, found: Changes) -> list[Any]:
    """Some of the rows that differ, as they were and as they would be."""
    if not found.keys:
        return []
    shape = await _shape(before, table, history, where)
    keys = [key for key, _ in found.keys]
    old, new = await _whole(before, shape, keys), await _whole(after, shape, keys)
    return [
        {"table": table, "change": change, "before": old.get(key), "after": new.get(key)} for key, change in found.keys
    ]


async def _shape(tx: Tx, table: str, history: tuple[str, ...], where: str) -> _Table:
    names = await tx.rows(
        "select a.attname as name, i.indisprimary is not null as key from pg_attribute a left join pg_index i "
        "on i.indrelid = a.attrelid and i.indisprimary and a.attnum = any(i.indkey) "
        "and array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts "
        "where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attname",
        table,
    )
    kept = [r for r in names if r["name"] != "workspace_id"]
    key = ", ".join(r["name"] for r in kept if r["key"])
    says = ", ".join(r["name"] for r in kept if r["name"] not in history)
    return _Table(table, key, says, where)


async def _rows(tx: Tx, table: _Table) -> AsyncIterator[tuple[str, str]]:
    """(key, digest) of every row, in the order of the key's bytes."""
    name = f"rows_of_{table.name}"
    await tx.run(
        f'declare {name} no scroll cursor for select row({table.key})::text collate "C" as key, '
        f"md5(row({table.says})::text) as digest from {table.name} where workspace_id = {tx.workspace_id} and {table.where} "
        "order by 1"
    )
    while page := await tx.rows(f"fetch {_PAGE} from {name}"):
        for row in page:
            yield row["key"], row["digest"]
    await tx.run(f"close {name}")


async def _whole(tx: Tx, table: _Table, keys: list[str]) -> dict[str, Any]:
    rows = await tx.rows(
        f"select row({table.key})::text as key, to_jsonb(t) - 'workspace_id' as said from {table.name} as t "
        f"where workspace_id = $1 and {table.where} and row({table.key})::text = any($2::text[])",
        tx.workspace_id, keys,
    )  # fmt: skip
    return {row["key"]: row["said"] for row in rows}
