"""Security headers on every answer, a request id on every request. Raw ASGI: it wraps the hot doors too."""

import secrets
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIXED = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def policy(nonce: str) -> str:
    """The content security policy: everything from ourselves, no inline script, style only with this answer's nonce."""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def nonce_of(scope: Any) -> str:
    """The nonce this answer's policy names (made on first use)."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if "nonce" not in state:
        state["nonce"] = secrets.token_urlsafe(16)
    return str(state["nonce"])


class Guarded:
    """Wraps an application: gives each request an id and each answer its headers."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._fixed = [*_FIXED, _HSTS] if https else _FIXED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name for name, _ in headers}
                headers += [pair for pair in self._fixed if pair[0] not in names]
                headers.append((b"x-request-id", request_id.encode()))
                if any(n == b"content-type" and v.startswith(b"text/html") for n, v in headers):
                    headers.append((b"content-security-policy", policy(nonce_of(scope)).encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, guarded)
