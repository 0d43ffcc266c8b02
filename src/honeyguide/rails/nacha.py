"""ACH credits as a NACHA file: records of 94 characters in blocks of ten, routing numbers checked, hashes and totals in it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from honeyguide.core.errors import BadInput
from honeyguide.ledger import Instruction, Sheet, plain_reference
from honeyguide.ledger.payee_forms import routing
from honeyguide.ledger.sheets import Payment
from honeyguide.rails.bank_text import ach_text

RECORD, BLOCK = 94, 10
_MOST_CENTS = 9_999_999_999
_CREDIT = {"checking": "22", "savings": "32"}
_INCENTIVES = frozenset({"commission", "co_marketing", "donation"})


class NachaRail:
    """US dollars to accounts in the United States.

    `config`: `routing` and `bank` of the bank that takes the file, `company` (name), `company_id` (ten characters, often 1
    and the EIN), and `sec`: PPD for people (the default) or CCD for companies.
    """

    name = "nacha"
    payee_kind = "us_bank"

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._config = config or {}

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Money in US dollars, in the United States."""
        return incentive in _INCENTIVES and currency in ("", "USD") and country in ("", "US")

    def render(self, sheet: Sheet) -> Instruction:
        """The file, one batch; the same sheet gives the same bytes. Raises BadInput on what it cannot carry."""
        if sheet.currency != "USD":
            raise BadInput("ACH pays US dollars.", f"This payout is in {sheet.currency}.")
        if not sheet.payments:
            raise BadInput("There is nothing to pay by bank.", "No payment of this payout has a bank account.")
        odfi, company = (
            routing(str(self._config.get("routing", ""))),
            ach_text(str(self._config.get("company", "")), 16),
        )
        ident = str(self._config.get("company_id", "")).rjust(10)
        if len(ident) != 10 or not ident.strip().isalnum():
            raise BadInput("The company id has up to ten letters and digits.", advice="The bank has told it.")
        sec = str(self._config.get("sec", "PPD"))
        if sec not in ("PPD", "CCD"):
            raise BadInput("The class is PPD (people) or CCD (companies).")
        at = sheet.approved_at
        entries = [_entry(p, n, odfi) for n, p in enumerate(sheet.payments, start=1)]
        total = sum(p.amount_minor for p in sheet.payments)
        if total > 999_999_999_999:
            raise BadInput("The payout is over what one ACH batch carries.", advice="Make several payouts.")
        hashed = sum(int(routing(str(p.account.get("routing", "")))[:8]) for p in sheet.payments) % 10**10
        sums = f"{len(entries):06d}{hashed:010d}{0:012d}{total:012d}"
        records = [
            f"101 {odfi}{ident}{at:%y%m%d%H%M}A094101{ach_text(str(self._config.get('bank', '')), 23)}{company.ljust(23)}"
            f"{sheet.payout_id.hex[:8].upper()}",
            f"5220{company}{'':20}{ident}{sec}{'REWARDS':10}{at:%y%m%d}{at + timedelta(days=1):%y%m%d}   1{odfi[:8]}{1:07d}",
            *entries,
            f"8220{sums}{ident}{'':25}{odfi[:8]}{1:07d}",
        ]  # fmt: skip
        blocks = -(-(len(records) + 1) // BLOCK)
        records.append(f"9{1:06d}{blocks:06d}{len(entries):08d}{hashed:010d}{0:012d}{total:012d}{'':39}")
        records += ["9" * RECORD] * (blocks * BLOCK - len(records))
        if wrong := [r for r in records if len(r) != RECORD]:
            raise RuntimeError(f"a record has {len(wrong[0])} characters")
        body = "".join(f"{r}\r\n" for r in records).encode("ascii")
        return Instruction(f"payout-{sheet.payout_id}.ach", "text/plain; charset=us-ascii", body)

    def check_reference(self, reference: str) -> str:
        """Any printable text: banks differ."""
        return plain_reference(reference)


def _entry(p: Payment, number: int, odfi: str) -> str:
    if not 0 < p.amount_minor <= _MOST_CENTS:
        raise BadInput("The amount is over what ACH carries.", f"It is for {p.name}.")
    to, account = routing(str(p.account.get("routing", ""))), str(p.account.get("account", ""))
    code = _CREDIT.get(str(p.account.get("type", "checking")))
    if code is None or not account.isascii() or not account.isdigit() or len(account) > 17:
        raise BadInput(f"The account of {p.name} cannot be paid to by ACH.")
    return (
        f"6{code}{to}{account:17}{p.amount_minor:010d}{p.id.hex[:15].upper()}{ach_text(p.name, 22)}  0"
        f"{odfi[:8]}{number:07d}"
    )
