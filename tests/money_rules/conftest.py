"""One door to the database for a file; a workspace for every rule, whose books must be sound when the rule is done."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from honeyguide import ledger
from honeyguide.db import Database, Tx
from honeyguide.settings import Settings
from tests.contracts.stage import BASE, served, signed_in, visitor


@pytest.fixture(scope="module")
async def db(dsn: str) -> AsyncIterator[Database]:
    opened = await Database.open(dsn, size=8)
    yield opened
    await opened.close()


@pytest.fixture
async def workspace(db: Database, workspace: int) -> AsyncIterator[int]:
    """A workspace no other rule sees; when the rule is done, the checker from outside looks at its books."""
    yield workspace
    async with db.tx(workspace) as closing:
        report = await ledger.verify(closing)
    assert report.ok, report.problems


@pytest.fixture
async def tx(db: Database, workspace: int) -> AsyncIterator[Tx]:
    """A transaction in the rule's workspace, committed at the end."""
    async with db.tx(workspace) as opened:
        yield opened


@pytest.fixture(scope="module")
async def app(db: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """The whole web application."""
    folder: Path = tmp_path_factory.mktemp("desk")
    async with served(db, Settings.load({"HONEYGUIDE_DATA": str(folder), "HONEYGUIDE_BASE_URL": BASE})) as running:
        yield running


class Desk(Struct):
    """A workspace behind the web application, and who sits in front of it."""

    app: Any
    db: Database
    workspace: int
    finance: httpx.AsyncClient
    owner: httpx.AsyncClient

    def visitor(self) -> httpx.AsyncClient:
        """A browser nobody is signed in with."""
        return visitor(self.app)

    async def role(self, name: str) -> httpx.AsyncClient:
        """A browser of somebody with another role."""
        return await signed_in(self.app, self.db, self.workspace, name, "x")


@pytest.fixture
async def desk(app: Any, db: Database, workspace: int) -> AsyncIterator[Desk]:
    finance = await signed_in(app, db, workspace, "finance", "f")
    owner = await signed_in(app, db, workspace, "owner", "o")
    yield Desk(app, db, workspace, finance, owner)
    await finance.aclose()
    await owner.aclose()
