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

_SHARE, _QUALIFY, _OPT_OUT, _ORGANIC, _WIN = range(5)  # every factor draws from a stream of its own


class Worlds:
    """Drawn worlds (or, without a seed, the expected one) in which situations are valued."""

    def __init__(self, snapshot: Snapshot, design: Design, seed: int | None) -> None:
        self._snapshot, self._design = snapshot, design
        s, prices = snapshot, snapshot.prices
        self._weights = (
            s.share_mean[:, None]
            if seed is None
            else draw(s.share_mean, s.share_root * s.config.temper, seed * 8 + _SHARE, s.config.draws)
        )
        qualify = self._rates(s.qualify, seed, _QUALIFY)
        deal = self._rates(s.win, seed, _WIN) * prices.margin[:, None]
        kept = deal[:, None, :] * (1 - prices.commission)[None, :, None]
        self._per_share = qualify[:, s.quality] * kept - (prices.reward * (1 + s.money_price))[None, :, None]
        opt_out = self._rates(s.opt_out, seed, _OPT_OUT)[:, s.manner]
        lost = opt_out[None] * prices.goodwill[:, None, None, None]
        self._cost = lost + (prices.contact + s.contact_price)[None, None, :, None]
        self._organic = self._rates(s.organic, seed, _ORGANIC) * (qualify[:, 0] * deal)[:, None, :]

    def _rates(self, beta: tuple[Floats, Floats], seed: int | None, stream: int) -> Floats:
        a, b = beta
        if seed is None:
            return np.asarray((a / (a + b))[..., None])
        return draw_rates(a, b, seed * 8 + stream, self._snapshot.config.draws)

    def values(self, batch: Batch) -> tuple[Floats, Floats]:
        """Value and chance to share, [rows, actions, draws]."""
        share = sigmoid(self._design.log_odds(self._weights, batch))
        group, worn, open_moment = self._cells(batch)
        value = share * self._per_share[group]
        value -= self._cost[group, worn]
        value -= self._organic[group, open_moment][:, None, :]
        return value, share

    def values_of(self, batch: Batch, actions: Ints) -> Floats:
        """Value of one action a row, [rows, draws]."""
        share = sigmoid(self._design.log_odds_of(self._weights, batch, actions))
        group, worn, open_moment = self._cells(batch)
        value = share * self._per_share[group, actions] - self._cost[group, worn, actions]
        return np.asarray(value - self._organic[group, open_moment])

    def _cells(self, batch: Batch) -> tuple[Ints, Ints, Ints]:
        config = self._snapshot.config
        worn = np.searchsorted(np.array(config.edges), self._design.number(batch, config.worn), side="right")
        open_moment = (self._design.number(batch, config.moment) > 0).astype(np.int64)
        return self._design.group(batch), worn, open_moment
