"""A session with one connected system: its answers and credentials, its HTTP side, and what it has cost so far."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from honeyguide.connectors.auth import Auth, Keeper, Passing, Renewal, Tokens
from honeyguide.connectors.http import Call, Reply, Web, host_of, said
from honeyguide.connectors.pace import breaker_of, pace_of
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.templates import Root, filled, params_of, path_of, text_of
from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection
from honeyguide.funnel.definitions import Definition
from honeyguide.funnel.definitions.spec import RequestSpec
from honeyguide.funnel.sources import load_sources
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings

RENEWAL_S = 40.0


class Session(Struct):
    """What a transport works with. `root` is what templates are filled from: config (secrets among it), secret, token."""

    definition: Definition
    connection: Connection
    root: Root
    web: Web
    auth: Auth
    settings: Settings

    async def ask(self, request: RequestSpec, more: Root, url: str = "") -> Reply:
        """Send a request of the definition. Raises VendorProblem, in plain words, for every answer that is no success."""
        call = await self.auth.sign(self._call(request, more, url))
        reply = await self.web.send(call)
        if reply.status == 401 and await self.auth.renewed():
            reply = await self.web.send(await self.auth.sign(self._call(request, more, url)))
        if reply.status >= 300:
            raise refusal(self.definition.label, reply, request.path)
        return reply

    def base(self) -> str:
        """The address of the API. Raises BadInput when the connection does not say where it is."""
        found = text_of(self.definition.http.base, self.root).rstrip("/")
        if not found:
            raise BadInput(
                f"The address of {self.definition.label} is not known.", f"It is {self.definition.http.base!r}.",
                advice="Fill in the connection's fields.",
            )  # fmt: skip
        return found if "://" in found else f"https://{found}"

    def _call(self, request: RequestSpec, more: Root, url: str) -> Call:
        root = {**more, **self.root}  # a record's own key named config changes nothing
        headers = {k.lower(): text_of(v, root) for k, v in {**self.definition.http.headers, **request.headers}.items()}
        where = url or request.path
        if "://" not in where:
            where = f"{self.base()}/{path_of(where, root).lstrip('/')}"
        params = {} if url else params_of(request.params, root)
        return Call(
            where, request.method, params, filled(request.json, root), None, {k: v for k, v in headers.items() if v}
        )


class Kept:
    """Tokens in the connection's sealed credentials. Only one process at a time renews; the others take what it got."""

    def __init__(self, db: Database, connection: Connection, vault: Vault) -> None:
        self._db, self._connection, self._vault = db, connection, vault

    async def renew(self, stale: str, renewal: Renewal) -> Tokens:
        """See `auth.Keeper`: the new tokens are committed before anyone uses them."""
        source_id = self._connection.source_id
        async with self._db.tx(self._connection.workspace_id) as tx:
            await tables.lock_credentials(tx, source_id)
            held = await connections.credentials(tx, source_id, self._vault)
            tokens: Tokens = held.get(connections.TOKENS, {})
            if tokens.get("access_token") and tokens["access_token"] != stale:
                return tokens
            try:
                async with asyncio.timeout(RENEWAL_S):  # well within what a waiting transaction is granted
                    made = await renewal(tokens)
            except TimeoutError as e:
                raise VendorProblem(
                    f"{self._connection.connector} did not renew the token in time.", code="unreachable",
                    advice="It is tried again by itself.",
                ) from e  # fmt: skip
            await connections.keep_tokens(tx, source_id, made, self._vault)
            return made


@contextlib.asynccontextmanager
async def session_with(
    definition: Definition, connection: Connection, secrets: dict[str, Any], settings: Settings, keeper: Keeper | None = None,
    **limits: Any,
) -> AsyncIterator[Session]:  # fmt: skip
    """A session from opened credentials. `limits` go to `Web`."""
    hidden = {k: v for k, v in secrets.items() if not k.startswith("_")}
    tokens: Tokens = dict(secrets.get(connections.TOKENS, {}))
    defaults = {name: field.default for name, field in definition.config.items() if field.default}
    root: Root = {"config": {**defaults, **connection.config, **hidden}, "secret": hidden, "token": tokens}
    key = (connection.workspace_id, connection.source_id)
    async with Web(
        settings.private_hosts, pace_of(*key, definition.http.per_second), breaker_of(*key), **limits
    ) as web:
        auth = Auth(definition, root, tokens, keeper or Passing(tokens), web)
        yield Session(definition, connection, root, web, auth, settings)


@contextlib.asynccontextmanager
async def session_of(
    db: Database, connection: Connection, definition: Definition, settings: Settings, **limits: Any
) -> AsyncIterator[Session]:
    """The session of a connection. Raises Unavailable when its credentials cannot be opened."""
    vault = Vault.of(settings)
    async with db.tx(connection.workspace_id) as tx:
        secrets = await connections.credentials(tx, connection.source_id, vault)
    keeper = Kept(db, connection, vault)
    async with session_with(definition, connection, secrets, settings, keeper, **limits) as session:
        yield session


@contextlib.asynccontextmanager
async def opened_session(db: Database, workspace_id: int, source_id: int, settings: Settings) -> AsyncIterator[Session]:
    """The session of a connection by its number. Raises NotFound."""
    async with db.tx(workspace_id) as tx:
        connection = await connections.connection(tx, source_id)
        definition = connections.definition_with((await load_sources(tx))[source_id])
    async with session_of(db, connection, definition, settings) as session:
        yield session


def refusal(label: str, reply: Reply, where: str) -> VendorProblem:
    """What an answer that is no success means, and what to do about it."""
    status, words = reply.status, said(reply.body)
    detail = f"It says: {words}{'' if words.endswith(('.', '!', '?')) else '.'}" if words else ""
    if status == 401:
        return VendorProblem(
            f"{label} refused the token (401).", detail, needs_auth=True, status_code=401, code="refused",
            advice="Enter new credentials, or authorise again: the ones we have were revoked, have ended or were mistyped.",
        )  # fmt: skip
    if status == 403:
        return VendorProblem(
            f"{label} does not let this token read {where} (403).", detail, status_code=403, code="not_allowed",
            advice="Give the token the permission named there, or leave this stream out.",
        )  # fmt: skip
    if status in (404, 410):
        return VendorProblem(
            f"{label} has nothing at {where} ({status}).", detail, status_code=status, code="not_there",
            advice=f"Check the address ({host_of(reply.url)}) and whether this account has that feature.",
        )  # fmt: skip
    return VendorProblem(
        f"{label} does not accept the request for {where} ({status}).", detail, status_code=status, code="not_accepted",
        advice="If the vendor has changed its API, the definition needs a change.",
    )  # fmt: skip


def bare_connection(definition: Definition, config: dict[str, Any], at: Any) -> Connection:
    """A connection that is not in any database: for checks on recorded replies."""
    return Connection(
        0, 0, definition.connector, definition.label, config, "new", "", "", list(definition.streams), at, None
    )
