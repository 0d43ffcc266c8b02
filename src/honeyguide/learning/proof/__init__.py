"""Proof: what would another policy have earned, and may it replace the one that runs? Pure; arrays in, verdicts out.

Contract
- An estimate is refused, with the reason, where the log cannot carry it: too small an effective sample, or actions that
  were never possible. A refused estimate has no number that could be quoted.
- A promotion needs an anytime-valid lower bound above zero against the incumbent; whoever looks daily stays safe.
- Candidates are made on one half of the log and judged on the other.
"""

from honeyguide.learning.proof.ladder import Rung, Verdict, difference, fit_ladder, gate
from honeyguide.learning.proof.offpolicy import METHODS, Estimate, Logged, dr_scores, evaluate
from honeyguide.learning.proof.running import Running
from honeyguide.learning.proof.tree import Tree, gated_tree

__all__ = [
    "METHODS",
    "Estimate",
    "Logged",
    "Rung",
    "Running",
    "Tree",
    "Verdict",
    "difference",
    "dr_scores",
    "evaluate",
    "fit_ladder",
    "gate",
    "gated_tree",
]
