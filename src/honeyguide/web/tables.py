"""The tables of web (operator, operator_session, api_key) and their SQL."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import new_id
from honeyguide.db import Tx

OWNED = ("operator", "operator_session", "api_key")
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
# Writing the last use on every request would turn each read into a write.
_TOUCH = timedelta(minutes=5)


class Operator(Struct, frozen=True):
    """Somebody of the company that runs the program."""

    id: UUID
    email: str
    name: str
    role: str


class SignedIn(Struct, frozen=True):
    """A live session and whose it is."""

    operator: Operator
    csrf: str


class Key(Struct, frozen=True):
    """A live API key."""

    prefix: str
    name: str
    scopes: list[str]


async def ensure_operator(tx: Tx, email: str, name: str, role: str, now: datetime) -> Operator:
    """The operator with this e-mail address, made when there is none (an existing one keeps name and role)."""
    row = await tx.row(
        "insert into operator (workspace_id, id, email, name, role, created_at) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, email) do update set email = excluded.email returning id, email, name, role",
        tx.workspace_id, new_id(), email.strip().lower(), name, role, now,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an upsert returned no row")
    return Operator(**dict(row))


async def operator_by_email(tx: Tx, email: str) -> Operator | None:
    """The operator with this address in this workspace."""
    row = await tx.row(
        "select id, email, name, role from operator where workspace_id = $1 and email = $2",
        tx.workspace_id,
        email.strip().lower(),
    )
    return Operator(**dict(row)) if row else None


async def operators(tx: Tx) -> list[Operator]:
    """Every operator of the workspace, oldest first."""
    found = await tx.rows(
        "select id, email, name, role from operator where workspace_id = $1 order by created_at, email", tx.workspace_id
    )
    return [Operator(**dict(row)) for row in found]


async def add_session(
    tx: Tx, digest: bytes, operator_id: UUID, kind: str, times: tuple[datetime, datetime], csrf: str = ""
) -> None:
    """A sign-in link or a session, with (created, expires)."""
    await tx.run(
        "insert into operator_session (workspace_id, digest, operator_id, kind, csrf, created_at, expires_at, used_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.workspace_id, digest, operator_id, kind, csrf, *times, times[0] if kind == "session" else None,
    )  # fmt: skip


async def link_is_open(tx: Tx, digest: bytes, now: datetime) -> bool:
    """May this sign-in link still be used?"""
    return bool(
        await tx.value(
            "select 1 from operator_session where workspace_id = $1 and digest = $2 and kind = 'link' "
            "and used_at is null and revoked_at is null and expires_at > $3",
            tx.workspace_id,
            digest,
            now,
        )
    )


async def use_link(tx: Tx, digest: bytes, now: datetime) -> UUID | None:
    """Burn a sign-in link; returns whose it was, or None when it is used, expired or unknown."""
    found: UUID | None = await tx.value(
        "update operator_session set used_at = $3 where workspace_id = $1 and digest = $2 and kind = 'link' "
        "and used_at is null and revoked_at is null and expires_at > $3 returning operator_id",
        tx.workspace_id,
        digest,
        now,
    )
    return found


async def session(tx: Tx, digest: bytes, now: datetime) -> SignedIn | None:
    """The live session of a cookie, its last use renewed; None when idle too long, expired or revoked."""
    row = await tx.row(
        "select o.id, o.email, o.name, o.role, s.csrf, s.used_at from operator_session s "
        "join operator o on o.workspace_id = s.workspace_id and o.id = s.operator_id "
        "where s.workspace_id = $1 and s.digest = $2 and s.kind = 'session' and s.revoked_at is null "
        "and s.expires_at > $3 and s.used_at > $4",
        tx.workspace_id,
        digest,
        now,
        now - IDLE,
    )
    if row is None:
        return None
    if now - row["used_at"] > _TOUCH:
        await tx.run(
            "update operator_session set used_at = $3 where workspace_id = $1 and digest = $2",
            tx.workspace_id,
            digest,
            now,
        )
    return SignedIn(Operator(row["id"], row["email"], row["name"], row["role"]), row["csrf"])


async def revoke_session(tx: Tx, digest: bytes, now: datetime) -> None:
    """End a session."""
    await tx.run(
        "update operator_session set revoked_at = $3 where workspace_id = $1 and digest = $2",
        tx.workspace_id,
        digest,
        now,
    )


async def add_key(tx: Tx, digest: bytes, key: Key, now: datetime) -> None:
    """Keep an API key as its digest."""
    await tx.run(
        "insert into api_key (workspace_id, digest, prefix, name, scopes, created_at) values ($1, $2, $3, $4, $5, $6)",
        tx.workspace_id, digest, key.prefix, key.name, key.scopes, now,
    )  # fmt: skip


async def key(tx: Tx, digest: bytes, now: datetime) -> Key | None:
    """The live API key of a digest; its last use is kept to five minutes."""
    row = await tx.row(
        "select prefix, name, scopes, last_used_at from api_key "
        "where workspace_id = $1 and digest = $2 and revoked_at is null",
        tx.workspace_id,
        digest,
    )
    if row is None:
        return None
    if row["last_used_at"] is None or now - row["last_used_at"] > _TOUCH:
        await tx.run(
            "update api_key set last_used_at = $3 where workspace_id = $1 and digest = $2", tx.workspace_id, digest, now
        )
    return Key(row["prefix"], row["name"], row["scopes"])
