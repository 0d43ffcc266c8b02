"""Counting and storing lift against the real schema."""

from datetime import timedelta
from uuid import UUID

from honeyguide import decisions, learning, programs
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW


async def _company(tx: Tx, n: int, arm: str) -> tuple[int, int]:
    firm = await (world.treated if arm == "treated" else world.held_out)(tx, f"{arm} {n}")
    ana = await world.persona(tx, f"{arm}{n}", firm, name="Ana Lima")
    await world.moment(tx, ana, firm)
    return firm, ana


async def _referral(tx: Tx, record: int, days: float, stage: str = "signed_up") -> UUID:
    program = await programs.ensure_program(tx)
    group = (await programs.groups(tx, program.id))[2]
    advocate, _ = await programs.ensure_advocate(tx, record, "Ana Lima", f"a{record}@firm.example", program, group)
    link = await programs.ensure_link(tx, advocate)
    ident, at = new_id(), NOW + timedelta(days=days)
    await tx.run(
        "insert into referral (workspace_id, id, link_id, advocate_id, program_id, friend_email, friend_record_id, stage, stage_at, created_at) "
        "values ($1, $2, $3, $4, $5, 'f@x.example', $6, $7, $8, $8)",
        tx.workspace_id, ident, link.id, advocate.id, program.id, ident.int >> 66, stage, at,
    )  # fmt: skip
    return ident


async def _conversion(tx: Tx, referral: UUID, amount: int, currency: str) -> None:
    await tx.run(
        "insert into conversion (workspace_id, id, referral_id, deal, amount_minor, currency, occurred_at, event_id, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $2, $7)",
        tx.workspace_id, new_id(), referral, str(referral), amount, currency, NOW + timedelta(days=9),
    )  # fmt: skip


async def test_nothing_is_said_before_anything_is_decided(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert await learning.measure(tx, NOW) == []
        lift = await learning.latest(tx)
        assert (lift.verdict, lift.at) == ("not_enough_yet", None)
        assert [(a.arm, a.personas, a.wins) for a in await learning.arms(tx)] == [("treated", 0, 0), ("holdout", 0, 0)]


async def test_companies_count_when_their_days_are_over(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        treated = [await _company(tx, n, "treated") for n in range(8)]
        held = [await _company(tx, n, "holdout") for n in range(4)]
        assert await decisions.decide(tx, NOW) == 12
        wait = await tx.value("select count(*) from decision where workspace_id = $1 and action = 'wait'", workspace)
        in_time = await _referral(tx, treated[0][1], 5, "won")
        await _referral(tx, treated[1][1], 29)  # too late for the comparison, still a referral
        await _referral(tx, treated[2][1], 3, "rejected")
        abroad = await _referral(tx, held[0][1], 5, "won")
        await _conversion(tx, in_time, 1_200_00, "EUR")
        await _conversion(tx, abroad, 900_00, "USD")

        first = await learning.measure(tx, NOW + timedelta(days=10))
        assert (first[0].n_treated, first[0].n_holdout, first[0].verdict) == (0, 0, "not_enough_yet")
        assert first[0].detail["young"] == 12 - wait
        assert await learning.measure(tx, NOW + timedelta(days=11)) == []  # nothing new, nothing stored
        second = await learning.measure(tx, NOW + timedelta(days=28))
        assert second[0].n_treated + second[0].n_holdout == 12 - wait
        entered = {
            int(r["c"].split(":")[1])
            for r in await tx.rows(
                "select arm_cluster as c from decision where workspace_id = $1 and action <> 'wait'", workspace
            )
        }
        assert second[0].detail["successes_treated"] == int(treated[0][0] in entered)
        assert second[0].detail["successes_holdout"] == int(held[0][0] in entered)
        lift = await learning.latest(tx)
        assert lift.sentence == second[0].detail["sentence"]
        assert lift.rate_treated is not None
        assert await tx.value("select count(*) from evaluation where workspace_id = $1", workspace) == 2

        one, zero = await learning.arms(tx)
        assert (one.personas, one.companies, zero.personas, zero.companies) == (8, 8, 4, 4)
        assert (one.asks, zero.asks) == (0, 0)
        assert one.referrals == sum(treated[i][0] in entered for i in (0, 1))
        assert zero.referrals == int(held[0][0] in entered)
        assert (one.wins, one.value_minor) == ((1, 1_200_00) if treated[0][0] in entered else (0, 0))
        assert (zero.wins, zero.value_minor) == (int(held[0][0] in entered), 0)  # won in another currency


async def test_one_company_is_one_unit_however_many_people_it_has(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        people = [await world.persona(tx, name, firm) for name in ("ana", "bea", "cleo", "dora")]
        for n, person in enumerate(people):
            await world.moment(tx, person, firm, key=str(n))
            await decisions.decide(tx, NOW + timedelta(minutes=n))
        await _referral(tx, people[3], 2)
        await _referral(tx, people[1], 2)
        found = await learning.measure(tx, NOW + timedelta(days=30))
        assert (found[0].n_treated, found[0].detail["successes_treated"]) == (1, 1)
