"""PostHog's capture addresses, for products that have its library built in already.

Bodies come as JSON, gzip (by header or by `?compression=`), base64, or as a form field `data`. The project's API key is
a write key of ours.
"""

import base64
import binascii
from datetime import datetime
from urllib.parse import parse_qs

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.funnel import posthog_envelopes
from honeyguide.funnel.decode.fields import instant
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
    too_large,
    unpacked,
)

_PATHS = ("/e", "/capture", "/batch", "/track", "/engage", "/i/v0/e", "/i/v0/e/batch")
_ALL = frozenset({*_PATHS, *(f"{p}/" for p in _PATHS)})
_OK, _STATUS_ONE = Said(b'{"status":"Ok"}'), Said(b'{"status":1}')
_FORM = b"application/x-www-form-urlencoded"
_GZIP = b"\x1f\x8b"


class PostHogDoor:
    """An ASGI application for the addresses PostHog's libraries send to."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return path in _ALL

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        await self._gate.serve(self._serve, scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await no_post(scope, send)
            return
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        body = await body_of(scope, receive, posthog_envelopes.REQUEST_BYTES)
        body = plain(body, header(scope, b"content-type"), _one(query, "compression"))
        parsed = posthog_envelopes.capture(body, clock.now(), _sent(query))
        source = await self._gate.keys.of_key(parsed.write_key or _one(query, "api_key") or _one(query, "token"))
        outcomes = await self._gate.write(source, parsed.inputs)
        if _one(query, "verbose") == "1":
            await answer(send, 200, each_outcome(outcomes), [JSON, ANYWHERE])
        else:
            await (_OK if scope["path"].startswith("/i/") else _STATUS_ONE)(scope, send)


def plain(body: bytes, content_type: bytes, compression: str) -> bytes:
    """The JSON in a body of any of PostHog's forms. Raises BadInput, TooLarge."""
    if content_type.startswith(_FORM) or body[:5] == b"data=":
        form = parse_qs(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")  # bytes stay bytes
        body = _one(form, "data").encode("latin-1")
        compression = _one(form, "compression") or compression
    if compression == "lz64":
        raise BadInput("The compression lz64 is not known.", "It takes gzip, base64, or none.", code="bad_encoding")
    if body[:2] == _GZIP:
        body = unpacked(body, "gzip", posthog_envelopes.REQUEST_BYTES)
    if body[:1] in (b"", b"{", b"["):
        return body
    return _from_base64(body, compression)


def _from_base64(body: bytes, compression: str) -> bytes:
    """Base64 of JSON or of gzip, in either alphabet, padded or not; white space before JSON is no base64."""
    text = body.strip()
    if text[:1] in (b"{", b"["):
        return text
    try:
        # A form turns "+" into a space; who forgot to escape it meant "+".
        found = base64.b64decode(text.translate(_ALPHABET) + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as e:
        said = f" ({compression})" if compression else ""
        raise BadInput(f"The body is neither JSON, gzip nor base64{said}.", str(e), code="bad_encoding") from e
    if found[:2] == _GZIP:
        return unpacked(found, "gzip", posthog_envelopes.REQUEST_BYTES)
    if len(found) > posthog_envelopes.REQUEST_BYTES:
        raise too_large(posthog_envelopes.REQUEST_BYTES)
    return found


_ALPHABET = bytes.maketrans(b"-_ ", b"+/+")


def _one(values: dict[str, list[str]], name: str) -> str:
    return values.get(name, [""])[0]


def _sent(query: dict[str, list[str]]) -> datetime | None:
    said = _one(query, "_")
    return instant(int(said)) if said.isdigit() and len(said) == 13 else None
