"""What a person (or a company) has shown of a willingness that no attribute tells: hits against what was expected of them.

Gamma-Poisson frailty: a multiplier of mean 1 and variance 1 / `worth` lies on a person's chances; after asks of which
`expected` shares were to come and `hits` came, its posterior mean is (worth + hits) / (worth + expected). The logarithm enters
the log-odds as a number with a coefficient near 1. It says more than counts of asks and shares: an ask that had little
chance and failed says nothing. (Clayton, Biometrika 1978, for frailty.)
"""

import numpy as np

from honeyguide.decisions.brain.schema import Floats


def leaning(hits: Floats, expected: Floats, worth: float) -> Floats:
    """The logarithm of the posterior mean multiplier; 0 for who was never asked."""
    return np.asarray(np.log((hits + worth) / (np.maximum(expected, 0.0) + worth)))
