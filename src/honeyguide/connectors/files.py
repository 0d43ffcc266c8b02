"""The transport `file`: CSV, JSON lines and Parquet in a folder; a file is read again only when its content has changed.

Config `folder` says where (a file or a folder the operator of this machine has allowed), the stream's `files` which.
"""

import asyncio
import csv
import hashlib
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from honeyguide.connectors.guard import checked_path
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.session import Session
from honeyguide.connectors.templates import text_of
from honeyguide.core.errors import BadInput
from honeyguide.funnel.file_rows import lines_of

PAGE = 2_000
KINDS = (".csv", ".jsonl", ".ndjson", ".parquet")
Known = dict[str, list[Any]]


class Files:
    """Pages out of files."""

    name = "file"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """The rows of new and changed files, file by file in the order of their names."""
        at: dict[str, Any] = ask.position or {}
        done: Known = dict(at.get("done") or {})
        before: Known = dict((ask.since or {}).get("files") or {}) if isinstance(ask.since, dict) else {}
        folder, found = await asyncio.to_thread(_found, session, ask.spec.request.files)
        waiting = [f for f in found if str(f.relative_to(folder)) not in done]
        for file in waiting:
            name = str(file.relative_to(folder))
            stamp = await asyncio.to_thread(
                _stamp, file, before.get(name) or (at.get("stamp") if at.get("file") == name else None)
            )
            if before.get(name) and before[name][0] == stamp[0]:
                done[name] = stamp
                continue
            row = int(at["row"]) if at.get("file") == name and at.get("stamp", [""])[0] == stamp[0] else 0
            rows = islice(records_in(file), row, None)
            size = ask.limit or PAGE
            while part := await asyncio.to_thread(_take, rows, size):
                row += len(part)
                yield Page(part, {"file": name, "stamp": stamp, "row": row, "done": done})
            done[name] = stamp
        yield Page([], None, mark={"files": done})

    async def reach(self, session: Session, /) -> str:
        """Look into the folder."""
        folder, _ = await asyncio.to_thread(_found, session, "*")
        return str(folder)


def _take(rows: Iterator[bytes], size: int) -> list[bytes]:
    return list(islice(rows, size))


def _found(session: Session, pattern: str) -> tuple[Path, list[Path]]:
    where = checked_path(str(session.root["config"].get("folder", "") or "."), session.settings.folders)
    if not where.exists():
        raise BadInput(f"There is no file or folder {where}.", advice="Put the files there, or change the connection.")
    if where.is_file():
        return where.parent, [where]
    wanted = text_of(pattern, session.root) if "{" in pattern else pattern
    files = sorted(f for f in where.glob(wanted or "*") if f.is_file() and f.suffix.lower() in KINDS)
    return where, [f for f in files if checked_path(str(f), session.settings.folders)]


def _stamp(file: Path, known: list[Any] | None) -> list[Any]:
    """The digest of a file with its size and time; the same size and time are taken for the same content."""
    status = file.stat()
    if known and known[1:] == [status.st_size, status.st_mtime_ns]:
        return known
    with file.open("rb") as content:
        return [hashlib.file_digest(content, "sha256").hexdigest(), status.st_size, status.st_mtime_ns]


def records_in(file: Path) -> Iterator[bytes]:
    """The rows of a file as JSON objects; a row that is none comes as its own bytes, to be put aside."""
    kind = file.suffix.lower()
    if kind == ".csv":
        return _csv(file)
    if kind in (".jsonl", ".ndjson"):
        return _json_lines(file)
    if kind == ".parquet":
        return (line.raw for line in lines_of(file))
    raise BadInput(f"{file.name} is of no kind that is read.", f"Files end in {', '.join(KINDS)}.")


def _csv(file: Path) -> Iterator[bytes]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as content:
        rows = csv.reader(content)
        header = next(rows, [])
        for values in rows:
            if not values:
                continue
            if len(values) != len(header):
                yield ",".join(values).encode()
            else:
                yield msgspec.json.encode(dict(zip(header, values, strict=True)))


def _json_lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        for line in content:
            if line.strip():
                yield line.strip()


FILES = Files()
