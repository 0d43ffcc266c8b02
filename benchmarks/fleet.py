"""A PostgreSQL and several web processes on it, as they run in earnest (`honeyguide serve`), each to be killed at any moment."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.funnel import create_source

ROOT = Path(__file__).resolve().parent.parent
UP_S = 90.0


class Member:
    """One web process with its port; whoever starts it again finds it at the same port."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.port = free_port()
        self._command = [str(self.port) if one == "PORT" else one for one in command]
        self._environment = {**environment, "HONEYGUIDE_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None
        self.peak_mb = 0.0
        self.kills = 0

    def start(self) -> None:
        """Start it; does not wait."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    async def up(self) -> None:
        """Wait until it accepts connections."""
        deadline = time.monotonic() + UP_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            if self._process is not None and self._process.poll() is not None:
                raise RuntimeError(f"a web process ended by itself with {self._process.returncode}")
            await asyncio.sleep(0.05)
        raise TimeoutError("a web process did not come up")

    def memory_mb(self) -> float:
        """Its memory now; the most it ever had is kept in `peak_mb`."""
        now = 0.0
        if self._process is not None:
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM"):
                        self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
                    elif line.startswith("VmRSS"):
                        now = int(line.split()[1]) / 1024
        return now

    def kill(self) -> None:
        """SIGKILL."""
        self.memory_mb()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.kills += 1


class Fleet:
    """The store, the members, a workspace, and the write keys of its sources.

    `command` is what a member runs, `honeyguide serve` unless told; PORT and DSN in it stand for its port and the store.
    """

    def __init__(
        self, folder: Path, size: int, command: Sequence[str] = (), settings: dict[str, str] | None = None
    ) -> None:
        folder.chmod(0o755)
        self.cluster = Cluster(folder)
        self._postgres = settings
        (folder / "web").mkdir(exist_ok=True)
        environment = {
            **os.environ, "DATABASE_URL": self.cluster.dsn, "HONEYGUIDE_DATA": str(folder / "web"), "HONEYGUIDE_HOST": "127.0.0.1",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "HONEYGUIDE_SUPERVISOR_PID": str(os.getpid()),
        }  # fmt: skip
        served = [sys.executable, "-W", "ignore", "-m", "honeyguide.cli", "serve"]
        self.members = [
            Member([self.cluster.dsn if one == "DSN" else one for one in command or served], environment)
            for _ in range(size)
        ]
        self.workspace = 0
        self.keys: dict[str, str] = {}
        self.db: Database

    async def prepare(self, sources: dict[str, tuple[str, str | None]]) -> None:
        """Start everything on an empty database: `sources` is name -> (kind, secret)."""
        self.cluster.start(self._postgres)
        await migrate(self.cluster.dsn)
        self.db = await Database.open(self.cluster.dsn, size=4)
        self.workspace = await create_workspace(self.db, "fleet", "Fleet")
        async with self.db.tx(self.workspace) as tx:
            for name, (kind, secret) in sources.items():
                _, self.keys[name] = await create_source(tx, kind, name, secret)
        for member in self.members:
            member.start()
        await asyncio.gather(*(member.up() for member in self.members))

    async def restart(self, *members: int) -> None:
        """Kill these at once and start them again."""
        for n in members:
            self.members[n].kill()
        for n in members:
            self.members[n].start()
        await asyncio.gather(*(self.members[n].up() for n in members))

    async def close(self) -> None:
        """End everything that was started."""
        for member in self.members:
            member.kill()
        if hasattr(self, "db"):
            await self.db.close()
        self.cluster.kill()


class NotSent(Exception):
    """Nothing of the request left this machine."""


class Unsure(Exception):
    """The request left, no answer came: it may have been taken or not."""


class Caller:
    """A keep-alive HTTP client that says what is certain about every request. `to` may be changed between requests."""

    def __init__(self, fleet: Fleet, to: int) -> None:
        self._fleet, self.to = fleet, to
        self._at = -1
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, headers: str, body: bytes, timeout_s: float = 60.0) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer. Raises NotSent, Unsure."""
        if self._at != self.to:
            self.close()
        fresh = self._streams is None
        if self._streams is None:
            try:
                self._streams = await asyncio.open_connection("127.0.0.1", self._fleet.members[self.to].port)
                self._at = self.to
            except OSError as e:
                raise NotSent from e
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange(*self._streams, path, headers, body)
        except (OSError, EOFError, ValueError, TimeoutError) as e:
            self.close()
            raise Unsure("on a new connection" if fresh else "on a kept one") from e

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: str, body: bytes
    ) -> tuple[int, bytes, bytes]:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        said = await reader.readuntil(b"\r\n\r\n")
        lines = said.lower().split(b"\r\n")
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        answer = await reader.readexactly(length)
        if b"connection: close" in lines:
            self.close()
        return int(said.split(b" ", 2)[1]), said, answer

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
