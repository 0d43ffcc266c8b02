"""Who is not asked today may be asked tomorrow; looks, caps and budgets are counted once, whatever is tried again."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import structs

from honeyguide import decisions
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database, Tx
from honeyguide.decisions import policy_budget, policy_tables, tables
from honeyguide.decisions.brain import dump, load
from honeyguide.decisions.policy import BRAIN, NewPolicy
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW


async def hopeless(tx: Tx, base: float = -12.0) -> None:
    """A brain that expects nobody to share: it waits, but for its exploration."""
    current = await decisions.ensure_policy(tx)
    snapshot = load(current.snapshot)
    mean = snapshot.share_mean.copy()
    mean[0] = base
    made = dump(structs.replace(snapshot, share_mean=mean))
    await decisions.adopt(tx, NewPolicy(BRAIN, current.params, "test", current.level, made))


async def test_a_moment_that_waits_is_looked_at_again_tomorrow_and_not_today(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        whens = []
        for n in range(30):
            firm = await world.treated(tx, f"f{n}")
            whens.append(await world.moment(tx, await world.persona(tx, f"p{n}", firm, name="Ana Lima"), firm, at=NOW))
        await hopeless(tx)
        assert await decisions.decide(tx, NOW) == 30
        asked = await tx.value("select count(*) from ask where workspace_id = $1", workspace)
        assert asked < 5
        assert await decisions.decide(tx, NOW + timedelta(hours=6)) == 0
        again = await decisions.decide(tx, NOW + timedelta(days=1))
        assert again == 30 - asked, "tomorrow everybody who waits gets another look"
        logged = await tx.rows(
            "select weight, action, look from decision where workspace_id = $1 and look = 2", workspace
        )
        waits = [r for r in logged if r["action"] == "wait"]
        assert all(r["weight"] == 20 for r in waits)
        assert len(waits) < 10
        looks = await policy_tables.looks(tx, whens)
        assert {k.looks for k in looks.values() if k.outcome == "waited"} == {2}
        await hopeless(tx, base=4.0)
        await decisions.decide(tx, NOW + timedelta(days=2))
        assert await tx.value("select count(*) from ask where workspace_id = $1", workspace) > 20
        assert await decisions.decide(tx, NOW + timedelta(days=30)) == 0, "no moment outlives its window"


async def test_what_is_decided_twice_or_at_once_is_asked_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(8):
            firm = await world.treated(tx, f"f{n}")
            for m in range(2):
                await world.moment(tx, await world.persona(tx, f"p{n}-{m}", firm, name="Ana Lima"), firm)

    async def once() -> int:
        async with db.tx(workspace) as tx:
            return await decisions.decide(tx, NOW)

    await asyncio.gather(*(once() for _ in range(4)))
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select company_record_id, count(*) as n from ask where workspace_id = $1 group by 1", workspace
        )
        assert rows
        assert all(r["n"] == 1 for r in rows), "one open ask at a company, however many workers decide"
        doubled = await tx.value(
            "select count(*) from (select moment_id, look from decision where workspace_id = $1 group by 1, 2 "
            "having count(*) > 1) d", workspace,
        )  # fmt: skip
        assert doubled == 0


async def test_a_decision_that_is_rolled_back_spends_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx)
        when = await world.moment(tx, await world.persona(tx, "ana", firm), firm)

    async def killed() -> None:
        async with db.tx(workspace) as tx:
            await decisions.decide(tx, NOW)
            raise RuntimeError("killed between the decision and its commit")

    with pytest.raises(RuntimeError, match="killed"):
        await killed()
    async with db.tx(workspace) as tx:
        assert await policy_tables.looks(tx, [when]) == {}
        assert await decisions.decide(tx, NOW) == 1
        assert (await tables.last_looks(tx, [when]))[when].look == 1


async def test_two_approvals_at_once_spend_the_contact_budget_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(20):
            firm = await world.treated(tx, f"f{n}")
            await world.moment(tx, await world.persona(tx, f"p{n}", firm, name="Ana Lima"), firm)
        await decisions.decide(tx, NOW)
        ask = (await tables.suggested(tx, 1))[0]

    async def approve() -> str:
        async with db.tx(workspace) as tx:
            try:
                return (await decisions.approve(tx, ask.id, "ana@us.example", None, NOW)).state
            except Conflict:
                return "refused"

    assert sorted(await asyncio.gather(approve(), approve(), approve())) == ["approved", "refused", "refused"]


async def test_a_budget_is_set_and_taken_away_by_somebody(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await policy_budget.set_plan(tx, "contacts", 12.5, "ana", NOW)
        assert (await policy_budget.plans(tx))["contacts"].per_day == 12.5
        await policy_budget.set_plan(tx, "contacts", None, "ana", NOW)
        assert await policy_budget.plans(tx) == {}
        for kind, amount in (("contacts", 0.0), ("money", -1.0), ("smiles", 3.0)):
            with pytest.raises(BadInput):
                await policy_budget.set_plan(tx, kind, amount, "ana", NOW)
