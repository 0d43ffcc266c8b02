"""The built-in mail sink: what is sent without a mail server set lands in sink_mail, readable in the console.

It listens on this machine only and finds the workspace in the header our e-mail channel sets.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.db import Database
from honeyguide.delivery import keep_sink_mail

_WORKSPACE_HEADER = "X-Honeyguide-Workspace"
_MAX_BYTES = 5_000_000


class MailSink:
    """An SMTP server on the loopback interface. `await start()`, `await stop()`."""

    def __init__(self, db: Database, port: int, host: str = "127.0.0.1") -> None:
        self._db, self._host, self._port = db, host, port
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on (useful when it was started with port 0)."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else self._port

    async def start(self) -> None:
        """Listen. Raises Unavailable when the port is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: SMTP(self, hostname="honeyguide.localhost", data_size_limit=_MAX_BYTES, loop=loop),
                self._host,
                self._port,
            )
        except OSError as problem:
            raise Unavailable(
                f"The mail sink cannot listen on port {self._port}.", str(problem), advice="Set HONEYGUIDE_SINK_PORT."
            ) from problem

    async def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Keep one mail; the same Message-ID twice is one mail."""
        raw: bytes = envelope.content
        mail = message_from_bytes(raw, policy=default)
        workspace = str(mail.get(_WORKSPACE_HEADER, "")).strip()
        if not workspace.isdigit():
            return "550 this sink only takes mail of Honeyguide"
        reference = str(mail.get("Message-ID", "")).strip()
        envelope_text = (str(envelope.mail_from), ", ".join(envelope.rcpt_tos), str(mail.get("Subject", "")))
        try:
            async with self._db.tx(int(workspace)) as tx:
                await keep_sink_mail(tx, reference, envelope_text, raw, clock.now())
        except Unavailable:
            return "451 the database is not there; try again"
        return "250 kept"


@contextlib.asynccontextmanager
async def running(db: Database, port: int) -> AsyncIterator[MailSink]:
    """A sink that listens while the block runs."""
    sink = MailSink(db, port)
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()
