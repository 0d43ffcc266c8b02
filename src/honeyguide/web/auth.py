"""Who is asking: cookie sessions by magic link, and API keys. Tokens are stored as digests only."""

import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from starlette.datastructures import Headers

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Forbidden, Unauthenticated
from honeyguide.core.ids import digest, new_token
from honeyguide.db import Database, Tx
from honeyguide.settings import Settings
from honeyguide.web import permissions, tables

COOKIE = "hg_session"
CSRF_HEADER = "x-honeyguide-csrf"
LINK_MINUTES = 10
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Principal:
    """Who is asking, for which workspace, and what they may do."""

    db: Database
    workspace_id: int
    actor: str
    name: str
    role: str
    email: str
    operator_id: UUID | None
    csrf: str
    granted: frozenset[str]

    def tx(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction of their workspace."""
        return self.db.tx(self.workspace_id)

    def traverse(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction with the plan settings of graph traversals."""
        return self.db.tx(self.workspace_id, "traverse")

    def may(self, permission: str) -> bool:
        """Is this permission theirs?"""
        return permission in self.granted


async def issue_link(tx: Tx, operator_id: UUID, minutes: int = LINK_MINUTES, *, base_url: str = "") -> str:
    """A sign-in URL that works once, within `minutes`. The token leaves in the URL and is kept as a digest."""
    token, now = new_token("hgl"), clock.now()
    await tables.add_session(tx, digest(token), operator_id, "link", (now, now + timedelta(minutes=minutes)))
    await tx.register("session", digest(token))
    return f"{base_url or Settings.load().base_url}/sign-in/{token}"


async def open_session(tx: Tx, link_token: str) -> str:
    """Burn a sign-in link and open a session; returns the cookie's token. Raises Unauthenticated."""
    now = clock.now()
    operator_id = await tables.use_link(tx, digest(link_token), now)
    if operator_id is None:
        raise Unauthenticated("This sign-in link has been used or has expired.", advice="Ask for a new one.")
    token = new_token("hgs")
    times = (now, now + tables.ABSOLUTE)
    await tables.add_session(tx, digest(token), operator_id, "session", times, csrf=new_token("csrf"))
    await tx.register("session", digest(token))
    return token


async def create_api_key(tx: Tx, name: str, scopes: list[str]) -> str:
    """A new API key (`hgk_...`), shown this once. Raises BadInput on a scope that does not exist."""
    unknown = sorted(set(scopes) - set(permissions.SCOPES))
    if unknown or not scopes:
        raise BadInput(
            f"The scopes {', '.join(unknown) or '(none)'} cannot be given.",
            f"A key takes one or more of: {', '.join(permissions.SCOPES)}.",
        )
    token = new_token("hgk")
    await tables.add_key(tx, digest(token), tables.Key(token[:10], name, sorted(set(scopes))), clock.now())
    await tx.register("key", digest(token))
    return token


async def authenticate(request: Request) -> Principal:
    """The principal of a request. Raises Unauthenticated; the same words whatever was wrong."""
    db: Database = request.app.state.db
    bearer = request.headers.get("authorization", "")
    if bearer:
        return await by_key(db, bearer)
    token = request.cookies.get(COOKIE, "")
    workspace_id = await db.find("session", digest(token)) if token else None
    if workspace_id is not None:
        async with db.tx(workspace_id) as tx:
            found = await tables.session(tx, digest(token), clock.now())
        if found:
            who = found.operator
            return Principal(
                db, workspace_id, who.email, who.name, who.role, who.email, who.id, found.csrf,
                permissions.of_role(who.role),
            )  # fmt: skip
    raise Unauthenticated("Nobody is signed in.", advice="Open /sign-in, or send an API key as a bearer token.")


async def by_key(db: Database, bearer: str) -> Principal:
    """The principal of an Authorization header with an API key. Raises Unauthenticated."""
    kind, _, token = bearer.partition(" ")
    token = token.strip()
    if kind.lower() == "bearer" and token.startswith("hgk_"):
        workspace_id = await db.find("key", digest(token))
        if workspace_id is not None:
            async with db.tx(workspace_id) as tx:
                found = await tables.key(tx, digest(token), clock.now())
            if found:
                return Principal(
                    db, workspace_id, f"key:{found.name}", found.name, "key", "", None, "",
                    permissions.of_scopes(found.scopes),
                )  # fmt: skip
    raise Unauthenticated("This API key is not valid.", advice="Make one with `honeyguide key create`.")


def same_origin(headers: Headers) -> bool:
    """Does a form or script post come from our own pages? Without an Origin header nothing speaks against it."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def _is_ours(request: Request, who: Principal) -> bool:
    sent = request.headers.get(CSRF_HEADER, "")
    return same_origin(request.headers) and secrets.compare_digest(sent.encode(), who.csrf.encode())


def needs(permission: str) -> Any:
    """The dependency of a route behind a permission; it hands the handler its Principal."""
    if permission not in permissions.ALL:
        raise ValueError(f"{permission!r} is not in the table of permissions")

    async def check(request: Request) -> Principal:
        who = await authenticate(request)
        if request.method not in _SAFE and who.operator_id is not None and not _is_ours(request, who):
            raise Forbidden(
                "The request does not come from our own pages.", f"It lacks a valid {CSRF_HEADER} header.", code="csrf"
            )
        if not who.may(permission):
            raise Forbidden(
                "This is not yours to see or do.", f"It needs the permission {permission!r}.",
                advice="Ask an owner of the workspace.",
            )  # fmt: skip
        return who

    check.classified = permission  # type: ignore[attr-defined]  # read by `classification`
    return Depends(check)


def public(reason: str) -> Any:
    """Marks a route that needs nobody signed in, and says why."""

    async def check() -> None:
        """Anybody."""

    check.classified = f"public: {reason}"  # type: ignore[attr-defined]  # read by `classification`
    return Depends(check)
