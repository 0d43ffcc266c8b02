"""`POST /hooks/{token}`: webhooks of other systems, verified by the sender's signature when the source has a secret."""

import re

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, NotFound, Unauthenticated
from honeyguide.db import Database
from honeyguide.funnel import connections, hook_envelopes, hooks, signatures
from honeyguide.web.ingest_door import Gate, no_post
from honeyguide.web.ingest_http import (
    ANYWHERE,
    JSON,
    Message,
    Receive,
    Said,
    Send,
    answer,
    body_of,
    each_outcome,
    texts,
)

_HOOK = re.compile(r"/hooks/([^/]+)/?")
_SUCCESS = Said(b'{"success":true}')


class HookDoor:
    """An ASGI application for the addresses of webhooks.

    `base_url` is the public address (for schemes that sign the URL); empty takes it from the request.
    """

    def __init__(self, db: Database, gate: Gate, base_url: str = "") -> None:
        self._db, self._gate = db, gate
        self._base_url = base_url.rstrip("/")

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return _HOOK.fullmatch(path) is not None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        await self._gate.serve(self._serve, scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await no_post(scope, send)
            return
        found = _HOOK.fullmatch(scope["path"])
        try:
            source = await self._gate.keys.of_key(found[1] if found else "")
        except Unauthenticated as e:
            raise NotFound("There is no webhook at this address.", advice="Copy it again from the source.") from e
        headers = texts(scope)
        try:
            body = await body_of(scope, receive, hook_envelopes.HOOK_BYTES)
            if source.secret:
                request = signatures.SignedRequest(headers, body, scope["method"], self._url(scope, headers))
                hooks.verified(source, request, clock.now())
        except HoneyguideError:
            await self._gate.committer.refuse(source)
            raise
        heard = hooks.heard(source, body, headers, clock.now())
        outcomes = await self._gate.write(source, heard.inputs)
        if heard.refetch:
            async with self._db.tx(source.workspace_id) as tx:
                await connections.ask_refetch(tx, source.id, heard.refetch)
        if b"verbose=1" in scope.get("query_string", b""):
            await answer(send, 200, each_outcome(outcomes), [JSON, ANYWHERE])
        else:
            await _SUCCESS(scope, send)

    def _url(self, scope: Message, headers: dict[str, str]) -> str:
        base = self._base_url or f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope.get("query_string", b"")
        path = raw.split(b"?", 1)[0].decode("latin-1")
        return f"{base}{path}" + (f"?{query.decode('latin-1')}" if query else "")
