"""Conditions on any attribute: evaluated over facts by name, nested by AND and OR, never code and never an error.

Plain names speak of the customer's company (`segment`, `employees`) and of what was bought (`amount`); any other attribute
is named with where it comes from: `company.`, `person.`, `advocate.`, `event.`, or `graph.` (how many edges of a kind).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from honeyguide.programs.terms import Compare, Condition, Conditions

COMPANY = ("segment", "plan", "industry", "country", "employees", "partner")
PERSON = ("seniority",)
DEAL = ("amount", "currency", "contract_months", "product", "payment_number", "customer_number")
NUMBERS = frozenset({"employees", "amount", "contract_months", "payment_number", "customer_number"})
PREFIXES = ("company", "person", "advocate", "event", "graph")
DEPTH = 4
_PREFIXED = re.compile(rf"(?:{'|'.join(PREFIXES)})\.[A-Za-z0-9_][A-Za-z0-9_. -]{{0,80}}")


def met(conditions: Conditions, facts: Mapping[str, Any]) -> bool:
    """Do they hold? No condition at all holds always."""
    return _both(conditions.all, conditions.any, facts)


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Does the comparison, or the nested clause, hold? A fact that is missing or of another type makes it false."""
    if not condition.fact:
        return bool(condition.all or condition.any) and _both(condition.all, condition.any, facts)
    known = facts.get(condition.fact)
    if known is None and condition.fact.startswith("company."):
        known = facts.get(condition.fact.partition(".")[2])
    return fits(condition.op, known, condition.value)


def _both(every: list[Condition], some: list[Condition], facts: Mapping[str, Any]) -> bool:
    return all(holds(c, facts) for c in every) and (not some or any(holds(c, facts) for c in some))


def fits(op: Compare, known: Any, value: Any) -> bool:
    """A known value against the one a condition names; text without regard to case, unknown fits nothing.

    Not even `is_not`: what is not known does not say that it is something else.
    """
    if known is None or known == "":
        return False
    if isinstance(known, list | tuple | set | frozenset):
        found = [fits(_POSITIVE.get(op, op), one, value) for one in known]
        return not any(found) if op in _POSITIVE else any(found)
    if op in _POSITIVE:
        return not fits(_POSITIVE[op], known, value)
    if op in ("at_least", "at_most"):
        return _compared(op, known, value)
    if op == "contains":
        return bool(_text(value)) and _text(value) in _text(known)
    return _same(known, value)


_POSITIVE: dict[Compare, Compare] = {"is_not": "is", "none_of": "one_of"}


def _compared(op: str, known: Any, value: Any) -> bool:
    number_, limit = number(known), number(value)
    if number_ is None or limit is None:
        return False
    return number_ >= limit if op == "at_least" else number_ <= limit


def _same(known: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return _truth(known) is value
    if isinstance(value, list):
        return _text(known) in {_text(v) for v in value}
    if isinstance(value, int | float):
        return number(known) == float(value)
    return _text(known) == _text(value)


def number(value: object) -> float | None:
    """A value as a number, also when it is written as text (`1,240`); None when it is none, or not finite."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value) if isinstance(value, int | float) else float(str(value).replace(",", "").strip())
    except (ValueError, OverflowError):
        return None
    return found if found - found == 0 else None


def _truth(value: object) -> bool:
    return value if isinstance(value, bool) else _text(value) in {"true", "yes", "1"}


def _text(value: object) -> str:
    return " ".join(str(value).casefold().replace("_", " ").replace("-", " ").split())


def leaves(conditions: Conditions | Condition | None) -> Iterator[Condition]:
    """Every comparison in them, whatever the nesting."""
    for one in (*conditions.all, *conditions.any) if conditions is not None else ():
        if one.fact:
            yield one
        else:
            yield from leaves(one)


def problems(conditions: Conditions | None, where: str, allowed: tuple[str, ...] | None = None) -> list[str]:
    """What is wrong with them, as sentences. `allowed`: the plain names that make sense here (None: all)."""
    plain = allowed if allowed is not None else (*COMPANY, *PERSON, *DEAL)
    found = []
    for one in leaves(conditions):
        if one.fact not in plain and not _PREFIXED.fullmatch(one.fact):
            found.append(f"{where}: {one.fact!r} is nothing a condition can speak of here.")
        if one.value is None or one.value == "" or one.value == []:
            found.append(f"{where}: a condition has no value yet.")
        elif one.op in ("at_least", "at_most") and number(one.value) is None:
            found.append(f"{where}: {one.value!r} is not a number.")
        elif one.op in ("one_of", "none_of") and not isinstance(one.value, list):
            found.append(f"{where}: a list of values is needed.")
        elif isinstance(one.value, list) and one.op not in ("one_of", "none_of"):
            found.append(f"{where}: one value is needed, not a list.")
    if conditions is not None and _depth(conditions) > DEPTH:
        found.append(f"{where}: conditions are nested more than {DEPTH} deep.")
    return found


def _depth(one: Conditions | Condition) -> int:
    return 1 + max((_depth(c) for c in (*one.all, *one.any) if not c.fact), default=0)
