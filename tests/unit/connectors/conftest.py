"""A vendor, settings that allow it, and a connection to it."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from honeyguide.connectors.pace import forget
from honeyguide.db import Database
from honeyguide.funnel.connections import Connection, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.vendor import DEFINITION, Vendor, vendor

Connect = Callable[..., Awaitable[Connection]]


@pytest.fixture
def acme() -> Iterator[Vendor]:
    """The vendor's server."""
    forget()
    with vendor() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Settings under which the vendor on this machine may be called."""
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1,localhost"})


@pytest.fixture
def connect(db: Database, workspace: int, settings: Settings, acme: Vendor) -> Connect:
    """Connect the vendor by a definition."""

    async def make(
        text: str = DEFINITION,
        config: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        name: str = "Acme",
    ) -> Connection:
        definition = parse_definition(text)
        async with db.tx(workspace) as tx:
            return await create_connection(
                tx, definition.connector, name, {"base": acme.url} if config is None else config,
                {"token": "t0"} if secrets is None else secrets, definition=definition, vault=Vault.of(settings),
            )  # fmt: skip

    return make
