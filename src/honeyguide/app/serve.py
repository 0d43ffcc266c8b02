"""The web process: the doors, the console's API and the pages."""

import asyncio

import uvicorn

from honeyguide.app import demo_control, explain, lifeline
from honeyguide.app.connecting import Connecting
from honeyguide.app.logs import configure_logging
from honeyguide.channels.email import EmailChannel
from honeyguide.db import Database
from honeyguide.settings import Settings
from honeyguide.web.server import create_app


async def serve(settings: Settings, dsn: str) -> None:
    """Serve until SIGTERM or SIGINT; open requests finish first."""
    configure_logging(settings)
    db = await Database.open(dsn, app_dsn=settings.database_app_url)
    app = create_app(
        db,
        settings,
        explain=explain.explain,
        demo=demo_control.DemoControl(settings),
        mailer=EmailChannel(settings),
        connect=Connecting(settings),
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
