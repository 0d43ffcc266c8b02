"""One furnished house per test module: two workspaces behind the whole web application."""

import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from honeyguide.db import Database, create_workspace
from honeyguide.settings import Settings
from tests.contracts.stage import BASE, ROLES, Furnished, furnish, served, signed_in, visitor

_numbers = itertools.count(1)


class House(Struct):
    """The application, two furnished workspaces, and a signed-in browser per role of the first."""

    app: Any
    db: Database
    settings: Settings
    ours: Furnished
    theirs: Furnished
    roles: dict[str, httpx.AsyncClient]

    def visitor(self) -> httpx.AsyncClient:
        """A browser nobody is signed in with."""
        return visitor(self.app)


@pytest.fixture(scope="module")
async def house(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Our workspace says Kestrel everywhere, theirs Wombat."""
    folder: Path = tmp_path_factory.mktemp("house")
    settings = Settings.load({"HONEYGUIDE_DATA": str(folder), "HONEYGUIDE_BASE_URL": BASE})
    db = await Database.open(dsn, size=6)
    async with served(db, settings) as app:
        made = []
        for word in ("Kestrel", "Wombat"):
            slug = f"{word.lower()}-{os.getpid()}-{next(_numbers)}"
            made.append(await furnish(app, db, settings, await create_workspace(db, slug, f"{word} Ltd"), word))
        roles = {role: await signed_in(app, db, made[0].workspace, role, "kestrel") for role in ROLES}
        yield House(app, db, settings, made[0], made[1], roles)
        for client in roles.values():
            await client.aclose()
    await db.close()
