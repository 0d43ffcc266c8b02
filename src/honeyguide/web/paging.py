"""Lists: keyset pages with opaque cursors, and the same rows as CSV that no spreadsheet executes."""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from honeyguide.core.errors import BadInput

MAX_PAGE = 200
MAX_EXPORT = 10_000
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")
T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)

CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The rows, as JSON or as CSV."}
}


class Listed(BaseModel, Generic[Row]):
    """A page of rows. `next` is the cursor of the following page, null on the last."""

    model_config = ConfigDict(extra="forbid")
    rows: list[Row]
    next: str | None
    total: int


@dataclass(frozen=True)
class Page:
    """What was asked: how many rows, after which, in which form."""

    limit: int
    after: str
    csv: bool

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than shown tells whether there is a next page."""
        return self.limit + 1

    def key(self, kind: type[T]) -> T | None:
        """The position after which to read on, of the list's own type; None from the start. Raises BadInput."""
        if not self.after:
            return None
        try:
            padded = self.after + "=" * (-len(self.after) % 4)
            return msgspec.convert(msgspec.json.decode(base64.urlsafe_b64decode(padded)), kind, strict=False)
        except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError) as problem:
            raise BadInput(
                "The cursor `after` is not one of ours.", advice="Take it from `next`, unchanged."
            ) from problem

    def answer(
        self, rows: Sequence[Row], key: Callable[[Row], Sequence[Any]], total: int, name: str, **more: Any
    ) -> Any:
        """The page as the handler returns it; `rows` holds up to `fetch` rows, `key` gives a row's position."""
        shown = list(rows[: self.limit])
        if self.csv:
            return as_csv(shown, name)
        following = cursor(key(shown[-1])) if len(rows) > self.limit and shown else None
        return {"rows": shown, "next": following, "total": total, **more}


def paging(
    after: Annotated[str, Query(max_length=500, description="The cursor `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    format: Annotated[str, Query(pattern="^(json|csv)$", description="`csv` exports up to 10,000 rows.")] = "json",
) -> Page:
    """The query parameters every list takes."""
    as_file = format == "csv"
    return Page(MAX_EXPORT if as_file else limit, after, as_file)


def cursor(position: Sequence[Any]) -> str:
    """An opaque cursor for a position."""
    values = [p.isoformat() if isinstance(p, datetime) else p for p in position]
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def cell(value: Any) -> Any:
    """A value as a cell: numbers stay numbers, text that a spreadsheet would run gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.lstrip(" ").startswith(_TRIGGERS) or text.startswith(_TRIGGERS) else text


def as_csv(rows: Sequence[BaseModel], name: str) -> Response:
    """Rows as a CSV file; nested values become `parent.child` columns."""
    flat = [_flatten(row.model_dump(mode="json")) for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(row.get(c)) for c in columns] for row in flat)
    return Response(
        out.getvalue(),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"},
    )


def _flatten(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            flat |= _flatten(inner, f"{prefix}{name}.")
        else:
            flat[prefix + name] = inner
    return flat
