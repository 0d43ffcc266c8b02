"""`POST /v1/cloudevents`: CloudEvents 1.0 over HTTP in binary, structured and batch mode.

The write key comes as the basic-auth name, as a bearer token, or as `?key=`.
"""

from urllib.parse import parse_qs

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError
from honeyguide.funnel import Broken, NewEvent, Source, cloudevent_envelopes
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
    header,
    texts,
)

_PATHS = frozenset({"/v1/cloudevents", "/v1/cloudevents/"})
_SUCCESS = Said(b'{"success":true}')


class CloudEventsDoor:
    """An ASGI application for CloudEvents."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return path in _PATHS

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        await self._gate.serve(self._serve, scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS" and (asking := header(scope, b"webhook-request-origin")):
            # The handshake of the CloudEvents webhook specification: a sender asks whether it may deliver here.
            allow = [(b"allow", b"POST, OPTIONS"), (b"webhook-allowed-origin", asking), (b"webhook-allowed-rate", b"*")]
            await answer(send, 200, b"", allow)
            return
        if scope["method"] != "POST":
            await no_post(scope, send)
            return
        source = await self._source(scope)
        try:
            body = await body_of(scope, receive, cloudevent_envelopes.REQUEST_BYTES)
            inputs = _inputs(texts(scope), body)
        except HoneyguideError:
            await self._gate.committer.refuse(source)
            raise
        outcomes = await self._gate.write(source, inputs)
        if b"verbose=1" in scope.get("query_string", b""):
            await answer(send, 200, each_outcome(outcomes), [JSON, ANYWHERE])
        else:
            await _SUCCESS(scope, send)

    async def _source(self, scope: Message) -> Source:
        given = header(scope, b"authorization")
        if given:
            return await self._gate.keys.of_header(given)
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        return await self._gate.keys.of_key(query.get("key", [""])[0])


def _inputs(headers: dict[str, str], body: bytes) -> list[NewEvent | Broken]:
    now = clock.now()
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/cloudevents-batch+json":
        return cloudevent_envelopes.batch(body, now)
    if media == "application/cloudevents+json":
        return cloudevent_envelopes.structured(body, now)
    if "ce-id" in headers or "ce-specversion" in headers:
        return cloudevent_envelopes.binary(headers, body, now)
    if media.startswith("application/cloudevents"):
        raise BadInput(
            f"CloudEvents as {media} are not read.", "The formats are JSON and JSON batch.", code="bad_format"
        )
    raise BadInput(
        "This is not a CloudEvent.",
        "It has neither the headers ce-* nor the content type application/cloudevents+json.",
        code="not_a_cloudevent",
    )
