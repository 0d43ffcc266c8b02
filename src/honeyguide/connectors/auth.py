"""Signing in at a vendor, by the definition's `auth`. Tokens that turn over are committed before they are used."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from honeyguide.connectors.http import Call, Reply, Web, host_of, said
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.templates import Root, text_of
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.funnel.definitions import Definition

EARLY_S = 60  # a token is renewed this long before it ends
KINDS = ("none", "bearer", "basic", "header", "query", "client_credentials", "oauth2")
Tokens = dict[str, Any]
Renewal = Callable[[Tokens], Awaitable[Tokens]]


class Keeper(Protocol):
    """Where tokens are kept."""

    async def renew(self, stale: str, renewal: Renewal) -> Tokens:
        """Tokens whose access token is not `stale`: those another process has renewed meanwhile, else new ones, kept."""


class Passing(Struct):
    """A keeper for as long as the process lives: what is obtained again at any time, and previews."""

    tokens: Tokens = msgspec.field(default_factory=dict)

    async def renew(self, stale: str, renewal: Renewal) -> Tokens:
        """Renew, and keep it here only."""
        self.tokens = await renewal(self.tokens)
        return self.tokens


class Auth:
    """The credentials of one session."""

    def __init__(self, definition: Definition, root: Root, tokens: Tokens, keeper: Keeper, web: Web) -> None:
        self._spec, self._root, self._keeper, self._web = definition.auth, root, keeper, web
        self._label = definition.label
        self.tokens = tokens
        self.kind = str(self._spec.get("kind", "none"))
        if self.kind not in KINDS:
            raise BadInput(f"{self._label} signs in by {self.kind!r}, which is unknown.", f"Known: {', '.join(KINDS)}.")

    async def sign(self, call: Call) -> Call:
        """The call with its credentials."""
        spec = self._spec
        if self.kind == "bearer":
            value = self._secret(str(spec.get("secret", "token")))
            return _with_header(call, "authorization", f"{spec.get('prefix', 'Bearer')} {value}".strip())
        if self.kind == "basic":
            pair = (
                f"{text_of(str(spec.get('user', '')), self._root)}:{text_of(str(spec.get('password', '')), self._root)}"
            )
            return _with_header(call, "authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
        if self.kind == "header":
            return _with_header(call, str(spec["name"]).lower(), self._named_value())
        if self.kind == "query":
            return msgspec.structs.replace(call, params={**call.params, str(spec["name"]): self._named_value()})
        if self.kind in ("client_credentials", "oauth2"):
            return _with_header(call, "authorization", f"Bearer {await self._access()}")
        return call

    async def renewed(self) -> bool:
        """After a 401: get new tokens where that is possible. Raises VendorProblem when the vendor refuses for good."""
        if self.kind not in ("client_credentials", "oauth2"):
            return False
        self.tokens = await self._keeper.renew(str(self.tokens.get("access_token", "")), self._renewal)
        self._root["token"] = self.tokens
        return True

    def _secret(self, name: str) -> str:
        value = str(self._root["config"].get(name, ""))
        if not value:
            raise VendorProblem(
                f"{self._label} has no {name}.",
                advice="Enter it in the connection.",
                needs_auth=True,
                code="no_credentials",
            )
        return value

    def _named_value(self) -> str:
        if "value" in self._spec:
            return text_of(str(self._spec["value"]), self._root)
        return self._secret(str(self._spec.get("secret", "token")))

    async def _access(self) -> str:
        if self._ended() and (self.kind == "client_credentials" or self.tokens.get("refresh_token")):
            await self.renewed()
        access = str(self.tokens.get("access_token", ""))
        if not access:
            raise VendorProblem(
                f"{self._label} has not been authorised yet.", advice="Open the connection and press Authorise.",
                needs_auth=True, code="not_authorised",
            )  # fmt: skip
        return access

    def _ended(self) -> bool:
        until = self.tokens.get("expires_at")
        return not self.tokens.get("access_token") or (
            until is not None and float(until) - EARLY_S < clock.now().timestamp()
        )

    async def _renewal(self, held: Tokens) -> Tokens:
        if self.kind == "client_credentials":
            form = {"grant_type": "client_credentials"}
            if scopes := _scopes(self._spec):
                form["scope"] = scopes
            return await ask_tokens(self._web, self._label, self._spec, self._root, form)
        refresh = held.get("refresh_token")
        if not refresh:
            raise VendorProblem(
                f"{self._label} no longer accepts the token, and gave none to renew it with.", needs_auth=True,
                advice="Open the connection and press Authorise.", code="not_authorised",
            )  # fmt: skip
        form = {"grant_type": "refresh_token", "refresh_token": str(refresh)}
        return held | await ask_tokens(self._web, self._label, self._spec, self._root, form)


async def ask_tokens(web: Web, label: str, spec: dict[str, Any], root: Root, form: dict[str, str]) -> Tokens:
    """Ask a token endpoint (RFC 6749). Raises VendorProblem that needs new credentials when it refuses."""
    config, headers = root["config"], {"accept": "application/json"}
    if spec.get("client_auth") == "basic":
        pair = f"{config.get('client_id', '')}:{config.get('client_secret', '')}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form = form | {k: str(config[k]) for k in ("client_id", "client_secret") if config.get(k)}
    call = Call(text_of(str(spec["token_url"]), root), "POST", form=form, headers=headers)
    reply = await web.send(call)
    if reply.status >= 400:
        raise _refused(label, reply)
    found = reply.json()
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise VendorProblem(f"{label} gave no access token.", said(reply.body), needs_auth=True, code="not_authorised",
                            advice="Check the client's id and secret, then authorise again.")  # fmt: skip
    tokens: Tokens = {k: v for k, v in found.items() if isinstance(v, str | int | float) and len(str(v)) < 8_000}
    lives = found.get("expires_in")
    if isinstance(lives, int | float | str) and str(lives).isdigit():
        tokens["expires_at"] = (clock.now() + timedelta(seconds=int(lives))).timestamp()
    else:
        tokens["expires_at"] = None
    return tokens


def _refused(label: str, reply: Reply) -> VendorProblem:
    return VendorProblem(
        f"{label} refused to give a token ({reply.status}).", f"{host_of(reply.url)} says: {said(reply.body) or 'nothing'}",
        needs_auth=reply.status in (400, 401, 403), status_code=reply.status, code="not_authorised",
        advice="Open the connection and authorise again; check the client's id and secret.",
    )  # fmt: skip


def _scopes(spec: dict[str, Any]) -> str:
    scopes = spec.get("scopes", [])
    return " ".join(scopes) if isinstance(scopes, list) else str(scopes)


def _with_header(call: Call, name: str, value: str) -> Call:
    return msgspec.structs.replace(call, headers={**call.headers, name: value})
