"""The web process: the doors, the console's API and the pages."""

import asyncio
import gc

import uvicorn

from honeyguide import mcp
from honeyguide.app import demo_control, demo_systems, erasure, explain, lifeline, road
from honeyguide.app.choosing import Choosing
from honeyguide.app.connecting import Connecting
from honeyguide.app.disbursing import Paying
from honeyguide.app.logs import configure_logging
from honeyguide.app.rewording import Rewording
from honeyguide.channels.email import EmailChannel
from honeyguide.db import Database
from honeyguide.settings import Settings
from honeyguide.web.server import create_app


def calm_collector() -> None:
    """Look for cycles among the many small objects of requests a tenth as often: that was a tenth of all CPU.

    What exists at the start is never garbage, so it is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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
        carry=road.carry_again,
        connect=Connecting(demo_systems.reachable(settings)),
        erase=erasure.erase,
        agents=mcp.app,
        choose=Choosing(db, settings),
        reword=Rewording(db, settings),
        paying=Paying(settings),
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=settings.host, port=settings.port, log_level="warning", access_log=False, loop="none",
            http="httptools", lifespan="on", timeout_graceful_shutdown=8, server_header=False,
        )
    )  # fmt: skip

    def stop() -> None:
        server.should_exit = True

    calm_collector()
    watching = asyncio.create_task(lifeline.hold(stop))
    try:
        await server.serve()
    finally:
        watching.cancel()
        await db.close()
