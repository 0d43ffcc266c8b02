"""What is learned about moments, pure: how fast each kind fades, how often it is real, and how often it comes to a person.

Half-lives. An ask made `age` hours after a moment is shared with probability a x 2^(-age / h). For each kind the posterior
of h is taken on a grid, a integrated out; the prior is log-normal around what the kind is built with. A segment's prior
is its kind's posterior, so that ten asks in one segment do not outweigh what a thousand elsewhere say (shrinkage).

Precision. Beta-binomial: of so many moments people spoke about, so many were none. Rates. Gamma-Poisson, as in the timing
rule: a person's count is drawn to the rate of their segment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.special import betaincinv

Floats = npt.NDArray[np.float64]

# Half-life in hours of a typical moment of each kind: what a detector's own window gives at its usual strength.
TYPICAL: dict[str, float] = {
    "purchase_euphoria": 70.0, "support_success": 37.0, "product_milestone": 48.0, "renewal": 48.0, "praise": 52.0,
    "survey_promoter": 48.0, "usage_spike": 31.0, "anniversary": 42.0, "job_change": 320.0,
}  # fmt: skip
_FALLBACK = 48.0
KIND_SD, SEGMENT_SD = (
    0.8,
    0.4,
)  # of the logarithm: how far a kind may be from what it is built with, a segment from its kind
_SPAN, _STEPS = 16.0, 61
_BASES = np.array([0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85])
_BIN_HOURS = 6.0
# Before anybody said anything 19 of 20 moments are taken to be real.
PRIOR_RIGHT, PRIOR_WRONG = 19.0, 1.0
# A person's own history weighs against their segment's as so many days of it; a segment's against everybody's likewise.
WORTH_DAYS, SEGMENT_WORTH_DAYS = 180.0, 3650.0
BEFORE_ANY = 1 / 365  # moments a day and kind where nothing was ever counted


class Sample(Struct, frozen=True):
    """One ask that was made on a moment: how old the moment was then, and whether the ask was shared."""

    kind: str
    segment: str
    age_hours: float
    shared: bool


class HalfLife(Struct, frozen=True):
    """A learned half-life in hours with its central 90 %; from `n` asks, of which `shared` were."""

    hours: float
    low: float
    high: float
    n: int
    shared: int


class Beta(Struct, frozen=True):
    """A belief about a share: so many for and against, the prior's included; `n` without it."""

    right: float
    wrong: float

    @property
    def mean(self) -> float:
        """The expected share."""
        return self.right / (self.right + self.wrong)

    @property
    def n(self) -> int:
        """How many people spoke of."""
        return round(self.right + self.wrong - PRIOR_RIGHT - PRIOR_WRONG)

    def interval(self) -> tuple[float, float]:
        """The central 90 %."""
        low, high = betaincinv(self.right, self.wrong, [0.05, 0.95])
        return float(low), float(high)

    @property
    def factor(self) -> float:
        """What a strength is multiplied by: the precision against what it was taken for when strengths were set."""
        return min(1.0, self.mean * (PRIOR_RIGHT + PRIOR_WRONG) / PRIOR_RIGHT)


def precision_of(right: int, wrong: int) -> Beta:
    """The precision of a kind after so many moments were found real and false."""
    return Beta(PRIOR_RIGHT + right, PRIOR_WRONG + wrong)


def half_lives_of(samples: Iterable[Sample]) -> dict[tuple[str, str], HalfLife]:
    """(kind, segment) -> half-life, from all asks at once; the segment "" is the kind over all segments. In no order."""
    counted: Counter[tuple[str, str, int, bool]] = Counter()
    for s in samples:
        counted[s.kind, s.segment, int(max(0.0, s.age_hours) // _BIN_HOURS), s.shared] += 1
    found: dict[tuple[str, str], HalfLife] = {}
    for kind in sorted({k for k, *_ in counted}):
        grid = _grid(kind)
        prior = _normal(np.log(grid), log(TYPICAL.get(kind, _FALLBACK)), KIND_SD)
        whole = _posterior(grid, prior, _binned(counted, kind, None))
        found[kind, ""] = _told(grid, whole, counted, kind, None)
        mean, sd = _moments_of(np.log(grid), whole)
        for segment in sorted({s for k, s, *_ in counted if k == kind and s}):
            own = _normal(np.log(grid), mean, max(SEGMENT_SD, sd))
            post = _posterior(grid, own, _binned(counted, kind, segment))
            found[kind, segment] = _told(grid, post, counted, kind, segment)
    return found


def _grid(kind: str) -> Floats:
    typical = TYPICAL.get(kind, _FALLBACK)
    return np.geomspace(typical / _SPAN, typical * _SPAN, _STEPS)


def _normal(x: Floats, mean: float, sd: float) -> Floats:
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2)


def _binned(counted: Mapping[tuple[str, str, int, bool], int], kind: str, segment: str | None) -> Floats:
    """Rows of (age in hours, asks shared, asks not shared)."""
    bins: dict[int, list[int]] = {}
    for (k, s, place, shared), n in counted.items():
        if k == kind and segment in (None, s):
            bins.setdefault(place, [0, 0])[0 if shared else 1] += n
    return np.array([[(b + 0.5) * _BIN_HOURS, *bins[b]] for b in sorted(bins)], dtype=np.float64)


def _posterior(grid: Floats, log_prior: Floats, rows: Floats) -> Floats:
    ages, yes, no = rows[:, 0], rows[:, 1], rows[:, 2]
    left = 0.5 ** (ages[None, :] / grid[:, None])
    p = np.clip(_BASES[None, :, None] * left[:, None, :], 1e-9, 1 - 1e-9)
    fits = (yes * np.log(p) + no * np.log1p(-p)).sum(axis=2)
    highest = fits.max()
    weight = np.exp(fits - highest).mean(axis=1)
    logs = log_prior + np.log(np.maximum(weight, 1e-300))
    made = np.exp(logs - logs.max())
    return np.asarray(made / made.sum())


def _moments_of(x: Floats, p: Floats) -> tuple[float, float]:
    mean = float((x * p).sum())
    return mean, float(np.sqrt(((x - mean) ** 2 * p).sum()))


def _told(
    grid: Floats, p: Floats, counted: Mapping[tuple[str, str, int, bool], int], kind: str, segment: str | None
) -> HalfLife:
    mean, _ = _moments_of(np.log(grid), p)
    below = p.cumsum()
    low, high = (float(grid[min(len(grid) - 1, int(np.searchsorted(below, q)))]) for q in (0.05, 0.95))
    mine = [(shared, n) for (k, s, _, shared), n in counted.items() if k == kind and segment in (None, s)]
    total = sum(n for _, n in mine)
    return HalfLife(round(exp(mean), 2), round(low, 2), round(high, 2), total, sum(n for shared, n in mine if shared))


def rate(count: float, days: float, pooled: float, worth_days: float = WORTH_DAYS) -> float:
    """Moments a day: so many in so many days, drawn to the pooled rate. The posterior mean of Gamma(pooled x worth, worth)."""
    return (count + pooled * worth_days) / (days + worth_days)


def pooled_rates(
    counts: Mapping[tuple[str, str], tuple[float, float]], kinds: Sequence[str]
) -> dict[tuple[str, str], float]:
    """(segment, kind) -> rate a day, each segment drawn to everybody's; the segment "" is everybody. `counts`: moments, days."""
    found: dict[tuple[str, str], float] = {}
    segments = sorted({s for s, _ in counts})
    for kind in kinds:
        mine = [counts[s, kind] for s in segments if (s, kind) in counts]
        everybody = rate(sum(n for n, _ in mine), sum(d for _, d in mine), BEFORE_ANY)
        found["", kind] = everybody
        for segment in segments:
            n, days = counts.get((segment, kind), (0.0, 0.0))
            found[segment, kind] = rate(n, days, everybody, SEGMENT_WORTH_DAYS)
    return found
