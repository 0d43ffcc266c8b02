"""The brain: arrays in, decisions out, outcomes in. It knows no database and no clock.

Each factor learns from its own outcomes at its own delay: sharing within days of an ask, qualification within weeks,
wins within months, opt-outs at once, and what comes unasked from those who were left alone. `snapshot` freezes what was
learned; decisions are made from a snapshot only.
"""

import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain import cure, drift
from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.logistic import Logistic, Prior, prior_of, sigmoid
from honeyguide.decisions.brain.rates import Shrunk
from honeyguide.decisions.brain.schema import Batch, Floats, Ints, Schema
from honeyguide.decisions.brain.snapshot import Config, Prices, Snapshot
from honeyguide.decisions.brain.widths import Widths


class Beliefs(Struct, frozen=True):
    """What the playbook and the CRM say before any outcome, and in which columns of the rate tables an action stands.

    `quality[action]` and `manner[action]` are columns of the tables of P(qualify) and P(opt-out); `qualify` is
    [groups, columns], `opt_out` [wear, columns], `win` and `win_days` [groups]; `organic` is a prior over situations.
    """

    share: Prior
    qualify: Floats
    opt_out: Floats
    organic: Prior
    win: Floats
    win_days: Floats
    quality: Ints
    manner: Ints


class Brain:
    """What was learned so far."""

    def __init__(self, schema: Schema, prices: Prices, beliefs: Beliefs, config: Config) -> None:
        self.schema, self.prices, self.beliefs, self.config = schema, prices, beliefs, config
        self.design = Design(schema)
        self.share: Logistic = prior_of(self.design, beliefs.share)
        self.qualify = Shrunk(beliefs.qualify, worth=10.0, margin_worth=10.0, cell_worth=12.0)
        self.opt_out = Shrunk(beliefs.opt_out, worth=3.0, margin_worth=3.0, cell_worth=400.0)
        self.organic: Logistic = prior_of(self.design, beliefs.organic)
        self.widths = Widths(self.design, beliefs.share, worth=config.pooled)
        self.shares_seen = self.widths_at = 0.0
        self._open: tuple[Floats, Floats, Floats] | None = None
        self._lately: Floats | None = None
        self._wins = cure.fit(
            np.zeros(0, np.int64), np.zeros(0), np.zeros(0), prior_win=beliefs.win, prior_days=beliefs.win_days
        )
        self._margin = prices.margin.astype(np.float64).copy()
        self._watch = drift.watch(self.design.size, limit=15.0)
        self.contact_price = self.money_price = 0.0
        self.alarms: list[str] = []

    def snapshot(self) -> Snapshot:
        """What is known now, frozen."""
        share = self._share_now()
        prices = Prices(
            self.prices.reward, self.prices.commission, self.prices.contact, self._margin.copy(), self.prices.goodwill
        )
        return Snapshot(
            self.schema, self.config, prices, share.mean.copy(), share.root(), self.qualify.parameters(),
            self.opt_out.parameters(), self.organic.mean.copy(), (self._wins.a, self._wins.b), self.beliefs.quality,
            self.beliefs.manner, self.contact_price, self.money_price, self._temper(),
            self.shares_seen / (self.shares_seen + self.config.wary * self.design.size),
        )  # fmt: skip

    def watch_shares(self, batch: Batch, actions: Ints, shared: Floats, heard: Floats) -> None:
        """Asks whose window is still open, instead of those told before: what has come so far, and the part of the shares
        that has come by the age of each (`Arrivals.by`). They count until `learn_shares` takes them in for good.
        """
        if batch.rows == 0:
            self._open = None
            return
        self._open = (self.design.dense(batch, actions), shared, np.where(shared > 0, 1.0, heard))

    def _share_now(self) -> Logistic:
        if self._open is None:
            return self.share
        now = Logistic(self.share.mean.copy(), self.share.precision)
        x, shared, weight = self._open
        now.update(x, shared, weight, start=self._lately)
        self._lately = now.mean
        return now

    def learn_shares(self, batch: Batch, actions: Ints, shared: Floats) -> list[str]:
        """Asks whose window is over: did they lead to a share? Returns the blocks the world contradicts."""
        if batch.rows == 0:
            return []
        x = self.design.dense(batch, actions)
        forecast = sigmoid(x @ self.share.mean)
        doubted = {self._block_of(k) for k in self._watch.see(x, shared, forecast)}
        for name in sorted(doubted):
            self.share.doubt(self.design.blocks[name], 2.0)
            self.widths.doubt(self.design.blocks[name], 2.0)
        self.share.update(x, shared)
        self.shares_seen += float(shared.sum())
        if self.shares_seen >= self.widths_at:
            self.widths.learn(self.share)
            self.widths_at = 1.1 * self.shares_seen + 10.0
        self.alarms += sorted(doubted)
        return sorted(doubted)

    def _temper(self) -> float:
        """How much of the doubt is explored: `settled` once shares are several times as many as coefficients."""
        low, seen = self.config.temper, self.shares_seen
        return low + (self.config.settled - low) * seen / (seen + self.config.ripens * self.design.size)

    def _block_of(self, column: int) -> str:
        return next(name for name, block in self.design.blocks.items() if block.start <= column < block.stop)

    def chance(self, batch: Batch, actions: Ints, without: tuple[str, ...] = ()) -> Floats:
        """The chance to share of one action a row as known now; `without` some numbers: what `leaning` compares hits with."""
        for name in without:
            batch = self.design.scaled(batch, name, 0.0)
        return sigmoid(self.design.log_odds_of(self.share.mean[:, None], batch, actions)[:, 0])

    def learn_qualified(self, group: Ints, actions: Ints, good: Floats) -> None:
        """Shared referrals that were judged."""
        self.qualify.learn(group, self.beliefs.quality[actions], good)

    def learn_opt_outs(self, batch: Batch, actions: Ints, left: Floats) -> None:
        """Asks, and whether the person left because of them."""
        worn = np.searchsorted(np.array(self.config.edges), self.design.number(batch, self.config.worn), side="right")
        self.opt_out.learn(worn, self.beliefs.manner[actions], left)

    def learn_organic(self, batch: Batch, came: Floats, weight: Floats) -> None:
        """Situations left alone at random: did a referral come all the same?"""
        self.organic.update(self.design.dense(batch, None), came, weight)

    def learn_wins(self, group: Ints, age: Floats, won: Floats, value: Floats) -> None:
        """All qualified referrals so far: days to the win or waited so far, and the value of each win."""
        self._wins = cure.fit(group, age, won, prior_win=self.beliefs.win, prior_days=self.beliefs.win_days)
        groups, worth = len(self.prices.margin), 10.0
        total = np.bincount(group, weights=value * won, minlength=groups)
        count = np.bincount(group, weights=won, minlength=groups)
        self._margin = (total + worth * self.prices.margin) / (count + worth)

    @property
    def wins(self) -> cure.Cured:
        """The cure model in force."""
        return self._wins
