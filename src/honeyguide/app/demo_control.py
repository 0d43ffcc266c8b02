"""What the console and the command line may see and change of the demo company."""

from honeyguide import demo
from honeyguide.core.errors import BadInput
from honeyguide.settings import Settings

PACE_MAX = 6_000


class DemoControl:
    """The demo's state in the data folder; None where no demo company lives."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data

    def read(self) -> demo.DemoState | None:
        """How far the demo company is."""
        return demo.read_state(self._folder) if demo.read_story(self._folder) else None

    def set_pace(self, pace: int) -> demo.DemoState | None:
        """Change the pace (0 pauses). Raises BadInput beyond 6,000 events a minute."""
        if not 0 <= pace <= PACE_MAX:
            raise BadInput(f"The pace cannot be {pace}.", f"It takes 0 to {PACE_MAX} events per minute.")
        return demo.change_state(self._folder, pace=pace) if self.read() else None
