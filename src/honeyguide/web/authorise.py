"""The two pages of an authorisation by OAuth: away to the vendor, and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from honeyguide.core.errors import HoneyguideError
from honeyguide.db import audit
from honeyguide.web.api.connections import ConnectionId, behind, number_of
from honeyguide.web.auth import Principal, needs
from honeyguide.web.pages import failure, notice

router = APIRouter(include_in_schema=False)
Given = Annotated[str, Query(max_length=4_000)]


@router.get("/oauth/start/{connection_id}")
async def start(
    request: Request, connection_id: ConnectionId, who: Annotated[Principal, needs("sources.write")]
) -> Response:
    """To the vendor's page, with a state word only this operator can come back with."""
    try:
        url = await behind(request).authorize_url(who.db, who.workspace_id, number_of(connection_id), who.actor)
    except HoneyguideError as error:
        return failure(request.scope, error)
    return RedirectResponse(url, 303, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"})


@router.get("/oauth/callback")
async def callback(
    request: Request, who: Annotated[Principal, needs("sources.write")], state: Given = "", code: Given = "",
    error: Given = "", error_description: Given = "",
) -> Response:  # fmt: skip
    """Back with a code: it is taken for tokens, which are sealed; the first sync begins."""
    if error:
        words = error_description or error
        return notice(
            request.scope,
            400,
            "The authorisation was not given",
            words[:300],
            advice="Try again from the connection.",
            tone="bad",
        )
    try:
        found = await behind(request).authorized(who.db, who.workspace_id, state, code, who.actor)
        async with who.tx() as tx:
            await audit.write(tx, who.actor, "connection.authorised", f"connection:{found.source_id}")
    except HoneyguideError as problem:
        return failure(request.scope, problem)
    return RedirectResponse(f"/sources?connection={found.source_id}", 303, headers={"cache-control": "no-store"})
