"""The contract of a connector: a definition and recorded replies are all it needs to be proved.

For a connector of your own: `await keeps_the_contract(db, workspace, settings, text, folder)` in a test of yours. It serves
the replies from a real server and syncs them into a real log.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from honeyguide.connectors.probe import Prober, Shown
from honeyguide.connectors.recorded import Recording, Replies, play
from honeyguide.connectors.sync import sync_now
from honeyguide.db import Database
from honeyguide.funnel import connections, decode, load_sources
from honeyguide.funnel.connections import Connection
from honeyguide.funnel.definitions import Definition, parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.vendor import serving


async def keeps_the_contract(
    db: Database, workspace: int, settings: Settings, text: str, folder: Path, name: str = "Contract"
) -> list[Shown]:
    """Parses; pages to the end; ids are stable; a second and a full sync bring nothing; a preview shows what a sync logs.

    Returns what each record became, for assertions about its meaning.
    """
    definition, recording = parse_definition(text), Recording.read(folder)
    played = {p.name: p for p in await play(definition, recording)}
    problems = {p.name: p.problems for p in played.values() if p.problems}
    assert not problems, str(problems)
    again = {p.name: p for p in await play(definition, recording)}
    ids = {p.name: [row.message_id for row in p.rows] for p in played.values()}
    assert {p.name: [row.message_id for row in p.rows] for p in again.values()} == ids, "ids change from sync to sync"
    broken = [row for p in played.values() for row in p.rows if row.problem]
    assert not broken, str(broken)
    streams = [s for s in definition.streams if s in recording.pages and not definition.streams[s].hook]
    for stream in streams:
        if definition.streams[stream].transport == "http":
            await _synced(db, workspace, settings, definition, recording, stream, ids[stream], f"{name} {stream}")
    return [row for p in played.values() for row in p.rows]


async def _synced(
    db: Database, workspace: int, settings: Settings, definition: Definition, recording: Recording, stream: str,
    expected: list[str], name: str,
) -> None:  # fmt: skip
    with serving(_Desk(stream, definition, recording)) as url:
        base = urlsplit(definition.http.base.replace("{", "").replace("}", ""))
        path = base.path if base.netloc else ""  # a base that is one template has none
        here = msgspec.structs.replace(definition.http, base=url + path, per_second=1e4)
        made = await _connect(db, workspace, settings, msgspec.structs.replace(definition, http=here), stream, name)
        preview = await Prober(db, settings).preview(made, stream, 1_000)
        assert preview.problem == ""
        assert await _logged(db, made) == [], "a preview writes nothing"
        await sync_now(db, workspace, made.source_id, settings)
        first = await _logged(db, made)
        assert sorted(r["message_id"] for r in first) == sorted(set(expected)), "not every record reached the log once"
        await _preview_is_sync(db, made, preview.rows, first)
        for full in (False, True):
            async with db.tx(workspace) as tx:
                await connections.request_sync(tx, made.source_id, stream, full)
            await sync_now(db, workspace, made.source_id, settings)
            assert len(await _logged(db, made)) == len(first), (
                f"a {'full' if full else 'second'} sync brought something new"
            )
        async with db.tx(workspace) as tx:
            (state,) = [s for s in await connections.stream_states(tx, made.source_id) if s.stream == stream]
        assert (state.problem, state.position) == ("", None)


async def _connect(
    db: Database, workspace: int, settings: Settings, definition: Definition, stream: str, name: str
) -> Connection:
    asked = connections.questions(definition)
    config = {q.name: q.default or "x" for q in asked if not q.secret}
    secrets = {q.name: "x" for q in asked if q.secret}
    vault = Vault.of(settings)
    async with db.tx(workspace) as tx:
        made = await connections.create_connection(
            tx, definition.connector, name, config, secrets, [stream], definition=definition, vault=vault
        )
        if definition.auth.get("kind") in ("oauth2", "client_credentials"):
            await connections.keep_tokens(tx, made.source_id, {"access_token": "x"}, vault)
    return made


async def _logged(db: Database, made: Connection) -> list[Any]:
    async with db.tx(made.workspace_id) as tx:
        return await tx.rows(
            "select event_id, source_id, format, kind, message_id, event_time, received_at, body from event_log "
            "where workspace_id = $1 and source_id = $2 order by seq", made.workspace_id, made.source_id)  # fmt: skip


async def _preview_is_sync(db: Database, made: Connection, previewed: list[Shown], logged: list[Any]) -> None:
    async with db.tx(made.workspace_id) as tx:
        source = (await load_sources(tx))[made.source_id]
    by_id = {row["message_id"]: [_told(e) for e in decode(row, source)] for row in logged}
    for row in previewed:
        assert [_told(e) for e in row.events] == by_id[row.message_id], (
            "a preview shows something else than a sync logs"
        )


def _told(event: Any) -> Any:
    return msgspec.structs.replace(event, received_at=event.at, at=min(event.at, event.received_at))


class _Desk:
    """Serves a recording."""

    def __init__(self, stream: str, definition: Definition, recording: Recording) -> None:
        self._replies = Replies(stream, definition.streams[stream], recording, strict=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        host = dict(scope["headers"])[b"host"].decode()
        status, headers, reply = self._replies.answer(
            scope["method"], scope["path"], scope["query_string"].decode(), body
        )
        if "link" in headers:  # recorded links name the recorded host
            kept = headers["link"].split("://", 1)
            headers = headers | {"link": f"{kept[0].replace('https', 'http')}://{host}/{kept[1].partition('/')[2]}"}
        given = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": given})
        await send({"type": "http.response.body", "body": reply})
