"""The worker process."""

import asyncio
import signal

from honeyguide.app import demo_systems, lifeline
from honeyguide.app.logs import configure_logging
from honeyguide.app.worker import Worker
from honeyguide.db import Database
from honeyguide.settings import Settings


async def work(settings: Settings, dsn: str) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    configure_logging(settings)
    from_here = asyncio.get_running_loop()
    db = await Database.open(dsn, app_dsn=settings.database_app_url)
    worker = Worker(db, demo_systems.reachable(settings), dsn)
    for number in (signal.SIGTERM, signal.SIGINT):
        from_here.add_signal_handler(number, worker.stop)
    watching = asyncio.create_task(lifeline.hold(worker.stop))
    try:
        await worker.run()
    finally:
        watching.cancel()
        await db.close()
