"""The policy that knows everything true of a world of ours: the yardstick."""

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.referee import book
from benchmarks.referee.adapter import NEVER, Floats, Ints, News, View
from benchmarks.referee.nature import DAYS

if TYPE_CHECKING:
    from benchmarks.referee.season import Season


class Oracle:
    """Knows everything true about today and about everybody; looks ahead by a waiting threshold only.

    The threshold is what the days an ask binds would earn at the true rates and values of the person's moments, the
    yearly cap paced over the rest of the year; `kappa` scales it, and the referee takes the best of a few.
    """

    def __init__(self, world: "Season", kappa: float) -> None:
        self._world, self._kappa = world, kappa
        rate = world.truth.kind_rate[world.people.segment] * world.calendar.activity[:, None] / DAYS
        self._rate = np.repeat(rate, 3, axis=1) * np.tile([0.25, 0.5, 0.25], 6)
        self._later = np.zeros((world.people.slots, 18))
        self._worked_out = NEVER

    def _look_ahead(self, day: int) -> None:
        """The value of each person's possible moments, at their best action and somewhat rested."""
        world = self._world
        everyone = np.arange(world.people.slots)
        kept = world.delight, world.fatigue, world.sour
        for kind in range(6):
            for k, size in enumerate((0.5, 1.0, 1.5)):
                world.delight = np.zeros_like(kept[0])
                world.delight[:, kind] = size
                world.fatigue, world.sour = kept[1] * 0.7, kept[2] * 0.2
                self._later[:, 3 * kind + k] = self._best(everyone, day)[1]
        world.delight, world.fatigue, world.sour = kept
        self._worked_out = day

    def _threshold(self, who: Ints, day: int) -> Floats:
        world = self._world
        pace = (DAYS - day) / np.maximum(book.YEAR_CAP - world.asks[who], 1)
        lock = np.maximum(book.GAP_DAYS, pace) + 65.0 * world.truth.fatigue
        value, rate = self._later[who], self._rate[who]
        low, high = np.zeros(len(who)), np.maximum(value.max(axis=1), 0.0)
        for _ in range(20):
            middle = (low + high) / 2
            above = lock * (rate * np.maximum(value - middle[:, None], 0.0)).sum(axis=1) > middle
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.asarray(low)

    def _best(self, who: Ints, day: int) -> tuple[Ints, Floats]:
        value, share, _ = self._world.worth(who, None, day)
        value = np.where(self._world.legal[who], value - self._world.displaced(who, share, day), -np.inf)
        best = value.argmax(axis=1)
        return best, value[np.arange(len(who)), best]

    def act(self, view: View) -> tuple[Ints, Ints]:
        if view.day - self._worked_out >= 30:
            self._look_ahead(view.day)
        who = np.flatnonzero(view.eligible)
        best, value = self._best(who, view.day)
        go = (value > 0) & (value >= self._kappa * self._threshold(who, view.day))
        return who[go], best[go]

    def hear(self, news: News) -> None:
        """It knows already."""
