"""Packages of others bring transports and definitions; a broken one stops nothing."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from honeyguide.connectors import registry
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.registry import Plugin, definitions, plugins, transport_of, transports
from honeyguide.connectors.sync import sync_now
from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.funnel.connections import create_connection
from honeyguide.funnel.definitions import library, parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.unit.connectors.seen import again, log_of, state_of

TEXT = """
connector: parcel
label: Parcel
streams: {parcels: {hook: parcel-post}}
maps: {parcels: {person: {id: who}, events: [{kind: persona.identified}]}}
"""


class Post:
    """A transport of somebody else."""

    name = "parcel-post"

    async def pages(self, session: Any, ask: Ask, /) -> AsyncIterator[Page]:
        start = int(ask.position or 0)
        for n in range(start, 3):
            yield Page([b'{"id": %d, "who": "w%d"}' % (n, n)], n + 1 if n < 2 else None, 3)

    async def reach(self, session: Any, /) -> str:
        return "the post"


class Entry:
    def __init__(self, name: str, found: Any) -> None:
        self.name, self._found = name, found

    def load(self) -> Any:
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entries = [
        Entry("good", Plugin((Post(),), (TEXT,))),
        Entry("broken", ImportError("no such module")),
        Entry("wrong", object()),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries if group == "honeyguide.connectors" else [])
    plugins.cache_clear()
    yield
    plugins.cache_clear()


async def test_a_transport_of_another_package_syncs(db: Database, workspace: int, settings: Settings) -> None:
    assert set(transports()) == {"http", "sql", "mcp", "file", "bulk", "parcel-post"}
    found = definitions()["parcel"]
    async with db.tx(workspace) as tx:
        made = await create_connection(tx, "parcel", "Parcels", {}, {}, definition=found, vault=Vault.of(settings))
    await sync_now(db, workspace, made.source_id, settings)
    await again(db, made, settings)
    assert len(await log_of(db, workspace)) == 3
    assert (await state_of(db, made, "parcels")).pass_total == 3


def test_ours_stay_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    stolen = type("Stolen", (Post,), {"name": "http"})()
    plugins.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [Entry("thief", Plugin((stolen,), ()))])
    assert transports()["http"] is registry.BUILT_IN[0]
    assert set(library()) <= set(definitions())


def test_a_transport_that_is_not_installed_is_named() -> None:
    spec = parse_definition(TEXT.replace("parcel-post", "pigeon")).streams["parcels"]
    with pytest.raises(BadInput, match="'pigeon'"):
        transport_of(spec)
