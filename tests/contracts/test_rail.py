"""What every rail must do, whoever wrote it: run this suite against your own by adding it to RAILS."""

import inspect
from datetime import UTC, datetime

import pytest

from honeyguide.core.errors import BadInput
from honeyguide.core.ids import content_id
from honeyguide.ledger import Rail, Sheet, SheetLine, decimal_text
from honeyguide.rails import ManualRail

RAILS: list[Rail] = [ManualRail()]
MONEY = ("commission", "gift_card", "renewal_credit")


def sheet(*amounts: int) -> Sheet:
    lines = tuple(
        SheetLine(
            content_id("reward", str(n)), "Ana Ruiz", "ana@customer.example", "commission", "Referral", "Won.", minor
        )
        for n, minor in enumerate(amounts)
    )
    at = datetime(2026, 4, 2, tzinfo=UTC)
    return Sheet(content_id("payout"), "EUR", sum(amounts), "noor@host.example", at, lines)


@pytest.mark.parametrize("rail", RAILS, ids=lambda r: r.name)
class TestRail:
    def test_it_is_named_like_a_slug(self, rail: Rail) -> None:
        assert rail.name.replace("-", "").isalnum()
        assert rail.name == rail.name.lower()

    def test_it_accepts_some_incentive_worth_money_and_none_without(self, rail: Rail) -> None:
        assert any(rail.accepts(i) for i in MONEY)
        assert not rail.accepts("beta_access")
        assert not rail.accepts("")

    def test_the_instruction_holds_every_line_and_the_total(self, rail: Rail) -> None:
        given = sheet(150_000, 5, 99_999)
        body = rail.render(given).body.decode("utf-8-sig")
        for line in given.lines:
            assert str(line.reward_id) in body
            assert decimal_text(line.amount_minor, "EUR") in body
        assert decimal_text(given.total_minor, "EUR") in body

    def test_the_same_sheet_gives_the_same_bytes(self, rail: Rail) -> None:
        assert rail.render(sheet(1, 2)) == rail.render(sheet(1, 2))
        assert rail.render(sheet(1, 2)) != rail.render(sheet(2, 1))

    def test_the_file_name_is_safe(self, rail: Rail) -> None:
        name = rail.render(sheet(1)).file_name
        assert name.replace("-", "").replace(".", "").isalnum()

    def test_a_reference_is_trimmed_and_nonsense_refused(self, rail: Rail) -> None:
        assert rail.check_reference("  SEPA   2026/1 ") == "SEPA 2026/1"
        for nonsense in ("", "   ", "x" * 201, "a\x00b", "\x1b[2J"):
            with pytest.raises(BadInput):
                rail.check_reference(nonsense)


def test_the_port_stays_small() -> None:
    methods = [
        n for n, m in inspect.getmembers(Rail) if not n.startswith("_") and (callable(m) or isinstance(m, property))
    ]
    assert len(methods) <= 5
