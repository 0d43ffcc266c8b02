"""A server of a few lines that answers as the test says and remembers what it was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

from msgspec import Struct


class Asked(Struct, frozen=True):
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


class FakeServer:
    """`async with FakeServer(answer) as server:` listens on `server.url`."""

    def __init__(self, answer: Callable[[Asked], Answer | Awaitable[Answer]]) -> None:
        self._answer = answer
        self.asked: list[Asked] = []
        self.connections = 0
        self.url = ""

    async def __aenter__(self) -> "FakeServer":
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                asked = await _request(reader)
                self.asked.append(asked)
                found = self._answer(asked)
                status, headers, body = found if isinstance(found, tuple) else await found
                lines = [f"HTTP/1.1 {status} X", *(f"{k}: {v}" for k, v in headers.items())]
                if "transfer-encoding" not in headers:
                    lines.append(f"content-length: {len(body)}")
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
