"""The strategy expert: the playbook's beliefs, played by Thompson sampling.

It draws the world from the prior as often as the policy says, values every action in each drawn world, and proposes
how often each action was the best one. Actions it is sure about get nearly everything; doubtful ones share.
"""

from collections.abc import Sequence

import numpy as np

from honeyguide.decisions.expert import Context, Proposal
from honeyguide.decisions.features import action_features
from honeyguide.decisions.policy import Params
from honeyguide.decisions.propensity import FACTORS, draw
from honeyguide.decisions.situation import WAIT, Action
from honeyguide.decisions.value import net_value, price_of


class Strategy:
    """Thompson sampling over the value equation with one logit-normal model per factor."""

    name = "strategy"
    version = "1"

    def __init__(self, params: Params) -> None:
        self._params = params

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """Win frequencies of the legal actions over the policy's number of drawn worlds."""
        rng = np.random.Generator(np.random.PCG64(context.seed))
        asks = [a for a in legal if a.key != WAIT]
        if not asks:
            return Proposal({WAIT: 1.0}, "Nothing but waiting is allowed.")
        manners = list(dict.fromkeys((a.offer, a.tone, a.channel) for a in asks))  # all that the features tell apart
        first = {(a.offer, a.tone, a.channel): a for a in reversed(asks)}
        rows = [action_features(context.features, first[m]) for m in manners]
        worlds = self._params.draws
        drawn = {name: draw(self._params.factors[name], rows, rng, worlds) for name in FACTORS}
        worth = {
            m: net_value(
                price_of(first[m], context.group, self._params.economics), *(drawn[name][at] for name in FACTORS)
            )
            for at, m in enumerate(manners)
        }
        values = np.zeros((len(legal), worlds))  # waiting stays at 0
        for line, action in enumerate(legal):
            if action.key != WAIT:
                values[line] = worth[action.offer, action.tone, action.channel]
        wins = np.bincount(values.argmax(axis=0), minlength=len(legal))
        frequencies = {action.key: int(wins[line]) / worlds for line, action in enumerate(legal)}
        best = max(frequencies, key=lambda key: frequencies[key])
        return Proposal(
            frequencies, f"{best} was best in {round(frequencies[best] * worlds)} of {worlds} drawn worlds."
        )
