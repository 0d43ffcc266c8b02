"""How hard a vendor is asked: so many requests a second, and none for a while when it is down."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Literal

from honeyguide.connectors.problems import VendorProblem

FAILURES, OPEN_S, OPEN_MAX_S = 5, 30.0, 600.0
Clock = Callable[[], float]


class Pace:
    """At most `per_second` requests a second, evenly spread after a burst of one second's worth."""

    def __init__(self, per_second: float, clock: Clock = time.monotonic) -> None:
        self._gap = 1 / max(per_second, 0.01)
        self._burst = max(1.0, per_second) * self._gap
        self._clock = clock
        self._next = 0.0

    async def take(self) -> None:
        """Wait for one's turn; turns are given in the order of asking."""
        now = self._clock()
        self._next = max(self._next, now - self._burst) + self._gap
        wait = self._next - now - self._gap
        if wait > 0:
            await asyncio.sleep(wait)


class Breaker:
    """Opens after five failures in a row; then one request a period is let through, and its success closes it."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures, self._period = 0, OPEN_S
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> Literal["closed", "open", "half_open"]:
        """closed: all pass; open: none passes; half_open: one may try."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._clock() - self._opened_at >= self._period else "open"

    def before(self, host: str) -> None:
        """Raise VendorProblem when nothing may be asked now."""
        state = self.state
        if state == "closed":
            return
        if state == "open" or self._trying:
            wait = max(1.0, self._period - (self._clock() - (self._opened_at or 0.0)))
            raise VendorProblem(
                f"{host} has failed {self._failures} times in a row and is left alone for a while.",
                f"It is tried again in {wait:.0f} s.", code="breaker_open", wait_s=wait,
            )  # fmt: skip
        self._trying = True

    def after(self, *, good: bool) -> None:
        """Tell how it went."""
        was_trial, self._trying = self._trying, False
        if good:
            self._failures, self._opened_at, self._period = 0, None, OPEN_S
            return
        self._failures += 1
        if was_trial:
            self._period = min(self._period * 2, OPEN_MAX_S)
        if was_trial or self._failures >= FAILURES:
            self._opened_at = self._clock()

    def give_up(self) -> None:
        """A trial was cancelled: the next may try."""
        self._trying = False


def full_jitter(attempt: int, base_s: float = 0.5, cap_s: float = 30.0) -> float:
    """A pause before try `attempt` (1 is the first repeat), anywhere up to a bound that doubles.

    AWS Architecture Blog, "Exponential Backoff and Jitter" (2015): full jitter finishes soonest under contention.
    """
    return random.uniform(0, min(cap_s, base_s * 2 ** (attempt - 1)))  # noqa: S311  # spreads load, protects nothing


_breakers: dict[tuple[int, int], Breaker] = {}
_paces: dict[tuple[int, int], tuple[float, Pace]] = {}
_KEPT = 10_000


def breaker_of(workspace_id: int, source_id: int) -> Breaker:
    """The breaker of a connection in this process."""
    if len(_breakers) > _KEPT:
        _breakers.clear()
    return _breakers.setdefault((workspace_id, source_id), Breaker())


def pace_of(workspace_id: int, source_id: int, per_second: float) -> Pace:
    """The pace of a connection in this process, so that a test and a sync share one allowance."""
    key = (workspace_id, source_id)
    if len(_paces) > _KEPT:
        _paces.clear()
    if key not in _paces or _paces[key][0] != per_second:
        _paces[key] = (per_second, Pace(per_second))
    return _paces[key][1]


def forget() -> None:
    """Start anew, as a new process would."""
    _breakers.clear()
    _paces.clear()
