"""Files that come in pieces over HTTP: each piece is committed before it is acknowledged, so an upload survives any crash.

A finished file waits for the worker, which puts it together, checks it, and imports it in the historical lane. Bounded:
the size of a piece and of a file, and the bytes of unfinished files per workspace.
"""

import asyncio
import contextlib
import hashlib
import re
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, HoneyguideError, NotFound, TooLarge, Unavailable
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from honeyguide.funnel import upload_tables
from honeyguide.funnel.decode.mapping import FileMapping, ImportMapping, digest_of, parse_mapping
from honeyguide.funnel.file_rows import KINDS
from honeyguide.funnel.imports import ImportRun, import_file
from honeyguide.funnel.sources import Source, load_sources

PIECE_BYTES = 4_000_000
FILE_BYTES = 1_000_000_000
HELD_BYTES = 4_000_000_000
_CLAIM = timedelta(minutes=5)
_ABANDONED = timedelta(days=7)
_TELL_S = 2.0
_NAME = re.compile(r"[^/\\\x00-\x1f]{1,200}")


class Upload(Struct, frozen=True):
    """How far an upload is. `received` is the offset of the next piece."""

    id: UUID
    source_id: int
    file_name: str
    size: int
    sha256: bytes
    mapping: dict[str, Any]
    received: int
    state: str
    failure: str
    rows_done: int
    rows_accepted: int
    rows_duplicate: int
    rows_dead: int
    created_at: datetime
    updated_at: datetime


class WrongPiece(Conflict):
    """A piece that is not the one that is waited for. `offset` is where the next one starts."""

    def __init__(self, title: str, offset: int, *, status: int = 409) -> None:
        super().__init__(
            title, f"The next piece starts at byte {offset}.", advice="Go on from there.", code="wrong_piece"
        )
        self.offset, self.status = offset, status


async def create_upload(
    tx: Tx, source: Source, file_name: str, size: int, sha256: bytes, mapping: Any = None, stored: str = ""
) -> Upload:
    """Begin an upload, or find the one of the same file and mapping that has begun.

    `mapping` is an import's mapping (an object, or YAML as text); without one the source's own is taken, by its name
    `stored` or by the file's. Raises BadInput, and TooLarge over a limit.
    """
    if source.kind != "import":
        raise BadInput(
            f"Files go to a source of the kind import; {source.name} is {source.kind}.",
            advice="Make one under Sources and use its write key.", code="not_an_import_source",
        )  # fmt: skip
    if not _NAME.fullmatch(file_name) or Path(file_name).suffix.lower() not in KINDS:
        raise BadInput(f"{file_name[:80]!r} is no name of a file we import.", f"Files end in {', '.join(KINDS)}.")
    if size <= 0 or len(sha256) != 32:
        raise BadInput("An upload needs the file's size in bytes and its sha256 as 64 hexadecimal digits.")
    if size > FILE_BYTES or await upload_tables.held_bytes(tx) + size > HELD_BYTES:
        raise TooLarge(
            f"The file is larger than {FILE_BYTES // 1_000_000:,} MB, or too many files wait to be imported.",
            advice="Split it, or wait until those before it are done.",
        )
    spec = _mapping(source, file_name, mapping, stored)
    row = await upload_tables.start(
        tx, new_id(), source.id, file_name, size, sha256, msgspec.to_builtins(spec), digest_of(spec), clock.now()
    )
    if row["size"] != size:
        raise BadInput("A file of this sha256 has another size.", advice="Compute both from the same file.")
    if row["received"] == 0:
        await upload_tables.drop_pieces(tx, row["id"])
    return _upload(row)


def _mapping(source: Source, file_name: str, given: Any, stored: str) -> FileMapping:
    if given is None:
        known = source.settings.get("mappings", {})
        found = known.get(stored or Path(file_name).stem)
        if found is None:
            raise BadInput(
                f"The source {source.name} has no mapping {stored or Path(file_name).stem!r}.",
                f"It has: {', '.join(sorted(known)) or 'none'}.", advice="Send a mapping with the upload.",
            )  # fmt: skip
        return msgspec.convert(found, FileMapping)
    if isinstance(given, dict):
        given = msgspec.json.encode({"source": source.name, **given}).decode()
    if not isinstance(given, str):
        raise BadInput("The mapping is neither an object nor text.", advice="See docs/how-to/import-files.md.")
    parsed = parse_mapping(given)
    if parsed.source != source.name:
        raise BadInput(f"The mapping is for the source {parsed.source}, the write key is of {source.name}.")
    spec = parsed.of(file_name)
    if spec.lookups:
        raise BadInput(
            "A mapping with lookups needs the other files beside it.",
            advice="Import such files with `honeyguide import`.", code="lookups",
        )  # fmt: skip
    return spec


async def upload(tx: Tx, source: Source, ident: UUID) -> Upload:
    """One upload of a source. Raises NotFound."""
    row = await upload_tables.upload(tx, source.id, ident)
    if row is None:
        raise NotFound("There is no such upload of this source.")
    return _upload(row)


async def add_piece(tx: Tx, source: Source, ident: UUID, offset: int, body: bytes, sha256: bytes) -> Upload:
    """Keep a piece, durable once the transaction commits. The same piece again changes nothing.

    Raises WrongPiece with the right offset when it is damaged, not the next one, or reaches beyond the file.
    """
    found = await upload(tx, source, ident)
    if hashlib.sha256(body).digest() != sha256:
        raise WrongPiece("The piece is damaged: its sha256 is another one.", found.received, status=400)
    if not body or len(body) > PIECE_BYTES:
        raise WrongPiece(f"A piece has 1 to {PIECE_BYTES:,} bytes.", found.received, status=400)
    row = await upload_tables.advance(tx, ident, offset, len(body), clock.now())
    if row is None:
        if offset < found.received and await upload_tables.piece_digest(tx, ident, offset) == sha256:
            return found
        found = await upload(tx, source, ident)
        raise WrongPiece("This is not the piece that is waited for.", found.received)
    await upload_tables.add_piece(tx, ident, offset, sha256, body)
    return _upload(row)


async def complete(tx: Tx, source: Source, ident: UUID) -> Upload:
    """Hand a whole file to the worker. Raises WrongPiece while bytes are missing."""
    found = await upload(tx, source, ident)
    if found.state != "receiving":
        return found
    if found.received != found.size:
        raise WrongPiece("The file is not complete.", found.received)
    row = await upload_tables.set_state(tx, ident, "waiting", "", clock.now())
    return _upload(row) if row is not None else found


async def abort(tx: Tx, source: Source, ident: UUID) -> Upload:
    """Give up an upload that has not been handed over."""
    found = await upload(tx, source, ident)
    if found.state != "receiving":
        raise Conflict(f"The upload is {found.state}.", advice="What is handed over is imported.")
    await upload_tables.drop_pieces(tx, ident)
    row = await upload_tables.set_state(tx, ident, "failed", "It was given up.", clock.now())
    return _upload(row) if row is not None else found


async def import_due(db: Database, workspace_id: int, folder: Path | None = None) -> int:
    """Import the upload that has waited longest; returns how many were taken (0 or 1). `folder` is for the whole file.

    A worker that dies is followed by another a few minutes later, which goes on where the last commit was.
    """
    now = clock.now()
    async with db.tx(workspace_id) as tx:
        for ident in await upload_tables.abandoned(tx, now - _ABANDONED, 10):
            await upload_tables.drop_pieces(tx, ident)
            await upload_tables.set_state(tx, ident, "failed", "Nothing came for a week.", now)
        row = await upload_tables.claim(tx, now, now + _CLAIM)
        source = (await load_sources(tx)).get(row["source_id"]) if row is not None else None
    if row is None:
        return 0
    found, failure = _upload(row), ""
    try:
        if source is None:
            raise NotFound("Its source is gone.")
        with tempfile.TemporaryDirectory(prefix="hg-upload-", dir=folder) as place:
            path = Path(place) / found.file_name
            await _put_together(db, workspace_id, found, path)
            await _import(db, workspace_id, source, found, path)
    except Unavailable:
        raise
    except Conflict:
        return 0  # another worker is at it
    except HoneyguideError as e:
        failure = e.sentence()
    async with db.tx(workspace_id) as tx:
        await upload_tables.set_state(tx, found.id, "failed" if failure else "done", failure, clock.now())
        await upload_tables.drop_pieces(tx, found.id)
    return 1


async def _put_together(db: Database, workspace_id: int, found: Upload, path: Path) -> None:
    """Write the pieces into one file, one at a time. Raises BadInput when the whole is not what was announced."""
    whole, at = hashlib.sha256(), 0
    with path.open("wb") as file:
        while at < found.size:
            async with db.tx(workspace_id) as tx:
                body = await upload_tables.next_piece(tx, found.id, at)
            if not body:
                raise BadInput(f"{found.file_name} has no bytes from {at} on.")
            whole.update(body)
            file.write(body)
            at += len(body)
    if whole.digest() != found.sha256:
        raise BadInput(
            f"{found.file_name} is not the file that was announced: its sha256 is another one.",
            advice="Upload it again.",
        )


async def _import(db: Database, workspace_id: int, source: Source, found: Upload, path: Path) -> None:
    spec = msgspec.convert(found.mapping, FileMapping)
    mapping = ImportMapping(source.name, {found.file_name: spec}, spec.currency)
    runs: list[ImportRun] = []

    def seen(run: ImportRun) -> None:
        runs[:] = [run]

    telling = asyncio.create_task(_tell(db, workspace_id, found.id, runs))
    try:
        runs[:] = [await import_file(db, workspace_id, path, mapping, seen)]
    finally:
        telling.cancel()
    await _report(db, workspace_id, found.id, runs[0])


async def _tell(db: Database, workspace_id: int, ident: UUID, runs: list[ImportRun]) -> None:
    """Say how far the import is, and that somebody is still at it."""
    while True:
        await asyncio.sleep(_TELL_S)
        if runs:
            with contextlib.suppress(Unavailable):
                await _report(db, workspace_id, ident, runs[0])


async def _report(db: Database, workspace_id: int, ident: UUID, run: ImportRun) -> None:
    async with db.tx(workspace_id) as tx:
        await upload_tables.report(
            tx, ident, run.rows_done, run.rows_accepted, run.rows_duplicate, run.rows_dead, clock.now() + _CLAIM
        )


def _upload(row: Any) -> Upload:
    return Upload(**{f: row[f] for f in Upload.__struct_fields__})
