"""Money of several people on one win: who brought the advocate in, who shares the credit, and who was found to cheat."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import structs

from honeyguide import ledger, outcomes, programs
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from honeyguide.outcomes import Decision, Part, fraud
from honeyguide.programs.catalogue import load
from tests.unit.outcomes.paying import invoice, refund
from tests.unit.outcomes.test_court import NOW, second, standing
from tests.unit.outcomes.town import AT, Town, company, days, event, joins, person, settle, tell


async def partner(tx: Tx, email: str, name: str) -> programs.Advocate:
    program = await programs.ensure_program(tx, "partner-commission")
    (group,) = await programs.groups(tx, program.id)
    who = person(email, ext_id=f"hs-{email}", name=name)
    await tell(tx, [event("persona.identified", days(-100), who=who, firm=company(email.split("@")[1]))])
    made, _ = await programs.ensure_advocate(tx, who.id, name, email, program, group)
    return made


async def partners(tx: Tx) -> tuple[programs.Advocate, programs.Advocate, Town]:
    """Maya, brought in by Ines; Tom comes through Maya and pays €10,000."""
    ines, maya = (
        await partner(tx, "ines@above.example", "Ines Roth"),
        await partner(tx, "maya@below.example", "Maya Ortiz"),
    )
    await programs.set_parent(tx, maya.id, ines.id, "mara@host.example", days(-30))
    program = await programs.program(tx, maya.program_id)
    (group,) = await programs.groups(tx, program.id)
    town = Town(program, group, maya, await programs.ensure_link(tx, maya))
    await joins(tx, town)
    await tell(tx, [invoice("B-1", 45, 1_000_000, message="paid")])
    return ines, maya, town


async def test_whoever_brought_the_partner_in_earns_too_and_loses_it_with_the_credit(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        _, _, town = await partners(tx)
        assert await standing(tx) == {"Maya Ortiz": 200_000, "Ines Roth": 50_000}
        noa = await second(tx, town)
        conversion: UUID = await tx.value("select id from conversion where workspace_id = $1", workspace)
        give = Decision(kind="give", parts=(Part(noa.id, 10_000),), reason="Noa did it.")
        await outcomes.decide(tx, conversion, give, "mara@host.example", NOW)
        assert await standing(tx) == {"Noa Weiss": 200_000}  # nobody brought Noa in
        back = Decision(kind="give", parts=(Part(town.advocate.id, 10_000),), reason="It was Maya after all.")
        await outcomes.decide(tx, conversion, back, "mara@host.example", NOW + timedelta(minutes=1))
        assert await standing(tx) == {"Maya Ortiz": 200_000, "Ines Roth": 50_000}
        assert (await ledger.verify(tx)).ok


async def test_a_refund_comes_out_of_the_parents_part_as_well(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await partners(tx)
        assert set((await standing(tx)).values()) == {200_000, 50_000}
        await tell(tx, [refund("B-1", 60, 1_000_000)])
        assert set((await standing(tx)).values()) <= {0}
        assert (await ledger.verify(tx)).ok


async def test_a_verdict_of_fraud_leaves_those_who_share_the_credit_alone(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        noa = await second(tx, town)
        referral = (await joins(tx, town, email="sales@prospect.example", name="Sales")).referral
        who = person("sales@prospect.example")
        firm = company("prospect.example")
        await tell(
            tx, [event("deal.won", days(45), who=who, firm=firm, deal="77", amount_minor=1_000_000, currency="EUR")]
        )
        conversion: UUID = await tx.value("select id from conversion where workspace_id = $1", workspace)
        both = Decision(kind="split", parts=(Part(noa.id, 4_000), Part(town.advocate.id, 6_000)), reason="Both.")
        await outcomes.decide(tx, conversion, both, "mara@host.example", NOW)
        assert await standing(tx) == {"Noa Weiss": 60_000, "Maya Ortiz": 90_000}
        assert await fraud.case(tx, referral.id) is not None
        await fraud.resolve(tx, [referral.id], "fraud", "Maya is Tom.", "ola@operator.example", days(61))
        assert {k: v for k, v in (await standing(tx)).items() if v} == {"Noa Weiss": 60_000}
        assert (await ledger.verify(tx)).ok


@pytest.mark.parametrize("paid", [False, True])
async def test_what_was_paid_on_a_fraud_is_owed(db: Database, workspace: int, paid: bool) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        referral = (await joins(tx, town, email="sales@prospect.example", name="Sales")).referral
        who = person("sales@prospect.example")
        firm = company("prospect.example")
        await tell(
            tx, [event("deal.won", days(45), who=who, firm=firm, deal="77", amount_minor=1_000_000, currency="EUR")]
        )
        (reward,) = await ledger.rewards(tx)
        if paid:
            await programs.accept_terms(tx, town.advocate.id, AT)
            await ledger.approve_reward(tx, reward.id, "finn@host.example", days(90), reason="Looked at.")
            made = await ledger.request_payout(tx, [reward.id], "manual", "finn@host.example", days(90))
            await ledger.approve_payout(tx, made.id, "noor@host.example", days(90))
            await ledger.mark_paid(tx, made.id, "finn@host.example", "bank 1", days(91))
        await fraud.resolve(tx, [referral.id], "fraud", "Maya is Tom.", "ola@operator.example", days(92))
        assert (await ledger.reward(tx, reward.id)).state == "reversed"
        assert await ledger.owed(tx, town.advocate.id, "EUR") == (reward.amount_minor if paid else 0)
        assert (await ledger.verify(tx)).ok


async def test_parts_of_a_reward_are_issued_all_or_none(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await ledger.fund_budget(tx, "b", town.program.id, Money(15_000, "EUR"), "noor@host.example", AT)
        offer = (await programs.offers(tx, town.group.id))[0]
        earned = ledger.Earned(
            rule="r", role="advocate", conversion_id=UUID(int=7), advocate_id=town.advocate.id, program_id=town.program.id,
            offer_id=offer.id, incentive="commission", label="Three years", money=Money(30_000, "EUR"), reason="Won.",
            hold_until=days(30), parts=tuple(ledger.Part(n, days(365 * n), 10_000) for n in (1, 2, 3)),
        )  # fmt: skip
        with pytest.raises(ledger.OverFloor):
            await ledger.issue_parts(tx, earned, AT)
        assert await ledger.rewards(tx) == []  # a caller may go on: nothing stays behind
        assert next(b for b in await ledger.accounts(tx) if b.kind == "budget").balance_minor == 15_000
        assert (await ledger.verify(tx)).ok


async def test_a_program_costs_no_more_than_its_year_allows(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        draft = structs.replace(load("refer-a-friend"), slug="small")
        small = structs.replace(
            draft, terms=structs.replace(draft.terms, budget_minor=draft.groups[0].offers[0].amount_minor)
        )
        program = await programs.versions.create_program(tx, small, "mara@host.example", days(-90))
        await programs.versions.publish(tx, program, 1, "mara@host.example", days(-90))
        await programs.versions.confirm_publish(tx, program, 1, "noor@host.example", days(-90))
        group = (await programs.groups(tx, program.id))[0]
        made, _ = await programs.ensure_advocate(
            tx, town.advocate.record_id, "Maya", "maya@customer.example", program, group
        )
        there = Town(program, group, made, await programs.ensure_link(tx, made))
        for number, name in enumerate(("tom", "ann")):
            await joins(tx, there, f"{name}@{name}-firm.example", name=name.title())
            firm, who = company(f"{name}-firm.example"), person(f"{name}@{name}-firm.example")
            await tell(
                tx,
                [
                    event(
                        "deal.won",
                        days(45 + number),
                        who=who,
                        firm=firm,
                        deal=name,
                        amount_minor=900_000,
                        currency="EUR",
                    )
                ],
            )
        mine = [r for r in await ledger.rewards(tx) if r.advocate_id == made.id]
        assert len(mine) == 1
        reasons = await tx.rows("select reason from attribution where workspace_id = $1 order by at", workspace)
        assert any("No reward: The cap of" in r["reason"] for r in reasons)
        assert (await ledger.verify(tx)).ok
