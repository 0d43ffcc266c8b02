"""Rates per caller, in memory and bounded: enough to make guessing and flooding slow on one machine."""

import time

from honeyguide.core.errors import TooMuch


class Rate:
    """At most `limit` acts per `per_s` seconds and key, refilling evenly (a token bucket)."""

    def __init__(self, limit: int, per_s: float, keys: int = 20_000) -> None:
        self._limit, self._per_s, self._keys = limit, per_s, keys
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, cost: float = 1.0) -> None:
        """Spend one act. Raises TooMuch with the seconds to wait."""
        now = time.monotonic()
        left, since = self._buckets.get(key, (float(self._limit), now))
        left = min(self._limit, left + (now - since) * self._limit / self._per_s)
        if left < cost:
            wait = TooMuch("Too many tries from here.", advice="Wait a moment, then try again.")
            wait.retry_after = max(1, round((cost - left) * self._per_s / self._limit))
            raise wait
        if len(self._buckets) >= self._keys:  # full buckets are forgotten callers
            self._buckets.clear()
        self._buckets[key] = (left - cost, now)


class Rates:
    """The rates of one application, each per caller unless it says otherwise."""

    def __init__(self) -> None:
        self.sign_in = Rate(20, 60)
        self.links_per_address = Rate(3, 600)
        self.sign_up = Rate(10, 60)
        self.agent = Rate(120, 60)  # calls of tools, per API key
        # Guesses of codes and tokens; only misses count, because an office may share one address.
        self.miss = Rate(30, 60)
