"""Payments that other systems tell of: whose word counts, once per invoice, in any order"""

import httpx
import pytest

from honeyguide import funnel, ledger
from honeyguide.app import road
from tests.money_rules import rule
from tests.money_rules.conftest import Desk
from tests.unit.outcomes.town import days, joins, settle

DEAL = {"deal": "D-1", "amount": 48_000, "currency": "EUR"}


async def told_with_a_write_key(desk: Desk, event: str, *, server_only: bool, **properties: object) -> None:
    """A track call at the door that browsers use, about Tom, whom Maya brought."""
    async with desk.db.tx(desk.workspace) as tx:
        source = await funnel.ensure_source(tx, "segment", "app")
        await funnel.trust_source(tx, source, server_only, "owner@host.example")
        key = await funnel.renew_key(tx, source)
    call = {
        "type": "track", "userId": "tom", "messageId": event, "event": event, "timestamp": days(9).isoformat(),
        "context": {"traits": {"email": "tom@prospect.example"}}, "properties": properties,
    }  # fmt: skip
    async with desk.visitor() as browser:
        said: httpx.Response = await browser.post("/v1/track", json=call, auth=(key, ""))
    assert said.status_code == 200, said.text
    await road.catch_up(desk.db, desk.workspace)


async def standing(desk: Desk) -> list[int]:
    async with desk.db.tx(desk.workspace) as tx:
        return sorted(r.net_minor for r in await ledger.rewards(tx) if r.net_minor)


@rule("MR-430", "A write key that stands in a page cannot tell of a deal that earns; one that lives on servers can.")
@pytest.mark.parametrize("server_only", [False, True])
async def test_a_pages_key_earns_nothing(desk: Desk, server_only: bool) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        await joins(tx, await settle(tx))
    await told_with_a_write_key(desk, "Deal Won", server_only=server_only, **DEAL)
    assert await standing(desk) == ([500_000] if server_only else [])


@rule(
    "MR-431",
    "A write key that stands in a page cannot take a reward back: no lost deal and no refund it tells of counts.",
)
async def test_a_pages_key_takes_nothing_back(desk: Desk) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        await joins(tx, await settle(tx))
    await told_with_a_write_key(desk, "Deal Won", server_only=True, **DEAL)
    await told_with_a_write_key(desk, "Deal Lost", server_only=False, **DEAL)
    assert await standing(desk) == [500_000]
