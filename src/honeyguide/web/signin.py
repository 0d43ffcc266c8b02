"""Sign-in by magic link. Opening the link shows a button; only pressing it signs in, so scanners burn nothing."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from honeyguide.core import clock
from honeyguide.core.errors import Forbidden, HoneyguideError
from honeyguide.core.ids import digest, new_id
from honeyguide.db import Database
from honeyguide.delivery import Channel, Letter
from honeyguide.web import tables
from honeyguide.web.auth import COOKIE, LINK_MINUTES, issue_link, open_session, public, same_origin
from honeyguide.web.forms import fields
from honeyguide.web.pages import failure, notice, page

log = logging.getLogger("honeyguide.web")
router = APIRouter(include_in_schema=False)
_under_way: set[asyncio.Task[None]] = set()

Token = Annotated[str, Path(max_length=200)]


def caller(request: Request) -> str:
    """The address a request came from."""
    return request.client.host if request.client else "unknown"


@router.get("/sign-in", dependencies=[public("the way in")])
async def form() -> Response:
    """Ask for the e-mail address."""
    return page("sign_in.html", problem="", email="")


@router.post("/sign-in", dependencies=[public("asks for a link by e-mail")])
async def ask_for_link(request: Request) -> Response:
    """The same answer, in the same time, whether or not we know the address."""
    try:
        if not same_origin(request.headers):
            raise Forbidden("The form was sent from another site.")
        request.app.state.rates.sign_in.take(caller(request))
        email = (await fields(request, email=254))["email"]
        address = email.strip().lower()
        if "@" not in address:
            return page("sign_in.html", 400, problem="Enter your work e-mail address.", email=email)
        request.app.state.rates.links_per_address.take(address)
    except HoneyguideError as error:
        return failure(request.scope, error)
    task = asyncio.create_task(
        _send_links(request.app.state.db, request.app.state.mailer, address, request.app.state.settings.base_url)
    )
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return notice(
        request.scope, 200, "Look into your mailbox",
        f"If {address} belongs to an operator, a sign-in link is on its way. It works once, for {LINK_MINUTES} minutes.",
        tone="good",
    )  # fmt: skip


async def _send_links(db: Database, mailer: Channel | None, address: str, base_url: str) -> None:
    if mailer is None:
        log.warning("a sign-in link was asked for, but no mail channel is set")
        return
    try:
        for workspace_id in await db.workspaces():
            async with db.tx(workspace_id) as tx:
                operator = await tables.operator_by_email(tx, address)
                url = await issue_link(tx, operator.id, base_url=base_url) if operator else ""
            if operator:
                await mailer.send(_letter(workspace_id, operator, url))
    except HoneyguideError as error:
        log.warning("a sign-in link could not be sent: %s", error.code)


def _letter(workspace_id: int, operator: tables.Operator, url: str) -> Letter:
    words = (
        f"Hello {operator.name},\n\nsign in to Honeyguide with this link. It works once, for {LINK_MINUTES} minutes:\n\n"
        f"{url}\n\nIf you did not ask for it, nothing happens when you ignore it.\n"
    )
    return Letter(str(new_id()), workspace_id, operator.email, "Your Honeyguide sign-in link", words, "")


@router.get("/sign-in/{token}", dependencies=[public("shows a button; changes nothing")])
async def show(request: Request, token: Token) -> Response:
    """A page with a button."""
    db: Database = request.app.state.db
    workspace_id = await db.find("session", digest(token))
    if workspace_id is not None:
        async with db.tx(workspace_id) as tx:
            if await tables.link_is_open(tx, digest(token), clock.now()):
                return page("continue.html", token=token)
    return _gone(request)


@router.post("/sign-in/{token}", dependencies=[public("burns a single-use link")])
async def complete(request: Request, token: Token) -> Response:
    """Burn the link, open the session."""
    db: Database = request.app.state.db
    workspace_id = await db.find("session", digest(token))
    try:
        request.app.state.rates.sign_in.take(caller(request))
        if not same_origin(request.headers):
            raise Forbidden("The form was sent from another site.")
        if workspace_id is None:
            return _gone(request)
        async with db.tx(workspace_id) as tx:
            cookie = await open_session(tx, token)
    except HoneyguideError as error:
        return _gone(request) if error.status == 401 else failure(request.scope, error)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        COOKIE, cookie, max_age=int(tables.ABSOLUTE.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=request.app.state.settings.base_url.startswith("https:"),
    )  # fmt: skip
    return response


def _gone(request: Request) -> Response:
    return notice(
        request.scope, 410, "This link no longer works", "It has been used, or its ten minutes are over.",
        advice="Ask for a new one at /sign-in.", tone="bad",
    )  # fmt: skip
