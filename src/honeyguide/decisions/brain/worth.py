"""What an ask is worth, for all actions of many situations in many drawn worlds at once.

`value = P(share) [P(qualify) P(win) margin (1 - commission) - reward] - contact - P(opt-out) goodwill - organic`

The organic part is what the same situation brings unasked, as those show who were left alone on purpose. Prices of
scarce budgets enter with the contact and the reward. All but the chance to share depends on few distinct cells, so it
is worked out once per cell and drawn world.
"""

import numpy as np

from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.logistic import draw, sigmoid
from honeyguide.decisions.brain.rates import draw_rates
from honeyguide.decisions.brain.schema import Batch, Floats, Ints
from honeyguide.decisions.brain.snapshot import Snapshot

_SHARE, _QUALIFY, _OPT_OUT, _WIN = range(4)  # every factor draws from a stream of its own


class Worlds:
    """Drawn worlds (or, without a seed, the expected one) in which situations are valued."""

    def __init__(self, snapshot: Snapshot, design: Design, seed: int | None) -> None:
        self._snapshot, self._design = snapshot, design
        s, prices = snapshot, snapshot.prices
        self._drawn, self._tempers = seed is not None, tempers_of(s)
        self._weights = s.share_mean[:, None]  # in drawn worlds with the doubt beside it, one column a world
        if seed is not None:
            doubt = draw(np.zeros(len(s.share_mean)), s.share_root, seed * 8 + _SHARE, s.config.draws)
            self._weights = np.concatenate([self._weights, doubt], axis=1)
        qualify = self._rates(s.qualify, seed, _QUALIFY)
        deal = self._rates(s.win, seed, _WIN) * prices.margin[:, None]
        kept = deal[:, None, :] * (1 - prices.commission)[None, :, None]
        self._per_share = qualify[:, s.quality] * kept - (prices.reward * (1 + s.money_price))[None, :, None]
        opt_out = self._rates(s.opt_out, seed, _OPT_OUT)[:, s.manner]
        lost = opt_out[None] * prices.goodwill[:, None, None, None]
        self._cost = lost + (prices.contact + s.contact_price)[None, None, :, None]
        self._unasked = qualify[:, 0] * deal

    def _rates(self, beta: tuple[Floats, Floats], seed: int | None, stream: int) -> Floats:
        a, b = beta
        if seed is None:
            return np.asarray((a / (a + b))[..., None])
        worth = self._snapshot.config.steady**-2.0
        return draw_rates(a * worth, b * worth, seed * 8 + stream, self._snapshot.config.draws)

    def values(self, batch: Batch) -> tuple[Floats, Floats]:
        """Value and chance to share, [rows, actions, draws]."""
        group, worn = self._cells(batch)
        share = self._shares(self._design.log_odds(self._weights, batch), self._tempers[group][:, None, None])
        value = share * self._per_share[group]
        value -= self._cost[group, worn]
        value -= self._organic(batch)[:, None, :]
        return value, share

    def values_of(self, batch: Batch, actions: Ints) -> Floats:
        """Value of one action a row, [rows, draws]."""
        group, worn = self._cells(batch)
        share = self._shares(self._design.log_odds_of(self._weights, batch, actions), self._tempers[group][:, None])
        value = share * self._per_share[group, actions] - self._cost[group, worn, actions]
        return np.asarray(value - self._organic(batch))

    def _shares(self, log_odds: Floats, tempers: Floats) -> Floats:
        """Chances to share from the log-odds of all columns of the weights."""
        if self._drawn:
            log_odds = log_odds[..., :1] + tempers * log_odds[..., 1:]
        return sigmoid(log_odds)

    def cost_of(self, batch: Batch, actions: Ints) -> Floats:
        """What one ask a row costs whatever comes of it: the contact and the risk of losing the person, [rows, draws]."""
        group, worn = self._cells(batch)
        return self._cost[group, worn, actions]

    def _organic(self, batch: Batch) -> Floats:
        """What comes unasked, at its expectation: [rows, draws] by the drawn values of a referral."""
        chance = sigmoid(self._design.state(self._snapshot.organic[:, None], batch))
        return np.asarray(chance * self._unasked[self._design.group(batch)])

    def _cells(self, batch: Batch) -> tuple[Ints, Ints]:
        config = self._snapshot.config
        worn = np.searchsorted(np.array(config.edges), self._design.number(batch, config.worn), side="right")
        return self._design.group(batch), worn


def tempers_of(snapshot: Snapshot) -> Floats:
    """How much of the doubt is explored in each group: more where a referral is worth less.

    What is learned of tones, roles and moments speaks for all groups, and a try costs what the group's referrals are worth.
    """
    s = snapshot
    qualify, win = (a / (a + b) for a, b in (s.qualify, s.win))
    worth = np.maximum(qualify[:, s.quality].mean(axis=1) * win * s.prices.margin, 1e-9)
    known = worth[: len(s.schema.context[s.schema.group])]
    usual = np.exp(np.log(known).mean())
    return np.asarray(s.temper * np.clip((usual / worth) ** s.config.stakes, 0.5, 1.5))
