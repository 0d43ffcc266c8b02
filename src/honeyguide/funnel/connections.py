"""Connections: a source with a connector's definition, credentials, and how far each of its streams is.

Credentials go in and are never shown again: they are sealed by the vault, and only `credentials` opens them, for the
worker that fetches. A connection's id is its source's id.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Tx
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel.definitions import Definition, definition_of, library, template
from honeyguide.funnel.definitions.spec import ConfigField
from honeyguide.funnel.sources import Source, change_settings, create_source, load_sources
from honeyguide.funnel.vault import Vault

State = Literal["new", "ok", "failing", "paused", "needs_auth"]
TOKENS, HOOK_KEY = "_tokens", "_hook_key"
_OWN = frozenset({TOKENS, HOOK_KEY})


class Connection(Struct, frozen=True):
    """A connected system. `problem` says what is wrong, `advice` what to do; `streams` are those that are synced."""

    source_id: int
    workspace_id: int
    connector: str
    name: str
    config: dict[str, Any]
    state: State
    problem: str
    advice: str
    streams: list[str]
    created_at: datetime
    last_sync_at: datetime | None


class StreamState(Struct, frozen=True):
    """How far a stream is: everything up to `since` is known; `position` is the place inside the running pass."""

    stream: str
    enabled: bool
    lane: Literal["historical", "live"]
    since: Any
    high: Any
    position: Any
    pass_number: int
    full_pass: bool
    full_wanted: bool
    rows: int
    pass_rows: int
    pass_total: int | None
    failures: int
    problem: str
    advice: str
    last_sync_at: datetime | None
    next_due_at: datetime
    run_id: int | None


class SyncRun(Struct, frozen=True):
    """One pass over a stream and what it cost."""

    id: int
    stream: str
    lane: str
    started_at: datetime
    ended_at: datetime | None
    pages: int
    rows: int
    new: int
    duplicates: int
    dead: int
    requests: int
    bytes: int
    problem: str


class Question(Struct, frozen=True):
    """What the operator is asked when connecting."""

    name: str
    label: str
    required: bool
    secret: bool
    help: str
    default: str


def questions(definition: Definition) -> list[Question]:
    """What a definition asks for: its own fields, and what its way of signing in needs beside them."""
    asked = {**definition.config}
    auth = definition.auth
    kind = auth.get("kind", "none")
    if kind != "none" and isinstance(name := auth.get("secret"), str):
        asked.setdefault(name, ConfigField("Access token", required=True, secret=True))
    if kind in {"oauth2", "client_credentials"}:
        asked.setdefault(
            "client_id", ConfigField("Client ID", required=True, help="Of the app you made at the vendor.")
        )
        asked.setdefault(
            "client_secret", ConfigField("Client secret", required=kind == "client_credentials", secret=True)
        )
    return [Question(n, f.label, f.required, f.secret, f.help, f.default) for n, f in asked.items()]


async def create_connection(
    tx: Tx, connector: str, name: str, config: dict[str, Any], secrets: dict[str, str], streams: list[str] | None = None,
    *, definition: Definition | None = None, vault: Vault | None = None,
) -> Connection:  # fmt: skip
    """Connect a system; its first sync is due at once, in the historical lane.

    `definition`: one that is not in the library; it is kept with the source. Without `streams` all that are not
    optional are synced. Raises BadInput on an unknown connector, a missing answer or an unknown stream, Conflict
    when a source of this name exists.
    """
    found = definition or library().get(connector)
    if found is None:
        raise BadInput(
            f"There is no connector {connector!r}.", f"The library has: {', '.join(library()) or 'none'}.",
            advice="Give the definition itself, or see `honeyguide connector list`.",
        )  # fmt: skip
    plain, hidden = _answers(found, config, secrets)
    settings: dict[str, Any] = {"config": plain}
    if definition is not None:
        settings["definition"] = msgspec.to_builtins(definition)
    kind = connector if definition is None or connector in library() else "webhook"
    source, key = await create_source(tx, kind, name, hidden.pop("webhook_secret", None), settings)
    sealed = (vault or Vault.of()).seal({**hidden, HOOK_KEY: key})
    await tables.insert_connection(tx, source.id, found.connector, plain, sealed, clock.now())
    await _choose(tx, source.id, found, streams)
    return await connection(tx, source.id)


async def change_connection(
    tx: Tx, source_id: int, *, config: dict[str, Any] | None = None, secrets: dict[str, str] | None = None,
    streams: list[str] | None = None, vault: Vault | None = None,
) -> Connection:  # fmt: skip
    """Change answers, credentials (only those given are replaced) or the choice of streams. Raises as `create_connection`.

    A connection that waited for credentials is tried again.
    """
    found = await connection(tx, source_id)
    source = (await load_sources(tx))[source_id]
    definition = definition_with(source)
    keys = vault or Vault.of()
    held = keys.open(await _sealed(tx, source_id)) if secrets else {}
    if config is not None and _addresses(definition, config) != _addresses(definition, found.config):
        hidden_names = {k for k in keys.open(await _sealed(tx, source_id)) if k not in _OWN}
        if missing := sorted(hidden_names - set(secrets or {})):
            raise BadInput(
                "Credentials do not follow to another address.", f"Enter again: {', '.join(missing)}.",
                advice="Whoever changes where they are sent must know them.", code="credentials_needed",
            )  # fmt: skip
    if config is not None or secrets:
        known = {k: v for k, v in held.items() if k not in _OWN}
        own = {k: v for k, v in held.items() if k in _OWN}
        asked = {q.name for q in questions(definition) if q.secret} - set(known) if secrets is None else set()
        plain, hidden = _answers(
            definition, found.config if config is None else config, known | (secrets or {}), unasked=asked
        )
        await tables.set_config(tx, source_id, plain)
        await change_settings(tx, source, {**source.settings, "config": plain})
        if secrets:
            hidden.pop("webhook_secret", None)
            await tables.set_sealed(tx, source_id, keys.seal({**own, **hidden}))
    if streams is not None:
        await _choose(tx, source_id, definition, streams)
    if found.state in ("needs_auth", "failing"):
        await tables.set_state(tx, source_id, "new")
        await tables.want(tx, source_id, None, False, clock.now())
    return await connection(tx, source_id)


def definition_with(source: Source) -> Definition:
    """The definition of a source. Raises NotFound when it has none (any more).

    What a workspace lays over a definition changes what records mean, never where credentials are sent.
    """
    found = definition_of(source)
    if found is None:
        raise NotFound(f"The source {source.name} has no connector.", "Nothing says how to fetch from it.")
    plain = {k: v for k, v in source.settings.items() if k != "overrides"}
    base = definition_of(msgspec.structs.replace(source, settings=plain)) or found
    return msgspec.structs.replace(found, http=base.http, auth=base.auth)


def _addresses(definition: Definition, config: dict[str, Any]) -> list[str | None]:
    """Where credentials are sent."""
    root = {"config": {n: q.default for n, q in definition.config.items()} | config}
    urls = [definition.http.base, *(str(definition.auth.get(k, "")) for k in ("token_url", "authorize_url"))]
    return [template(u)(root) for u in urls] + [str(config.get(k, "")) for k in ("url", "server")]


def _answers(
    definition: Definition, config: dict[str, Any], secrets: dict[str, str], unasked: set[str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers, defaults filled in, as (plain, secret). A secret given among the plain ones is hidden all the same."""
    asked = {q.name: q for q in questions(definition)}
    given = {**config, **secrets}
    allowed = set(asked) | ({"webhook_secret"} if definition.webhook else set())
    if unknown := sorted(set(given) - allowed):
        raise BadInput(
            f"{definition.label} does not ask for {', '.join(unknown)}.",
            f"It asks for: {', '.join(asked) or 'nothing'}.",
        )
    wrong = sorted(n for n, v in given.items() if not isinstance(v, str | int | float | bool) or len(str(v)) > 8_000)
    if wrong:
        raise BadInput(f"The answer to {wrong[0]} is no short text.")
    filled = {n: str(given.get(n, q.default)).strip() for n, q in asked.items()}
    missing = [q.label for n, q in asked.items() if q.required and not filled[n] and n not in (unasked or ())]
    if missing:
        raise BadInput(f"{definition.label} needs: {', '.join(missing)}.", definition.about)
    hidden = {n: v for n, v in filled.items() if v and (asked[n].secret or n in secrets)}
    if given.get("webhook_secret"):
        hidden["webhook_secret"] = str(given["webhook_secret"])
    return {n: v for n, v in filled.items() if v and n not in hidden}, hidden


async def _choose(tx: Tx, source_id: int, definition: Definition, streams: list[str] | None) -> None:
    if unknown := sorted(set(streams or ()) - set(definition.streams)):
        raise BadInput(
            f"{definition.label} has no stream {', '.join(unknown)}.", f"It has: {', '.join(definition.streams)}."
        )
    chosen = [not s.optional if streams is None else name in streams for name, s in definition.streams.items()]
    await tables.put_streams(tx, source_id, list(definition.streams), chosen, clock.now())


async def connections(tx: Tx) -> list[Connection]:
    """Every connection of the workspace."""
    return [_connection(row) for row in await tables.connections(tx)]


async def connection(tx: Tx, source_id: int) -> Connection:
    """One connection. Raises NotFound."""
    found = await tables.connections(tx, source_id)
    if not found:
        raise NotFound(f"There is no connection {source_id}.")
    return _connection(found[0])


async def connection_named(tx: Tx, name: str) -> Connection:
    """One connection by its name or its number. Raises NotFound that lists what there is."""
    every = await connections(tx)
    for one in every:
        if name in (one.name, str(one.source_id)):
            return one
    raise NotFound(f"There is no connection {name!r}.", f"There are: {', '.join(c.name for c in every) or 'none'}.")


async def stream_states(tx: Tx, source_id: int) -> list[StreamState]:
    """How far each stream is."""
    return sorted((_stream(row) for row in await tables.streams(tx, source_id)), key=lambda s: s.stream)


async def runs(tx: Tx, source_id: int, limit: int = 20) -> list[SyncRun]:
    """The latest passes, newest first."""
    return [
        SyncRun(**{f: row[f] for f in SyncRun.__struct_fields__}) for row in await tables.runs(tx, source_id, limit)
    ]


async def request_sync(tx: Tx, source_id: int, stream: str | None = None, full: bool = False) -> int:
    """Make a stream (or all) due now; with `full` it is read again from its beginning. Returns how many streams.

    Raises NotFound when the connection has no such stream that is synced.
    """
    await connection(tx, source_id)
    wanted = await tables.want(tx, source_id, stream, full, clock.now())
    if not wanted and stream is not None:
        raise NotFound(f"The connection {source_id} syncs no stream {stream!r}.")
    return wanted


async def ask_refetch(tx: Tx, source_id: int, asked: Sequence[tuple[str, str]]) -> None:
    """Fetch single records (stream, id) again soon: something said that they changed, not how.

    A source that is no connection, or does not sync the stream, is left as it is.
    """
    synced = {row["stream"] for row in await tables.streams(tx, source_id) if row["enabled"]}
    for stream in sorted({name for name, _ in asked} & synced):
        await tables.ask_refetch(tx, source_id, stream, [i for name, i in asked if name == stream], clock.now())
        await tables.want(tx, source_id, stream, False, clock.now())


async def pause(tx: Tx, source_id: int) -> Connection:
    """Fetch nothing until it is resumed. A page on its way is not committed."""
    await connection(tx, source_id)
    await tables.set_state(tx, source_id, "paused")
    return await connection(tx, source_id)


async def resume(tx: Tx, source_id: int) -> Connection:
    """Go on where it was."""
    await connection(tx, source_id)
    await tables.set_state(tx, source_id, "new")
    await tables.want(tx, source_id, None, False, clock.now())
    return await connection(tx, source_id)


async def credentials(tx: Tx, source_id: int, vault: Vault | None = None) -> dict[str, Any]:
    """The opened credentials, tokens included: for whoever fetches, never for an answer. Raises Unavailable."""
    return (vault or Vault.of()).open(await _sealed(tx, source_id))


async def keep_tokens(tx: Tx, source_id: int, tokens: dict[str, Any], vault: Vault | None = None) -> None:
    """Seal new OAuth tokens beside the other credentials."""
    keys = vault or Vault.of()
    held = keys.open(await _sealed(tx, source_id))
    await tables.set_sealed(tx, source_id, keys.seal({**held, TOKENS: tokens}))


async def hook_key(tx: Tx, source_id: int, vault: Vault | None = None) -> str:
    """The token of the connection's `/hooks/` address, or "" when its key was renewed elsewhere."""
    key = str((await credentials(tx, source_id, vault)).get(HOOK_KEY, ""))
    source = (await load_sources(tx)).get(source_id)
    return key if source is not None and key.startswith(source.key_prefix or "-") else ""


async def _sealed(tx: Tx, source_id: int) -> bytes | None:
    row = await tables.sealed(tx, source_id)
    if row is None:
        raise NotFound(f"There is no connection {source_id}.")
    sealed: bytes | None = row["sealed"]
    return sealed


def _connection(row: Any) -> Connection:
    return Connection(**{f: row[f] for f in Connection.__struct_fields__})


def _stream(row: Any) -> StreamState:
    values = dict(row)
    return StreamState(pass_number=values.pop("pass"), **values)
