"""Fraud rules, one file each: pure functions from a Case to a Finding or None.

The policy is to hold for review and say why, not to block: most colleagues who refer each other are honest, and
the one who decides sees the evidence. The rules look at facts that connect people; addresses of networks are not
among them, because whole companies share one.
"""

from collections.abc import Callable

from honeyguide.outcomes.fraud import (
    existing_customer,
    open_opportunity,
    role_inbox,
    same_company,
    same_email,
    same_persona,
    velocity,
)
from honeyguide.outcomes.fraud.case import Bought, Case, OpenDeal
from honeyguide.outcomes.terms import Finding

RULES: tuple[Callable[[Case], Finding | None], ...] = (
    same_email.check,
    same_persona.check,
    same_company.check,
    existing_customer.check,
    open_opportunity.check,
    role_inbox.check,
    velocity.check,
)


def examine(case: Case) -> list[Finding]:
    """What every rule has to say about a sign-up."""
    return [finding for rule in RULES if (finding := rule(case)) is not None]


__all__ = ["RULES", "Bought", "Case", "OpenDeal", "examine"]
