"""Read exports of another vendor and take them into a program: `honeyguide import-program`.

Files are JSON (a list, one object a line, or an object with the list in it) or CSV. Amounts in JSON are minor units, as
the vendors' APIs give them; in CSV they are minor units where the column says cents, else units of the currency.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide import programs
from honeyguide.app.program_vendors import VENDORS, Shape, Vendor
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.money import exponent
from honeyguide.db import Tx
from honeyguide.outcomes.importing import DEAD, OWED, PAID, Buying, Commission, Ended, Imported, Importer, Partner

MAX_BYTES = 64_000_000
_MONEY = re.compile(
    r"(?:[A-Z]{3}|[$€£¥])?\s*(?P<sign>-?)(?:[A-Z]{3}|[$€£¥])?\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?P<part>\.\d{1,4})?(?:\s*[A-Z]{3})?"
)
_LISTS = ("data", "items", "results", "partners", "affiliates", "customers", "referrals", "commissions", "rewards")


class Report(Struct, frozen=True):
    """How every row ended, in the order in which they were taken."""

    vendor: str
    program: str
    ended: tuple[Ended, ...]

    def counts(self) -> Counter[str]:
        """How many rows ended how; they add up to the rows that were read."""
        return Counter(e.verdict for e in self.ended)


async def import_program(
    tx: Tx, vendor_name: str, files: Sequence[Path], now: datetime, *, program_slug: str = "", currency: str = ""
) -> Report:
    """Take the files into a program, in the caller's transaction (a dry run rolls it back). Raises BadInput, NotFound."""
    vendor = VENDORS.get(vendor_name.lower())
    if vendor is None:
        raise BadInput(f"{vendor_name} is no vendor we know.", f"It is one of {', '.join(sorted(VENDORS))}.")
    program = await _program(tx, program_slug)
    groups = await programs.groups(tx, program.id)
    group = next((g for g in groups if g.conditions.default), groups[-1] if groups else None)
    if group is None:
        raise BadInput(f"The program {program.slug} has no group to put partners in.")
    rows: list[Imported] = []
    refused: list[Ended] = []
    for file in files:
        for number, raw in enumerate(_raw(file), start=1):
            read = read_row(
                vendor,
                raw,
                file.name,
                is_csv=file.suffix.lower() == ".csv",
                currency=currency or program.terms.currency,
            )
            if isinstance(read, str):
                refused.append(Ended("unknown", f"{file.name}:{number}", "refused", read))
            else:
                rows.append(read)
    done = await Importer(tx, vendor.name, program, group, now).take(rows)
    return Report(vendor.name, program.slug, (*done, *refused))


async def _program(tx: Tx, slug: str) -> programs.Program:
    if not slug:
        return await programs.live_program(tx) or await programs.ensure_program(tx)
    found = next((p for p in await programs.programs(tx) if p.slug == slug), None)
    if found is None:
        raise NotFound(f"There is no program {slug}.")
    return found


def _raw(file: Path) -> Iterator[Any]:
    if file.stat().st_size > MAX_BYTES:
        raise BadInput(f"{file.name} is larger than {MAX_BYTES // 1_000_000} MB.", advice="Split it.")
    text = file.read_bytes().decode("utf-8-sig", "replace")
    if file.suffix.lower() == ".csv":
        for row in csv.DictReader(text.splitlines()):
            yield {_plain(k): v for k, v in row.items() if k is not None and isinstance(v, str) and v.strip()}
        return
    try:
        said = msgspec.json.decode(text)
    except msgspec.DecodeError:
        for line in text.splitlines():
            if line.strip():
                yield _decoded(line)
        return
    yield from _list_in(said)


def _decoded(line: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return line


def _list_in(said: Any) -> list[Any]:
    if isinstance(said, list):
        return said
    if isinstance(said, dict):
        for name in _LISTS:
            inner = said.get(name)
            if isinstance(inner, list):
                return inner
            if isinstance(inner, dict):
                return _list_in(inner)
        return [said]
    return [said]


def _plain(column: str) -> str:
    """A column's name without case, blanks and signs: `Sale Amount (cents)` is sale_amount_cents."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", column).lower()).strip("_")


def read_row(vendor: Vendor, raw: Any, file: str, *, is_csv: bool, currency: str) -> Imported | str:
    """A row as we take it, or why it is none."""
    if not isinstance(raw, dict):
        return "It is no object with named fields."
    shape = _shape(vendor, raw, file, is_csv=is_csv)
    if shape is None:
        return "Nothing tells whether it is a partner, a customer or a commission."
    found = {name: _first(raw, paths, is_csv=is_csv) for name, paths in shape.fields.items()}
    if shape.kind == "partner":
        codes = tuple(dict.fromkeys(c for c in _all(raw, shape.fields["codes"], is_csv=is_csv) if c))
        return Partner(id=found["id"], email=found["email"], name=_name(found), codes=codes)
    at = _time(found["at"])
    if at is None:
        return f"{found['at'] or 'Nothing'} is no time."
    if shape.kind == "customer":
        return Buying(
            id=found["id"],
            email=found["email"],
            partner=found["partner"],
            name=_name(found),
            external_id=found["external"],
            at=at,
        )
    return _commission(vendor, shape, raw, found, at, is_csv=is_csv, currency=currency)


def _shape(vendor: Vendor, raw: dict[str, Any], file: str, *, is_csv: bool) -> Shape | None:
    by_name = next((kind for word, kind in vendor.files.items() if word in file.lower()), None)
    if by_name is not None:
        return next(s for s in vendor.shapes if s.kind == by_name)
    names = {_plain(m) if is_csv else m: s for s in reversed(vendor.shapes) for m in s.marks}
    marked = [s for mark, s in names.items() if mark in raw]
    return next((s for s in vendor.shapes if s in marked), None)


def _commission(
    vendor: Vendor,
    shape: Shape,
    raw: dict[str, Any],
    found: dict[str, str],
    at: datetime,
    *,
    is_csv: bool,
    currency: str,
) -> Commission | str:
    unit = found.get("unit", "")
    if unit and unit != "cash":
        return f"It is paid in {unit}, which is no money."
    told = (found["currency"] or currency).upper()
    amount = _minor(raw, shape.fields["amount"], told, is_csv=is_csv)
    sale = _minor(raw, shape.fields["sale"], told, is_csv=is_csv)
    if amount is None:
        return "Its amount cannot be read."
    states = [s.lower() for s in _all(raw, shape.fields["state"], is_csv=is_csv)]
    state = PAID if set(states) & vendor.paid else OWED if set(states) & vendor.owed else DEAD
    if any(s not in vendor.owed | vendor.paid for s in states):  # one word against it is enough
        state = DEAD
    return Commission(
        id=found["id"], partner=found["partner"], customer=found["customer"], amount_minor=amount, sale_minor=sale or 0,
        currency=told, state=state, state_there=" ".join(s for s in states if s not in ("true", "false")) or ("paid" if state == PAID else "unknown"),
        at=at, invoice=found["invoice"],
    )  # fmt: skip


def _first(raw: dict[str, Any], paths: Sequence[str], *, is_csv: bool) -> str:
    return next((v for v in _all(raw, paths, is_csv=is_csv) if v), "")


def _all(raw: dict[str, Any], paths: Sequence[str], *, is_csv: bool) -> list[str]:
    """Every value under these paths, as text."""
    found: list[str] = []
    for path in paths:
        if is_csv:
            value = raw.get(_plain(path))
            found += [value.strip()] if isinstance(value, str) else []
        else:
            found += [_text(v) for v in _walk(raw, path.split("."))]
    return found


def _walk(value: Any, path: Sequence[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for one in value for found in _walk(one, path)]
    if not path:
        return [] if value is None or isinstance(value, dict) else [value]
    return _walk(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()[:500]


def _name(found: dict[str, str]) -> str:
    return found.get("name") or " ".join(p for p in (found.get("first", ""), found.get("last", "")) if p)


def _minor(raw: dict[str, Any], paths: Sequence[str], currency: str, *, is_csv: bool) -> int | None:
    for path in paths:
        for text in _all(raw, [path], is_csv=is_csv):
            return _amount(text, currency, minor=not is_csv or path.endswith("cents"))
    return None


def _amount(text: str, currency: str, *, minor: bool) -> int | None:
    told = _MONEY.fullmatch(text)
    if told is None:
        return None
    value = Decimal(told["sign"] + told["whole"].replace(",", "") + (told["part"] or ""))
    scaled = value if minor else value * 10 ** exponent(currency)
    if scaled != scaled.to_integral_value() or abs(scaled) > 10**15:
        return None
    return int(scaled)


def _time(text: str) -> datetime | None:
    """A time by ISO 8601, or seconds or milliseconds since 1970."""
    if re.fullmatch(r"\d{9,13}", text):
        seconds = int(text) / (1000 if len(text) > 11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    try:
        at = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
