"""The demo's driver as a child of the supervisor: plays the demo company until it is told to stop."""

import asyncio
import signal

from honeyguide import demo
from honeyguide.app import lifeline
from honeyguide.app.demo_keys import load_keys
from honeyguide.app.logs import configure_logging
from honeyguide.app.report import Report
from honeyguide.settings import Settings


async def drive(settings: Settings) -> None:
    """Load history, play the opening week, go on live. Raises NotFound where no demo company was opened."""
    configure_logging(settings)
    keys = load_keys(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    playing = asyncio.create_task(
        demo.play(
            f"http://{settings.host}:{settings.port}",
            demo.Credentials(keys.write_keys, keys.secrets, keys.api_keys, settings.base_url),
            settings.data,
            demo.Office(keys.token),
            keys.vendors_port,
            until=stop,
            say=lambda text: Report().say(f"  {text}"),
        )
    )

    def end() -> None:
        stop.set()
        loop.call_later(3, playing.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    watching = asyncio.create_task(lifeline.hold(end))
    try:
        await playing
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    finally:
        watching.cancel()
