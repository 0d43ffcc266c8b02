"""Every definition of the library is run: its requests can be made and signed, its pages end, its questions suffice."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from honeyguide.connectors.sync import sync_now
from honeyguide.connectors.templates import text_of
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.definitions import library
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.vendor import serving

PULLED = sorted(name for name, d in library().items() if d.streams)


class Empty:
    """A vendor with nothing in it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        body = (
            b'{"access_token": "x", "id": "1", "state": "JobComplete"}'
            if "token" in scope["path"] or "jobs" in scope["path"]
            else b"{}"
        )
        body = b"" if scope["path"].endswith("/results") else body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("name", PULLED)
async def test_every_stream_can_be_asked_for(db: Database, workspace: int, tmp_path: Path, name: str) -> None:
    settings = Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"})
    definition, empty = library()[name], Empty()
    with serving(empty) as url:
        asked = connections.questions(definition)
        plain = {q.name: url if "://" in q.default + q.help else q.default or "x" for q in asked if not q.secret}
        base = urlsplit(text_of(definition.http.base, {"config": plain}))
        here = msgspec.structs.replace(definition.http, base=url + base.path.rstrip("/"), per_second=1e4)
        definition = msgspec.structs.replace(definition, http=here)
        async with db.tx(workspace) as tx:
            made = await connections.create_connection(
                tx, name, "Library", plain, {q.name: "x" for q in asked if q.secret}, list(definition.streams),
                definition=definition, vault=Vault.of(settings),
            )  # fmt: skip
            await connections.keep_tokens(tx, made.source_id, {"access_token": "x"}, Vault.of(settings))
        await sync_now(db, workspace, made.source_id, settings, limit_s=60)
        async with db.tx(workspace) as tx:
            states = await connections.stream_states(tx, made.source_id)
    assert {s.stream: s.problem for s in states if s.problem} == {}
    assert all(s.last_sync_at is not None for s in states)
    assert len(empty.asked) >= len(states)
    assert [a for a in empty.asked if "{" in a or "None" in a] == []
