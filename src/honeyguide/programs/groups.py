"""Which group somebody belongs to: typed conditions over facts about the company, never code."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from honeyguide.core.errors import BadInput
from honeyguide.programs.conditions import holds, met, number
from honeyguide.programs.terms import Condition, Conditions, Group
from honeyguide.programs.wording import clause, in_sentence

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
    if not met(conditions, facts):
        return None
    chosen = next((c for c in conditions.any if holds(c, facts)), None)
    told = [*conditions.all, *([chosen] if chosen else [])]
    return " and ".join(_told(c, facts) for c in told)


def _told(condition: Condition, facts: Mapping[str, Any]) -> str:
    known = facts.get(condition.fact)
    if condition.op not in _WORDS or known is None:
        if condition.fact:
            return clause(condition)
        return in_sentence(Conditions(all=condition.all, any=[c for c in condition.any if holds(c, facts)][:1]))
    if isinstance(condition.value, bool):
        return (
            "it is marked as a partner"
            if condition.fact == "partner"
            else f"{condition.fact} is {str(known).casefold()}"
        )
    if condition.op in ("at_least", "at_most"):
        return f"{condition.fact} is {_figure(known)} ({_WORDS[condition.op][3:]} {_figure(condition.value)})"
    return f"{condition.fact} is {known}"


def in_words(condition: Condition) -> str:
    """A condition as a clause about a company: `whose number of employees is at least 500`."""
    value = condition.value
    if condition.op not in _WORDS or not condition.fact or "." in condition.fact:
        return f"where {clause(condition) if condition.fact else in_sentence(Conditions(condition.all, condition.any))}"
    if isinstance(value, bool):
        return f"that is {'' if value else 'not '}marked as a {condition.fact}"
    name = "number of employees" if condition.fact == "employees" else condition.fact
    if value is None or value in ("", []):
        return f"whose {name} is not said yet"
    if isinstance(value, list):
        return f"whose {name} is {', '.join(value[:-1])}{' or ' if len(value) > 1 else ''}{value[-1]}"
    return f"whose {name} {_WORDS[condition.op]} {_figure(value)}"


def _figure(value: object) -> str:
    figure = number(value)
    return f"{figure:,.0f}" if figure is not None else str(value)
