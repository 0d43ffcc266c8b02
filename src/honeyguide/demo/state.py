"""Three small files in the data folder: what the console may see and change, which story this installation
tells, and how far its opening week is.
"""

import contextlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

STATE_FILE, STORY_FILE, JOURNAL_FILE = "demo-state.json", "demo-story.json", "demo-opening.json"


class DemoState(Struct):
    """`pace` in events a minute (0 pauses), `loaded` of `total` history events; `live_until` is the story's own time."""

    running: bool = False
    pace: int | float = 30
    loaded: int = 0
    total: int = 0
    opening_done: bool = False
    live_until: str = ""


class Story(Struct, frozen=True):
    """The seed, the end of history and the scale: together they are the whole story."""

    seed: int
    end: datetime
    scale: float = 1.0


def read_state(folder: Path) -> DemoState:
    """The state; a fresh one when there is none."""
    with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode((folder / STATE_FILE).read_bytes(), type=DemoState)
    return DemoState()


def change_state(folder: Path, **values: object) -> DemoState:
    """Set these fields and leave the others as somebody else may have just set them."""
    state = msgspec.structs.replace(read_state(folder), **values)
    _replace(folder / STATE_FILE, msgspec.json.encode(state))
    return state


def read_story(folder: Path) -> Story | None:
    """The story told here, or None before the first load."""
    with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode((folder / STORY_FILE).read_bytes(), type=Story)
    return None


def keep_story(folder: Path, story: Story) -> None:
    """Remember it, so that a restart goes on with the same one."""
    _replace(folder / STORY_FILE, msgspec.json.encode(story))


def read_journal(folder: Path) -> bytes | None:
    """What the opening week has noted, or None."""
    path = folder / JOURNAL_FILE
    return path.read_bytes() if path.exists() else None


def write_journal(folder: Path, content: bytes) -> None:
    """Keep the opening week's notes."""
    _replace(folder / JOURNAL_FILE, content)


def _replace(path: Path, content: bytes) -> None:
    # In one step, so that a reader never sees half a file.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".demo-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)
