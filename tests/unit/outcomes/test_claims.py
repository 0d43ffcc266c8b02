"""Credit that survives without any link: people and companies an advocate named, and claims afterwards."""

import hashlib

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.outcomes import court_rows
from tests.unit.outcomes.test_court import second
from tests.unit.outcomes.town import AT, BROWSER, days, deal, joins, logged, person, settle, tell, won


@pytest.mark.parametrize("named", ["tom+news@prospect.example", hashlib.sha256(b"tom@prospect.example").hexdigest()])
async def test_a_deal_of_somebody_invited_by_e_mail_needs_no_click(db: Database, workspace: int, named: str) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        first = await outcomes.invite(tx, town.link, named, AT)
        assert await outcomes.invite(tx, town.link, named, days(3)) == first
        kept = await tx.row("select mailbox, referrer_host from touch where workspace_id = $1", workspace)
        assert kept is not None
        assert "prospect" not in kept["mailbox"]
        await tell(tx, [deal("created", 5)])
        await tell(tx, [won(40, 1_000_000)])
        (row,) = await outcomes.list_referrals(tx)
        assert (row.stage, row.advocate_name, row.created_at) == ("won", "Maya Ortiz", AT)
        assert "had been invited by Maya Ortiz by e-mail" in (row.attribution_reason or "")
        (reward,) = await ledger.rewards(tx)
        assert reward.amount_minor == 150_000


async def test_a_company_an_advocate_named(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await outcomes.name_company(tx, town.link, "https://www.Prospect.example/about", AT)
        await tell(tx, [deal("created", 5, who=person("ida@prospect.example"))])
        await tell(tx, [won(40, 1_000_000, who=person("ida@prospect.example"))])
        (row,) = await outcomes.list_referrals(tx)
        assert "works for a company that Maya Ortiz had named" in (row.attribution_reason or "")
        for bad in ("gmail.com", "nothing", ""):
            with pytest.raises(BadInput):
                await outcomes.name_company(tx, town.link, bad, AT)


async def test_a_name_given_after_the_deal_began_counts_for_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await outcomes.invite(tx, town.link, "tom@prospect.example", days(6))
        await tell(tx, [deal("created", 5), won(40, 1_000_000)])
        assert await outcomes.list_referrals(tx) == []


async def test_a_claim_is_held_for_a_person_to_look_at(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        made = await outcomes.claim(tx, town.link.code, "tom@prospect.example", "Tom Berg", AT)
        assert not made.already
        assert ("claimed_afterwards", "hold") in {(f.rule, f.verdict) for f in made.findings}
        await tell(tx, await logged(tx))
        await tell(tx, [won(40, 1_000_000)])
        (reward,) = await ledger.rewards(tx)
        assert "had sent them" in reward.review
        assert ledger.why_not_approve(reward, "mara@host.example", days(400)) is not None


async def test_a_claim_against_anothers_referral_is_a_dispute_and_moves_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        noa = await second(tx, town)
        await joins(tx, town)
        await tell(tx, [won(40, 1_000_000)])
        link = await programs.ensure_link(tx, noa)
        for _ in range(2):
            made = await outcomes.claim(tx, link.code, "tom@prospect.example", "Tom Berg", days(50))
            assert made.already
        (one,) = await court_rows.disputes(tx, "open", None, 10)
        assert (one["side"], one["advocate_id"]) == ("company", noa.id)
        (row,) = await outcomes.list_referrals(tx)
        assert row.advocate_name == "Maya Ortiz"
        assert await outcomes.rerun(tx, None, AT, "mara@host.example", days(60)) == []


async def test_a_link_followed_after_the_sign_up_takes_nothing_from_the_first(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        noa = await second(tx, town)
        await joins(tx, town)
        link = await programs.ensure_link(tx, noa)
        later = await outcomes.record_touch(tx, link, "click", agent=BROWSER, at=days(1))
        await outcomes.sign_up(tx, link.code, "tom@prospect.example", "Tom", later.visitor, days(1))
        await tell(tx, [won(40, 1_000_000)])
        (row,) = await outcomes.list_referrals(tx)
        assert row.advocate_name == "Maya Ortiz"


async def test_an_erased_mailbox_leads_from_no_touch(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await outcomes.invite(tx, town.link, "tom@prospect.example", AT)
        assert await outcomes.forget_touches(tx, ["Tom@prospect.example"]) == 1
        await tell(tx, [deal("created", 5), won(40, 1_000_000)])
        assert await outcomes.list_referrals(tx) == []
