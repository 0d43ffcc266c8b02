"""Autonomy: shares by digest, the checked path, stops before the next send, caps that are spent once, grants that are earned."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from honeyguide import decisions
from honeyguide.app.releasing import approver
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.core.ids import content_id
from honeyguide.db import Database, Tx, change_settings
from honeyguide.decisions import autonomy, autonomy_history, autonomy_tables, follow_up_tables, label_tables, tables
from honeyguide.decisions.autonomy import Budget, Grant
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.decisions.follow_up_tables import FollowUpRow
from honeyguide.delivery import ConsentRow, send_due
from honeyguide.delivery.tables import add_consents
from honeyguide.settings import Settings
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW
from tests.unit.delivery.test_sending import Recorder

GUARDS = {"opt_out": {"estimate": 0.001, "upper": 0.004, "limit": 0.01}}
STEP = "test-step"
ME = "operator:mo"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HONEYGUIDE_SECRET_KEY", "A" * 43 + "=")


def grant(level: int, step: str = STEP, **more: Any) -> Grant:
    return Grant(step, level, {"n": 500, "estimate": 0.03, "lower": 0.01, "upper": 0.05, "guards": GUARDS} | more)


async def raised(tx: Tx, level: int, step: str = STEP) -> None:
    for rung in range(1, level + 1):
        await autonomy.raise_level(tx, grant(rung, step), ME, NOW)


async def suggestions(tx: Tx, count: int, *, step: str = STEP, prefix: str = "f") -> list[UUID]:
    """Suggested asks to people at firms of their own; the policy's own draw is not what is tested here."""
    await change_settings(tx, {"quiet_hours": "none"})
    asks: list[UUID] = []
    n = 0
    while len(asks) < count and n < 60:
        n += 1
        firm = await world.treated(tx, f"{prefix}{n} ", segment="enterprise")
        who = await world.persona(tx, f"{prefix}{n}p", firm, name="Ana Lima")
        said = content_id("consent", f"{tx.workspace_id} {prefix}{n}")
        await add_consents(
            tx, [ConsentRow(said, f"{prefix}{n}p@firm.example", "email", "granted", "trait:test", said, NOW)]
        )
        when = await world.moment(tx, who, firm)
        await decisions.decide(tx, NOW)
        made = (await tables.asks_of_moments(tx, [when])).get(when)
        if made is not None and made.channel == "email":
            asks.append(made.id)
    await tx.connection.execute("set local role none")
    await tx.run(
        "update decision set playbook_step = $2 where workspace_id = $1 and id in "
        "(select decision_id from ask where workspace_id = $1 and id = any($3::uuid[]))", tx.workspace_id, step, asks,
    )  # fmt: skip
    await tx.connection.execute("set local role honeyguide_app")
    assert len(asks) == count
    return asks


async def states(tx: Tx, asks: list[UUID]) -> list[str]:
    return [row.state for a in asks if (row := await tables.ask(tx, a)) is not None]


def test_shares_are_digests_nested_and_of_their_size() -> None:
    asks = [content_id("ask", str(n)) for n in range(20_000)]
    shares = {level: [autonomy.runs_alone(level, a) for a in asks] for level in (0, 1, 2, 3, 4)}
    assert not any(shares[0])
    for level, share in ((1, 0.10), (2, 0.50), (3, 0.95)):
        assert sum(shares[level]) / len(asks) == pytest.approx(share, abs=0.01)
        assert shares[level] == [autonomy.runs_alone(level, a) for a in asks]
        assert all(b for a, b in zip(shares[level], shares[level + 1], strict=True) if a)
    assert shares[3] == shares[4]
    assert not autonomy.runs_alone(7, asks[0])
    assert not autonomy.runs_alone(-1, asks[0])
    # These must never change: what people decide and what runs alone is part of every estimate made since.
    assert [n for n in range(60) if shares[1][n]] == PINNED


PINNED = [3, 32, 50]


async def test_nothing_runs_alone_until_it_is_raised(db: Database, workspace: int, settings: Settings) -> None:
    async with db.tx(workspace) as tx:
        asks = await suggestions(tx, 2)
        assert await decisions.levels(tx) == {}
        assert await decisions.release(tx, NOW, approver(settings)) == 0
        assert await states(tx, asks) == ["suggested", "suggested"]


async def test_release_takes_the_share_of_its_level_by_the_checked_path(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = await suggestions(tx, 8)
        other = await suggestions(tx, 1, step="another", prefix="o")
        await raised(tx, 2)
        alone = [a for a in asks if autonomy.runs_alone(2, a)]
        assert await decisions.release(tx, NOW, approver(settings)) == len(alone)
        assert await decisions.release(tx, NOW, approver(settings)) == 0  # again: nothing is spent twice
        for ask_id in asks + other:
            row = await tables.ask(tx, ask_id)
            assert row is not None
            ran = ask_id in alone
            assert row.state == ("approved" if ran else "suggested")
            assert row.decided_by == (f"autonomy:{STEP}" if ran else None)
        links = await tx.value("select count(*) from link where workspace_id = $1", workspace)
        assert links == len(alone) or alone == []
        assert await label_tables.tallies(tx) == {}  # what ran alone teaches nothing about people


async def test_what_the_guardrails_refuse_at_that_minute_stays_with_people(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 4) if autonomy.runs_alone(3, a)]
        await raised(tx, 3)
        row = await tables.ask(tx, asks[0])
        assert row is not None
        assert row.company_record_id is not None
        await world.incident(tx, row.company_record_id)
        assert await decisions.release(tx, NOW, approver(settings)) == len(asks) - 1
        assert (await states(tx, asks[:1])) == ["suggested"]
        kept = await tx.row(
            "select * from autonomy_release where workspace_id = $1 and ask_id = $2", workspace, asks[0]
        )
        assert kept is not None
        assert kept["outcome"] == "refused"
        assert "escalated" in kept["reason"]
        assert await decisions.release(tx, NOW + timedelta(minutes=5), approver(settings)) == 0
        await tx.run("delete from incident where workspace_id = $1", workspace)
        assert await decisions.release(tx, NOW + timedelta(minutes=11), approver(settings)) == 1


async def test_a_stop_reaches_what_was_approved_and_not_yet_sent(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 3) if autonomy.runs_alone(3, a)]
        by_hand = (await suggestions(tx, 1, step="by hand", prefix="h"))[0]
        await raised(tx, 3)
        assert await decisions.release(tx, NOW, approver(settings)) == len(asks) >= 1
        await approver(settings)(tx, by_hand, ME, NOW)
        await follow_up_tables.put(
            tx, [FollowUpRow(asks[0], 1, 1, 7, "brief", "email", [], "planned", "", None, "autonomy:x", NOW)]
        )
    async with db.tx(workspace) as tx:
        assert await decisions.stop(tx, ME, NOW, note="The tone is wrong.")
        assert not await decisions.stop(tx, ME, NOW)
    channel = Recorder()
    assert await send_due(db, workspace, channel, NOW) == 1  # the one a person approved
    async with db.tx(workspace) as tx:
        assert await states(tx, [*asks, by_hand]) == ["suggested"] * len(asks) + ["sent"]
        row = await tables.ask(tx, asks[0])
        assert row is not None
        assert "was stopped" in (row.note or "")
        assert await follow_up_tables.of_asks(tx, asks) == {}  # whoever decides now decides about reminders, too
        assert row.decided_by is None
        assert await decisions.resume(tx, ME, NOW)
        # Lifted: levels hold again, but what was called back belongs to people.
        assert await decisions.levels(tx) == {STEP: 3}
        assert await decisions.release(tx, NOW, approver(settings)) == 0
        await approver(settings)(tx, asks[0], ME, NOW)
    assert await send_due(db, workspace, channel, NOW) == 1


async def test_a_stop_of_one_step_leaves_the_others_and_a_fall_to_zero_calls_back(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        one = [a for a in await suggestions(tx, 2) if autonomy.runs_alone(3, a)]
        two = [a for a in await suggestions(tx, 2, step="two", prefix="t") if autonomy.runs_alone(3, a)]
        await raised(tx, 3)
        await raised(tx, 3, "two")
        await decisions.release(tx, NOW, approver(settings))
        await decisions.stop(tx, ME, NOW, step=STEP)
        assert await decisions.levels(tx) == {"two": 3}
        with pytest.raises(Conflict):
            await autonomy.raise_level(tx, grant(4), ME, NOW)
        await decisions.lower_level(tx, "two", 2, ME, NOW)  # a smaller share calls nothing back
    channel = Recorder()
    assert await send_due(db, workspace, channel, NOW) == len(two)
    async with db.tx(workspace) as tx:
        assert await states(tx, one) == ["suggested"] * len(one)
        more = [a for a in await suggestions(tx, 2, step="two", prefix="u") if autonomy.runs_alone(2, a)]
        await decisions.release(tx, NOW, approver(settings))
        await decisions.lower_level(tx, "two", 0, "honeyguide", NOW, note="A guard tripped.")
    assert await send_due(db, workspace, channel, NOW) == 0
    async with db.tx(workspace) as tx:
        assert await states(tx, more) == ["suggested"] * len(more)


async def test_a_stop_waits_for_a_release_and_holds_from_then_on(
    db: Database, workspace: int, settings: Settings
) -> None:
    """The race: while releases run, stop; whatever the order, nothing of autonomy is sent after the stop returned."""
    async with db.tx(workspace) as tx:
        await suggestions(tx, 6)
        await raised(tx, 3)
    channel, stopped = Recorder(), asyncio.Event()
    late: list[int] = []

    async def work() -> None:
        for _ in range(12):
            async with db.tx(workspace) as tx:
                await decisions.release(tx, NOW, approver(settings), limit=1)
            was_stopped = stopped.is_set()
            sent = await send_due(db, workspace, channel, NOW, limit=1)
            if was_stopped and sent:
                late.append(sent)

    async def pull() -> None:
        await asyncio.sleep(0.15)
        async with db.tx(workspace) as tx:
            await decisions.stop(tx, ME, NOW)
        stopped.set()

    await asyncio.gather(work(), work(), pull())
    assert late == []
    assert stopped.is_set()


async def test_releasing_sending_and_stopping_never_wait_in_a_circle(
    db: Database, workspace: int, settings: Settings
) -> None:
    """Two workers release, two send, somebody stops and resumes all the while: everything ends, nothing is refused."""
    async with db.tx(workspace) as tx:
        await suggestions(tx, 8)
        await raised(tx, 3)
    channel = Recorder()

    async def releases() -> None:
        for _ in range(8):
            async with db.tx(workspace) as tx:
                await decisions.release(tx, NOW, approver(settings), limit=2)

    async def sends() -> None:
        for _ in range(8):
            await send_due(db, workspace, channel, NOW, limit=2)

    async def switches() -> None:
        for _ in range(6):
            async with db.tx(workspace) as tx:
                await decisions.stop(tx, ME, NOW)
            async with db.tx(workspace) as tx:
                await decisions.resume(tx, ME, NOW)

    await asyncio.wait_for(asyncio.gather(releases(), releases(), sends(), sends(), switches()), 60)
    async with db.tx(workspace) as tx:
        assert (await autonomy_history.verify(tx, Seal.of())).ok
        assert len({one.id for one in channel.letters}) == len(channel.letters)


async def test_two_workers_release_an_ask_once(db: Database, workspace: int, settings: Settings) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 5) if autonomy.runs_alone(3, a)]
        await raised(tx, 3)

    async def one() -> int:
        async with db.tx(workspace) as tx:
            return await decisions.release(tx, NOW, approver(settings))

    assert sum(await asyncio.gather(one(), one(), one())) == len(asks)
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from message where workspace_id = $1", workspace) == len(asks)


async def test_a_crash_between_the_steps_of_a_release_leaves_nothing_behind(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 3) if autonomy.runs_alone(3, a)]
        await raised(tx, 3)

    class Killed(BaseException):
        """What a kill looks like from inside."""

    async def dies(tx: Tx, ask_id: UUID, actor: str, now: object) -> bool:
        await decisions.approve(tx, ask_id, actor, None, NOW)
        raise Killed

    async def killed() -> None:
        async with db.tx(workspace) as tx:
            await decisions.release(tx, NOW, dies)

    with pytest.raises(Killed):
        await killed()
    async with db.tx(workspace) as tx:
        assert await states(tx, asks) == ["suggested"] * len(asks)
        assert await tx.value("select count(*) from autonomy_release where workspace_id = $1", workspace) == 0
        assert await decisions.release(tx, NOW, approver(settings)) == len(asks)


async def test_a_defect_of_one_ask_does_not_hold_up_the_others(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 4) if autonomy.runs_alone(3, a)]
        await raised(tx, 3)

        async def breaks(tx: Tx, ask_id: UUID, actor: str, now: object) -> bool:
            if ask_id == asks[0]:
                await tx.run("select 1 / 0")
            return await approver(settings)(tx, ask_id, actor, NOW)

        assert await decisions.release(tx, NOW, breaks) == len(asks) - 1
        assert await states(tx, asks[:1]) == ["suggested"]


async def test_a_retry_spends_a_cap_once(db: Database, workspace: int, settings: Settings) -> None:
    async with db.tx(workspace) as tx:
        asks = [a for a in await suggestions(tx, 6) if autonomy.runs_alone(3, a)]
        await raised(tx, 3)
        await autonomy.set_bounds(tx, Budget(STEP, "asks_per_day", 2, 1, 3), ME, NOW)
        assert await decisions.release(tx, NOW, approver(settings)) == 2
        for _ in range(3):
            assert await decisions.release(tx, NOW, approver(settings)) == 0
        assert (await states(tx, asks)).count("approved") == 2
        assert await autonomy_tables.released_since(tx, NOW - timedelta(hours=9)) == {STEP: 2}


async def test_only_level_four_moves_a_budget_and_only_within_its_bounds(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await raised(tx, 3)
        with pytest.raises(Forbidden):
            await autonomy.change_budget(tx, STEP, "asks_per_day", 3, "autonomy", NOW, why="x")
        await autonomy.set_bounds(tx, Budget(STEP, "asks_per_day", 2, 1, 3), ME, NOW)
        with pytest.raises(Forbidden):
            await autonomy.change_budget(tx, STEP, "asks_per_day", 3, "autonomy", NOW, why="x")
        await autonomy.raise_level(tx, grant(4), ME, NOW)
        assert (await autonomy.change_budget(tx, STEP, "asks_per_day", 3, "autonomy", NOW, why="full")).value == 3
        for outside in (0, 4, 10**15, -1):
            with pytest.raises(Forbidden):
                await autonomy.change_budget(tx, STEP, "asks_per_day", outside, "autonomy", NOW, why="x")
        with pytest.raises(Forbidden):
            await autonomy.change_budget(tx, STEP, "people", 1, "autonomy", NOW, why="x")
        for bad in (
            Budget(STEP, "people", 1, 0, 2),
            Budget(STEP, "asks_per_day", 5, 1, 3),
            Budget("", "asks_per_day", 1, 1, 1),
        ):
            with pytest.raises(BadInput):
                await autonomy.set_bounds(tx, bad, ME, NOW)
        assert (await autonomy.state(tx)).budgets[STEP, "asks_per_day"].value == 3


@pytest.mark.parametrize(
    "evidence",
    [
        {"lower": 0.0}, {"lower": -0.01}, {"lower": float("nan")}, {"lower": None}, {"lower": True}, {"lower": "1"},
        {"guards": {}}, {"guards": None}, {"guards": {"opt_out": {"upper": 0.02, "limit": 0.01}}},
        {"guards": GUARDS | {"spend": {"upper": float("nan"), "limit": 10.0}}}, {"guards": GUARDS | {"spend": None}},
    ],
)  # fmt: skip
async def test_a_grant_that_was_not_earned_raises_nothing(
    db: Database, workspace: int, evidence: dict[str, Any]
) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(Forbidden):
            await autonomy.raise_level(tx, grant(1, **evidence), ME, NOW)
        assert await decisions.levels(tx) == {}


async def test_levels_rise_one_at_a_time_and_fall_at_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(Conflict):
            await autonomy.raise_level(tx, grant(2), ME, NOW)
        await raised(tx, 3)
        with pytest.raises(Conflict):
            await autonomy.raise_level(tx, grant(3), ME, NOW)
        with pytest.raises(BadInput):
            await autonomy.lower_level(tx, STEP, 4, ME, NOW)
        assert await autonomy.lower_level(tx, STEP, 0, ME, NOW) is not None
        assert await autonomy.lower_level(tx, STEP, 0, ME, NOW) is None
        assert await decisions.levels(tx) == {}


async def test_the_whole_program_carries_the_steps_people_trust(
    db: Database, workspace: int, settings: Settings
) -> None:
    async with db.tx(workspace) as tx:
        asks = await suggestions(tx, 8)
        await raised(tx, 2, autonomy.WHOLE)
        assert await decisions.release(tx, NOW, approver(settings)) == 0  # nobody has decided about this step yet
        await _decided(tx, [True] * 3 + [False] * 4)
        assert await decisions.release(tx, NOW, approver(settings)) == 0  # less than half were approved
        await _decided(tx, [True] * 2)
        alone = [a for a in asks if autonomy.runs_alone(2, a)]
        assert await decisions.release(tx, NOW, approver(settings)) == len(alone) > 0
        assert (await autonomy_history.verify(tx, Seal.of())).ok
        await autonomy.lower_level(tx, autonomy.WHOLE, 0, ME, NOW)
        assert all([await autonomy.held_back(tx, a) for a in alone])


async def _decided(tx: Tx, approved: list[bool]) -> None:
    for yes in approved:
        await tx.run(
            "insert into ask_label (workspace_id, ask_id, decision_id, step, verdict, reason, edited, offer_id, chosen_offer_id, "
            "action, propensity, at) values ($1, gen_random_uuid(), gen_random_uuid(), $2, $3, '', '{}', 1, 1, 'a', 1, $4)",
            tx.workspace_id, STEP, "approve" if yes else "not_now", NOW,
        )  # fmt: skip


async def test_people_teach_by_what_they_decide(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        asks = await suggestions(tx, 3)
        first = await tables.ask(tx, asks[0])
        assert first is not None
        await decisions.approve(tx, asks[0], ME, decisions.Edits(subject=first.subject), NOW)  # the same words: no edit
        await decisions.approve(tx, asks[1], ME, decisions.Edits(body="Dear Ana, {{ link }}"), NOW)
        await decisions.not_now(tx, asks[2], ME, "bad_timing", "Ana is on leave", NOW)
        known = {one.ask_id: one for one in await label_tables.since(tx, None, 10)}
        assert [known[a].verdict for a in asks] == ["approve", "edit", "not_now"]
        assert known[asks[1]].edited == ["body"]
        assert known[asks[2]].reason == "bad_timing"
        assert all(0 < one.propensity <= 1 and one.action != "wait" for one in known.values())
        assert (await label_tables.tallies(tx))[STEP] == label_tables.Tally(1, 1, 1)
        assert await label_tables.since(tx, (NOW, max(asks)), 10) == []
        kept = await tx.rows("select to_jsonb(l)::text as text from ask_label l where workspace_id = $1", workspace)
        assert not any("Ana" in r["text"] or "leave" in r["text"] for r in kept)


async def test_a_level_that_nobody_signed_is_level_zero(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.tx(workspace) as tx:
        await raised(tx, 2)
        newest = (await autonomy_tables.newest(tx))[0]
        forged = structs.replace(newest, seq=newest.seq + 1, from_level=2, to_level=3, previous=newest.hash)
        await autonomy_tables.add(tx, forged)
        assert await decisions.levels(tx) == {}
    async with db.tx(workspace) as tx:
        monkeypatch.setenv("HONEYGUIDE_SECRET_KEY", "B" * 43 + "=")
        assert await decisions.levels(tx) == {}  # another installation's key vouches for nothing here


async def test_a_forged_resume_does_not_lift_a_stop(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await raised(tx, 2)
        await decisions.stop(tx, ME, NOW)
        last = await autonomy_tables.last(tx)
        assert last is not None
        await autonomy_tables.add(tx, structs.replace(last, seq=last.seq + 1, kind="resume", previous=last.hash))
        assert (await autonomy.state(tx)).stopped
        assert await decisions.levels(tx) == {}


async def test_another_workspaces_levels_and_stops_are_not_ours(
    db: Database, workspace: int, other_workspace: int
) -> None:
    async with db.tx(other_workspace) as tx:
        await raised(tx, 3)
    async with db.tx(workspace) as tx:
        assert await decisions.levels(tx) == {}
        await decisions.stop(tx, ME, NOW)
    async with db.tx(other_workspace) as tx:
        assert await decisions.levels(tx) == {STEP: 3}
        rows = await autonomy_tables.history(tx, 0, 10)
    async with db.tx(workspace) as tx:  # an act of theirs, carried over whole, is not one of ours
        mine = await autonomy_tables.last(tx)
        assert mine is not None
        await autonomy_tables.add(tx, structs.replace(rows[0], seq=mine.seq + 1))
        assert (await autonomy.state(tx)).level(STEP) == 0
