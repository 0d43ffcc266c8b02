"""The demo from end to end: load the history once, then the opening week beside the story that goes on."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, Unavailable
from honeyguide.demo.event import PRODUCT, DemoEvent
from honeyguide.demo.live import run_live
from honeyguide.demo.load import Credentials, load
from honeyguide.demo.opening import play_opening
from honeyguide.demo.state import Story, change_state, keep_story, read_state, read_story
from honeyguide.demo.story import generate
from honeyguide.demo.vendors import Diary, Office, serving

SEED = 20_26
_PATIENCE_S = 180.0


async def play(
    base_url: str, credentials: Credentials, folder: Path, office: Office, port: int = 0, *, seed: int = SEED,
    end: datetime | None = None, scale: float = 1.0, until: asyncio.Event | None = None,
    say: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Play the demo company until `until` is set. Every part goes on where it stopped; a loaded history stays.

    `folder` keeps four small files. `end` is when history ends (now, unless a story was begun here before). The vendors of
    `office` listen on `port`. Raises Unavailable when it is taken.
    """
    tell = say or (lambda _: None)
    stop = until or asyncio.Event()
    diary, known = Diary(folder), read_story(folder)
    if known is None:
        diary.forget()
    story = known or Story(seed, end or clock.now(), scale)
    keep_story(folder, story)
    events = await asyncio.to_thread(lambda: list(generate(story.seed, story.end, story.scale)))
    await asyncio.to_thread(office.open_with, events, diary)
    pushed = [e for e in events if e.door == PRODUCT]
    del events
    async with serving(office, port):
        await load_history(base_url, credentials, folder, pushed, office, tell)
        del pushed
        opening = asyncio.create_task(_opening(base_url, credentials, folder, story, office, tell))
        try:
            await run_live(base_url, credentials, folder, story, office, until=stop)
        finally:
            opening.cancel()
            await asyncio.wait([opening])


async def load_history(
    base_url: str,
    credentials: Credentials,
    folder: Path,
    pushed: list[DemoEvent],
    office: Office,
    tell: Callable[[str], None],
) -> None:
    """Send the year of product usage, and let the product fetch the rest, unless the state file says that it is all there."""
    state = read_state(folder)
    if state.total and state.loaded >= state.total:
        return
    begun = asyncio.get_running_loop().time()
    sent = shown = 0

    def progress(done: int, _: int) -> None:
        nonlocal sent
        sent = done
        show()

    def show() -> None:
        nonlocal shown
        fetched, there = office.counts
        done, total = sent + fetched, len(pushed) + there
        if done - shown >= 1_000 or done == total:
            shown = done
            change_state(folder, loaded=done, total=total)

    change_state(folder, loaded=0, total=len(pushed) + office.counts[1])
    await load(base_url, credentials, pushed, progress)
    await _fetched(office, show)
    seconds = asyncio.get_running_loop().time() - begun
    tell(
        f"{sent:,} events of the last year were sent by the product, and {office.counts[0]:,} records fetched from HubSpot, "
        f"Zendesk and Stripe, in {seconds:.0f} s."
    )


async def _fetched(office: Office, show: Callable[[], None]) -> None:
    """Wait until everything the vendors have was asked for, as long as it goes on.

    What was fetched before a restart counts: the product asks only for what follows it, and every stream once at the start.
    """
    last, since = -1, 0.0
    loop = asyncio.get_running_loop()
    while True:
        fetched, there = office.counts
        show()
        if fetched >= there:
            return
        if fetched != last:
            last, since = fetched, loop.time()
        if loop.time() - since > _PATIENCE_S:
            raise Unavailable(
                "The connections to HubSpot, Zendesk and Stripe do not move.", f"{fetched:,} of {there:,} records were fetched.",
                advice="See Sources, or `honeyguide connection list`.",
            )  # fmt: skip
        await asyncio.sleep(0.3)


async def _opening(
    base_url: str, credentials: Credentials, folder: Path, story: Story, office: Office, tell: Callable[[str], None]
) -> None:
    if read_state(folder).opening_done:
        return
    try:
        await play_opening(base_url, credentials, folder, story, office, say=tell)
    except HoneyguideError as e:  # the console is more important than its stage play
        tell(f"The opening week stopped: {e.sentence()}")
