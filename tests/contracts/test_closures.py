"""Our closures give what jmespath's own interpreter gives: for every expression of the library, over real payloads."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jmespath
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.funnel.definitions import library, path
from honeyguide.funnel.definitions.paths import Functions

_OPTIONS = jmespath.Options(custom_functions=Functions())
_NOTHING = (jmespath.exceptions.JMESPathError, TypeError, ValueError, AttributeError, OverflowError)


def _theirs(expression: str, value: Any) -> Any:
    try:
        return jmespath.search(expression, value, _OPTIONS)
    except _NOTHING:
        return None


def _expressions(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for one in found.values():
            yield from _expressions(one)
    elif isinstance(found, list):
        for one in found:
            yield from _expressions(one)
    elif isinstance(found, str):
        yield found


def library_expressions() -> list[str]:
    """Every text of every map and route that is a path."""
    found = set()
    for definition in library().values():
        for text in _expressions(msgspec.to_builtins([definition.maps, definition.webhook, definition.streams])):
            try:
                jmespath.compile(text)
            except jmespath.exceptions.JMESPathError:
                continue
            found.add(text)
    return sorted(found)


def _bodies(folder: Path) -> Iterator[Any]:
    for file in sorted((folder / "rudder-sources-mit").glob("*.json")):
        found = json.loads(file.read_text())
        yield from (c.get("input", c) if isinstance(c, dict) else c for c in found[:4])
    for file in sorted((folder / "zendesk-api" / "GET").glob("*.json"))[::4]:
        reply = json.loads(file.read_text())
        yield reply
        yield from (v[0] for v in reply.values() if isinstance(v, list) and v)
    stripe = json.loads((folder / "stripe-openapi" / "fixtures3.json").read_text())["resources"]
    for name in ("invoice", "subscription", "charge", "refund"):
        yield {
            "type": f"{name}.paid",
            "data": {"object": stripe[name], "previous_attributes": {"items": stripe["subscription"]["items"]}},
        }
        yield {**stripe[name], "_item": stripe[name], "_parent": stripe[name]}


def test_every_expression_over_real_payloads(shared_path: Callable[[str], Path]) -> None:
    bodies = list(_bodies(shared_path("vectors")))
    expressions = library_expressions()
    assert len(expressions) > 400
    told = 0
    for expression in expressions:
        ours = path(expression)
        for body in bodies:
            found = ours(body)
            assert found == _theirs(expression, body), expression
            told += found is not None
    assert told > 10_000


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["", "a", "1", "b c"])
    | st.sampled_from([0.0, 1.0, 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "expression",
    [
        "a.b", "a[0]", "a[-1].b", "a[5]", "a[1:]", "a[::-1]", "a[]", "a[].b", "a[*].b", "a.*.b", "a[?b]", "a[?b == `1`].c", "a || b", "a && b",
        "!a", "!(a.b)", "a == b", "a != b", "a == `true`", "a == `1`", "a < b", "a >= `0`", "{x: a, y: b.c}", "[a, b]", "a | [0]", "a[?b != null] | [].c",
        "length(a)", "keys(a)", "contains(a, b)", "contains(a, 'a')", "not_null(a, b)", "sum(a)", "total(a)", "times(a, b)", "lower(a)",
        "sort_by(a, &b)", "max_by(a, &b).b", "map(&a, b)", "type(a)", "to_string(a)", "join('-', a)", "entries(a)[?value].key", "@", "a.b[]|[0]",
        "object_of(keys(a), values(a))", "starts_with(a, 'a')", "unknown(a)", "length(a, b)", "merge(a, b)", "title(a)", "number_of(a)", "iso(a)",
    ],
)  # fmt: skip
@given(value=_JSON)
def test_every_construct_over_any_value(expression: str, value: Any) -> None:
    ours, theirs = path(expression)(value), _theirs(expression, value)
    assert ours == theirs
    assert type(ours) is type(theirs)
