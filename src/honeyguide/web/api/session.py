"""Who is signed in, and signing out; health for load balancers."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from honeyguide.core import clock
from honeyguide.core.ids import digest
from honeyguide.db import workspace
from honeyguide.web import tables
from honeyguide.web.auth import COOKIE, Principal, needs, public
from honeyguide.web.shapes import Out

router = APIRouter()


class OperatorOut(Out):
    """The operator (or API key) that asks."""

    id: str
    name: str
    email: str
    role: str


class WorkspaceOut(Out):
    """The workspace everything belongs to."""

    id: int
    slug: str
    name: str
    currency: str
    timezone: str


class SessionOut(Out):
    """What the console needs to start. `may` lists the permissions of this operator."""

    operator: OperatorOut
    workspace: WorkspaceOut
    csrf: str
    demo: bool
    base_url: str
    may: list[str]


class Health(Out):
    """Ready to work."""

    status: str


class Ended(Out):
    """The session is over."""

    ended: bool


@router.get("/api/session")
async def session(request: Request, who: Annotated[Principal, needs("console.open")]) -> SessionOut:
    """The signed-in operator, the workspace and the CSRF word for writes."""
    async with who.tx() as tx:
        place = await workspace(tx)
    return SessionOut(
        operator=OperatorOut(
            id=str(who.operator_id) if who.operator_id else who.actor, name=who.name, email=who.email, role=who.role
        ),
        workspace=WorkspaceOut(
            id=place.id, slug=place.slug, name=place.name, currency=place.currency.strip(), timezone=place.timezone
        ),
        csrf=who.csrf,
        demo=bool(request.app.state.demo and request.app.state.demo.read()),
        base_url=request.app.state.settings.base_url,
        may=sorted(who.granted),
    )


@router.post("/api/session/end")
async def end_session(request: Request, response: Response, who: Annotated[Principal, needs("console.open")]) -> Ended:
    """Sign out."""
    cookie = digest(request.cookies.get(COOKIE, ""))
    async with who.tx() as tx:
        await tables.revoke_session(tx, cookie, clock.now())
        await tx.unregister("session", cookie)
    who.db.forget("session", cookie)
    response.delete_cookie(COOKIE, path="/")
    return Ended(ended=True)


@router.get("/health", dependencies=[public("load balancers ask it")])
async def health(request: Request) -> Health:
    """200 when the database answers, else 503."""
    async with request.app.state.db.tx(None) as tx:
        await tx.value("select 1")
    return Health(status="ok")
