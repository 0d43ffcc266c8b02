"""What is crashed on the way in: a mixed submission, a piece of a file, the import of a file.

Unlike the others these may be half way after a crash (a file is imported chunk by chunk) or count what was sent twice as
sent twice, so they are judged by `test_ingest_points`.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.funnel import Broken, Committer, NewEvent, create_source, imports, source_named, uploads
from tests.crash.points import Run
from tests.unit.outcomes.town import AT

ROWS, CHUNK, PIECE = 9, 2, 120
SUBMITTED = {"accepted": 3, "duplicate": 1, "mismatch": 1, "dead_letter": 1, "refused": 2}
_MAPPING: dict[str, Any] = {"files": {"deals.*": {"name": "deals", "id": "id", "time": "at", "person": {"id": "who"},
                                                  "events": [{"kind": "deal.won", "props": {"deal": "id"}}]}}}  # fmt: skip
FILE = b"id,at,who\n" + b"".join(b"D%d,2026-01-02,w%d\n" % (n, n) for n in range(ROWS - 1)) + b"D99,never,w99\n"


def _event(ident: str, body: bytes) -> NewEvent:
    return NewEvent("segment", "track", ident, body, AT, AT)


async def submit(run: Run) -> None:
    """Three new events, one of them again, one id with another body, one broken input, and two that are refused."""
    async with run.db.tx(run.workspace) as tx:
        source = await source_named(tx, "product")
    committer = Committer(run.db)
    await committer.submit(source, [
        _event("a", b"1"), _event("b", b"1"), _event("a", b"1"), _event("b", b"2"), Broken("too_large", "why", b"raw", AT), _event("c", b"1"),
    ])  # fmt: skip
    await committer.refuse(source, 2)
    run.answer()
    await committer.close()


async def piece(run: Run) -> None:
    """The next piece of a file."""
    async with run.db.tx(run.workspace) as tx:
        source = await source_named(tx, "files")
        found = await uploads.upload(tx, source, await _upload_of(tx))
        body = FILE[found.received : found.received + PIECE]
        if body:
            digest = hashlib.sha256(body).digest()
            await uploads.add_piece(tx, source, found.id, found.received, body, digest)
    run.answer()


async def take_in(run: Run) -> None:
    """The import of a whole file by a worker that comes when the one before it must be dead."""
    imports.CHUNK = CHUNK
    async with run.db.tx(run.workspace) as tx:
        claimed: datetime | None = await tx.value(
            "select max(claimed_until) from upload where workspace_id = $1", tx.workspace_id
        )
    with clock.frozen(max(clock.now(), claimed or clock.now()) + timedelta(seconds=1)):
        await uploads.import_due(run.db, run.workspace)
    run.answer()


async def _upload_of(tx: Any) -> UUID:
    found: UUID = await tx.value("select id from upload where workspace_id = $1", tx.workspace_id)
    return found


OPERATIONS = {"submit": submit, "piece": piece, "take_in": take_in}


async def prepare(db: Database, workspace: int, scenario: str) -> None:
    """The sources, and for `piece` and `take_in` an upload that has begun, for `take_in` all of it."""
    async with db.tx(workspace) as tx:
        if scenario == "submit":
            await create_source(tx, "segment", "product")
            return
        source, _ = await create_source(tx, "import", "files")
        begun = await uploads.create_upload(tx, source, "deals.csv", len(FILE), hashlib.sha256(FILE).digest(), _MAPPING)
        if scenario == "take_in":
            for at in range(0, len(FILE), PIECE):
                body = FILE[at : at + PIECE]
                await uploads.add_piece(tx, source, begun.id, at, body, hashlib.sha256(body).digest())
            await uploads.complete(tx, source, begun.id)
