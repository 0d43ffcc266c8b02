"""The web process: the doors, the console's API and the pages."""

import asyncio
import logging
import signal

import uvicorn

from honeyguide.app import demo_control, explain, lifeline
from honeyguide.app.worker import Worker
from honeyguide.channels.email import EmailChannel
from honeyguide.db import Database
from honeyguide.settings import Settings
from honeyguide.web.server import create_app


def configure_logging(settings: Settings) -> None:
    """One line an event, on standard error. Never bodies, addresses or keys."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    logging.getLogger("pgqueuer").setLevel(logging.WARNING)


async def serve(settings: Settings, dsn: str) -> None:
    """Serve until SIGTERM or SIGINT; open requests finish first."""
    configure_logging(settings)
    db = await Database.open(dsn, app_dsn=settings.database_app_url)
    app = create_app(
        db, settings, explain=explain.explain, demo=demo_control.DemoControl(settings), mailer=EmailChannel(settings)
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=settings.host, port=settings.port, log_level="warning", access_log=False, loop="none",
            http="httptools", lifespan="on", timeout_graceful_shutdown=8, server_header=False,
        )
    )  # fmt: skip

    def stop() -> None:
        server.should_exit = True

    watching = asyncio.create_task(lifeline.hold(stop))
    try:
        await server.serve()
    finally:
        watching.cancel()
        await db.close()


async def work(settings: Settings, dsn: str) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    configure_logging(settings)
    from_here = asyncio.get_running_loop()
    db = await Database.open(dsn, app_dsn=settings.database_app_url)
    worker = Worker(db, settings, dsn)
    for number in (signal.SIGTERM, signal.SIGINT):
        from_here.add_signal_handler(number, worker.stop)
    watching = asyncio.create_task(lifeline.hold(worker.stop))
    try:
        await worker.run()
    finally:
        watching.cancel()
        await db.close()
