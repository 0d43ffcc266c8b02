"""Whom to pay, when and with which papers: accounts, minimums, schedules, tax forms, statements"""

from datetime import date, timedelta

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Database, Tx
from honeyguide.ledger import payee_forms, payees, schedules, statements, tax
from honeyguide.ledger.policy_rows import Policy
from honeyguide.ledger.rails_set_up import set_rail
from tests.money_rules import rule
from tests.money_rules.ground import at_once
from tests.unit.ledger.books import FINN, LATER, NOOR, add_advocate, advocate_id, approved, issued, paid

COOLING = timedelta(days=3)


async def account(tx: Tx, text: str = "one") -> str:
    """A proposed account; returns the token of the advocate's mail."""
    _, token = await payees.propose_payee(tx, advocate_id(), "iban", text.encode(), text, "DE", b"f", FINN, LATER)
    return token


@rule("MR-380", "Nobody is paid to an account the advocate has not confirmed from their own mailbox.")
async def test_accounts_are_confirmed(tx: Tx) -> None:
    await add_advocate(tx)
    await set_rail(tx, "sepa", FINN, LATER, sends=False, payee_kind="iban", config={})
    token = await account(tx)
    await approved(tx)
    (waits,) = await schedules.due(tx, LATER, "sepa")
    assert waits.why_not is not None
    await payees.confirm_payee(tx, token, COOLING, LATER)
    (goes,) = await schedules.due(tx, LATER, "sepa")
    assert goes.why_not is None


@rule("MR-381", "A changed account waits some days before anything is paid to it, and the reason says until when.")
async def test_changes_cool_off(tx: Tx) -> None:
    await add_advocate(tx)
    await set_rail(tx, "sepa", FINN, LATER, sends=False, payee_kind="iban", config={})
    await payees.confirm_payee(tx, await account(tx), COOLING, LATER)
    await payees.confirm_payee(tx, await account(tx, "two"), COOLING, LATER)
    await approved(tx)
    told = [(await schedules.due(tx, LATER + timedelta(days=d), "sepa"))[0].why_not for d in (0, 2, 3)]
    assert [t is None for t in told] == [False, False, True]
    assert "until" in (told[0] or "")


@rule("MR-382", "A confirmation counts once, for the newest proposal, and not after a week.")
async def test_confirmations(tx: Tx) -> None:
    await add_advocate(tx)
    old, new = await account(tx, "one"), await account(tx, "two")
    with pytest.raises(Conflict):
        await payees.confirm_payee(tx, old, COOLING, LATER)
    with pytest.raises(Conflict):
        await payees.confirm_payee(tx, new, COOLING, LATER + timedelta(days=8))
    with pytest.raises(NotFound):
        await payees.confirm_payee(tx, "hgp_guess", COOLING, LATER)


@rule("MR-383", "An account number that cannot be right is refused before anybody pays to it.")
@pytest.mark.parametrize(
    "text", ["DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "", "DE98370400440532013000"]
)
def test_account_numbers(text: str) -> None:
    assert payee_forms.iban("DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    with pytest.raises(BadInput):
        payee_forms.iban(text)


@rule("MR-384", "What is less than the minimum waits, is carried over and says so; it is never lost.")
async def test_minimums(tx: Tx) -> None:
    await add_advocate(tx)
    await schedules.set_policy(tx, Policy("monthly", 1, minimums={"EUR": 5_000}), FINN, LATER)
    await approved(tx, 0, 4_999)
    made = await schedules.run_due(tx, LATER)
    assert made is not None
    assert (made.payouts, "minimum" in (made.withheld[0].why_not or "")) == ([], True)
    await approved(tx, 1, 1)
    later = await schedules.run_due(tx, LATER + timedelta(days=31))
    assert later is not None
    assert [p.total_minor for p in later.payouts] == [5_000]


@rule("MR-385", "Each period of a schedule makes its payouts once, however many workers wind the clock.")
async def test_runs_are_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await schedules.set_policy(tx, Policy("weekly", 1), FINN, LATER)
        await approved(tx, 0, 4_999)
    made, _ = await at_once(db, workspace, lambda tx, _: schedules.run_due(tx, LATER))
    assert len([m for m in made if m is not None]) == 1
    async with db.tx(workspace) as tx:
        assert len(await ledger.payouts(tx)) == 1


@rule("MR-386", "A run that a missed day held up is made up, and a month without the day runs on its last one.")
@pytest.mark.parametrize(
    ("day", "due"), [("2026-02-27", False), ("2026-02-28", True), ("2026-03-30", False), ("2026-03-31", True)]
)
def test_missed_days(day: str, due: bool) -> None:
    at = LATER.replace(year=2026, month=int(day[5:7]), day=int(day[8:]))
    assert (schedules.run_key(Policy("monthly", 31), at) is not None) is due


@rule("MR-387", "What a schedule requests is approved by a person like every payout.")
async def test_schedules_ask(tx: Tx) -> None:
    await add_advocate(tx)
    await schedules.set_policy(tx, Policy("monthly", 1), FINN, LATER)
    await approved(tx)
    made = await schedules.run_due(tx, LATER)
    assert made is not None
    assert [(p.state, p.approved_by) for p in made.payouts] == [("requested", None)]


@rule("MR-388", "Who has not accepted the terms is not paid by a schedule either, and is named with the reason.")
async def test_schedules_mind_terms(tx: Tx) -> None:
    await add_advocate(tx, name="Cy Orr", accepted=False)
    await schedules.set_policy(tx, Policy("monthly", 1), FINN, LATER)
    await approved(tx)
    made = await schedules.run_due(tx, LATER)
    assert made is not None
    assert [(w.name, "terms" in (w.why_not or "")) for w in made.withheld] == [("Cy Orr", True)]


@rule("MR-389", "A payment that would reach the yearly sum for a tax form waits until there is one, by the cent.")
async def test_tax_threshold(tx: Tx) -> None:
    await add_advocate(tx)
    await schedules.set_policy(tx, Policy(payer_country="US"), FINN, LATER)
    first, second = await approved(tx, 1, 59_999, currency="USD"), await approved(tx, 2, 1, currency="USD")
    payout = await ledger.request_payout(tx, [first.id], "manual", FINN, LATER)
    await ledger.approve_payout(tx, payout.id, NOOR, LATER)
    with pytest.raises(Conflict) as refused:
        await ledger.request_payout(tx, [second.id], "manual", FINN, LATER)
    assert "$600" in refused.value.detail
    form = tax.tax_form("w9", {"name": "Ana Ruiz", "number": "123-45-6789"}, LATER.date())
    await tax.give_tax_form(tx, advocate_id(), form, b"sealed", FINN, LATER)
    assert (await ledger.request_payout(tx, [second.id], "manual", FINN, LATER)).total_minor == 1


@rule("MR-390", "A form that has run out counts no more, and one for another kind of payer does not count.")
async def test_forms_end(tx: Tx) -> None:
    await add_advocate(tx)
    await schedules.set_policy(tx, Policy(payer_country="US"), FINN, LATER)
    await approved(tx, 1, 100_000, currency="USD")
    old = tax.tax_form("w8ben", {"name": "Ana Ruiz", "country": "DE"}, date(2020, 1, 1))
    vat = tax.tax_form("vat", {"number": "DE123456789"}, LATER.date())
    for form in (old, vat):
        await tax.give_tax_form(tx, advocate_id(), form, b"sealed", FINN, LATER)
        (waits,) = await schedules.due(tx, LATER)
        assert waits.why_not is not None


@rule("MR-391", "A tax number that is never issued, and a form without a name, is refused; only its end is shown.")
@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("w9", {"name": "A", "number": "000-12-3456"}),
        ("w9", {"number": "123-45-6789"}),
        ("w8ben", {"name": "A", "country": "US"}),
        ("vat", {"number": "DE12"}),
    ],
)
def test_tax_numbers(form: str, given: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        tax.tax_form(form, given, LATER.date())
    good = tax.tax_form("w9", {"name": "Ana Ruiz", "number": "123-45-6789"}, LATER.date())
    assert "12345" not in good.masked.replace("-", "")


@rule("MR-392", "A statement's month begins where the one before ended, and its lines explain the difference.")
async def test_statements_tie(tx: Tx) -> None:
    await add_advocate(tx)
    await paid(tx, 0, 150_000)
    late = await issued(tx, 1, 700)
    await ledger.reverse_reward(tx, late.id, 200, "re_1", "Refunded.", FINN, LATER)
    march, april = [await statements.statement(tx, advocate_id(), m) for m in ("2026-03", "2026-04")]
    assert march.balances[0].closing_minor == april.balances[0].opening_minor == 150_700
    for told in (march, april):
        (month,) = told.balances
        assert month.closing_minor - month.opening_minor == sum(line.change_minor for line in told.lines)
    assert april.balances[0].closing_minor == 500


@rule("MR-393", "A statement is of one advocate and one month; a month that is none is refused.")
@pytest.mark.parametrize("month", ["2026-13", "2026", "26-01", "2026-3", "next"])
async def test_statements_have_a_month(tx: Tx, month: str) -> None:
    await add_advocate(tx)
    with pytest.raises(BadInput):
        await statements.statement(tx, advocate_id(), month)


@rule("MR-394", "Making a statement, or asking who is due, changes nothing.")
async def test_papers_read(tx: Tx) -> None:
    await add_advocate(tx)
    await paid(tx, 0, 150_000)
    await approved(tx, 1)
    before = ((await ledger.verify(tx)).transfers, [(r.id, r.state) for r in await ledger.rewards(tx)])
    await statements.statement(tx, advocate_id(), "2026-03")
    await schedules.due(tx, LATER)
    assert ((await ledger.verify(tx)).transfers, [(r.id, r.state) for r in await ledger.rewards(tx)]) == before
