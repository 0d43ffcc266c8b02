"""`/v1/uploads`: files in pieces, for whoever has more than fits into one request. Resumable after any crash.

`POST /v1/uploads` begins (or finds) an upload; `PUT /v1/uploads/{id}` brings the piece at `Upload-Offset` with its sha256
in `Upload-Sha256`; `GET` says how far it is; `POST .../complete` hands the file to the import; `DELETE` gives it up.
"""

import re
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput, Forbidden, HoneyguideError, NotFound, TooLarge, TooMuch
from honeyguide.db import Database
from honeyguide.funnel import Source, load_sources, uploads
from honeyguide.web.ingest_door import Gate
from honeyguide.web.ingest_http import (
    CORS,
    Gone,
    Message,
    Receive,
    Send,
    answer,
    answer_json,
    answer_problem,
    body_of,
    header,
)

_PATH = re.compile(r"/v1/uploads(?:/([0-9a-f-]{36})(/complete)?)?/?")
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BEGIN_BYTES = 200_000
_PIECES_AT_ONCE = 8  # of at most 4 MB each: what all uploads together may hold in memory


class _Begin(Struct, forbid_unknown_fields=True):
    """The body that begins an upload."""

    file: str
    size: int
    sha256: str
    mapping: Any = None
    source: str = ""
    name: str = ""


class UploadsDoor:
    """An ASGI application for uploads; the write key is that of a source of the kind `import`."""

    def __init__(self, db: Database, gate: Gate) -> None:
        self._db, self._gate = db, gate
        self._pieces = 0

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return path.startswith("/v1/uploads") and _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            if scope["method"] == "OPTIONS":
                await answer(send, 204, b"", CORS)
                return
            found = await self._done(scope, receive)
            status = 201 if scope["method"] == "POST" and found.state == "receiving" and not found.received else 200
            await answer_json(send, status, _told(found))
        except uploads.WrongPiece as e:
            await answer_problem(send, e, {"offset": e.offset})
        except HoneyguideError as e:
            await answer_problem(send, e)
        except Gone:
            return

    async def _done(self, scope: Message, receive: Receive) -> uploads.Upload:
        path = _PATH.fullmatch(scope["path"])
        ident = _uuid(path[1]) if path and path[1] else None
        source = await self._gate.keys.of_header(header(scope, b"authorization"))
        if source.paused_at is not None:
            raise Forbidden(f"The source {source.name} is paused.", advice="Resume it in the console.", code="paused")
        act = (scope["method"], ident is not None, bool(path and path[2]))
        if act == ("POST", False, False):
            return await self._begin(source, scope, receive)
        if ident is None:
            raise BadInput("An upload begins with POST.", code="bad_method")
        if act == ("PUT", True, False):
            return await self._piece(source, ident, scope, receive)
        async with self._db.tx(source.workspace_id) as tx:
            if act == ("GET", True, False):
                return await uploads.upload(tx, source, ident)
            if act == ("POST", True, True):
                return await uploads.complete(tx, source, ident)
            if act == ("DELETE", True, False):
                return await uploads.abort(tx, source, ident)
        raise BadInput(f"{scope['method']} means nothing here.", code="bad_method")

    async def _begin(self, source: Source, scope: Message, receive: Receive) -> uploads.Upload:
        try:
            asked = msgspec.json.decode(await body_of(scope, receive, _BEGIN_BYTES), type=_Begin)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
            raise BadInput("The body does not describe an upload.", str(e), code="not_an_upload") from e
        if asked.source and asked.source != source.name:
            raise BadInput(f"The write key is of the source {source.name}, not of {asked.source}.")
        sha256 = bytes.fromhex(asked.sha256) if _HEX.fullmatch(asked.sha256) else b""
        async with self._db.tx(source.workspace_id) as tx:
            source = (await load_sources(tx))[source.id]  # with its mappings of this moment
            return await uploads.create_upload(tx, source, asked.file, asked.size, sha256, asked.mapping, asked.name)

    async def _piece(self, source: Source, ident: UUID, scope: Message, receive: Receive) -> uploads.Upload:
        offset = header(scope, b"upload-offset").decode("latin-1")
        digest = header(scope, b"upload-sha256").decode("latin-1")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 16) or not _HEX.fullmatch(digest):
            raise BadInput("A piece needs the headers Upload-Offset and Upload-Sha256.", code="no_offset")
        if self._pieces >= _PIECES_AT_ONCE:
            raise TooMuch("Too many pieces are on their way.", advice="Send it again in a second.")
        self._pieces += 1
        try:
            body = await body_of(scope, receive, uploads.PIECE_BYTES)
            async with self._db.tx(source.workspace_id) as tx:
                return await uploads.add_piece(tx, source, ident, int(offset), body, bytes.fromhex(digest))
        except TooLarge as e:
            async with self._db.tx(source.workspace_id) as tx:
                at = (await uploads.upload(tx, source, ident)).received
            raise uploads.WrongPiece(f"A piece has at most {uploads.PIECE_BYTES:,} bytes.", at, status=413) from e
        finally:
            self._pieces -= 1


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as e:
        raise NotFound("There is no such upload of this source.") from e


def _told(found: uploads.Upload) -> dict[str, Any]:
    return {
        "id": found.id, "file": found.file_name, "size": found.size, "sha256": found.sha256.hex(), "state": found.state,
        "offset": found.received, "problem": found.failure or None,
        "rows": {
            "done": found.rows_done, "accepted": found.rows_accepted, "duplicate": found.rows_duplicate,
            "dead_letter": found.rows_dead,
        },
        "created_at": found.created_at, "updated_at": found.updated_at,
    }  # fmt: skip
