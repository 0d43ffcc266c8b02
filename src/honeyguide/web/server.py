"""One ASGI application: hot doors as raw ASGI in front, FastAPI behind, the console's files beside.

`create_app` is what the supervisor serves; `app` is the factory for `uvicorn --factory honeyguide.web.server:app`.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Receive, Scope, Send

from honeyguide.core.errors import Unavailable
from honeyguide.db import Database, Tx
from honeyguide.delivery import Channel
from honeyguide.funnel import Carry, Committer
from honeyguide.settings import Settings
from honeyguide.web import authorise, landing, payee_pages, portal, problems, signin, unsubscribe
from honeyguide.web.api import ROUTERS
from honeyguide.web.api.asking import Choose
from honeyguide.web.api.connections import Connect
from honeyguide.web.api.erasures import Erase
from honeyguide.web.api.messages import Reword
from honeyguide.web.api.rails import Paying
from honeyguide.web.doors import Doors
from honeyguide.web.headers import Guarded
from honeyguide.web.landing_door import Landings
from honeyguide.web.mcp_door import Agents, McpDoor
from honeyguide.web.rate import Rates
from honeyguide.web.redirect import Redirects
from honeyguide.web.static import Console

VERSION = "0.1.0"
# Answers the whole chain of a payout, reward or ask; the app layer composes it.
Explain = Callable[[Tx, str], Awaitable[Any]]
# Makes what answers agents at /mcp; the app layer composes it.
MakeAgents = Callable[[Database], Agents]


class DemoControls(Protocol):
    """What /api/demo drives when the demo company plays: state with running, pace, loaded, total; None without one."""

    def read(self) -> Any: ...
    def set_pace(self, pace: int) -> Any: ...


class Door(Protocol):
    """A hot path served before FastAPI."""

    def handles(self, path: str) -> bool: ...
    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]: ...


class Unclassified(RuntimeError):
    """A route is neither public with a reason nor behind a permission. The server does not start."""


class Dispatcher:
    """Sends a request to the first door that handles its path, else to the console or to FastAPI."""

    def __init__(self, api: FastAPI, doors: Sequence[Door], console: Console) -> None:
        self._api, self._doors, self._console = api, doors, console
        self._routes = tuple(r.path_regex for r in all_routes(api))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "http":
            path: str = scope["path"]
            for door in self._doors:
                if door.handles(path):
                    await door(scope, receive, send)
                    return
            if self._is_console(scope, path):
                await self._console(scope, receive, send)
                return
        await self._api(scope, receive, send)

    def _is_console(self, scope: Scope, path: str) -> bool:
        if self._console.handles(scope):
            return True
        if scope["method"] not in ("GET", "HEAD") or path.startswith(("/api/", "/v1/", "/hooks/", "/in-app/")):
            return False
        return not any(regex.match(path) for regex in self._routes)


def all_routes(api: FastAPI) -> list[APIRoute]:
    """Every route of the application, those of included routers too."""
    found = (context.original_route for context in iter_route_contexts(api.routes))
    return [route for route in found if isinstance(route, APIRoute)]


def classification(route: APIRoute) -> str | None:
    """The permission a route needs, or `public: <reason>`; None when nobody thought about it."""
    found = [getattr(d.call, "classified", None) for d in route.dependant.dependencies]
    marks = [mark for mark in found if mark]
    return marks[0] if len(marks) == 1 else None


def create_api(
    db: Database | None,
    settings: Settings,
    *,
    explain: Explain | None = None,
    demo: DemoControls | None = None,
    mailer: Channel | None = None,
    carry: Carry | None = None,
    connect: Connect | None = None,
    erase: Erase | None = None,
    choose: Choose | None = None,
    reword: Reword | None = None,
    paying: Paying | None = None,
    lifespan: Any = None,
) -> FastAPI:
    """The FastAPI part: every route that is not hot. Raises Unclassified."""
    api = FastAPI(
        title="Honeyguide", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan,
        description="Whom to ask, what moves them, when, and what it caused. Errors are application/problem+json.",
        separate_input_output_schemas=True, generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    api.state.db, api.state.settings = db, settings
    api.state.rates = Rates()
    api.state.carry = carry  # runs a dead letter's row along the road again
    api.state.explain, api.state.demo, api.state.mailer, api.state.connect = explain, demo, mailer, connect
    api.state.erase, api.state.choose, api.state.reword, api.state.paying = erase, choose, reword, paying
    problems.install(api)
    for router in (
        *ROUTERS,
        authorise.router,
        signin.router,
        landing.router,
        portal.router,
        unsubscribe.router,
        payee_pages.router,
    ):
        api.include_router(router)
    missing = [f"{sorted(r.methods or ())} {r.path}" for r in all_routes(api) if classification(r) is None]
    if missing:
        raise Unclassified(", ".join(missing))
    return api


def openapi(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: every route behind FastAPI that is no page, each with problems as its errors."""
    contexts = list(iter_route_contexts(api.routes))
    made = get_openapi(title=api.title, version=api.version, description=api.description, routes=contexts)
    schemas = made["components"]["schemas"]
    schemas["Problem"] = problems.Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):  # we answer with problems instead
        schemas.pop(name, None)
    answer = {
        "description": "What happened, why, and what to do.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in made["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer
    return made


def create_app(
    db: Database | None,
    settings: Settings,
    *,
    explain: Explain | None = None,
    demo: DemoControls | None = None,
    mailer: Channel | None = None,
    carry: Carry | None = None,
    connect: Connect | None = None,
    erase: Erase | None = None,
    agents: MakeAgents | None = None,
    choose: Choose | None = None,
    reword: Reword | None = None,
    paying: Paying | None = None,
) -> Guarded:
    """The whole web application. With `db` None it opens (and closes) its own from the settings."""
    doors: list[Door] = []

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> Any:
        async with AsyncExitStack() as stack:
            if api.state.db is None:
                if not settings.database_url:
                    raise Unavailable("No database is set.", advice="Set DATABASE_URL, or run `honeyguide up`.")
                own = await Database.open(settings.database_url, app_dsn=settings.database_app_url)
                stack.push_async_callback(own.close)
                api.state.db = own
            committer = Committer(api.state.db)
            stack.push_async_callback(committer.close)
            redirects = Redirects(api.state.db)
            stack.push_async_callback(redirects.stop)
            landings = Landings(api.state.db, redirects, api, settings.base_url)
            doors.extend([redirects, landings, Doors(api.state.db, committer, settings.base_url)])
            if agents is not None:
                answering = agents(api.state.db)
                stack.push_async_callback(answering.close)
                doors.append(McpDoor(api.state.db, answering, api.state.rates))
            yield
            doors.clear()

    api = create_api(
        db,
        settings,
        explain=explain,
        demo=demo,
        mailer=mailer,
        carry=carry,
        connect=connect,
        erase=erase,
        choose=choose,
        reword=reword,
        paying=paying,
        lifespan=lifespan,
    )
    return Guarded(Dispatcher(api, doors, Console()), https=settings.base_url.startswith("https:"))


def app() -> Guarded:
    """The factory for uvicorn: settings from the environment."""
    return create_app(None, Settings.load())


__all__ = ["DemoControls", "Dispatcher", "Door", "Explain", "all_routes", "app", "classification", "create_app"]
