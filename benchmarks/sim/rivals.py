"""The policies to beat, from nobody to one that knows everything."""

import numpy as np

from benchmarks.sim import book
from benchmarks.sim.book import Ints
from benchmarks.sim.nature import DAYS
from benchmarks.sim.season import NEVER, News, Season, View

EMAIL, INAPP = 0, 1
QUARTER = 91
_NOBODY = np.zeros(0, np.int64)


def _table(tone: int) -> Ints:
    return np.array([[book.action_of(i, tone, c) for c in (EMAIL, INAPP)] for i in range(5)], dtype=np.int64)


class Nobody:
    """Asks nobody: what organic recommendation is worth."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        return _NOBODY, _NOBODY

    def hear(self, news: News, first_ask: int) -> None:
        return None


class Static(Nobody):
    """Everyone gets a gift card at the start and each quarter."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        phase = np.where(view.joined == 0, np.arange(len(view.joined)) % 7, view.joined % QUARTER)
        who = np.flatnonzero(view.eligible & ((view.day - phase) % QUARTER == 0))
        return who, self.actions(view, who)

    def actions(self, view: View, who: Ints) -> Ints:
        """A small gift card in a warm tone, by e-mail where that is allowed."""
        out: Ints = _table(1)[2][np.where(view.email[who], EMAIL, INAPP)]
        return out


class BySegment(Static):
    """The same calendar with the reward the rule book names for the segment."""

    def actions(self, view: View, who: Ints) -> Ints:
        out: Ints = _table(1)[book.BOOK_RULE_INCENTIVE[view.segment[who]], np.where(view.email[who], EMAIL, INAPP)]
        return out


class Trigger(Nobody):
    """The rule book: at a moment at most two days old, the segment's reward in the tone of the role."""

    _tables = np.stack([_table(tone) for tone in range(3)])

    def act(self, view: View) -> tuple[Ints, Ints]:
        who = np.flatnonzero(view.eligible & (view.day - view.last_moment <= 2))
        tone = book.BOOK_RULE_TONE[view.role[who]]
        incentive = book.BOOK_RULE_INCENTIVE[view.segment[who]]
        return who, self._tables[tone, incentive, np.where(view.email[who], EMAIL, INAPP)]


class Oracle(Nobody):
    """Knows everything true about today and about everybody; looks ahead by a waiting threshold only.

    The threshold is what the days an ask binds would earn at the true rates and values of the person's moments, the
    yearly cap paced over the rest of the year; `kappa` scales it, and the referee takes the best of a few.
    """

    def __init__(self, world: Season, kappa: float) -> None:
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

    def _threshold(self, who: Ints, day: int) -> book.Floats:
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

    def _best(self, who: Ints, day: int) -> tuple[Ints, book.Floats]:
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
