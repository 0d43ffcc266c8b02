"""Accounts, tax forms, schedules, statements and the tie-out of a day."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from honeyguide.ledger import disburse, payee_rows, payees, schedules, statements, tax
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger.policy_rows import Policy, TaxProfile
from honeyguide.ledger.rails_set_up import set_rail
from honeyguide.ledger.tie_out import tie_out
from honeyguide.rails import SepaRail
from tests.unit.ledger.books import FINN, LATER, NOOR, add_advocate, advocate_id, approved, assert_sound, issued, paid

COOLING = timedelta(days=3)


async def propose(tx: Tx, now: datetime, masked: str = "DE89", kind: str = "iban") -> tuple[payee_rows.Payee, str]:
    return await payees.propose_payee(
        tx, advocate_id(), kind, masked.encode(), masked, "DE", b"f", FINN, now
    )  # fmt: skip


async def test_an_account_counts_when_the_advocate_says_so_and_a_change_cools_off(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        _, first = await propose(tx, LATER, "one")
        assert (await payee_rows.usable(tx, advocate_id(), "iban", None, LATER))[0] is None
        await payees.confirm_payee(tx, first, COOLING, LATER)
        usable, _ = await payee_rows.usable(tx, advocate_id(), "iban", None, LATER)
        assert usable is not None
        assert usable.masked == "one"
        _, stale = await propose(tx, LATER, "two")
        _, second = await propose(tx, LATER, "three")
        with pytest.raises(Conflict):
            await payees.confirm_payee(tx, stale, COOLING, LATER)  # replaced by a newer proposal
        changed = await payees.confirm_payee(tx, second, COOLING, LATER)
        assert await payees.confirm_payee(tx, second, COOLING, LATER + timedelta(days=1)) == changed
        found, why = await payee_rows.usable(tx, advocate_id(), "iban", None, LATER + timedelta(days=2))
        assert found is None
        assert "wait until" in why
        found, _ = await payee_rows.usable(tx, advocate_id(), "iban", None, LATER + COOLING)
        assert found is not None
        assert found.masked == "three"
        _, other = await propose(tx, LATER, "four", "paypal")  # another kind is a change, too
        assert (await payees.confirm_payee(tx, other, COOLING, LATER)).usable_from == LATER + COOLING
        _, late = await propose(tx, LATER, "five")
        with pytest.raises(Conflict):
            await payees.confirm_payee(tx, late, COOLING, LATER + timedelta(days=8))
        for bad in ("", "hgp_no"):
            with pytest.raises(NotFound):
                await payees.confirm_payee(tx, bad, COOLING, LATER)
        with pytest.raises(NotFound):
            await payees.propose_payee(tx, new_id(), "iban", b"", "", "", b"", FINN, LATER)
        await payees.forget_payees(tx, [1000])
        rows = await payees.payees_of(tx, advocate_id())
        assert {(r.sealed, r.masked, r.state) for r in rows} == {(b"", "", "withdrawn")}


def test_a_payment_waits_for_a_form_from_the_threshold_on() -> None:
    today = date(2026, 4, 2)

    def why(
        form: str | None,
        paid_minor: int,
        amount: int,
        currency: str = "USD",
        payer: str = "US",
        until: date | None = None,
    ) -> str | None:
        profile = TaxProfile(new_id(), form, "", "", "", LATER, until) if form else None
        return tax.why_withheld(profile, payer, 60_000, paid_minor, amount, currency, today)

    assert why(None, 0, 59_999) is None
    assert "to $600: Form 1099-NEC is due from $600" in (why(None, 0, 60_000) or "")
    assert "1099" in (why(None, 59_999, 1) or "")
    assert "1099" in (why("vat", 59_999, 1) or "")
    assert why("w9", 59_999, 10**9) is None
    assert why("w8ben", 0, 60_000, until=today) is None
    assert "ended on 01 April 2026" in (why("w8ben", 0, 60_000, until=date(2026, 4, 1)) or "")
    assert why(None, 0, 60_000, "EUR") is None
    assert why(None, 0, 60_000, payer="DE") is None
    assert tax.tax_form("w8bene", {"name": "Firma", "country": "de"}, today).valid_until == date(2029, 12, 31)
    for form, bad in (("w9", {"name": "A", "number": "1"}), ("w9", {"number": "12-3456789"}), ("w8ben", {"name": "A", "country": "US"}),
                      ("w8ben", {"name": "A"}), ("vat", {"number": "DE1"}), ("w7", {})):  # fmt: skip
        with pytest.raises(BadInput):
            tax.tax_form(form, bad, today)


async def test_a_person_cannot_pay_what_waits_for_a_form_and_is_told_why(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await schedules.set_policy(tx, Policy(payer_country="US"), FINN, LATER)
        small, large = await approved(tx, 1, 50_000, currency="USD"), await approved(tx, 2, 10_000, currency="USD")
        first = await ledger.request_payout(tx, [small.id], "manual", FINN, LATER)
        await ledger.approve_payout(tx, first.id, NOOR, LATER)
        with pytest.raises(Conflict) as refused:
            await ledger.request_payout(tx, [large.id], "manual", FINN, LATER)
        assert refused.value.code == "withheld"
        assert "$600" in refused.value.detail
        form = tax.tax_form("w9", {"name": "Ana Ruiz", "number": "123-45-6789"}, LATER.date())
        await tax.give_tax_form(tx, advocate_id(), form, b"sealed", FINN, LATER)
        assert (await ledger.request_payout(tx, [large.id], "manual", FINN, LATER)).total_minor == 10_000
        await assert_sound(tx)


@pytest.mark.parametrize(("policy", "at", "key"), [
    (Policy("weekly", 3), "2026-04-01", "weekly:2026-W14"), (Policy("weekly", 3), "2026-03-31", None),
    (Policy("weekly", 3), "2026-04-04", "weekly:2026-W14"), (Policy("monthly", 31), "2026-04-29", None),
    (Policy("monthly", 31), "2026-04-30", "monthly:2026-04"), (Policy("monthly", 31), "2026-02-28", "monthly:2026-02"),
    (Policy("manual"), "2026-04-30", None), (Policy("weekly", 1), "2027-01-01", "weekly:2026-W53"),
])  # fmt: skip
def test_when_a_run_is_due(policy: Policy, at: str, key: str | None) -> None:
    assert schedules.run_key(policy, datetime.fromisoformat(at).replace(tzinfo=UTC)) == key


async def test_a_run_pays_everybody_who_is_due_once_and_says_who_waits(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await add_advocate(tx, 1, name="Bo Li", email="bo@customer.example")
        await add_advocate(tx, 2, name="Cy Orr", email="cy@customer.example", accepted=False)
        await schedules.set_policy(tx, Policy("monthly", 1, minimums={"EUR": 5_000}), FINN, LATER)
        for n, (who, minor) in enumerate(((0, 4_000), (0, 1_000), (1, 4_999), (2, 9_000))):
            await approved(tx, n, minor, advocate=who)
        made = await schedules.run_due(tx, LATER)
        assert made is not None
        assert [(p.total_minor, p.requested_by, p.state) for p in made.payouts] == [(5_000, "schedule", "requested")]
        why = {d.name: d.why_not or "" for d in made.withheld}
        assert why["Bo Li"] == "€49.99 is less than the minimum of €50."
        assert "terms" in why["Cy Orr"]
        assert await schedules.run_due(tx, LATER + timedelta(hours=1)) is None
        await assert_sound(tx)
    for bad in (Policy("daily"), Policy("weekly", 9), Policy(minimums={"eur": 1})):
        with pytest.raises(BadInput):
            schedules.check_policy(bad)


async def test_a_file_goes_to_accounts_that_may_be_paid_to(db: Database, workspace: int) -> None:
    rail = SepaRail({"name": "Host", "iban": "BE68539007547034"})

    def unseal(sealed: bytes) -> dict[str, object]:
        return {"iban": sealed.decode()}

    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await set_rail(tx, "sepa", FINN, LATER, sends=False, payee_kind="iban", config={})
        reward = await approved(tx)
        payout = await ledger.request_payout(tx, [reward.id], "sepa", FINN, LATER)
        await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        with pytest.raises(Conflict) as refused:
            await ledger.hand_over(tx, payout.id, rail, FINN, payee_kind="iban", unseal=unseal, now=LATER)
        assert refused.value.code == "no_account"
        _, token = await payees.propose_payee(
            tx, advocate_id(), "iban", b"DE89370400440532013000", "DE89", "DE", b"f", FINN, LATER
        )
        await payees.confirm_payee(tx, token, COOLING, LATER)
        made = await ledger.hand_over(tx, payout.id, rail, FINN, payee_kind="iban", unseal=unseal, now=LATER)
        assert b"DE89370400440532013000" in made.body
        assert b'<InstdAmt Ccy="EUR">1500.00</InstdAmt>' in made.body
        _, token = await payees.propose_payee(
            tx, advocate_id(), "iban", b"NL91ABNA0417164300", "NL91", "NL", b"f", FINN, LATER
        )
        await payees.confirm_payee(tx, token, COOLING, LATER)
        later = LATER + timedelta(days=9)  # the same payout, again: the same file, not one to another account
        assert await ledger.hand_over(tx, payout.id, rail, FINN, payee_kind="iban", unseal=unseal, now=later) == made
        await assert_sound(tx)


async def test_a_statement_adds_up_over_months_and_opens_safely(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx, name="=cmd()<b>")
        await paid(tx, 0, 150_000)
        await issued(tx, 1, 7)
        march = await statements.statement(tx, advocate_id(), "2026-03")
        april = await statements.statement(tx, advocate_id(), "2026-04")
        by_month = [
            (b.opening_minor, b.earned_minor, b.paid_minor, b.closing_minor) for s in (march, april) for b in s.balances
        ]
        assert by_month == [(0, 150_007, 0, 150_007), (150_007, 0, 150_000, 7)]
        rows = list(csv.reader(io.StringIO(statements.statement_csv(april).decode("utf-8-sig"), newline="")))
        assert rows[-1][1:5] == ["Closing balance", "", "EUR", "0.07"]
        assert [r[1] for r in rows[2:-1]] == ["Paid"]
        page = statements.statement_page(march, "Host <script>").decode()
        assert "<script" not in page
        assert "<b>" not in page
        for bad in ("2026-13", "2026", "2026-1", "26-01", "x"):
            with pytest.raises(BadInput):
                await statements.statement(tx, advocate_id(), bad)
        with pytest.raises(NotFound):
            await statements.statement(tx, new_id(), "2026-03")


async def test_the_tie_out_shows_ours_theirs_and_the_difference(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await set_rail(tx, "tremendous", FINN, LATER, sends=True, payee_kind="", config={})
        for n, minor in enumerate((1_000, 2_000, 4_000)):
            reward = await approved(tx, n, minor, incentive="gift_card")
            made = await ledger.request_payout(tx, [reward.id], "tremendous", FINN, LATER)
            await ledger.approve_payout(tx, made.id, NOOR, LATER)
        claims = []
        for n in range(3):
            claim = await disburse.claim(tx, "tremendous", 0, LATER + timedelta(seconds=n))
            assert claim is not None
            claims.append(claim)
        for claim in claims:
            said = claim.line.amount_minor + (500 if claim.line.amount_minor == 4_000 else 0)
            await disburse.answered(tx, claim.entry, claim.line.id, ledger.Sent(f"o{said}", True, said), LATER)
        await paid(tx, 9, 300)
        found = {t.rail: t for t in await tie_out(tx, LATER.date())}
        assert (
            found["tremendous"].ours_minor,
            found["tremendous"].theirs_minor,
            found["tremendous"].difference_minor,
        ) == (3_000, 7_500, -4_500)
        assert (found["tremendous"].problems, found["tremendous"].open) == (1, 1)
        assert (found["manual"].ours_minor, found["manual"].unconfirmed, found["manual"].difference_minor) == (
            300,
            1,
            0,
        )
        assert await tie_out(tx, LATER.date() + timedelta(days=1)) == []
        assert await lines.count(tx, "sent", "tremendous", True) == 1
