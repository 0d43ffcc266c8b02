"""Conditions of segments: a typed tree, its JSON form, and what is wrong with a bad one. Pure.

Every node of the tree says something of one persona (or, inside `company`, of the company it works at). The JSON form is
documented in docs/reference/segments.md.
"""

import difflib
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Union

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.graph.vocabulary import Vocabulary, core

Scalar = str | bool | int | float
Comparison = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "starts_with", "exists"]
DEEPEST, MOST, LONGEST, MOST_VALUES = 8, 60, 500, 500
_LARGEST = 10**15
_ORDER = ("lt", "le", "gt", "ge")


class _Node(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    pass


class All(_Node, frozen=True, tag="all"):
    """Every one of these holds; an empty list always does."""

    of: tuple["Condition", ...]


class AnyOf(_Node, frozen=True, tag="any"):
    """At least one of these holds; an empty list never does."""

    of: tuple["Condition", ...]


class Not(_Node, frozen=True, tag="not"):
    """The opposite."""

    of: "Condition"


class Property(_Node, frozen=True, tag="property"):
    """A property of the node compared with a value of the same type. What is not set holds for no comparison."""

    name: str
    op: Comparison = "exists"
    value: Scalar | tuple[Scalar, ...] | None = None


class Edges(_Node, frozen=True, tag="edges"):
    """How many edges of a kind there are, to (or from) certain nodes, within a time, believed enough.

    `state`: held now (current), held once (ended), either (any). `by`: what the time is about: when the edge was last seen, or
    when it began. `confidence`: at least so sure, faded to now.
    """

    kind: str
    direction: Literal["out", "in"] = "out"
    nodes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    where: tuple[Property, ...] = ()
    state: Literal["current", "ended", "any"] = "current"
    by: Literal["seen", "began"] = "seen"
    within_days: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    confidence: float = 0.0
    at_least: int = 1
    at_most: int | None = None


class Company(_Node, frozen=True, tag="company"):
    """Something holds of the company the persona works at now."""

    of: "Condition"


class Score(_Node, frozen=True, tag="influence"):
    """The persona's influence lies between these, ends included."""

    at_least: float = 0.0
    at_most: float = 1.0


class Published(_Node, frozen=True, tag="score"):
    """A score a later stage publishes lies between these, ends included, and its word is one of these (none: any word).

    Who has no such score fulfils it never. `readiness`: 0 to 100, its word is the stage of the journey.
    """

    name: str
    at_least: float = 0.0
    at_most: float = 100.0
    words: tuple[str, ...] = ()


PUBLISHED = ("readiness",)
Condition = Union[All, AnyOf, Not, Property, Edges, Company, Score, Published]  # noqa: UP007  # `|` cannot name classes defined later
KINDS = (All, AnyOf, Not, Property, Edges, Company, Score, Published)


def parse(said: Any, known: Vocabulary | None = None) -> Condition:
    """The condition of its JSON form (text or decoded), over these kinds (default: the core ones).

    Raises BadInput, naming the place and what is wrong there.
    """
    try:
        found: Condition = (
            msgspec.json.decode(said, type=Condition)
            if isinstance(said, str | bytes)
            else msgspec.convert(said, type=Condition)
        )
    except msgspec.MsgspecError as problem:
        raise _bad(str(problem)) from problem
    except (RecursionError, UnicodeError) as problem:
        raise _bad("It is nested too deeply or is no text.") from problem
    check(found, known or core())
    return found


def dump(condition: Condition) -> Any:
    """The JSON form, decoded; what has its default value is left out."""
    return _without_defaults(condition)


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Struct):
        made: dict[str, Any] = {"type": value.__struct_config__.tag}
        for field in msgspec.structs.fields(value):
            held = getattr(value, field.name)
            if field.required or held != field.default:
                made[field.name] = _without_defaults(held)
        return made
    if isinstance(value, tuple):
        return [_without_defaults(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def check(condition: Condition, known: Vocabulary) -> None:
    """Raise BadInput for what the types alone do not forbid: unknown kinds, values of the wrong type, too large a tree."""
    for count, (path, depth, node, in_company) in enumerate(walk(condition), start=1):
        if depth > DEEPEST or count > MOST:
            raise _bad(f"A condition has at most {MOST} parts, {DEEPEST} deep.", path)
        problem = _problem(node, in_company, known)
        if problem:
            raise _bad(problem, path)


def walk(
    condition: Condition, path: str = "$", depth: int = 1, in_company: bool = False
) -> Iterator[tuple[str, int, Condition, bool]]:
    """Every part with its path, depth, and whether it speaks of the company."""
    yield path, depth, condition, in_company
    if depth > DEEPEST:
        return
    if isinstance(condition, All | AnyOf):
        for n, one in enumerate(condition.of):
            yield from walk(one, f"{path}.of[{n}]", depth + 1, in_company)
    elif isinstance(condition, Not | Company):
        yield from walk(condition.of, f"{path}.of", depth + 1, in_company or isinstance(condition, Company))
    elif isinstance(condition, Edges):
        for n, one in enumerate(condition.where):
            yield from walk(one, f"{path}.where[{n}]", depth + 1, in_company)


def _bad(detail: str, path: str = "") -> BadInput:
    where = f"At {path}: " if path else ""
    return BadInput("This is no condition of a segment.", where + detail, advice="See docs/reference/segments.md.")


def _problem(node: Condition, in_company: bool, known: Vocabulary) -> str:
    if isinstance(node, Property):
        return _problem_of_property(node)
    if isinstance(node, Edges):
        return _problem_of_kind(node.kind, known) or _problem_of_ends(node, known) or _problem_of_window(node)
    if isinstance(node, Score):
        if in_company:
            return "Influence is a person's: it cannot be asked of a company."
        return (
            "" if 0 <= node.at_least <= node.at_most <= 1 else "Influence lies between 0 and 1, at_least below at_most."
        )
    if isinstance(node, Published):
        return _problem_of_published(node, in_company)
    if isinstance(node, Company) and in_company:
        return "A company works at no company."
    return ""


def _text(value: str, what: str) -> str:
    if not value or len(value) > LONGEST:
        return f"{what} has 1 to {LONGEST} characters."
    if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        return f"{what} holds a character that cannot be stored."
    return ""


def _problem_of_published(node: Published, in_company: bool) -> str:
    if node.name not in PUBLISHED:
        return f"There is no score {node.name[:60]!r}. There is: {', '.join(PUBLISHED)}."
    if in_company:
        return "This score is a person's: it cannot be asked of a company."
    if not 0 <= node.at_least <= node.at_most <= 100:
        return "This score lies between 0 and 100, at_least below at_most."
    if len(node.words) > MOST_VALUES:
        return f"At most {MOST_VALUES} words can be named."
    return next((p for w in node.words if (p := _text(w, "A word"))), "")


def _problem_of_property(node: Property) -> str:
    named = _text(node.name, "The name of a property")
    if named:
        return named
    if node.op == "exists":
        return "" if node.value is None else "`exists` takes no value."
    if node.op == "in":
        if not isinstance(node.value, tuple) or not 1 <= len(node.value) <= MOST_VALUES:
            return f"`in` takes a list of 1 to {MOST_VALUES} values."
        return next((p for v in node.value if (p := _problem_of_value(v))), "")
    if node.value is None or isinstance(node.value, tuple):
        return f"`{node.op}` takes one value."
    if node.op in ("contains", "starts_with") and not isinstance(node.value, str):
        return f"`{node.op}` takes a text."
    if node.op in _ORDER and isinstance(node.value, bool):
        return f"`{node.op}` takes a number or a text, not true or false."
    return _problem_of_value(node.value)


def _problem_of_value(value: Scalar) -> str:
    if isinstance(value, str):
        return "" if value == "" else _text(value, "A value")
    if not isinstance(value, bool) and not (math.isfinite(value) and abs(value) <= _LARGEST):
        return f"A number lies between -{_LARGEST} and {_LARGEST}."
    return ""


def _problem_of_kind(kind: str, known: Vocabulary) -> str:
    if kind in known.edges:
        return ""
    near = difflib.get_close_matches(kind, known.edges, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known.edges)}."
    return f"There is no kind of edge {kind[:60]!r}. {hint}"


def _problem_of_ends(node: Edges, known: Vocabulary) -> str:
    if len(node.nodes) > MOST_VALUES or len(node.keys) > MOST_VALUES:
        return f"At most {MOST_VALUES} nodes can be named."
    wrong = next((n for n in node.nodes if not _is_id(n)), None)
    if wrong is not None:
        return f"{wrong[:60]!r} is no id of a node: ids are whole numbers, written as text."
    for key in node.keys:
        kind, _, rest = key.partition(":")
        if kind not in known.nodes or not rest:
            return f"{key[:60]!r} is no key of a node: write its kind and its key, as in 'product:dispatch'."
        if _text(key, "A key"):
            return _text(key, "A key")
    return ""


def _is_id(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 20 and abs(int(text)) < 2**63


def _problem_of_window(node: Edges) -> str:
    if not 0 <= node.confidence < 1:
        return "`confidence` lies between 0 and 1 (below 1: nothing is certain)."
    if (
        node.at_least < 0
        or node.at_least > 1_000_000
        or (node.at_most is not None and not node.at_least <= node.at_most <= 1_000_000)
    ):
        return "`at_least` is a whole number from 0, `at_most` no less than it."
    if node.at_least == 0 and node.at_most is None:
        return "At least 0 holds for everybody: give `at_most`, or `at_least` from 1."
    if node.within_days is not None and (node.since is not None or not 0 < node.within_days <= 36_500):
        return "`within_days` is a number of days above 0, and excludes `since`."
    if any(t is not None and t.tzinfo is None for t in (node.since, node.until)):
        return "`since` and `until` carry a time zone, as in 2026-03-01T00:00:00Z."
    if any(t is not None and not 1900 <= t.year <= 2200 for t in (node.since, node.until)):
        return "`since` and `until` lie between 1900 and 2200."
    if node.since is not None and node.until is not None and node.since >= node.until:
        return "`since` lies before `until`."
    return ""
