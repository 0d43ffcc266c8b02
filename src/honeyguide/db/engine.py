"""The one door to PostgreSQL: pools, transactions with their workspace set, directory look-ups.

`BEGIN` and the workspace travel in one message: a statement of its own for it costs a quarter more on short
transactions. The application role owns nothing and is bound by forced row-level security; without a workspace
no row is visible, because the policy then raises.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from asyncpg.pgproto import pgproto

from honeyguide.core.errors import Unavailable

APP_ROLE = "honeyguide_app"
Row = asyncpg.Record
Pool = Literal["default", "traverse"]
# The natural plan of a traversal is 36 to 200 times slower than the good one; these keep the planner on it.
_TRAVERSE = {
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
}
_UNREACHABLE = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
                asyncpg.CrashShutdownError, asyncpg.TooManyConnectionsError, asyncpg.InterfaceError)  # fmt: skip


class Tx:
    """An open transaction of one workspace. Statements use `$1` parameters; jsonb takes and gives Python values."""

    def __init__(self, connection: "asyncpg.Connection[Row]", workspace_id: int | None) -> None:
        self.connection = connection
        self._workspace_id = workspace_id

    @property
    def workspace_id(self) -> int:
        """The workspace this transaction sees. Raises when it was opened without one."""
        if self._workspace_id is None:
            raise RuntimeError("this transaction has no workspace")
        return self._workspace_id

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        return await self.connection.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        """The first row, or None."""
        return await self.connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.fetchval(sql, *args)

    async def run(self, sql: str, *args: Any) -> int:
        """Execute; returns the number of rows touched (0 where the statement has no such count)."""
        tail = (await self.connection.execute(sql, *args)).rsplit(" ", 1)[-1]
        return int(tail) if tail.isdigit() else 0

    async def many(self, sql: str, args: Iterable[Sequence[Any]]) -> None:
        """Execute once per argument list (prefer one statement over unnest)."""
        await self.connection.executemany(sql, args)

    async def copy(self, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
        """COPY records into a table: for bulk loads without ON CONFLICT."""
        await self.connection.copy_records_to_table(table, columns=list(columns), records=records)

    async def register(self, kind: str, digest: bytes) -> None:
        """Let this workspace be found by the digest of a key, code or token."""
        await self.run(
            "insert into directory (kind, digest, workspace_id) values ($1, $2, $3) on conflict (kind, digest) do nothing",
            kind,
            digest,
            self.workspace_id,
        )

    async def unregister(self, kind: str, digest: bytes) -> None:
        """Undo `register`."""
        await self.run(
            "delete from directory where workspace_id = $3 and kind = $1 and digest = $2",
            kind,
            digest,
            self.workspace_id,
        )


def uuid_of(digest: bytes) -> UUID:
    """A UUID of 16 bytes in the driver's own form: equal to any other, five times cheaper to make and to send."""
    made: UUID = pgproto.UUID(digest)
    return made


class Line:
    """A connection held for a while. Made for statements that are each a transaction of their own: one message each way.

    One task at a time. `broken` once the connection cannot be used any more.
    """

    def __init__(self, connection: "asyncpg.Connection[Row]") -> None:
        self._connection = connection
        self.broken = False

    async def row(self, sql: str, *args: Any, timeout_s: float) -> Row | None:
        """Run one statement and commit it; its first row. The statement sets its workspace itself, for itself.

        Raises Unavailable when the server is gone or does not answer in time: it is then unknown whether it committed.
        """
        try:
            return await self._connection.fetchrow(sql, *args, timeout=timeout_s)
        except (*_UNREACHABLE, TimeoutError) as e:
            self.broken = True
            raise Unavailable("PostgreSQL went away or did not answer in time.", str(e)) from e

    @contextlib.asynccontextmanager
    async def tx(self, workspace_id: int, timeout_s: float) -> AsyncIterator[Tx]:
        """A transaction of several statements on this connection; otherwise as `Database.tx`."""
        done = False
        try:
            async with asyncio.timeout(timeout_s):
                await self._connection.execute(_begin(workspace_id))
                yield Tx(self._connection, workspace_id)
                await self._connection.execute("commit")
                done = True
        except (*_UNREACHABLE, TimeoutError) as e:
            raise Unavailable("PostgreSQL went away or did not answer in time.", str(e)) from e
        finally:
            if not done:
                self.broken |= not await asyncio.shield(_rolled_back(self._connection))


def _begin(workspace_id: int | None, *, snapshot: bool = False) -> str:
    begin = "begin isolation level repeatable read read only" if snapshot else "begin"
    if workspace_id is None:
        return begin
    return f"{begin}; select set_config('app.workspace', '{int(workspace_id)}', true)"


async def _rolled_back(connection: Any) -> bool:
    """Whether the connection could roll back; one that cannot is to be thrown away, whatever the cause."""
    try:
        await asyncio.wait_for(connection.execute("rollback"), 5)
    except Exception:  # noqa: BLE001  # see above
        return False
    return True


_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode
_EMPTY = b"\x01{}"


async def _prepare_connection(connection: "asyncpg.Connection[Row]") -> None:
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda v: b"\x01" + _encode(v),
        decoder=lambda b: {} if b == _EMPTY else _decode(b[1:]),
        schema="pg_catalog",
        format="binary",
    )


async def _keep(_: "asyncpg.Connection[Row]") -> None:
    """Nothing to reset: every setting we change is local to its transaction."""


class Database:
    """Pools on one database. Open with `Database.open`, close with `close`."""

    def __init__(
        self, owner_dsn: str, app_dsn: str, settings: dict[str, str], pools: "dict[Pool, asyncpg.Pool[Row]]"
    ) -> None:
        self._owner_dsn, self._app_dsn, self._settings = owner_dsn, app_dsn, settings
        self._pools = pools
        self._known: dict[tuple[str, bytes], tuple[float, int | None]] = {}

    @staticmethod
    async def open(
        dsn: str, *, app_dsn: str = "", synchronous_commit: str = "on", size: int = 10, require_safe: bool = True
    ) -> "Database":
        """Open pools as the application role. Raises Unavailable when the server is not there or would lie about commits.

        `synchronous_commit` is pinned per connection: a 2xx means the commit is on disk (C1).
        """
        settings = {
            "synchronous_commit": synchronous_commit,
            "idle_in_transaction_session_timeout": "60000",
            "jit": "off",
            "application_name": "honeyguide",
        }
        if not app_dsn:
            settings["role"] = APP_ROLE
        pools: dict[Pool, asyncpg.Pool[Row]] = {}
        try:
            pools["default"] = await _pool(app_dsn or dsn, size, settings)
            pools["traverse"] = await _pool(app_dsn or dsn, max(2, size // 2), settings | _TRAVERSE)
        except (
            *_UNREACHABLE,
            asyncpg.InvalidCatalogNameError,
            asyncpg.InvalidPasswordError,
            asyncpg.PostgresError,
        ) as e:
            for pool in pools.values():
                await pool.close()
            raise Unavailable(
                "PostgreSQL cannot be reached.", str(e), advice="Is it running? See `honeyguide doctor`."
            ) from e
        db = Database(dsn, app_dsn or dsn, settings, pools)
        if require_safe:
            await db._refuse_unsafe()
        return db

    async def _refuse_unsafe(self) -> None:
        async with self._pools["default"].acquire() as connection:
            unsafe = await connection.fetch(
                "select name from pg_settings where name in ('fsync', 'full_page_writes') and setting <> 'on'"
            )
        if unsafe:
            await self.close()
            raise Unavailable(
                f"PostgreSQL runs with {', '.join(r['name'] for r in unsafe)} off.",
                "A committed event or posting could be lost in a crash.",
                advice="Turn it on in the server's settings and start again.",
            )

    async def close(self) -> None:
        """Close every pool; open transactions get a few seconds."""
        for pool in self._pools.values():
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    @contextlib.asynccontextmanager
    async def tx(
        self, workspace_id: int | None, pool: Pool = "default", *, snapshot: bool = False
    ) -> AsyncIterator[Tx]:
        """A transaction of `workspace_id`; commits when the block ends, rolls back when it raises.

        `snapshot`: everything read in it is of one moment, and nothing can be written. It holds no reader of the log back.

        With None only tables without a workspace (`directory`) can be read. Raises Unavailable when the
        server is gone; what was done in the block is then not committed, or its commit is unknown.
        """
        try:
            connection = await self._pools[pool].acquire()
        except _UNREACHABLE as e:
            raise Unavailable("PostgreSQL cannot be reached.", str(e)) from e
        done = False
        try:
            await connection.execute(_begin(workspace_id, snapshot=snapshot))
            yield Tx(connection, workspace_id)  # type: ignore[arg-type]  # the pool's proxy has every method
            await connection.execute("commit")
            done = True
        except _UNREACHABLE as e:
            raise Unavailable("PostgreSQL went away.", str(e)) from e
        finally:
            await asyncio.shield(self._give_back(pool, connection, done))

    @contextlib.asynccontextmanager
    async def line(self, timeout_s: float) -> AsyncIterator[Line]:
        """A connection held for as long as there is work, for statements that are transactions of their own.

        A transaction in three messages costs several times what its statement does when that is short.
        """
        try:
            connection = await self._pools["default"].acquire(timeout=timeout_s)
        except (*_UNREACHABLE, TimeoutError) as e:
            raise Unavailable("PostgreSQL cannot be reached.", str(e)) from e
        line = Line(connection)  # type: ignore[arg-type]  # the pool's proxy has every method
        whole = False
        try:
            yield line
            whole = not line.broken
        finally:
            if not whole:
                with contextlib.suppress(asyncpg.InterfaceError):
                    connection.terminate()
            with contextlib.suppress(asyncpg.InterfaceError, OSError):
                await asyncio.shield(self._pools["default"].release(connection))

    async def _give_back(self, pool: Pool, connection: Any, done: bool) -> None:
        if not done and not await _rolled_back(connection):
            with contextlib.suppress(asyncpg.InterfaceError):
                connection.terminate()
        with contextlib.suppress(asyncpg.InterfaceError, OSError):
            await self._pools[pool].release(connection)

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator["asyncpg.Connection[Row]"]:
        """A connection of the owner, outside row-level security: for migrations, new workspaces and partitions only."""
        try:
            connection = await asyncpg.connect(self._owner_dsn)
        except _UNREACHABLE as e:
            raise Unavailable("PostgreSQL cannot be reached.", str(e)) from e
        try:
            await _prepare_connection(connection)
            yield connection
        finally:
            await connection.close()

    async def login(self, user: str, password: str, settings: dict[str, str]) -> "asyncpg.Connection[Row]":
        """A connection of another LOGIN role of the same server (see `logins`). The caller closes it."""
        return await asyncpg.connect(
            self._owner_dsn, user=user, password=password, server_settings=settings, timeout=10, statement_cache_size=0
        )

    @contextlib.asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Any]:
        """A connection of the application role held for long (a job worker that listens). It sees no workspace."""
        connection = await asyncpg.connect(self._app_dsn, server_settings=self._settings)
        try:
            await _prepare_connection(connection)
            yield connection
        finally:
            await connection.close()

    async def find(self, kind: str, digest: bytes, *, ttl_s: float = 5.0) -> int | None:
        """The workspace registered under a digest, or None. Remembered for `ttl_s` seconds (hits and misses)."""
        key = (kind, digest)
        known = self._known.get(key)
        if known and known[0] > time.monotonic():
            return known[1]
        async with self.tx(None) as tx:
            found: int | None = await tx.value(
                "select workspace_id from directory where kind = $1 and digest = $2", kind, digest
            )
        if len(self._known) > 20_000:  # bounded: unknown codes must not fill the memory
            self._known.clear()
        if ttl_s > 0:
            self._known[key] = (time.monotonic() + ttl_s, found)
        return found

    def forget(self, kind: str, digest: bytes) -> None:
        """Drop a remembered look-up (after registering or revoking in this process)."""
        self._known.pop((kind, digest), None)

    async def workspaces(self) -> list[int]:
        """Every workspace's id."""
        async with self.tx(None) as tx:
            found = await tx.rows("select workspace_id from directory where kind = 'workspace' order by workspace_id")
        return [r["workspace_id"] for r in found]


async def _pool(dsn: str, size: int, settings: dict[str, str]) -> "asyncpg.Pool[Row]":
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=_prepare_connection,
        reset=_keep,
        server_settings=settings,
        command_timeout=120,
        max_inactive_connection_lifetime=120,
    )
