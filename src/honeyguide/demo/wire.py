"""A small HTTP/1.1 client on asyncio streams: keep-alive connections to one server, and patience when it is busy."""

import asyncio
import ssl
from collections.abc import Mapping
from types import TracebackType
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput, Unavailable

_BUSY = frozenset({429, 502, 503, 504})
_LIMIT = 4_000_000
_ANSWER_S = 60.0


class Reply(Struct, frozen=True):
    """What the server answered. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """The body as a JSON object; an empty one when it is none."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    def problem(self) -> str:
        """What went wrong, in the server's own words where it has some."""
        said = self.json()
        words = " ".join(str(said[k]) for k in ("title", "detail", "advice") if said.get(k))
        return words or f"HTTP {self.status}"


class Wire:
    """Connections to one base URL. Use it as an async context manager; it may be shared by many tasks."""

    def __init__(self, base_url: str, connections: int = 16) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"{base_url!r} is no web address.", advice="It looks like http://localhost:8600.")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._authority = parts.netloc.rpartition("@")[2]
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._free = asyncio.Semaphore(connections)

    async def __aenter__(self) -> "Wire":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """One request, one reply, whatever its status. Raises OSError when the server cannot be reached."""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._authority}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        async with self._free:
            while self._idle:  # the server may have closed a connection since; then the next one, then a fresh one
                reader, writer = self._idle.pop()
                if reader.at_eof() or writer.is_closing():
                    writer.close()
                    continue
                try:
                    return await self._exchange(method, reader, writer, request)
                except (OSError, EOFError):
                    continue
            reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls, limit=_LIMIT)
            try:
                return await self._exchange(method, reader, writer, request)
            except EOFError as e:
                raise ConnectionResetError("The server closed the connection before it answered.") from e

    async def _exchange(
        self, method: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> Reply:
        try:
            writer.write(request)
            async with asyncio.timeout(_ANSWER_S):
                await writer.drain()
                reply = await _read(method, reader)
        except BaseException:
            writer.close()
            raise
        if reply.headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return reply

    async def patiently(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        patience_s: float = 120.0,
    ) -> Reply:
        """As `send`, but waits and repeats while the server is busy or away. Raises Unavailable when that lasts."""
        deadline = asyncio.get_running_loop().time() + patience_s
        pause, last = 0.1, ""
        while True:
            wait = pause
            try:
                reply = await self.send(method, path, body, headers)
            except (OSError, TimeoutError) as e:
                last = str(e) or "no answer in time"
            else:
                if reply.status not in _BUSY:
                    return reply
                last = reply.problem()
                asked = reply.headers.get("retry-after", "")
                wait = min(10.0, float(asked)) if asked.isdigit() else pause
            if asyncio.get_running_loop().time() + wait > deadline:
                raise Unavailable(f"Honeyguide did not answer at http://{self._authority}{path}.", last)
            await asyncio.sleep(wait)
            pause = min(3.0, pause * 1.7)


async def _read(method: str, reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    headers: dict[str, str] = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name:
            headers[name.strip().lower()] = value.strip()
    if method == "HEAD" or status in (204, 304):
        return Reply(status, headers, b"")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Reply(status, headers, await _chunks(reader))
    return Reply(status, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
