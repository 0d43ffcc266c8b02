"""A deal that grows after it was won earns the difference once, one that shrinks gives it back; every sum once."""

import itertools
from datetime import timedelta

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.outcomes import Decision
from tests.unit.outcomes.paying import nets, under
from tests.unit.outcomes.town import Town, days, deal, joins, tell, won
from tests.unit.programs.files import commission, program, rule


def changed(day: float, minor: int) -> CanonicalEvent:
    return deal("stage_changed", day, props={"amount_minor": minor, "currency": "EUR", "stage": "closed"})


async def town_of(tx: Tx, **offer: int) -> Town:
    town = await under(tx, program([rule()], [commission(2000, **offer)]))
    await joins(tx, town)
    return town


async def test_a_deal_that_grows_earns_the_difference_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx)
        await tell(tx, [won(5, 100_000)])
        await tell(tx, [changed(8, 250_000)])
        await tell(tx, [changed(9, 250_000)])  # the same amount told again
        assert await nets(tx) == {"hubspot:77": 50_000}
        first, second = sorted(await ledger.rewards(tx), key=lambda r: r.issued_minor)
        assert (first.issued_minor, second.issued_minor) == (20_000, 30_000)
        assert second.business_key.split(":")[0] == "r+50000"
        assert "€200 of it was given before" in second.reason
        assert second.hold_until == days(8) + timedelta(days=(await programs.programs(tx))[0].terms.hold_days)


async def test_what_shrank_and_grew_again_ends_where_it_began(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx)
        for one in (
            won(5, 100_000),
            changed(8, 60_000),
            changed(9, 100_000),
            changed(10, 30_000),
            changed(11, 100_000),
        ):
            await tell(tx, [one])
        assert await nets(tx) == {"hubspot:77": 20_000}
        await tell(tx, [deal("lost", 20)])
        assert await nets(tx) == {}


ORDERS = list(itertools.permutations([won(5, 100_000), changed(8, 175_001), changed(9, 133_333), changed(10, 151_515)]))


@pytest.mark.parametrize("order", ORDERS[::4])
async def test_any_order_of_amounts_leaves_the_same(
    db: Database, workspace: int, order: tuple[CanonicalEvent, ...]
) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx)
        for one in order:
            await tell(tx, [one])
        whole = 175_001 * 2000 // 10_000
        assert await nets(tx) == {"hubspot:77": whole - whole * (175_001 - 151_515) // 175_001}


async def test_the_cap_of_a_share_holds_for_what_it_grows_to(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx, cap_minor=25_000)
        await tell(tx, [won(5, 100_000)])
        await tell(tx, [changed(8, 250_000)])
        assert await nets(tx) == {"hubspot:77": 25_000}


async def test_growth_after_the_programs_window_is_nobodys(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await town_of(tx)
        await tell(tx, [won(5, 100_000)])
        await tell(tx, [changed(6 + town.program.terms.attribution_days, 250_000)])
        assert await nets(tx) == {"hubspot:77": 20_000}


async def test_after_a_decision_a_person_looks_at_growth(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx)
        await tell(tx, [won(5, 100_000)])
        conversion = await tx.value("select id from conversion where workspace_id = $1", workspace)
        await outcomes.decide(tx, conversion, Decision(kind="keep", reason="It is hers."), "mara@host.example", days(6))
        await tell(tx, [changed(8, 250_000)])
        (reward,) = await ledger.rewards(tx)
        assert (reward.net_minor, reward.review) == (20_000, "It grew to €2,500 since.")


async def test_what_a_person_took_back_is_not_given_again(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await town_of(tx)
        await tell(tx, [won(5, 100_000)])
        (reward,) = await ledger.rewards(tx)
        # Whatever key a person chooses, it is a person's word.
        await ledger.reverse_reward(tx, reward.id, None, "given back:1", "A mistake.", "finn@host.example", days(6))
        await tell(tx, [changed(8, 150_000)])
        assert await nets(tx) == {"hubspot:77": 10_000}
        assert "A person took back what this adds to." in [r.review for r in await ledger.rewards(tx)]
