"""Whatever happens in whatever order: at most as many reminders as were approved, none after a share or an opt-out."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec import structs

from honeyguide import decisions, outcomes
from honeyguide.app import following
from honeyguide.db import Database, Tx
from honeyguide.decisions import follow_up, reading, tables
from honeyguide.decisions.follow_up_tables import CANCELLED, OFF, PLANNED, QUEUED, SENT
from honeyguide.decisions.wording import decided_action
from honeyguide.delivery import send_due, withdraw
from honeyguide.programs.playbooks import FollowUp
from honeyguide.settings import Settings
from honeyguide.web.approve import approve
from tests.unit.decisions import world
from tests.unit.decisions.test_follow_up import BROWSER, LEAD, Asked, link_of, suggested
from tests.unit.decisions.world import NOW
from tests.unit.delivery.test_sending import BASE, token_of

ACTS = ("day", "days", "fortnight", "weigh", "send", "share", "machine", "opt_out", "off", "on", "incident")
MOST = 2
STEPS = {"day": timedelta(days=1), "days": timedelta(days=4), "fortnight": timedelta(days=14)}


async def prepared(db: Database, workspace: int, prefix: str) -> Asked:
    """An approved ask whose step names two reminders, five days apart."""
    async with db.tx(workspace) as tx:
        one = await suggested(tx, prefix)
        await approve(tx, one.ask, LEAD, decisions.Edits(), base_url=BASE, now=NOW)
        row = await tables.ask(tx, one.ask)
        assert row is not None
        terms = await reading.terms_in_force(tx)
        (seen,) = await reading.situations(tx, [one.moment], terms, NOW, without_ask=one.ask)
        step = follow_up.step_of(seen, await decided_action(tx, row))
        assert step is not None
        twice = structs.replace(step, follow_up=FollowUp(5, "brief", "email", MOST))
        assert len(await follow_up.plan(tx, row, twice, LEAD, NOW)) == MOST
    return one


async def act(tx: Tx, one: Asked, name: str, now: datetime) -> None:
    letters = one.letters.letters
    if name in ("share", "machine") and letters:
        agent = BROWSER if name == "share" else "Proofpoint"
        await outcomes.record_touch(tx, await link_of(tx, one), "click", agent=agent, method="POST", at=now)
    elif name == "opt_out" and letters:
        await withdraw(tx, token_of(letters[-1]), now)
    elif name in ("off", "on"):
        await follow_up.switch(tx, one.ask, name == "on", LEAD, now)
    elif name == "incident":
        await world.incident(tx, one.firm)


@pytest.mark.parametrize("seed", range(10))
async def test_any_order_of_events_keeps_the_promise(
    db: Database, workspace: int, settings: Settings, seed: int
) -> None:
    lots = Random(seed)
    one = await prepared(db, workspace, f"p{seed}")
    acts = [lots.choice(ACTS) for _ in range(40)]
    now, cap = NOW, 1 + MOST
    for name in [*_once(acts, "incident"), "send", "fortnight", "weigh", "send"]:
        now += STEPS.get(name, timedelta(minutes=1))
        if name == "weigh":
            await following.remind(db, workspace, settings, now)
        elif name == "send":
            await send_due(db, workspace, one.letters, now, overtaken=following.overtaken)
        else:
            async with db.tx(workspace) as tx:
                await act(tx, one, name, now)
        if name in ("share", "opt_out") and one.letters.letters:
            cap = min(cap, len(one.letters.letters))
        assert len(one.letters.letters) <= cap
    async with db.tx(workspace) as tx:
        rows = await follow_up.of_ask(tx, one.ask, now)
        kept = await tx.rows(
            "select follow_up, count(*) as n from message where workspace_id = $1 and ask_id = $2 group by 1",
            workspace, one.ask,
        )  # fmt: skip
    assert {r["n"] for r in kept} == {1}  # (ask, number) is the key for good
    assert sum(r.state == SENT for r in rows) == max(len(one.letters.letters) - 1, 0)
    assert all(r.reason for r in rows if r.state in (CANCELLED, OFF))
    assert [r.state for r in rows] != [CANCELLED, SENT]


def _once(acts: list[str], name: str) -> list[str]:
    """The acts with this one only if it came right in the middle: it ends everything."""
    return [a for n, a in enumerate(acts) if a != name or n == len(acts) // 2]


@pytest.mark.parametrize("statement", range(0, 70, 4))
async def test_a_crash_before_any_statement_leaves_all_or_nothing(
    db: Database, workspace: int, settings: Settings, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    one = await prepared(db, workspace, f"c{statement}")
    assert await send_due(db, workspace, one.letters, NOW) == 1
    now = NOW + timedelta(days=6)
    with monkeypatch.context() as patched:
        _die_before(patched, statement)
        try:
            await following.remind(db, workspace, settings, now)
        except Dead:
            async with db.tx(workspace) as tx:
                state = (await follow_up.of_ask(tx, one.ask, now))[0].state
                written = await tx.value(
                    "select count(*) from message where workspace_id = $1 and follow_up = 1", workspace
                )
                promised = await tx.value(
                    "select count(*) from outbox where workspace_id = $1 and topic like 'message.%' and done_at is null",
                    workspace,
                )
            assert (state, written, promised) in ((PLANNED, 0, 0), (QUEUED, 1, 1))
    await following.remind(db, workspace, settings, now)
    assert await send_due(db, workspace, one.letters, now, overtaken=following.overtaken) == 1
    assert len(one.letters.letters) == 2


class Dead(Exception):
    """The process ends here."""


def _die_before(patched: pytest.MonkeyPatch, statement: int) -> None:
    left = [statement]
    for name in ("rows", "row", "value", "run"):
        real = getattr(Tx, name)

        async def counted(self: Tx, sql: str, *args: Any, real: Any = real) -> Any:
            if left[0] == 0:
                left[0] = -1
                raise Dead
            left[0] -= 1
            return await real(self, sql, *args)

        patched.setattr(Tx, name, counted)
