"""Statements: what an advocate earned, what was taken back and what was paid in a month, from the postings alone.

Opening balance, lines and closing balance add up, per currency, or nothing is given out. As CSV, and as a page that prints
on paper; the PDF is made where pages are (`web.statement_pdf`).
"""

import csv
import html
import io
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.money import money_text
from honeyguide.db import Row, Tx
from honeyguide.ledger import policy_rows as rows
from honeyguide.ledger.sheets import decimal_text, safe_cell

_TO_COME = ("held", "available", "in_payout", "owed")
WORDS = {
    "reward.issued": "Earned", "reward.voided": "Taken back", "reward.reversed": "Taken back", "reward.owed": "Taken back after it was paid", "reward.expired": "Expired",
    "payout.paid": "Paid", "payout.returned": "Payment came back", "reward.set_off": "Set off against what was owed",
}  # fmt: skip


class StatementLine(Struct, frozen=True):
    """One thing that happened. `change_minor` is what it added to the balance; `paid_minor` what was paid out by it."""

    at: datetime
    what: str
    memo: str
    currency: str
    change_minor: int
    paid_minor: int


class Balance(Struct, frozen=True):
    """A month in one currency, in minor units: what was to come at its beginning and end, what was earned, and paid."""

    currency: str
    opening_minor: int
    earned_minor: int
    paid_minor: int
    closing_minor: int


class Statement(Struct, frozen=True):
    """An advocate's month."""

    advocate_id: UUID
    name: str
    month: str
    balances: list[Balance]
    lines: list[StatementLine]


def bounds(month: str) -> tuple[datetime, datetime]:
    """`2026-03` as a time from and to. Raises BadInput."""
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        end = datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)  # 9999-12 has none
    except ValueError as e:
        raise BadInput("A month is written like 2026-03.") from e
    if len(month) != 7:
        raise BadInput("A month is written like 2026-03.")
    return start, end


async def statement(tx: Tx, advocate_id: UUID, month: str) -> Statement:
    """The advocate's month. Raises BadInput on a month that is none, NotFound."""
    start, end = bounds(month)
    name = await tx.value("select name from advocate where workspace_id = $1 and id = $2", tx.workspace_id, advocate_id)
    if name is None:
        raise NotFound("There is no such advocate.")
    found = _lines(await rows.statement_lines(tx, advocate_id, start, end))
    opening = _to_come(await rows.balances_at(tx, advocate_id, start))
    closing = _to_come(await rows.balances_at(tx, advocate_id, end))
    balances = []
    for currency in sorted({*opening, *closing, *(line.currency for line in found)}):
        theirs = [line for line in found if line.currency == currency]
        change, paid = sum(line.change_minor for line in theirs), sum(line.paid_minor for line in theirs)
        one = Balance(currency, opening.get(currency, 0), change + paid, paid, closing.get(currency, 0))
        if one.opening_minor + change != one.closing_minor:
            raise RuntimeError(f"the statement of {advocate_id} for {month} does not add up in {currency}")
        balances.append(one)
    return Statement(advocate_id, name, month, balances, found)


def _to_come(found: list[Row]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in found:
        if row["kind"] in _TO_COME:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["minor"]
    return sums


def _lines(found: list[Row]) -> list[StatementLine]:
    """One line per transfer that changed what is to come; moves from one account of the advocate to another are none."""
    keyed: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        keyed.setdefault((row["key"], row["currency"]), []).append(row)
    made = []
    for (_, currency), parts in keyed.items():
        change = sum(p["amount_minor"] for p in parts if p["account"] in _TO_COME)
        paid = sum(p["amount_minor"] for p in parts if p["account"] == "paid")
        if change or paid:
            first = parts[0]
            made.append(
                StatementLine(
                    first["at"], WORDS.get(first["kind"], first["kind"]), first["memo"], currency, change, paid
                )
            )
    return made


def statement_csv(one: Statement) -> bytes:
    """UTF-8 with a byte-order mark; no cell is run by a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("date", "what", "for", "currency", "change", "paid"))
    for b in one.balances:
        writer.writerow(
            (f"{one.month}-01", "Opening balance", "", b.currency, decimal_text(b.opening_minor, b.currency), "")
        )
    for line in one.lines:
        writer.writerow((f"{line.at:%Y-%m-%d}", safe_cell(line.what), safe_cell(line.memo), line.currency,
                         decimal_text(line.change_minor, line.currency), decimal_text(line.paid_minor, line.currency)))  # fmt: skip
    for b in one.balances:
        writer.writerow((one.month, "Closing balance", "", b.currency, decimal_text(b.closing_minor, b.currency),
                         decimal_text(b.paid_minor, b.currency)))  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 20mm }} body {{ font: 10.5pt/1.4 system-ui, sans-serif; color: #111 }}
table {{ width: 100%; border-collapse: collapse; margin: 6mm 0 }} th, td {{ text-align: left; padding: 1.5mm 2mm;
border-bottom: .2mm solid #ccc }} .n {{ text-align: right; font-variant-numeric: tabular-nums }} thead {{ display: table-header-group }}
tr {{ break-inside: avoid }}</style></head><body><h1>{title}</h1><p>{name}</p>
<table><thead><tr><th>Currency</th><th class="n">Opening</th><th class="n">Earned</th><th class="n">Paid</th><th class="n">Closing</th></tr></thead>
<tbody>{sums}</tbody></table>
<table><thead><tr><th>Date</th><th>What</th><th>For</th><th class="n">Change</th><th class="n">Paid</th></tr></thead>
<tbody>{lines}</tbody></table></body></html>"""


def statement_page(one: Statement, company: str) -> bytes:
    """A page that prints on A4: no script, nothing from elsewhere."""

    def row(*cells: str, numbers: int) -> str:
        texts = len(cells) - numbers
        return "<tr>" + "".join(
            f'<td class="n">{html.escape(c)}</td>' if n >= texts else f"<td>{html.escape(c)}</td>" for n, c in enumerate(cells)
        ) + "</tr>"  # fmt: skip

    sums = "".join(
        row(b.currency, *(money_text(m, b.currency) for m in (b.opening_minor, b.earned_minor, b.paid_minor, b.closing_minor)),
            numbers=4) for b in one.balances
    )  # fmt: skip
    lines = "".join(
        row(f"{x.at:%d %B %Y}", x.what, x.memo, money_text(x.change_minor, x.currency),
            money_text(x.paid_minor, x.currency) if x.paid_minor else "", numbers=2) for x in one.lines
    )  # fmt: skip
    title = html.escape(f"{company}: statement of {one.month}")
    return _PAGE.format(title=title, name=html.escape(one.name), sums=sums, lines=lines).encode()
