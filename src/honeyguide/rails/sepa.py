"""SEPA credit transfers as ISO 20022 pain.001.001.09: a file the bank takes, every IBAN checked, the control sum in it.

The order of the elements is the schema's sequence; it is written from one table per element, not assembled by hand.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

from honeyguide.core.errors import BadInput
from honeyguide.ledger import Instruction, Sheet, decimal_text, plain_reference
from honeyguide.ledger.payee_forms import SEPA, iban
from honeyguide.ledger.sheets import Payment
from honeyguide.rails.bank_text import sepa_text

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_MOST_CENTS = 99_999_999_999  # 999,999,999.99 EUR, the scheme's limit
_INCENTIVES = frozenset({"commission", "co_marketing", "donation"})
Tree = list[tuple[str, "str | Tree"]]


class SepaRail:
    """Euros to bank accounts in the SEPA countries. `config`: the payer's `name` and `iban`, maybe `bic`."""

    name = "sepa"
    payee_kind = "iban"

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._config = config or {}

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Money in euros, in the SEPA countries."""
        return incentive in _INCENTIVES and currency in ("", "EUR") and (not country or country in SEPA)

    def render(self, sheet: Sheet) -> Instruction:
        """The file. The day after the approval is asked for; the same sheet gives the same bytes.

        Raises BadInput without the payer's account, on another currency than EUR, or on an account outside SEPA.
        """
        if sheet.currency != "EUR":
            raise BadInput("SEPA pays euros.", f"This payout is in {sheet.currency}.")
        if not sheet.payments:
            raise BadInput("There is nothing to pay by bank.", "No payment of this payout has a bank account.")
        root = ET.Element("Document", {"xmlns": NAMESPACE})
        _grow(root, [("CstmrCdtTrfInitn", self._message(sheet))])
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8")
        return Instruction(f"payout-{sheet.payout_id}.xml", "application/xml", body)

    def _message(self, sheet: Sheet) -> Tree:
        payer, own = sepa_text(str(self._config.get("name", "")), 70), iban(str(self._config.get("iban", "")))
        total, count = decimal_text(sum(p.amount_minor for p in sheet.payments), "EUR"), str(len(sheet.payments))
        at, ident = sheet.approved_at, sheet.payout_id.hex
        bic = str(self._config.get("bic", "")).upper()
        bank: Tree = [("BICFI", bic)] if bic else [("Othr", [("Id", "NOTPROVIDED")])]
        return [
            ("GrpHdr", [("MsgId", ident), ("CreDtTm", f"{at:%Y-%m-%dT%H:%M:%S}"), ("NbOfTxs", count), ("CtrlSum", total),
                        ("InitgPty", [("Nm", payer)])]),
            ("PmtInf", [
                ("PmtInfId", ident), ("PmtMtd", "TRF"), ("BtchBookg", "true"), ("NbOfTxs", count), ("CtrlSum", total),
                ("PmtTpInf", [("SvcLvl", [("Cd", "SEPA")])]),
                ("ReqdExctnDt", [("Dt", f"{at + timedelta(days=1):%Y-%m-%d}")]),
                ("Dbtr", [("Nm", payer)]), ("DbtrAcct", [("Id", [("IBAN", own)])]),
                ("DbtrAgt", [("FinInstnId", bank)]), ("ChrgBr", "SLEV"),
                *(("CdtTrfTxInf", _transfer(p)) for p in sheet.payments),
            ]),
        ]  # fmt: skip

    def check_reference(self, reference: str) -> str:
        """Any printable text: banks differ."""
        return plain_reference(reference)


def _transfer(p: Payment) -> Tree:
    account = iban(str(p.account.get("iban", "")))
    if account[:2] not in SEPA:
        raise BadInput(f"{account[:2]} is outside SEPA.", f"It is the account of {p.name}.")
    if not 0 < p.amount_minor <= _MOST_CENTS:
        raise BadInput("The amount is over what SEPA carries.", f"It is for {p.name}.")
    return [
        ("PmtId", [("InstrId", p.id.hex), ("EndToEndId", p.id.hex)]),
        ("Amt", [("InstdAmt", decimal_text(p.amount_minor, "EUR"))]),
        ("Cdtr", [("Nm", sepa_text(p.name, 70))]), ("CdtrAcct", [("Id", [("IBAN", account)])]),
        ("RmtInf", [("Ustrd", sepa_text(p.text, 140))]),
    ]  # fmt: skip


def _grow(parent: ET.Element, tree: Tree) -> None:
    for tag, inner in tree:
        made = ET.SubElement(parent, tag, {"Ccy": "EUR"} if tag == "InstdAmt" else {})
        if isinstance(inner, str):
            made.text = inner
        else:
            _grow(made, inner)
