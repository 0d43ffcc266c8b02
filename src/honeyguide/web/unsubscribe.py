"""Unsubscribe. Opening the link shows a button, because scanners open every link; a POST withdraws (RFC 8058)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from honeyguide import delivery
from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, NotFound
from honeyguide.core.ids import digest
from honeyguide.db import Database, workspace
from honeyguide.web.auth import public
from honeyguide.web.pages import failure, notice, page
from honeyguide.web.signin import caller

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(max_length=200)]


async def _workspace_of(request: Request, token: str) -> int:
    db: Database = request.app.state.db
    found = await db.find("unsubscribe", digest(token))
    if found is None:
        request.app.state.rates.miss.take(caller(request))
        raise NotFound("This unsubscribe link is not known.", "It may have been cut off when it was copied.")
    return found


@router.get("/u/{token}", dependencies=[public("shows a button; changes nothing")])
async def show(request: Request, token: Token) -> Response:
    """A page with a button."""
    try:
        async with request.app.state.db.tx(await _workspace_of(request, token)) as tx:
            message = await delivery.find_message(tx, token)
            place = await workspace(tx)
    except HoneyguideError as error:
        return failure(request.scope, error)
    return page("unsubscribe.html", token=token, address=_shortened(message.to_address), company=place.name)


@router.post("/u/{token}", dependencies=[public("the person withdraws; no cookie, no sign-in")])
async def withdraw(request: Request, token: Token) -> Response:
    """Withdraw consent, at once."""
    try:
        async with request.app.state.db.tx(await _workspace_of(request, token)) as tx:
            message = await delivery.withdraw(tx, token, clock.now())
            place = await workspace(tx)
    except HoneyguideError as error:
        return failure(request.scope, error)
    return notice(
        request.scope, 200, "You are unsubscribed",
        f"{_shortened(message.to_address)} gets no more messages about recommendations from {place.name}.", tone="good",
    )  # fmt: skip


def _shortened(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}" if domain else "This account"
