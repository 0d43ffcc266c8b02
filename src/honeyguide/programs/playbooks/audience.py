"""Whom a step is for, and what ends it: typed comparisons over facts, never code, never an error on odd facts."""

from collections.abc import Mapping
from typing import Any

from honeyguide.programs.conditions import fits
from honeyguide.programs.playbooks.step import Audience, Step, StepCondition, Stop

# Facts that count something: unknown means none of it.
COUNTS = frozenset({
    "praised", "complained", "referred", "power_user", "past_asks", "asks_without_share", "asks_this_year",
})  # fmt: skip
NUMBERS = COUNTS | {"employees", "strength", "days_since_ask", "tenure_years"}
_NAMES = {
    "segment": "the company's segment", "plan": "the company's plan", "industry": "the company's industry",
    "country": "the company's country", "employees": "the number of employees", "seniority": "the person's seniority",
    "strength": "the moment's strength", "praised": "times they praised us", "complained": "complaints",
    "referred": "people they referred", "power_user": "products they are a power user of",
    "past_asks": "earlier asks", "asks_without_share": "asks since they last shared",
    "days_since_ask": "days since the last ask", "asks_this_year": "asks in the last 365 days",
    "tenure_years": "years we know them",
}  # fmt: skip
_WORDS = {
    "executive": "an executive", "vp": "a vice president", "director": "a director", "manager": "a manager",
    "individual": "an individual contributor",
}  # fmt: skip
# What a threshold on a count means, said as people say it: (at least 1, at most 0).
_SAID = {
    "praised": ("they have praised us before", "they have never praised us"),
    "complained": ("they have complained", "they have no complaint on record"),
    "referred": ("they have referred somebody before", "they have not referred anybody yet"),
    "power_user": ("they are a power user", "they are no power user"),
    "past_asks": ("they have been asked before", "they have never been asked"),
    "asks_without_share": ("an ask went unanswered", "no ask went unanswered"),
    "asks_this_year": ("they were asked this year", "they were not asked this year"),
}  # fmt: skip
_STOPS = {
    "shared": "once they have shared their link", "opted_out": "for good when they ask us to stop",
    "complaint": "when they complain", "incident": "while anything is open at their company",
    "window_over": "when the moment's window ends", "left_company": "when they leave the company",
}  # fmt: skip


def suits(audience: Audience, facts: Mapping[str, Any]) -> bool:
    """Is the step for somebody with these facts? A fact that is unknown fits nothing, except that unknown counts are 0."""
    if not all(_holds(c, facts) for c in audience.all):
        return False
    return not audience.any or any(_holds(c, facts) for c in audience.any)


def stopped(step: Step, facts: Mapping[str, Any]) -> str | None:
    """Why this step may not ask this person now, by its cadence and its stop rules; None when it may.

    Facts: `days_since_ask` (absent: never asked), `asks_this_year`, `asks_without_share`, `complained`. What the contact
    budget, consent and incidents forbid is the guardrails' and is not repeated here.
    """
    days, asked = facts.get("days_since_ask"), _count(facts, "asks_this_year")
    if isinstance(days, int | float) and days < step.cadence.gap_days:
        return f"The step {step.title!r} leaves {step.cadence.gap_days} days between asks; the last was {days:.0f} days ago."
    if asked >= step.cadence.per_year:
        return f"The step {step.title!r} asks at most {step.cadence.per_year} times a year; it was {asked:.0f} times."
    for rule in step.stop:
        if rule.when == "asks_without_share" and _count(facts, "asks_without_share") >= rule.n:
            return f"The step {step.title!r} stops after {rule.n} asks without a share."
        if rule.when == "complaint" and _count(facts, "complained") > 0:
            return f"The step {step.title!r} stops when the person complains."
    return None


def condition_in_words(condition: StepCondition) -> str:
    """A condition as a clause: `the person's seniority is vp or director`."""
    value, op = condition.value, condition.op
    if condition.fact == "partner":
        return "the company is a partner" if value is True else "the company is not a partner"
    if condition.fact in _SAID and (op, value) in (("at_least", 1), ("at_most", 0), ("is", 0)):
        return _SAID[condition.fact][0 if op == "at_least" else 1]
    if condition.fact == "seniority":
        return f"they are {_choice(value)}"
    if condition.fact == "strength" and op in ("at_least", "at_most"):
        return f"the moment is {'strong' if op == 'at_least' else 'weak'} ({value} or {'more' if op == 'at_least' else 'less'})"
    name = _NAMES[condition.fact]
    counted = condition.fact in COUNTS
    if op in ("at_least", "at_most"):
        words = f"{op.replace('_', ' ')} {value:g}" if isinstance(value, int | float) else f"{op} {value}"
        return f"there {'are' if value != 1 else 'is'} {words} {name}" if counted else f"{name} is {words}"
    if counted:
        return f"there are exactly {value} {name}"
    return f"{name} is {_choice(value)}"


def audience_in_words(audience: Audience) -> str:
    """Whom the step is for, as the end of a sentence; empty for everybody."""
    every = " and ".join(condition_in_words(c) for c in audience.all)
    said = [condition_in_words(c) for c in audience.any]
    some = (", or " if any("," in one for one in said) else " or ").join(said)
    return f"{every}, and {some}" if every and some else every or some


def stop_in_words(rule: Stop) -> str:
    """A stop rule as the end of the sentence `It stops ...`."""
    if rule.when == "asks_without_share":
        return f"after {rule.n} ask{'s' if rule.n != 1 else ''} without a share"
    return _STOPS[rule.when]


def _choice(value: object) -> str:
    told = [_WORDS.get(str(v), str(v).replace("_", " ")) for v in (value if isinstance(value, list) else [value])]
    return f"{', '.join(told[:-1])}{' or ' if len(told) > 1 else ''}{told[-1]}"


def _holds(condition: StepCondition, facts: Mapping[str, Any]) -> bool:
    known = facts.get(condition.fact)
    if known is None and condition.fact in COUNTS:
        known = 0
    return fits(condition.op, known, condition.value)


def _count(facts: Mapping[str, Any], name: str) -> float:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
