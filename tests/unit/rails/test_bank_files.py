"""Bank files: read back by rules of their own, and what is wrong is refused before a bank sees it."""

import re
from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.core.ids import content_id
from honeyguide.ledger import Sheet
from honeyguide.ledger.payee_forms import account, iban, routing, us_number, vat
from honeyguide.ledger.sheets import Payment
from honeyguide.rails import NachaRail, SepaRail
from honeyguide.rails.bank_text import sepa_text

GOOD = ["DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300",
        "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "CH9300762011623852957", "BE68539007547034"]  # fmt: skip
ROUTING = ["021000021", "011401533", "091000019", "121042882"]
NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"


def sheet(
    accounts: list[dict[str, object]], amounts: list[int], currency: str = "EUR", name: str = "Ana Ruiz"
) -> Sheet:
    payments = tuple(
        Payment(content_id("p", str(n)), name, a, m, "Referral & <more>")
        for n, (a, m) in enumerate(zip(accounts, amounts, strict=True))
    )
    return Sheet(UUID(int=7), currency, sum(amounts), "noor", datetime(2026, 4, 2, 9, tzinfo=UTC), (), payments)


@pytest.mark.parametrize("text", GOOD)
def test_an_iban_is_taken_and_one_wrong_digit_or_a_swap_is_not(text: str) -> None:
    assert iban(f" {text[:4].lower()} {text[4:]} ") == text
    for n in range(4, len(text)):
        other = "1" if text[n] != "1" else "2"
        with pytest.raises(BadInput):
            iban(text[:n] + other + text[n + 1 :])
    for bad in (text[:-1], text + "0", "ZZ" + text[2:], "", "DE٨٩370400440532013000"):
        with pytest.raises(BadInput):
            iban(bad)


@pytest.mark.parametrize("text", ROUTING)
def test_a_routing_number_is_taken_and_one_wrong_digit_is_not(text: str) -> None:
    assert routing(text) == text
    for n in range(9):
        with pytest.raises(BadInput):
            routing(text[:n] + str((int(text[n]) + 1) % 10) + text[n + 1 :])
    for bad in ("000000000", "12345678", "0210000210", "٠٢١٠٠٠٠٢١"):
        with pytest.raises(BadInput):
            routing(bad)


def test_tax_numbers() -> None:
    assert vat("de 123 456 789") == ("DE123456789", "DE")
    assert vat("ATU12345678")[1] == "AT"
    assert vat("EL123456789")[1] == "GR"
    assert vat("CHE-123.456.789 MWST")[1] == "CH"
    assert us_number("12-3456789") == "123456789"
    for bad in ("DE12345678", "XX123456789", "AT12345678", ""):
        with pytest.raises(BadInput):
            vat(bad)
    for bad in ("000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000", "111111111", "12345"):
        with pytest.raises(BadInput):
            us_number(bad)


def test_an_account_is_shown_by_its_last_signs_only() -> None:
    for kind, given_, secret in (("iban", {"iban": GOOD[0]}, "0400440532"), ("paypal", {"email": "ana.ruiz@mail.example"}, "ana.ruiz"),
                                 ("us_bank", {"routing": ROUTING[0], "account": "123456789"}, "12345")):  # fmt: skip
        _, masked, _ = account(kind, given_)
        assert secret not in masked
    for kind, bad in (("stripe", {"id": "acct_1; drop"}), ("paypal", {"email": "a@b"}), ("us_bank", {"routing": ROUTING[0], "account": "1"}),
                      ("card", {}), ("paypal", {"email": "a@b.example\nbcc:x@y.example"})):  # fmt: skip
        with pytest.raises(BadInput):
            account(kind, bad)


def test_sepa_has_the_schemas_order_and_sums() -> None:
    given_ = sheet([{"iban": GOOD[0]}, {"iban": GOOD[3]}], [150_000, 1])
    made = SepaRail({"name": "Höst & Söhne", "iban": GOOD[7]}).render(given_)
    root = ET.fromstring(made.body)  # made here
    message = root[0]
    assert [c.tag.removeprefix(NS) for c in message] == ["GrpHdr", "PmtInf"]
    assert [c.tag.removeprefix(NS) for c in message[0]] == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    assert [c.tag.removeprefix(NS) for c in message[1]][:11] == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "ChrgBr",
    ]  # fmt: skip
    transfers = message[1].findall(f"{NS}CdtTrfTxInf")
    assert all([c.tag.removeprefix(NS) for c in t] == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"] for t in transfers)
    assert [e.text for e in root.iter(f"{NS}InstdAmt")] == ["1500.00", "0.01"]
    assert {e.text for e in root.iter(f"{NS}CtrlSum")} == {"1500.01"}
    assert {e.text for e in root.iter(f"{NS}NbOfTxs")} == {"2"}
    assert next(root.iter(f"{NS}Nm")).text == "Host + Sohne"
    assert all(
        len(e.text or "") <= 35 for tag in ("MsgId", "PmtInfId", "InstrId", "EndToEndId") for e in root.iter(NS + tag)
    )
    assert SepaRail({"name": "Höst & Söhne", "iban": GOOD[7]}).render(given_) == made


@pytest.mark.parametrize("broken", [
    sheet([{"iban": GOOD[0]}], [1], "USD"), sheet([], []), sheet([{"iban": "DE00370400440532013000"}], [1]),
    sheet([{"iban": "AE070331234567890123456"}], [1]), sheet([{"iban": GOOD[0]}], [100_000_000_000]), sheet([{}], [1]),
])  # fmt: skip
def test_sepa_refuses_what_a_bank_would(broken: Sheet) -> None:
    with pytest.raises(BadInput):
        SepaRail({"name": "Host", "iban": GOOD[7]}).render(broken)


@given(st.text(max_size=200))
def test_text_for_a_bank_is_in_its_letters(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,70}", sepa_text(text, 70))
    assert not sepa_text(text, 70).startswith("/")


CONFIG = {"routing": ROUTING[0], "bank": "First Bank", "company": "Höst Inc.", "company_id": "1123456789"}


@pytest.mark.parametrize("count", [1, 5, 6, 7, 26])
def test_nacha_adds_up_by_columns(count: int) -> None:
    given_ = sheet([{"routing": ROUTING[n % 4], "account": "12345678", "type": "savings" if n % 2 else "checking"} for n in range(count)],
                   [100_00 + n for n in range(count)], "USD", "Zoë Müller")  # fmt: skip
    lines = NachaRail(CONFIG).render(given_).body.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert len(lines) % 10 == 0
    assert {len(line) for line in lines} == {94}
    kinds = "".join(line[0] for line in lines)
    assert re.fullmatch(rf"156{{{count}}}89+", kinds)
    entries, batch = [line for line in lines if line[0] == "6"], next(line for line in lines if line[0] == "8")
    total = next(line for line in lines if line[0] == "9" and line != "9" * 94)
    hashed, cents = sum(int(e[3:11]) for e in entries) % 10**10, sum(int(e[29:39]) for e in entries)
    assert (int(batch[4:10]), int(batch[10:20]), int(batch[20:32]), int(batch[32:44])) == (count, hashed, 0, cents)
    assert (int(total[1:7]), int(total[7:13]), int(total[13:21])) == (1, len(lines) // 10, count)
    assert (int(total[21:31]), int(total[31:43]), int(total[43:55])) == (hashed, 0, cents)
    assert (lines[0][3:13], lines[0][13:23], lines[0][34:40]) == (" 021000021", "1123456789", "094101")
    assert (lines[1][1:4], lines[1][40:50], lines[1][50:53], batch[44:54]) == ("220", "1123456789", "PPD", "1123456789")
    assert [e[79:94] for e in entries] == [f"02100002{n:07d}" for n in range(1, count + 1)]
    assert entries[0][54:76].strip() == "ZOE MULLER"
    assert {e[1:3] for e in entries} <= {"22", "32"}


@pytest.mark.parametrize(("config", "broken"), [
    (CONFIG, sheet([{"routing": ROUTING[0], "account": "1" * 18}], [1], "USD")), (CONFIG, sheet([{"routing": "021000022", "account": "1"}], [1], "USD")),
    (CONFIG, sheet([], [], "USD")), (CONFIG, sheet([{"iban": GOOD[0]}], [1])), ({}, sheet([{"routing": ROUTING[0], "account": "1234"}], [1], "USD")),
    (CONFIG, sheet([{"routing": ROUTING[0], "account": "1234"}], [10_000_000_000], "USD")),
])  # fmt: skip
def test_nacha_refuses_what_a_bank_would(config: dict[str, str], broken: Sheet) -> None:
    with pytest.raises(BadInput):
        NachaRail(config).render(broken)
