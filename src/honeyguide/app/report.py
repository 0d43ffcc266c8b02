"""What `up` says while it works: one line a step with its time, then the address and what to look at."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import IO

from honeyguide.settings import Settings


class Step:
    """A line in progress."""

    def __init__(self) -> None:
        self.said = ""

    def result(self, text: str) -> None:
        """What came of it, shown at the end of its line."""
        self.said = text


class Report:
    """Lines for a person; plain when standard output is not a terminal."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stdout
        self._colour = self._out.isatty()

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=self._out, flush=True)

    def note(self, text: str) -> None:
        """Something that happened by itself."""
        self.say(self._paint("33", f"  ! {text}"))

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Time a step; a failure leaves its line open for the message that follows."""
        if self._colour:
            print(f"  . {title} ...", end="\r", file=self._out, flush=True)
        started, step = time.monotonic(), Step()
        yield step
        took = f"{time.monotonic() - started:5.1f} s"
        self.say(f"  {self._paint('32', '✓')} {title:<44}{took}{'  ' + step.said if step.said else ''}")

    def links(self, links: list[tuple[str, str]]) -> None:
        """One-time sign-in links, one a line."""
        for who, url in links:
            self.say(f"    {who:<34} {self._paint('36', url)}")

    def ready(self, settings: Settings, links: list[tuple[str, str]], demo: bool) -> None:
        """The address and what to look at."""
        self.say("")
        self.say(self._paint("1", f"  Honeyguide is ready at {settings.base_url}"))
        self.say("")
        self.say("  Sign in with a one-time link:")
        self.links(links)
        self.say("")
        if demo:
            self.say("  What to look at first:")
            self.say("    Ask now       who to ask today, why, with which offer; approve with Enter")
            self.say("    People        open anyone: timeline, neighbourhood, moments, decisions")
            self.say("    Outbox        the mail that was sent (a built-in sink keeps it on this machine)")
            self.say("    Money         rewards held, approved, paid; a second person approves; the ledger's proof")
            self.say("")
            self.say(
                "  Tidewater's year arrives now: sent by its product, fetched from its HubSpot, Zendesk and Stripe."
            )
        else:
            self.say(
                "  Next: connect a source with `honeyguide source create`, or import a file with `honeyguide import`."
            )
        self.say(f"  Data: {settings.data}    Stop: Ctrl-C")
        self.say("")
