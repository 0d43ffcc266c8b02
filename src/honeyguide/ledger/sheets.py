"""What leaves the ledger for a person or a bank: a payout as a sheet, safe to open in a spreadsheet. Pure."""

import csv
import io
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.money import exponent

# A cell that starts like this is run as a formula; full-width forms are folded to it by some programs.
_TRIGGERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_HEAD = ("reward", "advocate", "e-mail", "incentive", "for", "reason", "currency", "amount")


class SheetLine(Struct, frozen=True):
    """One reward to be paid. The amount is in minor units."""

    reward_id: UUID
    advocate_name: str
    advocate_email: str
    incentive: str
    label: str
    reason: str
    amount_minor: int


class Payment(Struct, frozen=True):
    """What one advocate gets, for a rail that pays into accounts: the account opened, the amount after netting."""

    id: UUID
    name: str
    account: Mapping[str, object]
    amount_minor: int
    text: str


class Sheet(Struct, frozen=True):
    """A payout, ready for a rail. `payments` are there where the rail pays into accounts."""

    payout_id: UUID
    currency: str
    total_minor: int
    approved_by: str
    approved_at: datetime
    lines: tuple[SheetLine, ...]
    payments: tuple[Payment, ...] = ()


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what looks like one.

    A tab as the prefix was itself a hole in another project (CVE-2021-41270), so it is an apostrophe. White space is
    one blank and invisible characters are gone: one line a reward, and nothing hides in front of a trigger.
    """
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    flat = " ".join(visible.split())
    return f"'{flat}" if flat.startswith(_TRIGGERS) else flat


def decimal_text(minor: int, currency: str) -> str:
    """`150000` EUR -> `1500.00`: a plain number for a bank or a spreadsheet, exact by integer arithmetic."""
    places = exponent(currency)
    whole, fraction = divmod(abs(minor), 10**places)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{fraction:0{places}d}" if places else "")


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a byte-order mark (spreadsheets need it), one line a reward and a last line with the total."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for line in sheet.lines:
        texts = (line.advocate_name, line.advocate_email, line.incentive, line.label, line.reason)
        writer.writerow(
            [
                str(line.reward_id),
                *map(safe_cell, texts),
                sheet.currency,
                decimal_text(line.amount_minor, sheet.currency),
            ]
        )
    writer.writerow(
        ["total", f"{len(sheet.lines)} rewards", "", "", f"payout {sheet.payout_id}",
         safe_cell(f"approved by {sheet.approved_by}"), sheet.currency, decimal_text(sheet.total_minor, sheet.currency)]
    )  # fmt: skip
    return out.getvalue().encode("utf-8-sig")
