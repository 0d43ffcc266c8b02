"""Ask now, or keep the next ask for a better moment? A stopping rule.

An ask spends the person's attention for `lock` days (the contact gap, the pace of the yearly cap, and how long the model
has learned that an ask wears). Moments of kind k come at rate r_k a day and would be worth V_k. Accepting only what is
worth at least `t` is best when t is what the locked days would have earned at that very rule:

    t = lock * sum_k r_k max(V_k - t, 0)

The right side falls in t, so the solution is unique; it is the optimal threshold of the renewal problem.
"""

import numpy as np

from honeyguide.decisions.brain.schema import Floats

_HALVINGS = 24


def threshold(values: Floats, rates: Floats, lock: Floats) -> Floats:
    """The least value worth taking, per row. `values` and `rates` are [rows, possible moments]; 0 when none comes."""
    high = np.maximum(values.max(axis=1), 0.0)
    low = np.zeros(len(values))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        gain = np.cumsum(rates * np.maximum(values - middle[:, None], 0.0), axis=1)[
            :, -1
        ]  # in order: the same bits alone
        above = lock * gain > middle
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2)


def rates_of(counts: Floats, days: Floats, pooled: Floats, worth_days: float) -> Floats:
    """Gamma-Poisson: a person's rate per kind, drawn to the rate of their kind of people."""
    return np.asarray((counts + pooled * worth_days) / (days[:, None] + worth_days))


def lock_days(gap: float, days_left: Floats, asks_left: Floats, wear: float, wear_days: float) -> Floats:
    """How long an ask binds: the gap or the pace of the yearly cap, and the wear in the log-odds times its duration."""
    pace = days_left / np.maximum(asks_left, 1.0)
    return np.asarray(np.maximum(gap, pace) + max(0.0, wear) * wear_days)
