"""A child of the supervisor ends when the supervisor is gone, even when that was killed without a word."""

import asyncio
import os
from collections.abc import Callable

SUPERVISOR = "HONEYGUIDE_SUPERVISOR_PID"


async def hold(stop: Callable[[], None], pause_s: float = 1.0) -> None:
    """Call `stop` once the parent process is no longer the supervisor that started us."""
    supervisor = os.environ.get(SUPERVISOR, "")
    if not supervisor.isdigit():
        return
    while os.getppid() == int(supervisor):
        await asyncio.sleep(pause_s)
    stop()
