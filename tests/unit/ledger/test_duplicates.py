"""The same thing told ten thousand times at once is one effect, and an account is never overdrawn, on whichever server."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import pytest

from honeyguide import ledger
from honeyguide.core.errors import HoneyguideError
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.ledger import Account, Line
from tests.journeys.product import free_port
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    PROGRAM,
    add_advocate,
    assert_sound,
    balance,
    earned,
    issued,
    paid,
)

TIMES = 10_000


@pytest.fixture(scope="module", params=["embedded", "external"])
def server(request: pytest.FixtureRequest, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded server, and one of somebody else's: over TCP with a password, by a role that is no superuser."""
    if request.param == "embedded":
        yield dsn
        return
    folder = tmp_path_factory.mktemp("theirs")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    port = free_port()
    cluster = Cluster(folder, os.environ.get("HONEYGUIDE_POSTGRES", "auto"), port)
    cluster.prepare()
    (cluster.data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    cluster.start({"listen_addresses": "127.0.0.1"})

    async def roles() -> None:
        server = await asyncpg.connect(cluster.dsn, database="postgres")
        await server.execute("create role theirs login createrole createdb password 'battery-staple'")
        await server.close()

    asyncio.run(roles())
    theirs = f"postgresql://theirs:battery-staple@127.0.0.1:{port}/money"
    asyncio.run(migrate(theirs))
    yield theirs
    cluster.kill()


@pytest.fixture
async def wide(server: str) -> AsyncIterator[Database]:
    """Sixteen connections to one of the two servers."""
    opened = await Database.open(server, size=16)
    yield opened
    await opened.close()


async def at_once(db: Database, workspace: int, times: int, work: Callable[[Tx, int], Awaitable[Any]]) -> list[Any]:
    """So many calls on sixteen real connections, each a transaction of its own; refusals are returned."""
    numbers = iter(range(times))
    results: list[Any] = []

    async def line() -> None:
        for n in numbers:
            try:
                async with db.tx(workspace) as tx:
                    results.append(await work(tx, n))
            except HoneyguideError as e:
                results.append(e)

    await asyncio.gather(*(line() for _ in range(16)))
    return results


async def test_ten_thousand_tellings_are_one_effect(db: Database, dsn: str, workspace: int) -> None:
    many = await Database.open(dsn, size=16)
    async with many.tx(workspace) as tx:
        await add_advocate(tx)
        reward = (await ledger.payout(tx, (await paid(tx, 1)).id)).rewards[0]

    async def told(tx: Tx, n: int) -> Any:
        if n % 2:
            return (await ledger.issue_reward(tx, earned(2), AT)).id
        done = await ledger.reverse_reward(tx, reward.id, 50_000, "refund:re_1", "Refunded.", FINN, LATER)
        return done.repeated

    results = await at_once(many, workspace, TIMES, told)
    assert len(results) == TIMES
    assert results.count(False) == 1, "one refund took effect"
    assert len({r for r in results if not isinstance(r, bool)}) == 1, "one reward"
    async with many.tx(workspace) as tx:
        assert await balance(tx, "held") == 150_000
        assert await balance(tx, "owed") == -50_000
        assert await tx.value("select count(*) from reward_reversal where workspace_id = $1", workspace) == 1
        await assert_sound(tx)
    await many.close()


async def test_no_race_overdraws_a_budget_or_an_account(wide: Database) -> None:
    workspace = await create_workspace(wide, f"race-{os.getpid()}-{id(wide)}", "Race")
    async with wide.tx(workspace) as tx:
        await add_advocate(tx)
        await ledger.fund_budget(tx, "b", PROGRAM, Money(1_000, "EUR"), NOOR, AT)
    results = await at_once(wide, workspace, 64, lambda tx, n: ledger.issue_reward(tx, earned(n, 90), AT))
    assert sum(1 for r in results if isinstance(r, ledger.Reward)) == 11
    assert sum(1 for r in results if isinstance(r, ledger.OverFloor)) == 53
    capped = await at_once(
        wide, workspace, 16, lambda tx, n: ledger.issue_reward(tx, earned(100 + n, 90, capped_ok=True), AT)
    )
    assert sorted(r.amount_minor for r in capped) == [0] * 15 + [10]
    held = Account("held", "advocate:x", "EUR")
    async with wide.tx(workspace) as tx:
        await ledger.post(tx, "open", "t", "", [Line(Account("expense", "p", "EUR"), -100), Line(held, 100)], AT)
    out = [Line(held, -30), Line(Account("paid", "advocate:x", "EUR"), 30)]
    drawn = await at_once(wide, workspace, 32, lambda tx, n: ledger.post(tx, f"draw:{n}", "t", "", out, AT))
    assert sum(1 for r in drawn if isinstance(r, ledger.Transfer)) == 3
    async with wide.tx(workspace) as tx:
        assert await balance(tx, "budget") == 0
        await assert_sound(tx)


async def test_what_is_owed_is_kept_back_once_however_many_payouts_race(wide: Database) -> None:
    workspace = await create_workspace(wide, f"owed-{os.getpid()}-{id(wide)}", "Owed")
    async with wide.tx(workspace) as tx:
        await add_advocate(tx)
        first = (await ledger.payout(tx, (await paid(tx, 1, 100)).id)).rewards[0]
        await ledger.reverse_reward(tx, first.id, None, "refund", "Refunded.", FINN, LATER)
        ready = [await ledger.approve_reward(tx, (await issued(tx, 10 + n, 60)).id, FINN, LATER) for n in range(6)]
    results = await at_once(
        wide, workspace, 6, lambda tx, n: ledger.request_payout(tx, [ready[n].id], "manual", FINN, LATER)
    )
    total = sum(r.total_minor for r in results if isinstance(r, ledger.Payout))
    async with wide.tx(workspace) as tx:
        kept = await tx.value("select sum(netted_minor)::bigint from reward where workspace_id = $1", workspace)
        assert kept + await ledger.owed(tx, first.advocate_id, "EUR") == 100
        assert total == sum(60 for r in results if isinstance(r, ledger.Payout)) - kept
        await assert_sound(tx)
