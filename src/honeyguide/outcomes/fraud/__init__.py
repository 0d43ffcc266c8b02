"""Fraud rules, one file each: pure functions from a Case to a Finding or None; rings, the score and the review queue.

The policy is to hold for review and say why, not to block: most colleagues who refer each other are honest, and
the one who decides sees the evidence. A device or network that an office shares says nothing by itself, because whole
companies share one.
"""

from collections.abc import Callable

from honeyguide.outcomes.fraud import (
    code_leak,
    disposable_domain,
    duplicate_payee,
    existing_customer,
    insider,
    lookalike_domain,
    open_opportunity,
    refund_rate,
    role_inbox,
    same_company,
    same_email,
    same_persona,
    shared_device,
    similar_name,
    velocity,
)
from honeyguide.outcomes.fraud.batch import Judged, judge_batch
from honeyguide.outcomes.fraud.case import Bought, Case, OpenDeal
from honeyguide.outcomes.fraud.judging import Costs, Risk
from honeyguide.outcomes.fraud.marks import Used, fade, forget, mark
from honeyguide.outcomes.fraud.policy import STATED, Policy, decide_policy, keeps, policy
from honeyguide.outcomes.fraud.reviewing import learn, resolve, settle
from honeyguide.outcomes.fraud.seeing import see, tell
from honeyguide.outcomes.fraud.tables import Filter, Stored, case, cases, count_cases
from honeyguide.outcomes.fraud.watching import REVIEWED, RULE, findings_of, look, score, watch, weights
from honeyguide.outcomes.terms import Finding

_MODULES = (
    same_email, same_persona, similar_name, same_company, insider, existing_customer, open_opportunity, role_inbox,
    disposable_domain, lookalike_domain, duplicate_payee, shared_device, refund_rate, code_leak, velocity,
)  # fmt: skip
RULES: tuple[Callable[[Case], Finding | None], ...] = tuple(module.check for module in _MODULES)
RULE_NAMES: frozenset[str] = frozenset({RULE, *(module.RULE for module in _MODULES)})


def examine(case: Case) -> list[Finding]:
    """What every rule has to say about a sign-up."""
    return [finding for rule in RULES if (finding := rule(case)) is not None]


__all__ = [
    "REVIEWED", "RULES", "RULE_NAMES", "STATED", "Bought", "Case", "Costs", "Filter", "Judged", "OpenDeal", "Policy", "Risk", "Stored", "Used",
    "case", "cases", "count_cases", "decide_policy", "examine", "fade", "findings_of", "forget", "judge_batch", "keeps", "learn", "look", "mark",
    "policy", "resolve", "score", "see", "settle", "tell", "watch", "weights",
]  # fmt: skip
