"""A statement as a PDF says what its CSV says, whatever people are called."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader

from honeyguide.core.errors import BadInput
from honeyguide.ledger.statements import Balance, Statement, StatementLine, bounds, statement_csv
from honeyguide.web.statement_pdf import statement_pdf

AT = datetime(2026, 3, 1, tzinfo=UTC)


def month(name: str = "Ana Ruiz", n: int = 3, memo: str = "Gift card for Acme") -> Statement:
    lines = [
        StatementLine(AT + timedelta(hours=n_), "Earned", f"{memo} {n_}", "EUR", 1_234_00 + n_, 5_00 if n_ == 1 else 0)
        for n_ in range(n)
    ]
    change = sum(x.change_minor for x in lines)
    return Statement(UUID(int=1), name, "2026-03", [Balance("EUR", 10_00, change + 5_00, 5_00, 10_00 + change)], lines)


def told(one: Statement, company: str = "Kestrel Ltd") -> tuple[list[str], str]:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(statement_pdf(one, company))).pages]
    return pages, " ".join(" ".join(pages).split())


def amounts(text: str) -> str:
    return text.replace(",", "").replace("€", "")


def test_it_says_what_the_csv_says() -> None:
    one = month()
    _, text = told(one)
    rows = list(csv.DictReader(io.StringIO(statement_csv(one).decode("utf-8-sig"))))
    for row in rows:
        wanted = row["change"].removesuffix(".00")
        assert wanted in amounts(text), (wanted, text)
        assert row["for"] in text
    assert "Kestrel Ltd: statement of 2026-03" in text
    assert "Ana Ruiz" in text
    assert "no invoice" in text


def test_a_long_month_goes_on_over_pages_with_its_head() -> None:
    pages, text = told(month(n=120))
    assert len(pages) >= 3
    assert all("Change" in page for page in pages)
    assert [f"Page {i}" in page for i, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert all(f"Gift card for Acme {n}" in text for n in range(120))


def test_names_are_text_and_never_markup() -> None:
    evil = '<b>x</b> & <img src="http://127.0.0.1:1/x.png"/> <a href="javascript:1">'
    _, text = told(month(name=evil, memo=evil), company=evil)
    assert text.count("<b>x</b> & <img") >= 3


def test_letters_the_typeface_lacks_are_said_to_be_missing() -> None:
    _, text = told(month(name="王小明 Müller-Łukasz"))
    assert "??? Müller" in text
    assert "typeface lacks" in text
    assert "typeface lacks" not in told(month(name="Zoë Müller"))[1]


def test_a_word_longer_than_its_column_is_broken() -> None:
    _, text = told(month(memo="x" * 300))
    assert "x" * 300 in text.replace(" ", "").replace("\n", "")


def test_the_same_statement_is_the_same_file_and_an_empty_month_says_so() -> None:
    assert statement_pdf(month(), "Kestrel") == statement_pdf(month(), "Kestrel")
    assert "Nothing happened" in told(Statement(UUID(int=1), "Ana", "2026-03", [], []))[1]


def test_long_names_stay_on_the_page_and_the_month_is_always_said() -> None:
    _, text = told(month(name="N" * 500), company="Kestrel " * 60)
    assert "…: statement of 2026-03" in text
    assert "N…" in text


def test_a_text_taller_than_a_page_goes_on_over_pages() -> None:
    pages, text = told(month(memo="word " * 4_000, n=1))
    assert len(pages) >= 3
    assert text.count("word") == 4_000


def test_a_letter_written_with_its_mark_apart_is_printed() -> None:
    assert "René" in told(month(name="Rene\u0301"))[1]


def test_the_last_month_of_the_calendar_is_refused_and_not_a_crash() -> None:
    with pytest.raises(BadInput):
        bounds("9999-12")
