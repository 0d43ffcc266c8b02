"""Confirming an account, by the link in the advocate's mail; and the address of providers' webhooks.

Opening the link shows a button, because scanners open every link; a POST confirms.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, NotFound, TooLarge
from honeyguide.core.ids import digest
from honeyguide.db import Database, workspace
from honeyguide.ledger import payees, schedules
from honeyguide.ledger.rails_set_up import HOOK
from honeyguide.outcomes import fraud
from honeyguide.web import device
from honeyguide.web.api.rails import paying
from honeyguide.web.auth import public
from honeyguide.web.pages import failure, notice, page
from honeyguide.web.signin import caller

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(max_length=200)]
_NOTICE_BYTES = 200_000


async def _workspace_of(request: Request, kind: str, token: str) -> int:
    db: Database = request.app.state.db
    found = await db.find(kind, digest(token))
    if found is None:
        request.app.state.rates.miss.take(caller(request))
        raise NotFound("This link is not valid any more.", "It may have been cut off when it was copied.")
    return found


@router.get("/pay/{token}", dependencies=[public("shows a button; changes nothing")])
async def show(request: Request, token: Token) -> Response:
    """A page with a button."""
    try:
        async with request.app.state.db.tx(await _workspace_of(request, "payee", token)) as tx:
            found, place = await payees.payee_by_token(tx, token), await workspace(tx)
    except HoneyguideError as error:
        return failure(request.scope, error)
    return page("payee.html", token=token, masked=found.masked, company=place.name)


@router.post("/pay/{token}", dependencies=[public("the advocate confirms; the token of their mail is the key")])
async def confirm(request: Request, token: Token) -> Response:
    """The advocate's yes."""
    now = clock.now()
    try:
        async with request.app.state.db.tx(await _workspace_of(request, "payee", token)) as tx:
            policy = await schedules.get_policy(tx)
            found, place = await payees.confirm_payee(tx, token, schedules.cooling(policy), now), await workspace(tx)
            account = await payees.fingerprint_of(tx, found.id)
            await fraud.see(tx, "advocate", found.advocate_id, [fraud.Used("payee", account.hex())], now)
            number = await device.see(tx, request, "advocate", found.advocate_id)
    except HoneyguideError as error:
        return failure(request.scope, error)
    waits = found.usable_from is not None and found.usable_from > now
    text = f"{place.name} pays you to {found.masked}" + (f" from {found.usable_from:%d %B %Y} on." if waits else ".")
    answer = notice(request.scope, 200, "Your account is confirmed", text, tone="good")
    device.give(request, answer, number)
    return answer


@router.post("/rail-hooks/{token}", dependencies=[public("the provider's signature is checked")])
async def hook(request: Request, token: Token) -> Response:
    """A webhook of a provider: it makes us look, it settles nothing."""
    found = await _workspace_of(request, HOOK, token)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _NOTICE_BYTES:
            raise TooLarge("The webhook is too large.", f"{_NOTICE_BYTES} bytes are taken.")
    headers = {k.lower(): v for k, v in request.headers.items()}
    known = await paying(request).hear(request.app.state.db, found, token, headers, body, clock.now())
    return JSONResponse({"known": known})
