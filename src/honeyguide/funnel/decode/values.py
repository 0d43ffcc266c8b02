"""Values of a definition, compiled: from foreign JSON to the type a prop or trait has. None where there is nothing."""

from collections.abc import Callable
from typing import Any

from honeyguide.funnel.decode import fields, tracked
from honeyguide.funnel.definitions.paths import path, template
from honeyguide.funnel.definitions.spec import Value, ValueSpec

Reader = Callable[[Any], Any]
_LIST_MAX = 50


def kept(value: Any) -> Any:
    """A scalar, or a list of scalars (at most 50), as it came; None for anything nested."""
    if isinstance(value, list):
        found = [one for v in value[:_LIST_MAX] if (one := fields.scalar(v)) is not None]
        return found if len(found) == len(value[:_LIST_MAX]) else None
    return fields.scalar(value)


def _plain_text(raw: Any) -> str | None:
    found = str(raw).lower() if isinstance(raw, bool) else fields.text(raw, fields.TEXT_MAX)
    return found or None


def _time(raw: Any) -> str | None:
    at = fields.instant(raw)
    return at.isoformat() if at else None


def _date(raw: Any) -> str | None:
    at = fields.instant(raw)
    return at.date().isoformat() if at else None


_TYPED: dict[str, Reader] = {
    "any": kept,
    "text": _plain_text,
    "integer": fields.whole,
    "minor": fields.whole,
    "number": fields.number,
    "boolean": fields.truth,
    "time": _time,
    "date": _date,
    "rating": tracked.rating,
    "currency": fields.currency,
    "slug": lambda raw: tracked.slug(fields.text(raw)) or None,
}


def nothing(_: Any) -> None:
    """The reader of a value that was not given."""
    return


def compiled(value: Value, default_currency: str = "USD") -> Reader:
    """The reader of a value."""
    if value is None:
        return nothing
    if isinstance(value, str):
        found = path(value)
        return lambda root: kept(found(root))
    return _translated(value, _typed(value, _raw(value, default_currency), default_currency))


def _raw(value: ValueSpec, default_currency: str) -> Reader:
    if value.path:
        return path(value.path)
    if value.template:
        return template(value.template)
    if value.first:
        readers = [compiled(one, default_currency) for one in value.first]

        def first(root: Any) -> Any:
            return next((found for r in readers if (found := r(root)) not in (None, "")), None)

        return first
    return lambda _: value.value


def _typed(value: ValueSpec, raw: Reader, default_currency: str) -> Reader:
    if value.type == "money":
        code = _currency(value.currency or default_currency)

        def money(root: Any) -> int | None:
            found = raw(root)
            return None if found is None else fields.minor_units(found, code(root) or default_currency)

        return money
    typed = _TYPED[value.type]
    return lambda root: typed(raw(root))


def _currency(given: str) -> Callable[[Any], str | None]:
    if len(given) == 3 and given.isupper():
        return lambda _: given
    found = path(given)
    return lambda root: fields.currency(found(root))


def _translated(value: ValueSpec, read: Reader) -> Reader:
    table = {k.casefold(): v for k, v in value.map.items()}

    def translated(root: Any) -> Any:
        found = read(root)
        if table:
            said = str(found).casefold() if found is not None else ""
            found = table.get(said, value.default)
        return value.default if found is None or found == "" else found

    return translated if table or value.default is not None else read
