"""Connections: connect a system, test it, look at what its records become, sync it. Credentials go in and never come out."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

import msgspec
from fastapi import APIRouter, Path, Query, Request

from honeyguide.core.errors import NotFound, Unavailable
from honeyguide.db import Database, Tx, audit
from honeyguide.funnel import connections as store
from honeyguide.funnel.definitions import Definition, library, parse_definition
from honeyguide.funnel.sources import load_sources
from honeyguide.funnel.vault import Vault
from honeyguide.web.api.connection_shapes import (
    ConnectionChange,
    ConnectionOut,
    ConnectorRow,
    ConnectorsOut,
    EventShown,
    NewConnection,
    PreviewOut,
    ProgressOut,
    QuestionOut,
    RecordShown,
    RunOut,
    StreamChoice,
    StreamOut,
    StreamTestOut,
    SyncWanted,
    TestOut,
)
from honeyguide.web.auth import Principal, needs

router = APIRouter()
_RUNS = 20
_LARGEST = 2**31 - 1
ConnectionId = Annotated[str, Path(pattern=r"^[0-9]{1,10}$", description="The connection's id: that of its source.")]


class Connect(Protocol):
    """What the app puts behind these routes."""

    def definitions(self) -> dict[str, Definition]: ...
    async def test(self, db: Database, connection: store.Connection) -> Any: ...
    async def preview(self, db: Database, connection: store.Connection, stream: str, n: int) -> Any: ...
    async def authorize_url(self, db: Database, workspace_id: int, source_id: int, actor: str) -> str: ...
    async def authorized(self, db: Database, workspace_id: int, state: str, code: str, actor: str) -> Any: ...


def behind(request: Request) -> Connect:
    """The connectors behind the routes. Raises Unavailable where there are none."""
    found: Connect | None = request.app.state.connect
    if found is None:
        raise Unavailable("This web process has no connectors.", advice="Start it with `honeyguide serve`.")
    return found


def number_of(connection_id: str) -> int:
    """A connection's id as a number. Raises NotFound for one that cannot exist."""
    value = int(connection_id)
    if value > _LARGEST:
        raise NotFound("There is no such connection.")
    return value


def _questions(definition: Definition) -> list[QuestionOut]:
    return [QuestionOut(**msgspec.structs.asdict(q)) for q in store.questions(definition)]


def _stream(found: store.StreamState) -> StreamOut:
    state: Literal["off", "waiting", "syncing", "ok", "failing"] = "ok" if found.last_sync_at else "waiting"
    if not found.enabled:
        state = "off"
    elif found.problem:
        state = "failing"
    elif found.run_id is not None:
        state = "syncing"
    return StreamOut(
        name=found.stream, state=state, cursor=found.since, rows=found.rows, lane=found.lane,
        progress=ProgressOut(done=found.pass_rows, total=found.pass_total), problem=found.problem, advice=found.advice,
        last_sync_at=found.last_sync_at, next_due_at=found.next_due_at,
    )  # fmt: skip


def _place(definition: Definition) -> Callable[[store.StreamState], tuple[int, str]]:
    """Streams stand as their definition lists them, what matters most first. (One kept as JSON has lost its order.)"""
    order = {name: n for n, name in enumerate(definition.streams)}
    return lambda state: (order.get(state.stream, len(order)), state.stream)


async def _detail(request: Request, who: Principal, tx: Tx, found: store.Connection) -> ConnectionOut:
    source = (await load_sources(tx))[found.source_id]
    definition = store.definition_with(source)
    vault = Vault.of(request.app.state.settings)
    base, may = request.app.state.settings.base_url, who.may("sources.write")
    try:
        held = await store.credentials(tx, found.source_id, vault)
        key = await store.hook_key(tx, found.source_id, vault)
        problem, advice = found.problem, found.advice
    except Unavailable as e:
        held, key, problem, advice = {}, "", f"{e.title} {e.detail}", e.advice
    auth = str(definition.auth.get("kind", "none"))
    return ConnectionOut(
        id=str(found.source_id), connector=found.connector, label=definition.label, name=found.name,
        config={k: str(v) for k, v in found.config.items()},
        secrets=sorted(k for k in held if not k.startswith("_")) + (["webhook_secret"] if source.secret else []),
        questions=_questions(definition), auth=auth, state=found.state, problem=problem, advice=advice,
        created_at=found.created_at, last_sync_at=found.last_sync_at,
        streams=[_stream(s) for s in sorted(await store.stream_states(tx, found.source_id), key=_place(library().get(found.connector, definition)))],
        runs=[RunOut(**(msgspec.structs.asdict(r) | {"id": str(r.id)})) for r in await store.runs(tx, found.source_id, _RUNS)],
        hook_url=f"{base}/hooks/{key}" if definition.webhook and key and may else None,
        authorize_url=f"{base}/oauth/start/{found.source_id}" if auth == "oauth2" and may else None,
    )  # fmt: skip


@router.get("/api/connectors")
async def connectors(request: Request, who: Annotated[Principal, needs("sources.read")]) -> ConnectorsOut:
    """The systems that can be connected, and what each asks for."""
    rows = [
        ConnectorRow(
            connector=d.connector, label=d.label, about=d.about, group=d.group, config=_questions(d),
            auth=str(d.auth.get("kind", "none")), webhook=d.webhook is not None,
            streams=[StreamChoice(name=n, optional=s.optional) for n, s in d.streams.items()],
        )
        for d in sorted(behind(request).definitions().values(), key=lambda d: d.label.lower())
    ]  # fmt: skip
    return ConnectorsOut(rows=rows)


@router.post("/api/connections", status_code=201)
async def connect(
    request: Request, wanted: NewConnection, who: Annotated[Principal, needs("sources.write")]
) -> ConnectionOut:
    """Connect a system. Its first sync begins at once, behind what is live, unless it shall wait to be started."""
    definition = None
    if wanted.definition is not None:
        definition = parse_definition(wanted.definition, "The definition")
    elif (found := behind(request).definitions().get(wanted.connector)) is not None:
        definition = None if wanted.connector in library() else found
    vault = Vault.of(request.app.state.settings)
    async with who.tx() as tx:
        made = await store.create_connection(
            tx, wanted.connector or (definition.connector if definition else ""), wanted.name, dict(wanted.config),
            dict(wanted.secrets), wanted.streams, definition=definition, vault=vault,
        )  # fmt: skip
        if not wanted.start:  # to be tested and looked at first
            made = await store.pause(tx, made.source_id)
        detail = {"connector": made.connector, "streams": made.streams}
        await audit.write(tx, who.actor, "connection.created", f"connection:{made.source_id}", detail)
        return await _detail(request, who, tx, made)


@router.get("/api/connections/{connection_id}")
async def connection(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.read")]
) -> ConnectionOut:
    """A connection with its streams and latest runs."""
    async with who.tx() as tx:
        return await _detail(request, who, tx, await store.connection(tx, number_of(connection_id)))


@router.put("/api/connections/{connection_id}")
async def change(
    request: Request, connection_id: ConnectionId, wanted: ConnectionChange,
    who: Annotated[Principal, needs("sources.write")],
) -> ConnectionOut:  # fmt: skip
    """Change answers, credentials or the choice of streams; one that waited for credentials is tried again."""
    vault = Vault.of(request.app.state.settings)
    async with who.tx() as tx:
        found = await store.change_connection(
            tx, number_of(connection_id), config=None if wanted.config is None else dict(wanted.config),
            secrets=None if wanted.secrets is None else dict(wanted.secrets), streams=wanted.streams, vault=vault,
        )  # fmt: skip
        said = {"config": wanted.config is not None, "secrets": sorted(wanted.secrets or ()), "streams": wanted.streams}
        await audit.write(tx, who.actor, "connection.changed", f"connection:{found.source_id}", said)
        return await _detail(request, who, tx, found)


@router.post("/api/connections/{connection_id}/test")
async def test(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.write")]
) -> TestOut:
    """Try it: is it reached, are we let in, can each stream be read? Nothing is written."""
    async with who.tx() as tx:
        found = await store.connection(tx, number_of(connection_id))
    result = await behind(request).test(who.db, found)
    return TestOut(
        ok=result.ok, problem=result.problem, advice=result.advice, account=result.account,
        streams=[StreamTestOut(**msgspec.structs.asdict(s)) for s in result.streams],
    )  # fmt: skip


@router.get("/api/connections/{connection_id}/preview")
async def preview(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("people.read")],
    stream: Annotated[str, Query(max_length=80, pattern=r"^[^\x00]*$")] = "", n: Annotated[int, Query(ge=1, le=20)] = 5,
) -> PreviewOut:  # fmt: skip
    """Some records and what they would become. They show people, so it needs the right to see them."""
    async with who.tx() as tx:
        found = await store.connection(tx, number_of(connection_id))
    result = await behind(request).preview(who.db, found, stream, n)
    rows = [
        RecordShown(record=r.record, message_id=r.message_id, events=[_event(e) for e in r.events], problem=r.problem)
        for r in result.rows
    ]
    return PreviewOut(rows=rows, problem=result.problem, advice=result.advice)


def _event(found: Any) -> EventShown:
    plain = msgspec.to_builtins(found)
    return EventShown(**{name: plain[name] for name in EventShown.model_fields})


@router.post("/api/connections/{connection_id}/sync")
async def sync(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.write")],
    wanted: SyncWanted | None = None,
) -> ConnectionOut:  # fmt: skip
    """Sync now; with `full` from the beginning, telling what is gone."""
    asked = wanted or SyncWanted()
    async with who.tx() as tx:
        number = number_of(connection_id)
        await store.request_sync(tx, number, asked.stream, asked.full)
        said = {"stream": asked.stream, "full": asked.full}
        await audit.write(tx, who.actor, "connection.sync_asked", f"connection:{number}", said)
        return await _detail(request, who, tx, await store.connection(tx, number))


@router.post("/api/connections/{connection_id}/pause")
async def pause(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.write")]
) -> ConnectionOut:
    """Fetch nothing until it is resumed."""
    async with who.tx() as tx:
        found = await store.pause(tx, number_of(connection_id))
        await audit.write(tx, who.actor, "connection.paused", f"connection:{found.source_id}")
        return await _detail(request, who, tx, found)


@router.post("/api/connections/{connection_id}/resume")
async def resume(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.write")]
) -> ConnectionOut:
    """Go on where it was."""
    async with who.tx() as tx:
        found = await store.resume(tx, number_of(connection_id))
        await audit.write(tx, who.actor, "connection.resumed", f"connection:{found.source_id}")
        return await _detail(request, who, tx, found)
