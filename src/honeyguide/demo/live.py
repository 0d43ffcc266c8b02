"""After history: the story goes on, event by event, at a pace somebody can turn."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from honeyguide.core import clock
from honeyguide.demo.event import DemoEvent, restamped, stamp
from honeyguide.demo.load import Credentials, send
from honeyguide.demo.state import Story, change_state, read_state
from honeyguide.demo.story import continue_story
from honeyguide.demo.vendors import Office
from honeyguide.demo.wire import Wire

_TICK_S = 0.5
_BURST = 200  # after a pause of the machine at most this many at once


async def run_live(
    base_url: str, credentials: Credentials, folder: Path, story: Story, office: Office, *, until: asyncio.Event | None = None,
    events_max: int | None = None,
) -> int:  # fmt: skip
    """Tell the story after its end until `until` is set (or `events_max` are sent). Returns how many were sent.

    The pace (events a minute, 0 = pause) is read from the state file all the time; `live_until` there says how far
    the story is, and a restart goes on from it. Events happen now: their own times are replaced by the clock's.
    """
    stop = until or asyncio.Event()
    events = _rest(story, read_state(folder).live_until)
    sent, due = 0, 0.0
    change_state(folder, running=True)
    loop = asyncio.get_running_loop()
    try:
        async with Wire(base_url, 4) as wire:
            before = loop.time()
            while not stop.is_set() and (events_max is None or sent < events_max):
                now = loop.time()
                due = min(_BURST, due + (now - before) * read_state(folder).pace / 60)
                before = now
                wanted = int(due) if events_max is None else min(int(due), events_max - sent)
                if wanted:
                    due -= wanted
                    sent += await _tell(wire, credentials, folder, events, wanted, office)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _TICK_S)
    finally:
        change_state(folder, running=False)
    return sent


def _rest(story: Story, live_until: str) -> Iterator[DemoEvent]:
    reached = story.end
    with contextlib.suppress(ValueError):
        reached = max(reached, datetime.fromisoformat(live_until))
    return (e for e in continue_story(story.seed, story.end, story.scale) if e.at > reached)


async def _tell(
    wire: Wire, credentials: Credentials, folder: Path, events: Iterator[DemoEvent], wanted: int, office: Office
) -> int:
    """Send the next events, spread over the tick that has just passed."""
    begin = clock.now() - timedelta(seconds=_TICK_S)
    last = None
    for n in range(wanted):
        event = next(events)
        await send(wire, credentials, restamped(event, begin + timedelta(seconds=_TICK_S * n / wanted)), office)
        last = event.at
    if last is not None:
        change_state(folder, live_until=stamp(last))
    return wanted
