"""Paths into foreign JSON: JMESPath with a few functions of ours; plain dotted names take a short cut.

A path never fails on data: what it cannot find, or cannot compute, is None.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, TypeVar
from urllib.parse import parse_qs

import jmespath
import jmespath.exceptions
import jmespath.functions
import msgspec

from honeyguide.core import normalise
from honeyguide.core.errors import BadInput
from honeyguide.funnel.definitions.closures import closure

Path = Callable[[Any], Any]
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_BLOCKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3"})
_SILENT = frozenset({"script", "style"})


class _Text(HTMLParser):
    """Collects the text of mark-up."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(marked_up: str) -> str:
    """The text of HTML, without mark-up, scripts and styles, blocks on lines of their own."""
    reader = _Text()
    reader.feed(marked_up)
    reader.close()
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _instant(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 100_000_000_000 else value, UTC)
        found = datetime.fromisoformat(str(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return _instant(float(value)) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value) else None


_Method = TypeVar("_Method", bound=Callable[..., Any])
_ANY: dict[str, list[str]] = {"types": []}


def _takes(*arguments: dict[str, list[str]]) -> Callable[[_Method], _Method]:
    """JMESPath's own decorator, typed."""
    made: Callable[[_Method], _Method] = jmespath.functions.signature(*arguments)
    return made


class Functions(jmespath.functions.Functions):  # type: ignore[misc]
    """What JMESPath lacks for reading other systems' records. Each gives None for what it cannot read."""

    @_takes(_ANY)
    def _func_lower(self, value: Any) -> str:
        return _text(value).lower()

    @_takes(_ANY)
    def _func_upper(self, value: Any) -> str:
        return _text(value).upper()

    @_takes(_ANY)
    def _func_title(self, value: Any) -> str:
        """`create_pulse` and `incident.resolved` as a person would write them: `Create Pulse`, `Incident Resolved`."""
        return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[\s_./-]+", _text(value)) if word)

    @_takes(_ANY, _ANY)
    def _func_times(self, one: Any, other: Any) -> int | float | None:
        left, right = _number(one), _number(other)
        return None if left is None or right is None else left * right

    @_takes(_ANY)
    def _func_total(self, values: Any) -> int | float:
        """The sum of a list's numbers; 0 for anything else (JMESPath's `sum` gives up at the first that is none)."""
        return sum(n for v in values if (n := _number(v)) is not None) if isinstance(values, list) else 0

    @_takes(_ANY)
    def _func_work_domain(self, value: Any) -> str | None:
        return normalise.work_domain(value) if isinstance(value, str) else None

    @_takes(_ANY)
    def _func_trim(self, value: Any) -> str:
        return _text(value).strip()

    @_takes(_ANY, {"types": ["string"]})
    def _func_split(self, value: Any, separator: str) -> list[str]:
        return [part.strip() for part in _text(value).split(separator)] if separator and value else []

    @_takes(_ANY, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, value: Any, old: str, new: str) -> str:
        return _text(value).replace(old, new)

    @_takes(_ANY)
    def _func_plain(self, value: Any) -> str:
        return plain_text(_text(value))

    @_takes(_ANY)
    def _func_sha256(self, value: Any) -> str:
        return hashlib.sha256(_text(value).encode("utf-8", "surrogatepass")).hexdigest()

    @_takes(_ANY)
    def _func_digits(self, value: Any) -> str:
        return re.sub(r"\D", "", _text(value))

    @_takes(_ANY)
    def _func_iso(self, value: Any) -> str | None:
        at = _instant(value)
        return None if at is None else at.isoformat()

    @_takes(_ANY)
    def _func_number_of(self, value: Any) -> float | None:
        try:
            return float(_text(value)) if not isinstance(value, bool) else None
        except ValueError:
            return None

    @_takes(_ANY)
    def _func_text_of(self, value: Any) -> str:
        return _text(value)

    @_takes(_ANY, {"types": ["string"]})
    def _func_after(self, value: Any, separator: str) -> str | None:
        _, mark, tail = _text(value).partition(separator)
        return tail if mark else None

    @_takes(_ANY, {"types": ["string"]})
    def _func_before(self, value: Any, separator: str) -> str | None:
        head, mark, _ = _text(value).partition(separator)
        return head if mark else None

    @_takes(_ANY, _ANY)
    def _func_object_of(self, keys: Any, values: Any) -> dict[str, Any]:
        if not isinstance(keys, list) or not isinstance(values, list):
            return {}
        return {_text(k): v for k, v in zip(keys, values, strict=False) if k is not None}

    @_takes(_ANY, {"types": ["string"]}, {"types": ["string"]})
    def _func_changes(self, entries: Any, field: str, time: str) -> list[dict[str, Any]]:
        """The entries of a history, in any order, at which `field` changed; each with what it was before as `_was`."""
        timed = (
            [(at, e) for e in entries if isinstance(e, dict) and (at := _instant(e.get(time)))]
            if isinstance(entries, list)
            else []
        )
        made: list[dict[str, Any]] = []
        for _, entry in sorted(timed, key=lambda one: (one[0], _text(one[1].get(field)))):
            if not made or made[-1].get(field) != entry.get(field):
                made.append(entry | {"_was": made[-1].get(field) if made else None})
        return made

    @_takes(_ANY, _ANY)
    def _func_without(self, record: Any, names: Any) -> dict[str, Any]:
        """An object without some of its names, and without our own roots (`_kind`, `_config` ...)."""
        left = set(names) if isinstance(names, list) else set()
        found = record.items() if isinstance(record, dict) else ()
        return {k: v for k, v in found if k not in left and not k.startswith("_")}

    @_takes(_ANY, {"types": ["string"]})
    def _func_unwrapped(self, record: Any, name: str) -> dict[str, Any]:
        """An object whose members may be objects of their own (`{email: {value: ...}}`): those by what they hold there."""
        found = record.items() if isinstance(record, dict) else ()
        return {k: v.get(name) if isinstance(v, dict) else v for k, v in found}

    @_takes(_ANY)
    def _func_unique(self, values: Any) -> list[Any]:
        made: list[Any] = []
        for value in values if isinstance(values, list) else []:
            if value not in made:
                made.append(value)
        return made

    @_takes(_ANY, _ANY)
    def _func_lookup(self, table: Any, key: Any) -> Any:
        """What an object holds under a key that stands elsewhere in the record."""
        return table.get(_text(key)) if isinstance(table, dict) else None

    @_takes(_ANY)
    def _func_entries(self, value: Any) -> list[dict[str, Any]]:
        return [{"key": k, "value": v} for k, v in value.items()] if isinstance(value, dict) else []

    @_takes(_ANY)
    def _func_parse_json(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return None

    @_takes(_ANY)
    def _func_query(self, value: Any) -> dict[str, str]:
        found = parse_qs(_text(value).partition("?")[2])
        return {k: v[0] for k, v in found.items()}


_OPTIONS = jmespath.Options(custom_functions=Functions())
# What JMESPath raises on data it was not written for; a definition's own mistakes are found when it is parsed.
_ON_DATA = (jmespath.exceptions.JMESPathError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


@lru_cache(maxsize=16_384)
def path(expression: str) -> Path:
    """Compile a path. Raises BadInput when it is none."""
    if expression in {"@", ""}:
        return lambda root: root
    if _PLAIN.fullmatch(expression):
        return _dotted(tuple(expression.split(".")))
    try:
        compiled = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as e:
        raise BadInput(
            f"{expression!r} is no path.", str(e).replace("\n", " "), advice="Paths are JMESPath: https://jmespath.org."
        ) from e

    fast = closure(compiled.parsed, _OPTIONS.custom_functions) or (lambda root: compiled.search(root, _OPTIONS))

    def search(root: Any) -> Any:
        try:
            return fast(root)
        except _ON_DATA:
            return None

    return search


def _dotted(names: tuple[str, ...]) -> Path:
    if len(names) == 1:
        only = names[0]
        return lambda root: root.get(only) if isinstance(root, dict) else None

    def walk(root: Any) -> Any:
        for name in names:
            if not isinstance(root, dict):
                return None
            root = root.get(name)
        return root

    return walk


@lru_cache(maxsize=8_192)
def template(text: str) -> Callable[[Any], str | None]:
    """Compile a template: `{path}` is replaced by the text at the path; None when one of them is missing.

    `{{` and `}}` stand for braces. Raises BadInput when a path in it is none.
    """
    parts: list[str | Path] = []
    start = 0
    for found in _PIECE.finditer(text):
        parts.append(text[start : found.start()])
        inner = found[1]
        parts.append(found[0][0] if inner is None else path(inner.strip()))
        start = found.end()
    parts.append(text[start:])

    def fill(root: Any) -> str | None:
        made = []
        for part in parts:
            if isinstance(part, str):
                made.append(part)
                continue
            value = part(root)
            if value is None or value == "" or isinstance(value, dict | list):
                return None
            made.append(str(value).lower() if isinstance(value, bool) else str(value))
        return "".join(made)

    return fill


def truthy(value: Any) -> bool:
    """JMESPath's truth: null, false, empty text, empty list and empty object do not hold."""
    return value is not None and value is not False and value not in ("", [], {})
