"""The brain: one model per factor, Thompson sampling with exact propensities, a stopping rule for timing. Pure numbers.

Contract
- Arrays in, decisions out, outcomes in: no database, no clock, no randomness but from seeds it is given.
- A decision depends on a snapshot, its row, the least value of the stopping rule and two seeds; it gives the same bits
  alone or in any batch, so it can be made again from the log.
- The distribution sums to 1, is zero where an action is not legal, and is what the action was drawn from.
- What is learned sits in the learner; what decides is a frozen snapshot of it.
"""

from honeyguide.decisions.brain.arrivals import Arrivals
from honeyguide.decisions.brain.brain import Beliefs, Brain
from honeyguide.decisions.brain.choosing import Ahead, Chooser, Decided, Scores
from honeyguide.decisions.brain.cure import Cured
from honeyguide.decisions.brain.cure import fit as fit_wins
from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.leaning import leaning
from honeyguide.decisions.brain.logistic import Logistic, Prior, prior_of
from honeyguide.decisions.brain.pacing import Pacer
from honeyguide.decisions.brain.rates import Shrunk
from honeyguide.decisions.brain.schema import Batch, Schema, joined
from honeyguide.decisions.brain.snapshot import Config, Prices, Snapshot, dump, load
from honeyguide.decisions.brain.thompson import WAIT, lots_of
from honeyguide.decisions.brain.widths import Widths

__all__ = [
    "WAIT",
    "Ahead",
    "Arrivals",
    "Batch",
    "Beliefs",
    "Brain",
    "Chooser",
    "Config",
    "Cured",
    "Decided",
    "Design",
    "Logistic",
    "Pacer",
    "Prices",
    "Prior",
    "Schema",
    "Scores",
    "Shrunk",
    "Snapshot",
    "Widths",
    "dump",
    "fit_wins",
    "joined",
    "leaning",
    "load",
    "lots_of",
    "prior_of",
]
