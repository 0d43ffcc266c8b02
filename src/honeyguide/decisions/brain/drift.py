"""Page-Hinkley on calibration residuals: which coefficients does the world contradict?

For every feature the standardised residuals of the forecasts in which it was active are summed up, in both directions,
less a small allowance. Where a sum has risen further than `limit` above its lowest point, what is believed about the
block is out of date: its posterior is widened so that the next outcomes count. (Page 1954; Hinkley 1971.)
"""

import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain.schema import Floats


class Watch(Struct):
    """The sums of every feature: `[0]` too low a forecast, `[1]` too high."""

    up: Floats
    low: Floats
    allowance: float = 0.25
    limit: float = 12.0

    def see(self, x: Floats, y: Floats, forecast: Floats) -> list[int]:
        """Take in outcomes in their order (a batch counts as one step per feature); returns features that alarm."""
        variance = np.maximum((x**2 * (forecast * (1 - forecast))[:, None]).sum(axis=0), 1e-9)
        residual = (x * (y - forecast)[:, None]).sum(axis=0)
        information = np.sqrt(variance)
        for k, sign in enumerate((1.0, -1.0)):
            self.up[k] += sign * residual / np.maximum(information, 1.0) - self.allowance * np.minimum(information, 1.0)
            self.low[k] = np.minimum(self.low[k], self.up[k])
        alarms = np.flatnonzero(((self.up - self.low) > self.limit).any(axis=0))
        self.up[:, alarms] = 0.0
        self.low[:, alarms] = 0.0
        return [int(a) for a in alarms]


def watch(size: int, limit: float) -> Watch:
    """A watch over so many features."""
    return Watch(np.zeros((2, size)), np.zeros((2, size)), limit=limit)
