"""Exact bounds of a rate that hold at every look: for the guards (opt-outs, complaints), where events are few. Pure.

After s events in n trials the likelihood of a Beta(a, b) mixture over that of a rate p,

    M(p) = B(a + s, b + n - s) / B(a, b) / ( p^s (1 - p)^(n - s) ),

is a martingale when p is the truth, so the set of p with M(p) < 1/alpha covers it at all n at once (Ville 1939; Robbins
1970; Lindon & Malek, Anytime-valid inference for multinomial count data, 2022). No normal approximation: with no event in
100 trials it says so much, and no more. The mixture is tuned to rates of a few per cent: Beta(1, 49).
"""

from math import log

from msgspec import Struct
from scipy.special import betaln

from honeyguide.learning.sequence import ALPHA

A, B = 1.0, 49.0
_STEPS = 60


class Rate(Struct, frozen=True):
    """A rate with its bounds, valid at every look; without a trial everything from 0 to 1 is possible."""

    events: int
    trials: int
    lower: float
    upper: float

    @property
    def estimate(self) -> float | None:
        """The plain share; None without a trial."""
        return self.events / self.trials if self.trials else None


def rate_bounds(events: int, trials: int, *, alpha: float = ALPHA) -> Rate:
    """The bounds of the rate behind `events` in `trials`. Raises ValueError when there are more events than trials."""
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials")
    if trials == 0:
        return Rate(0, 0, 0.0, 1.0)
    known = float(betaln(A + events, B + trials - events) - betaln(A, B)) + log(alpha)
    top = events / trials
    lower = _edge(events, trials, known, 0.0, top) if events else 0.0
    upper = _edge(events, trials, known, 1.0, top) if events < trials else 1.0
    return Rate(events, trials, lower, upper)


def _edge(events: int, trials: int, known: float, outside: float, inside: float) -> float:
    """Where the likelihood falls to what the mixture allows, between a rate outside of the set and the best one inside."""
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        likelihood = events * log(middle) if events else 0.0
        if events < trials:
            likelihood += (trials - events) * log(1 - middle)
        if likelihood > known:
            inside = middle
        else:
            outside = middle
    return outside
