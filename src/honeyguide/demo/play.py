"""The demo from end to end: load the history once, then the opening week beside the story that goes on."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError
from honeyguide.demo.live import run_live
from honeyguide.demo.load import Credentials, load
from honeyguide.demo.opening import play_opening
from honeyguide.demo.state import Story, change_state, keep_story, read_state, read_story
from honeyguide.demo.story import generate

SEED = 20_26


async def play(
    base_url: str, credentials: Credentials, folder: Path, *, seed: int = SEED, end: datetime | None = None,
    scale: float = 1.0, until: asyncio.Event | None = None, say: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Play the demo company until `until` is set. Every part goes on where it stopped; a loaded history stays.

    `folder` keeps three small files. `end` is when history ends (now, unless a story was begun here before).
    """
    tell = say or (lambda _: None)
    stop = until or asyncio.Event()
    story = read_story(folder) or Story(seed, end or clock.now(), scale)
    keep_story(folder, story)
    await load_history(base_url, credentials, folder, story, tell)
    opening = asyncio.create_task(_opening(base_url, credentials, folder, story, tell))
    try:
        await run_live(base_url, credentials, folder, story, until=stop)
    finally:
        opening.cancel()
        await asyncio.wait([opening])


async def load_history(
    base_url: str, credentials: Credentials, folder: Path, story: Story, tell: Callable[[str], None]
) -> None:
    """Load the year of history unless the state file says that it is loaded."""
    state = read_state(folder)
    if state.total and state.loaded >= state.total:
        return
    events = await asyncio.to_thread(lambda: list(generate(story.seed, story.end, story.scale)))
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done - shown >= 1_000 or done == total:
            shown = done
            change_state(folder, loaded=done, total=total)

    change_state(folder, loaded=0, total=len(events))
    done = await load(base_url, credentials, events, progress)
    tell(f"Loaded {done.events:,} events of the last year in {done.seconds:.0f} s.")


async def _opening(
    base_url: str, credentials: Credentials, folder: Path, story: Story, tell: Callable[[str], None]
) -> None:
    if read_state(folder).opening_done:
        return
    try:
        await play_opening(base_url, credentials, folder, story, say=tell)
    except HoneyguideError as e:  # the console is more important than its stage play
        tell(f"The opening week stopped: {e.sentence()}")
