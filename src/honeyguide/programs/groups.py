"""Which group somebody belongs to: typed conditions over facts about the company, never code."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from honeyguide.core.errors import BadInput
from honeyguide.programs.terms import Condition, Conditions, Group, Op

_WORDS = {"is": "is", "one_of": "is one of", "at_least": "is at least", "at_most": "is at most"}


def choose_group(groups: Sequence[Group], company: Mapping[str, Any] | None) -> Group:
    """The first group (by position) whose conditions hold for the company's facts, else the default group.

    The answer carries the reason. Raises BadInput when the program has no default group.
    """
    ordered = sorted(groups, key=lambda g: g.position)
    for group in ordered:
        because = None if group.conditions.default else why_it_fits(group.conditions, company or {})
        if because:
            return structs.replace(group, reason=f"{group.name}, because {because}.")
    for group in ordered:
        if group.conditions.default:
            known = "no company is known" if company is None else "no other group's conditions hold"
            return structs.replace(group, reason=f"{group.name}, because {known}.")
    raise BadInput("The program has no default group.", advice="Mark one group as the default in the program's file.")


def why_it_fits(conditions: Conditions, facts: Mapping[str, Any]) -> str | None:
    """The conditions that hold, in words; None when the group does not fit. An unknown fact fits nothing."""
    if not conditions.all and not conditions.any:
        return None
    if not all(holds(c, facts) for c in conditions.all):
        return None
    chosen = next((c for c in conditions.any if holds(c, facts)), None)
    if conditions.any and chosen is None:
        return None
    told = [*conditions.all, *([chosen] if chosen else [])]
    return " and ".join(_told(c, facts) for c in told)


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Does the comparison hold? A fact that is missing or of another type makes it false, never an error."""
    return fits(condition.op, facts.get(condition.fact), condition.value)


def fits(op: Op, known: Any, value: Any) -> bool:
    """A known value against the one a condition names; text without regard to case, unknown fits nothing."""
    if known is None or known == "":
        return False
    if op in ("at_least", "at_most"):
        number = _number(known)
        limit = _number(value)
        if number is None or limit is None:
            return False
        return number >= limit if op == "at_least" else number <= limit
    if isinstance(value, bool):
        return _truth(known) is value
    if isinstance(value, list):
        return _text(known) in {_text(v) for v in value}
    if isinstance(value, int | float):
        return _number(known) == float(value)
    return _text(known) == _text(value)


def _told(condition: Condition, facts: Mapping[str, Any]) -> str:
    known = facts[condition.fact]
    if isinstance(condition.value, bool):
        return "it is marked as a partner" if condition.fact == "partner" else f"{condition.fact} is {_text(known)}"
    if condition.op in ("at_least", "at_most"):
        return f"{condition.fact} is {_figure(known)} ({_WORDS[condition.op][3:]} {_figure(condition.value)})"
    return f"{condition.fact} is {known}"


def in_words(condition: Condition) -> str:
    """A condition as a clause about a company: `whose number of employees is at least 500`."""
    value = condition.value
    if isinstance(value, bool):
        return f"that is {'' if value else 'not '}marked as a {condition.fact}"
    name = "number of employees" if condition.fact == "employees" else condition.fact
    if isinstance(value, list):
        return f"whose {name} is {', '.join(value[:-1])}{' or ' if len(value) > 1 else ''}{value[-1]}"
    return f"whose {name} {_WORDS[condition.op]} {_figure(value)}"


def _figure(value: object) -> str:
    number = _number(value)
    return f"{number:,.0f}" if number is not None else str(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value).replace(",", "").strip())
    except ValueError:
        return None


def _truth(value: object) -> bool:
    return value if isinstance(value, bool) else _text(value) in {"true", "yes", "1"}


def _text(value: object) -> str:
    return " ".join(str(value).casefold().replace("_", " ").replace("-", " ").split())
