"""The demo's state, shared by a small file between the driver that feeds it and the console that steers it."""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.settings import Settings

PACE_MAX = 6_000


class DemoState(Struct):
    """How far the demo company is: `pace` in events per minute, `loaded` of `total` history events."""

    running: bool = False
    pace: int = 30
    loaded: int = 0
    total: int = 0
    opening_done: bool = False
    live_until: str = ""


class DemoControl:
    """Read and change the state file; absent file = no demo here."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.data / "demo-state.json"

    def read(self) -> DemoState | None:
        """The state, or None where no demo company lives."""
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            return msgspec.json.decode(self.path.read_bytes(), type=DemoState)
        return None

    def write(self, state: DemoState) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".demo-")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(state))
        Path(name).replace(self.path)

    def set_pace(self, pace: int) -> DemoState | None:
        """Change the pace (0 pauses). Raises BadInput beyond 6,000 events a minute."""
        if not 0 <= pace <= PACE_MAX:
            raise BadInput(f"The pace cannot be {pace}.", f"It takes 0 to {PACE_MAX} events per minute.")
        state = self.read()
        if state is not None:
            state.pace = pace
            self.write(state)
        return state
