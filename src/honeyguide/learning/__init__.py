"""Learning: what asking caused, measured against the companies left alone on purpose.

Contract
- The unit is the company (a person without one stands alone), because colleagues talk; it enters when the policy would
  first have asked somebody there, in either arm, and counts when its 28 days are over.
- The interval is always valid: looking every day keeps its promise. Below the rule of `lift.py` the verdict is
  `not_enough_yet`, with how many companies are missing.
- A verdict is stored only when it says something new; experiments are looked at once a day, and a look can be computed
  again from its statistics.
- Money caused and given away adds up with the ledger to the cent; what is taken back is gone.
- The loop closes through data: a better policy goes to `decisions.adopt`, never by an upward import.
- `train` makes the next policy from the log once a day: the same log gives the same policy to the bit.

Owns: evaluation, experiment, experiment_look, referral_cluster, brain_state, training,
program_simulation.
"""

from honeyguide.learning import cohorts, experiments, simulation
from honeyguide.learning.evidence import Evidence, Guard, evidence_for
from honeyguide.learning.lift import Lift, judge
from honeyguide.learning.measure import latest, measure
from honeyguide.learning.offpolicy_report import LoggedDecision, Report, report
from honeyguide.learning.sequence import Counts, Interval, difference
from honeyguide.learning.tables import ArmCount, Evaluation, arms
from honeyguide.learning.training import Trained, train, trainings

__all__ = [
    "ArmCount",
    "Counts",
    "Evaluation",
    "Evidence",
    "Guard",
    "Interval",
    "Lift",
    "LoggedDecision",
    "Report",
    "Trained",
    "arms",
    "cohorts",
    "difference",
    "evidence_for",
    "experiments",
    "judge",
    "latest",
    "measure",
    "report",
    "simulation",
    "train",
    "trainings",
]
