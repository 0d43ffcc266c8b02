"""What the console needs of the connectors: the list, tests and previews, authorisation in the browser."""

from typing import Any

from honeyguide.connectors import oauth
from honeyguide.connectors.probe import Preview, Prober, Tested
from honeyguide.connectors.registry import definitions
from honeyguide.db import Database
from honeyguide.funnel.connections import Connection
from honeyguide.funnel.definitions import Definition
from honeyguide.settings import Settings


class Connecting:
    """The port `web` is given; see `web.api.connections.Connect`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def definitions(self) -> dict[str, Definition]:
        """Every connector there is."""
        return definitions()

    async def test(self, db: Database, connection: Connection) -> Tested:
        """Does it answer, are we let in, can each stream be read?"""
        return await Prober(db, self._settings).test(connection)

    async def preview(self, db: Database, connection: Connection, stream: str, n: int) -> Preview:
        """Some records, and what they would become."""
        return await Prober(db, self._settings).preview(connection, stream, n)

    async def authorize_url(self, db: Database, workspace_id: int, source_id: int, actor: str) -> str:
        """Where to send the browser."""
        return await oauth.authorize_url(db, workspace_id, source_id, actor, self._settings)

    async def authorized(self, db: Database, workspace_id: int, state: str, code: str, actor: str) -> Any:
        """The browser is back."""
        return await oauth.authorized(db, workspace_id, state, code, actor, self._settings)
