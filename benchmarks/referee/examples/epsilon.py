"""A foreign policy: epsilon-greedy on shares per segment and action, at fresh moments. Knows the adapter only.

Run: python -m benchmarks.referee --policy benchmarks.referee.examples.epsilon:Epsilon,trigger,oracle --seeds 1 --size 1000
"""

import numpy as np

from benchmarks.referee.adapter import Ints, News, Setting, View


class Epsilon:
    """Nine times in ten the action whose shares have brought most so far, else any legal one."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting, self.rng = setting, np.random.default_rng(seed)
        shape = (len(setting.segments), len(setting.actions))
        self.tries, self.shares = np.full(shape, 20.0), np.full(shape, 1.0)
        self.asks: dict[int, tuple[int, int]] = {}
        self.today: list[tuple[int, int]] = []

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Everyone with a moment of today or yesterday."""
        who = np.flatnonzero(view.eligible & (view.day - view.last_moment <= 1) & view.legal.any(axis=1))
        s, segment = self.setting, view.segment[who]
        worth = s.qualify * (s.win * s.margin)[:, None] * (1 - s.commission) - s.reward
        value = np.where(view.legal[who], (self.shares / self.tries * worth - s.contact)[segment], -np.inf)
        anything = np.where(view.legal[who], self.rng.random(value.shape), -np.inf)
        action = np.where(self.rng.random(len(who)) < 0.1, anything.argmax(axis=1), value.argmax(axis=1))
        self.today = list(zip(segment.tolist(), action.tolist(), strict=True))
        return who, action

    def hear(self, news: News) -> None:
        """Count what came of it."""
        for n, cell in enumerate(self.today):
            self.asks[news.first_ask + n] = cell
            self.tries[cell] += 1
        for ask, _ in news.shares:
            self.shares[self.asks[ask]] += 1
