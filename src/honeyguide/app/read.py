"""The reader's process."""

import asyncio
import signal

from honeyguide.app import lifeline
from honeyguide.app.logs import configure_logging
from honeyguide.app.reading import Reader
from honeyguide.app.tiers import Installed
from honeyguide.db import Database
from honeyguide.settings import Settings


async def read(settings: Settings, dsn: str) -> None:
    """Read texts until SIGTERM or SIGINT."""
    configure_logging(settings)
    db = await Database.open(dsn, app_dsn=settings.database_app_url, size=2)
    reader = Reader(db, Installed(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, reader.stop)
    watching = asyncio.create_task(lifeline.hold(reader.stop))
    try:
        await reader.run()
    finally:
        watching.cancel()
        await db.close()
