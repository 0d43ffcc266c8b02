"""Forgetting people: names go, money stays, and nobody comes back through an import"""

import contextlib

from honeyguide import ledger, outcomes
from honeyguide.app import road
from honeyguide.app.erasure import erase
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, Tx
from tests.money_rules import rule
from tests.unit.ledger.books import balance
from tests.unit.outcomes.town import company, days, joins, person, settle, tell, won

DPO = "dpo@host.example"
TOM, MAYA = ("email", "tom@prospect.example"), ("email", "maya@customer.example")


async def lines(tx: Tx) -> list[tuple[object, ...]]:
    """Every posting, without who."""
    rows = await tx.rows(
        "select transfer_id, line, amount_minor, currency from posting where workspace_id = $1 order by 1, 2",
        tx.workspace_id,
    )
    return [tuple(r) for r in rows]


async def a_win(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await settle(tx))
        await tell(tx, [won(30, 1_000_000)])


@rule("MR-240", "Forgetting a friend changes no posting: the books of the win stay, to the line.")
async def test_books_outlive_the_friend(db: Database, workspace: int) -> None:
    await a_win(db, workspace)
    async with db.tx(workspace) as tx:
        before = await lines(tx)
    await erase(db, workspace, [TOM], DPO, "asked by letter")
    async with db.tx(workspace) as tx:
        assert await lines(tx) == before
        assert await balance(tx, "held") == 150_000


@rule("MR-241", "Forgetting an advocate changes no posting either, and leaves no name or address beside the money.")
async def test_books_outlive_the_advocate(db: Database, workspace: int) -> None:
    await a_win(db, workspace)
    async with db.tx(workspace) as tx:
        before = await lines(tx)
    await erase(db, workspace, [MAYA], DPO, "asked by letter")
    async with db.tx(workspace) as tx:
        assert await lines(tx) == before
        for made in await ledger.rewards(tx):
            assert not {"Maya Ortiz", "maya@customer.example"} & {made.advocate_name, made.advocate_email}
            assert "Maya" not in f"{made.label} {made.reason}"


@rule("MR-242", "Who was forgotten is not signed up again by an import or a retry, and earns nobody a second reward.")
async def test_the_forgotten_stay_forgotten(db: Database, workspace: int) -> None:
    await a_win(db, workspace)
    await erase(db, workspace, [TOM], DPO, "asked by letter")
    async with db.tx(workspace) as tx:
        town = await settle(tx, email="rita@other.example", name="Rita Val")
        with contextlib.suppress(HoneyguideError):
            await outcomes.sign_up(tx, town.link.code, "tom@prospect.example", "Tom Berg", None, days(40))
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        firm = company("prospect.example")
        await tell(tx, [won(30, 1_000_000, who=person("tom@prospect.example"), firm=firm, message="imported again")])
        assert len(await ledger.rewards(tx)) == 1
        assert all("tom@" not in row.friend_email for row in await outcomes.list_referrals(tx))


@rule("MR-243", "Forgetting twice, or somebody who was never here, is no error and no posting.")
async def test_forgetting_twice(db: Database, workspace: int) -> None:
    await a_win(db, workspace)
    async with db.tx(workspace) as tx:
        before = await lines(tx)
    for who in (TOM, TOM, ("email", "never@nowhere.example")):
        await erase(db, workspace, [who], DPO, "asked by letter")
    async with db.tx(workspace) as tx:
        assert await lines(tx) == before


@rule("MR-244", "A payout's proof outlives the person: total, approvals and the bank's reference stay.")
async def test_the_proof_stays(db: Database, workspace: int) -> None:
    await a_win(db, workspace)
    async with db.tx(workspace) as tx:
        await tx.run("update advocate set terms_accepted_at = $2 where workspace_id = $1", tx.workspace_id, days(0))
        (made,) = await ledger.rewards(tx)
        await ledger.approve_reward(tx, made.id, "finn@host.example", days(90))
        payout = await ledger.request_payout(tx, [made.id], "manual", "finn@host.example", days(90))
        await ledger.approve_payout(tx, payout.id, "noor@host.example", days(91))
        await ledger.mark_paid(tx, payout.id, "finn@host.example", "SEPA 9", days(92))
    await erase(db, workspace, [MAYA], DPO, "asked by letter")
    async with db.tx(workspace) as tx:
        kept = (await ledger.payout(tx, payout.id)).payout
        assert (kept.total_minor, kept.approved_by, kept.reference) == (150_000, "noor@host.example", "SEPA 9")
