"""A partner's registered deal: whose a win is while the protection lasts, and what both sides read."""

from datetime import datetime
from itertools import permutations
from uuid import UUID

import pytest

from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from honeyguide.outcomes import sharing, tables
from honeyguide.outcomes.attribution import WHOLE, Converted, Held, Seen, protected
from honeyguide.outcomes.deal_rows import candidates, facts_of_deals
from honeyguide.programs import load, registrations
from honeyguide.programs.partner_tables import Registered
from tests.unit.outcomes.town import days, joins, settle, tell, won
from tests.unit.programs.test_partners import somebody
from tests.unit.programs.test_versions import SAM, published


async def registered(tx: Tx, at: datetime, domain: str = "prospect.example", *, accepted: bool = True) -> Registered:
    """A partner's registration of a company."""
    made = await published(tx, load("deal-registration"), days(-90))
    one = await somebody(tx, made, 1)
    deal = await registrations.register_deal(tx, made, one, "Prospect", domain, at)
    return await registrations.accept_deal(tx, deal.id, True, "", SAM, at) if accepted else deal


async def ruling(tx: Tx) -> sharing.Ruling:
    """Whose the one won deal is."""
    deal = await tx.value("select deal from deal_fact where workspace_id = $1 limit 1", tx.workspace_id)
    found = await candidates(tx, [deal])
    referrals = await tables.referrals_by_id(tx, [c.referral_id for c in found])
    return (await sharing.rulings(tx, await facts_of_deals(tx, [deal]), found, referrals))[deal]


async def credited(tx: Tx) -> dict[UUID, int]:
    """The credit as it is booked."""
    rows = await tx.rows("select advocate_id, share_bp from attribution where workspace_id = $1", tx.workspace_id)
    return {r["advocate_id"]: r["share_bp"] for r in rows}


@pytest.mark.parametrize("order", list(permutations(("registered", "signed up"))))
async def test_a_registered_company_is_its_partners_whatever_came_first(
    db: Database, workspace: int, order: tuple[str, ...]
) -> None:
    async with db.tx(workspace) as tx:
        town, deal = await settle(tx), None
        for what in order:
            if what == "registered":
                deal = await registered(tx, days(-5))
            else:
                await joins(tx, town)
        assert deal is not None
        await tell(tx, [won(30)])
        assert await credited(tx) == {deal.advocate_id: WHOLE}
        found = await ruling(tx)
        assert found.shares[0].why == (
            "Prospect is registered as their deal, protected from 25 February 2026 until 26 May 2026: the whole credit."
        )
        assert {p.why for p in found.passed} == {
            "Prospect was another partner's registered deal, protected from 25 February 2026 until 26 May 2026: "
            "nobody else is credited for it."
        }


@pytest.mark.parametrize("case", ["expired", "later", "another company", "waits", "lost"])
async def test_a_registration_that_does_not_hold_at_the_win_changes_nothing(
    db: Database, workspace: int, case: str
) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        if case == "lost":
            deal = await registered(tx, days(-5))
            await registrations.stage_deal(tx, deal.id, "lost", SAM, "They went elsewhere.", days(10))
        else:
            at = {"expired": days(-61), "later": days(31)}.get(case, days(-5))
            domain = "other.example" if case == "another company" else "prospect.example"
            await registered(tx, at, domain, accepted=case != "waits")
        await tell(tx, [won(30)])
        assert await credited(tx) == {town.advocate.id: WHOLE}


async def test_what_becomes_of_a_registration_after_the_win_changes_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        deal = await registered(tx, days(-5))
        await tell(tx, [won(30)])
        before = await ruling(tx)
        await registrations.expire_deals(tx, days(900))
        assert await ruling(tx) == before
        assert before.shares[0].advocate_id == deal.advocate_id


def test_the_rule_does_not_depend_on_the_order_of_touches_and_rests_on_the_partners_own() -> None:
    partner, other, link = new_id(), new_id(), new_id()
    held = Held(partner, 2, link, "Prospect", days(-5), days(85))
    touches = [
        Seen(id=new_id(), kind="click", at=days(n), advocate_id=a, referral_id=new_id(), link_id=link, program_id=2)
        for n, a in ((1, other), (2, partner), (3, other), (40, partner))
    ]
    found = [protected(list(t), held, new_id(), Converted(new_id(), days(30))) for t in permutations(touches)]
    assert all(one == found[0] for one in found)
    (share,), passed = found[0]
    assert (share.advocate_id, share.touch_id, share.share_bp) == (partner, touches[1].id, WHOLE)
    assert {p.touch.id for p in passed} == {t.id for t in touches} - {touches[1].id}
