"""Reading single values out of foreign JSON: each function takes anything and gives the type or None, never fails."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from honeyguide.core.money import exponent

TEXT_MAX = 20_000
TRAIT_MAX = 1_000
_INT64 = 2**63
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TRUE = frozenset({"true", "yes", "y", "1", "on", "granted", "subscribed", "opted_in", "opt_in"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "withdrawn", "unsubscribed", "opted_out", "opt_out"})
_instants = msgspec.json.Decoder(datetime)


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, limit: int = TRAIT_MAX) -> str:
    """A string or number as trimmed text, `""` for anything else; NUL is dropped (PostgreSQL cannot hold it)."""
    if isinstance(value, str):
        found = value
    elif isinstance(value, bool) or value is None:
        return ""
    elif isinstance(value, int):
        found = str(value) if abs(value) < _INT64 else ""
    elif isinstance(value, float):
        found = repr(value) if math.isfinite(value) else ""
    else:
        return ""
    return found.replace("\x00", "").strip()[:limit]


def first_text(source: Mapping[str, Any], names: Iterable[str], limit: int = TRAIT_MAX) -> str:
    """The first non-empty text among these names."""
    for name in names:
        value = source.get(name)
        if value is not None and (found := text(value, limit)):
            return found
    return ""


def whole(value: Any) -> int | None:
    """An integer (also `"12"` and `12.0`), within 64 bits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _INT64 else None
    found = number(value)
    return int(found) if found is not None and found == int(found) and abs(found) < _INT64 else None


def number(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def truth(value: Any) -> bool | None:
    """Yes or no, also spelled out (`"opted_out"`); None when it says neither."""
    if isinstance(value, bool):
        return value
    word = text(value).lower().replace(" ", "_").replace("-", "_")
    return True if word in _TRUE else False if word in _FALSE else None


def currency(value: Any) -> str | None:
    """An ISO 4217 code in upper case."""
    code = text(value).upper()
    return code if _CURRENCY.fullmatch(code) else None


def minor_units(value: Any, code: str) -> int | None:
    """An amount in major units (27.5, "1,250.00") as integer minor units, rounded half to even at the last place."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(value.replace(",", "").strip() if isinstance(value, str) else str(value))
        scaled = amount.scaleb(exponent(code)).to_integral_value()
    except (InvalidOperation, ValueError):
        return None
    return int(scaled) if scaled.is_finite() and abs(scaled) < _INT64 else None


def instant(value: Any) -> datetime | None:
    """A point in time: RFC 3339, a date, `YYYY-MM-DD hh:mm:ss` (UTC), or Unix seconds or milliseconds."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _unix(value)
    return _instant_of_text(value.strip()) if isinstance(value, str) else None


@lru_cache(maxsize=4_096)
def _instant_of_text(value: str) -> datetime | None:
    if len(value) > 40 or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        trimmed = re.sub(r"(\.\d{6})\d+", r"\1", value)  # nanoseconds
        try:
            found = datetime.fromisoformat(trimmed)
        except ValueError:
            seconds = number(value)
            return None if seconds is None else _unix(seconds)
    if found.tzinfo is UTC:
        return found
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def _unix(value: float) -> datetime | None:
    try:
        seconds = value / 1000 if abs(value) > 100_000_000_000 else value
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


@lru_cache(maxsize=8_192)
def key_of(name: str) -> str:
    """A name without case, spaces and punctuation: `Order Completed`, `order_completed` and `orderCompleted` agree."""
    return _NAME.sub("", name.lower())


@lru_cache(maxsize=8_192)
def snake(name: str) -> str:
    """A trait's name in our spelling: `firstName` and `First Name` become `first_name`."""
    return _NAME.sub("_", _CAMEL.sub("_", name).lower()).strip("_")[:80]


def scalar(value: Any) -> Any:
    """A value that can be kept as a trait or prop: bool, whole number within 64 bits, finite float or bounded text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _INT64 else str(value)[:TRAIT_MAX]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return text(value) or None
    return None
