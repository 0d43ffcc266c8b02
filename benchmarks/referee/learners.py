"""Learning rivals: a plain bandit on revenue, and trigger timing with learned reward and tone."""

import numpy as np

from benchmarks.referee.adapter import Floats, Ints, News, Setting, View
from benchmarks.referee.player import LOOK, Player
from benchmarks.referee.rivals import NOBODY, Trigger
from honeyguide.decisions.brain import Batch, Decided


class LinTS(Trigger):
    """Thompson sampling on one linear model of net revenue (Agrawal & Goyal, ICML 2013), at the rules' moments.

    Revenue comes in pieces: the contact at once, the reward with the share, the deal when it is won. An ask whose deal is
    still open looks like a failure until then: the weakness one model per factor does not have.
    """

    def __init__(self, setting: Setting, seed: int) -> None:
        super().__init__(setting, seed)
        self._eyes, self._seed = Player(setting, seed), seed
        size = self._eyes.brain.design.size
        scale = float((setting.margin * setting.win).mean()) * 0.05
        self._precision, self._pull = np.eye(size) / scale**2, np.zeros(size)
        self._noise = scale * 4
        self._asked: dict[int, tuple[Floats, int]] = {}
        self._waiting: tuple[Floats, Ints] = (np.zeros((0, size)), NOBODY)

    def act(self, view: View) -> tuple[Ints, Ints]:
        """At fresh moments, the action that is best in one drawn world, if it is worth anything there."""
        self._eyes.watch(view)
        who = self.due(view)
        batch = self._eyes.batch(view, who)
        rng = np.random.default_rng([self._seed, view.day, 3])
        root = np.linalg.inv(np.linalg.cholesky(self._precision)).T
        drawn = np.linalg.solve(self._precision, self._pull) + root @ rng.standard_normal(len(root))
        values = self._eyes.brain.design.log_odds(drawn[:, None], batch)[:, :, 0]
        values = np.where(batch.legal, values, -np.inf)
        best = values.argmax(axis=1)
        go = values.max(axis=1, initial=-np.inf) > 0
        people, actions = who[go], best[go]
        self._eyes.note(view, people)
        self._waiting = (self._eyes.brain.design.dense(batch.take(np.flatnonzero(go)), actions), actions)
        return people, actions

    def hear(self, news: News) -> None:
        """Every dollar at the day it moves."""
        x, actions = self._waiting
        self._precision += x.T @ x / self._noise**2
        self._pull -= x.T @ self.setting.contact[actions] / self._noise**2
        self._asked |= {news.first_ask + k: (x[k], int(a)) for k, a in enumerate(actions)}
        paid = [(ask, -float(self.setting.reward[self._asked[ask][1]])) for ask, _ in news.shares]
        paid += [
            (ask, value * (1 - float(self.setting.commission[self._asked[ask][1]])))
            for ask, _, _, value in news.won
            if ask >= 0
        ]
        for ask, money in paid:
            self._pull += self._asked[ask][0] * money / self._noise**2


class TriggerTS(Player):
    """The rules' timing, the brain's reward and tone: everyone with a fresh moment is asked."""

    def candidates(self, view: View) -> Ints:
        """Who has a fresh moment."""
        fresh = view.day - view.last_moment <= min(2, LOOK)
        return np.flatnonzero(view.eligible & fresh & view.legal.any(axis=1))

    def settle(self, made: Decided, batch: Batch) -> Ints:
        """An ask for everybody, drawn from the distribution given that one is made."""
        asks = np.cumsum(made.distribution[:, :-1], axis=1)
        lots = np.random.default_rng([self._seed, made.round_seed, 4]).random(len(asks))
        return np.asarray((asks <= (lots * asks[:, -1])[:, None]).sum(axis=1), dtype=np.int64)
