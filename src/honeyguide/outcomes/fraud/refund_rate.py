"""More of an advocate's wins are taken back than chance explains."""

import math

from honeyguide.outcomes.fraud.case import Case, Takings
from honeyguide.outcomes.terms import Finding

RULE = "refund_rate"
LEAST = 3  # taken back before anybody is suspected
RARE = 0.005
PRIOR_RATE, PRIOR_WINS = 0.05, 20.0  # what a program without a past is taken for
SPREAD = 12.0  # how alike advocates' rates are: wins' worth of belief in the program's rate


def check(case: Case) -> Finding | None:
    """The tail of a beta-binomial: advocates differ, and a few wins say little."""
    took = case.takings
    if took.taken_back < LEAST:
        return None
    chance = tail(took)
    if chance >= RARE:
        return None
    reason = (
        f"{took.taken_back} of the {took.won} deals {case.advocate_name} brought were taken back; "
        f"of the whole program {took.program_taken_back} of {took.program_won}."
    )
    return Finding(RULE, "hold", reason, {"won": took.won, "taken_back": took.taken_back, "chance": round(chance, 9)})


def tail(took: Takings) -> float:
    """P(at least so many taken back), the advocate's rate drawn from Beta around the rate of everybody else."""
    others_back = max(took.program_taken_back - took.taken_back, 0)
    others_won = max(took.program_won - took.won, others_back)
    rate = (others_back + PRIOR_RATE * PRIOR_WINS) / (others_won + PRIOR_WINS)
    a, b, n = rate * SPREAD, (1.0 - rate) * SPREAD, took.won
    return min(sum(math.exp(_log_mass(k, n, a, b)) for k in range(took.taken_back, n + 1)), 1.0)


def _log_mass(k: int, n: int, a: float, b: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
