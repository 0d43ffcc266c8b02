"""A LOGIN role per workspace for SQL that is not ours: what bounds it is the role, never a setting it could change.

The role owns nothing, is a member of nothing and may read a few views, whose rows are those of the workspace in the
role's own name (`session_user`, which no statement can change). Its password is made anew for every session, travels
as a verifier only, ends within a minute and is kept nowhere.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import msgspec

from honeyguide.core import clock
from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.db.engine import Database, Row

_LOCK = 7_046_023_119  # one session is opened at a time: the password is the role's, not the session's
_SESSIONS = 4  # at once, per workspace
_VIEWS = "expert"
_NO_ROLES = "This database does not let Honeyguide make roles, and SQL of others runs only under a role of its own."


class Refused(Exception):
    """PostgreSQL refused a statement; the text is its own."""

    def __init__(self, text: str, *, denied: bool = False) -> None:
        super().__init__(text)
        self.denied = denied


class Column(msgspec.Struct, frozen=True):
    """A column of a statement's result: its name and PostgreSQL's name of its type."""

    name: str
    type: str


class Guest:
    """A session of a workspace's role in one read-only transaction. Every call takes exactly one statement."""

    def __init__(self, connection: "asyncpg.Connection[Row]") -> None:
        self._connection = connection

    async def rows(self, sql: str) -> list[Row]:
        """All rows of one statement. Raises Refused."""
        try:
            return await self._connection.fetch(sql)  # prepared: the server takes a single statement only
        except asyncpg.PostgresError as e:
            raise Refused(str(e), denied=isinstance(e, asyncpg.InsufficientPrivilegeError)) from e

    async def columns(self, sql: str) -> list[Column]:
        """The columns a statement would have; it is parsed, not run. Raises Refused."""
        try:
            prepared = await self._connection.prepare(sql)
        except asyncpg.PostgresError as e:
            raise Refused(str(e), denied=isinstance(e, asyncpg.InsufficientPrivilegeError)) from e
        return [Column(a.name, a.type.name) for a in prepared.get_attributes()]


@contextlib.asynccontextmanager
async def guest(db: Database, workspace_id: int, timeout_s: float) -> AsyncIterator[Guest]:
    """A session of the workspace's role; the role is made when it is not there. It ends with the block, by force if need be.

    A block that is cancelled (a time-out outside) cancels the running statement too. Raises Unavailable where roles
    cannot be made or cannot log in.
    """
    connection = await _log_in(db, workspace_id, timeout_s)
    try:
        await connection.execute("begin transaction isolation level repeatable read read only")
        yield Guest(connection)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.shield(connection.close(timeout=2))
        connection.terminate()


async def _log_in(db: Database, workspace_id: int, timeout_s: float) -> "asyncpg.Connection[Row]":
    async with db.admin() as owner:  # the lock is this connection's, and ends with it: after ours is open
        await owner.execute("select pg_advisory_lock($1)", _LOCK)
        role = f"honeyguide_graph_d{await owner.fetchval(_DATABASE)}_w{int(workspace_id)}"
        password = secrets.token_urlsafe(32)
        try:
            await _ensure(owner, role)
            until = (clock.now() + timedelta(minutes=1)).isoformat()
            await owner.execute(f"alter role {role} password '{_verifier(password)}' valid until '{until}'")
        except asyncpg.InsufficientPrivilegeError as e:
            raise Unavailable(
                "Expert SQL is not available on this server.", _NO_ROLES,
                advice="Give its role CREATEROLE (docs/how-to/own-postgresql.md), or ask with `honeyguide graph ask`.",
            ) from e  # fmt: skip
        return await _connect(db, role, password, workspace_id, timeout_s)


_DATABASE = "select oid from pg_database where datname = current_database()"


async def _ensure(owner: "asyncpg.Connection[Row]", role: str) -> None:
    """The views and the role are there, and the role may read the views and nothing else."""
    if await owner.fetchval("select to_regclass('expert.graph_node')") is None:
        await owner.execute("select make_graph_views()")
    if await owner.fetchval("select 1 from pg_roles where rolname = $1", role) is None:
        await owner.execute(
            f"create role {role} login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls "
            f"connection limit {_SESSIONS}"
        )
        await owner.execute(f"alter role {role} set default_transaction_read_only = on")
    if not await owner.fetchval("select has_schema_privilege($1, 'expert', 'usage')", role):
        await owner.execute(f"grant usage on schema expert to {role}")
        await owner.execute(
            "set role honeyguide_graph"
        )  # whose views they are; the owner of the tables does not inherit it
        try:
            await owner.execute(f"grant select on all tables in schema expert to {role}")
        finally:
            await owner.execute("reset role")


async def _connect(
    db: Database, role: str, password: str, workspace_id: int, timeout_s: float
) -> "asyncpg.Connection[Row]":
    settings = {
        "application_name": "honeyguide expert",
        "search_path": _VIEWS,
        "app.workspace": str(workspace_id),  # the tables' own policy asks for it; it opens nothing by itself
        "default_transaction_read_only": "on",
        "statement_timeout": str(int(timeout_s * 1000) + 500),  # a second net: the time-out that counts is outside
        "idle_in_transaction_session_timeout": "10000",
        "jit": "off",
    }
    try:
        return await db.login(role, password, settings)
    except asyncpg.TooManyConnectionsError as e:
        raise TooMuch("Too many statements of this workspace run at once.", f"At most {_SESSIONS}.") from e
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
        raise Unavailable(
            "Expert SQL is not available on this server.", f"The workspace's role cannot log in: {e}",
            advice="Let it in (pg_hba.conf), or ask with `honeyguide graph ask`.",
        ) from e  # fmt: skip


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password itself is in no statement."""
    salt, rounds = secrets.token_bytes(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    said = (base64.b64encode(b).decode() for b in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(rounds, *said)
