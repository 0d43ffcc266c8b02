"""JMESPath expressions as Python closures: what jmespath's own interpreter gives, several times as fast.

jmespath parses and owns the functions; its interpreter, which looks up a method by name for every node of every
value, is replaced. The two are compared over every expression of the library in tests/contracts/test_closures.py.
An expression with `&` (a reference to an expression, for `sort_by` and its like) is left to jmespath.
"""

import operator
from collections.abc import Callable
from typing import Any

import jmespath.functions

Path = Callable[[Any], Any]
Node = dict[str, Any]
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt, "gt": operator.gt, "lte": operator.le, "gte": operator.ge,
}  # fmt: skip


def closure(node: Node, functions: jmespath.functions.Functions) -> Path | None:
    """The closure of a parsed expression; None when it holds a node that is left to jmespath."""
    kind, children = node["type"], node["children"]
    if kind == "slice":
        return _slice(slice(*children))
    inner = [closure(child, functions) for child in children]
    if any(one is None for one in inner):
        return None
    parts = [one for one in inner if one is not None]
    if kind == "function_expression":
        return _function(node["value"], parts, functions)
    make = _MAKERS.get(kind)
    return None if make is None else make(node, parts)


def is_false(value: Any) -> bool:
    """What JMESPath takes for false: null, false, empty text, empty list, empty object. Zero is true."""
    return value is None or value is False or (not value and isinstance(value, str | list | dict))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _slice(found: slice) -> Path:
    return lambda value: value[found] if isinstance(value, list) else None


def _field(node: Node, _: list[Path]) -> Path:
    name = node["value"]
    return lambda value: value.get(name) if isinstance(value, dict) else None


def _chain(_: Node, parts: list[Path]) -> Path:
    if len(parts) == 2:
        first, second = parts
        return lambda value: second(first(value))

    def chained(value: Any) -> Any:
        for part in parts:
            value = part(value)
        return value

    return chained


def _index(node: Node, _: list[Path]) -> Path:
    at = node["value"]

    def indexed(value: Any) -> Any:
        if not isinstance(value, list):
            return None
        return value[at] if -len(value) <= at < len(value) else None

    return indexed


def _comparator(node: Node, parts: list[Path]) -> Path:
    name = node["value"]
    left, right = parts
    if name == "eq":
        return lambda value: _equal(left(value), right(value))
    if name == "ne":
        return lambda value: not _equal(left(value), right(value))
    compare = _ORDER[name]

    def ordered(value: Any) -> Any:
        a, b = left(value), right(value)
        comparable = all(_is_number(v) or isinstance(v, str) for v in (a, b))
        return compare(a, b) if comparable else None

    return ordered


def _equal(a: Any, b: Any) -> bool:
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    if numbers and isinstance(a, bool) is not isinstance(b, bool):
        return False  # 1 is not true, 0 is not false
    return bool(a == b)


def _collect(base: Any, each: Path) -> list[Any]:
    return [found for one in base if (found := each(one)) is not None]


def _projection(_: Node, parts: list[Path]) -> Path:
    base, each = parts

    def projected(value: Any) -> Any:
        found = base(value)
        return _collect(found, each) if isinstance(found, list) else None

    return projected


def _value_projection(_: Node, parts: list[Path]) -> Path:
    base, each = parts

    def projected(value: Any) -> Any:
        found = base(value)
        return _collect(found.values(), each) if isinstance(found, dict) else None

    return projected


def _filter_projection(_: Node, parts: list[Path]) -> Path:
    base, each, holds = parts

    def projected(value: Any) -> Any:
        found = base(value)
        return _collect([v for v in found if not is_false(holds(v))], each) if isinstance(found, list) else None

    return projected


def _flatten(_: Node, parts: list[Path]) -> Path:
    [base] = parts

    def flattened(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        merged: list[Any] = []
        for one in found:
            if isinstance(one, list):
                merged.extend(one)
            else:
                merged.append(one)
        return merged

    return flattened


def _literal(node: Node, _: list[Path]) -> Path:
    constant = node["value"]
    return lambda value: constant


def _same(_: Node, __: list[Path]) -> Path:
    return lambda value: value


def _pair(_: Node, parts: list[Path]) -> Path:
    return parts[0]


def _object(node: Node, parts: list[Path]) -> Path:
    named = [(child["value"], part) for child, part in zip(node["children"], parts, strict=True)]
    return lambda value: None if value is None else {name: part(value) for name, part in named}


def _list(_: Node, parts: list[Path]) -> Path:
    return lambda value: None if value is None else [part(value) for part in parts]


def _or(_: Node, parts: list[Path]) -> Path:
    left, right = parts

    def either(value: Any) -> Any:
        found = left(value)
        return right(value) if is_false(found) else found

    return either


def _and(_: Node, parts: list[Path]) -> Path:
    left, right = parts

    def both(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return both


def _not(_: Node, parts: list[Path]) -> Path:
    [part] = parts

    def negated(value: Any) -> bool:
        found = part(value)
        return not found and not _is_number(found)

    return negated


def _function(name: str, parts: list[Path], functions: jmespath.functions.Functions) -> Path:
    spec = functions.FUNCTION_TABLE.get(name)
    takes = spec["signature"] if spec else ()
    if (
        spec is not None
        and len(takes) == len(parts)
        and not any(one.get("types") or one.get("variadic") for one in takes)
    ):
        called = spec["function"]  # it takes anything, so there is nothing to check
        return lambda value: called(functions, *[part(value) for part in parts])
    return lambda value: functions.call_function(name, [part(value) for part in parts])


_MAKERS: dict[str, Callable[[Node, list[Path]], Path]] = {
    "field": _field, "subexpression": _chain, "index_expression": _chain, "pipe": _chain, "index": _index,
    "comparator": _comparator, "projection": _projection, "value_projection": _value_projection,
    "filter_projection": _filter_projection, "flatten": _flatten, "literal": _literal, "current": _same, "identity": _same,
    "key_val_pair": _pair, "multi_select_dict": _object, "multi_select_list": _list, "or_expression": _or,
    "and_expression": _and, "not_expression": _not,
}  # fmt: skip
