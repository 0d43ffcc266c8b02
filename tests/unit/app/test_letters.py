"""Dead letters are tried again, mended or dropped by a person: once, in one transaction, and the audit says who (C6)."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.app.replay import replay
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx, audit
from honeyguide.funnel.letters import Filter
from tests.unit.funnel.carrying import count, product, send, track

ME = "ana@acme.example"


async def _only(db: Database, workspace: int, state: str | None = "open") -> funnel.DeadLetter:
    async with db.tx(workspace) as tx:
        (found,) = await funnel.dead_letters(tx, Filter(state))
    return found


async def _retry(db: Database, workspace: int, letter: funnel.DeadLetter) -> funnel.Retried:
    async with db.tx(workspace) as tx:
        return await funnel.retry(tx, letter.id, ME, road.carry_again)


async def test_a_row_that_failed_on_the_road_is_carried_when_the_road_is_mended(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, track("poison", feature="x"))
    travel = road.travel

    async def broken(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
        await travel(tx, events)  # what it had done before it failed must not remain
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(road, "travel", broken)
    await road.catch_up(db, workspace)
    letter = await _only(db, workspace)
    assert (letter.stage, await count(db, workspace, "activity")) == ("road", 0)
    tried = await _retry(db, workspace, letter)
    assert (tried.outcome, tried.problem) == ("failed", "ZeroDivisionError: a defect")
    assert await count(db, workspace, "activity") == 0
    assert (await _only(db, workspace)).attempts == 2
    monkeypatch.setattr(road, "travel", travel)
    assert (await _retry(db, workspace, letter)).outcome == "carried"
    assert await count(db, workspace, "activity") == 1
    closed = await _only(db, workspace, None)
    assert (closed.state, closed.closed_by) == ("retried", ME)
    with pytest.raises(Conflict):
        await _retry(db, workspace, letter)
    async with db.tx(workspace) as tx:
        said = await audit.about(tx, f"dead_letter:{letter.id}")
    assert [(a["actor"], a["action"], a["detail"]["outcome"]) for a in said] == [
        (ME, "dead_letter.retry", "failed"), (ME, "dead_letter.retry", "carried"),
    ]  # fmt: skip


async def test_outcomes_carry_a_retried_row_once(db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where outcomes have passed the row by, the retry carries it there; where they have not, they come to it."""
    source = await product(db, workspace)
    credited: list[str] = []

    async def credit(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
        credited.extend(e.message_id for e in events)

    monkeypatch.setattr(road, "credit", credit)
    rule = [funnel.PlanEvent(name="Feature Used", required=["feature"])]
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "quarantine", rule, ME)
    await send(db, workspace, source, track("passed"))
    await road.catch_up(db, workspace)
    await send(db, workspace, source, track("ahead"))
    await road._consume(db, workspace, road.ROAD, road.travel, 500, None)
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "off", [], ME)
        for letter in await funnel.dead_letters(tx):
            assert (await funnel.retry(tx, letter.id, ME, road.carry_again)).outcome == "carried"
    assert credited == ["passed"]
    await road.catch_up(db, workspace)
    assert credited == ["passed", "ahead"]
    assert await count(db, workspace, "activity") == 1  # two uses of one day are one row


async def test_a_letter_of_the_door_goes_through_the_door_again(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    hooks = await product(db, workspace, "desk", "webhook")
    async with db.tx(workspace) as tx:
        await funnel.dead_letter(tx, source.id, "ingest", "too_large", "was too large", b'{"type":"track","event":"X"}')
        await funnel.dead_letter(tx, hooks.id, "hook", "not_json", "no", b"{")
        await funnel.dead_letter(
            tx, hooks.id, "hook", "not_json", "no", b'[{"id":"1","type":"a"},{"id":"2","type":"b"}]'
        )
        third, second, first = await funnel.dead_letters(tx)
    assert (await _retry(db, workspace, first)).outcome == "accepted"
    assert (await _retry(db, workspace, second)).outcome == "failed"
    assert len((await _retry(db, workspace, third)).event_ids) == 2
    assert await count(db, workspace, "event_log") == 3
    assert (await _only(db, workspace)).id == second.id


async def test_a_mended_body_is_a_new_event_that_names_its_letter(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, b'{"type":"track","userId":"ana","event":"Feature Used"')
    await road.catch_up(db, workspace)
    letter = await _only(db, workspace)
    assert (letter.stage, letter.reason) == ("decode", "not_json")
    async with db.tx(workspace) as tx:
        bad = await funnel.edit_and_retry(tx, letter.id, b"{still not", ME)
    assert bad.outcome == "failed"
    assert await count(db, workspace, "event_log") == 1
    mended = b'{"type":"track","userId":"ana","event":"Feature Used","properties":{"feature":"x"}}'
    async with db.tx(workspace) as tx:
        good = await funnel.edit_and_retry(tx, letter.id, mended, ME)
    assert good.outcome == "accepted"
    await road.catch_up(db, workspace)
    assert await count(db, workspace, "activity") == 1
    async with db.tx(workspace) as tx:
        row = await tx.row(
            "select message_id, body, lane from event_log where workspace_id = $1 and event_id = $2",
            workspace,
            good.event_ids[0],
        )
        with pytest.raises(Conflict):
            await funnel.edit_and_retry(tx, letter.id, mended, ME)
    assert row is not None
    assert (row["message_id"], row["body"], row["lane"]) == (f"letter:{letter.id}", mended, 0)
    kept = await _only(db, workspace, None)
    assert kept.body.endswith(b'"Feature Used"')  # the original stays
    assert (kept.state, kept.mended_as) == ("retried", good.event_ids[0])


async def test_dropped_and_mended_letters_stay_closed_when_the_log_is_read_again(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, b"{dropped", b"{mended", b"{open")
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        by_body = {letter.body: letter for letter in await funnel.dead_letters(tx)}
        await funnel.drop(tx, by_body[b"{dropped"].id, ME)
        await funnel.edit_and_retry(tx, by_body[b"{mended"].id, b'{"type":"track","event":"X","userId":"a"}', ME)
    assert (await replay(db, workspace)).same
    async with db.tx(workspace) as tx:
        states = {letter.body: letter.state for letter in await funnel.dead_letters(tx, Filter(None))}
    assert states == {b"{dropped": "dropped", b"{mended": "retried", b"{open": "open"}


async def test_an_id_used_again_can_only_be_mended(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, track("same", feature="x"))
    await send(db, workspace, source, track("same", feature="y"))
    letter = await _only(db, workspace)
    assert letter.reason == "id_reuse"
    assert (await _retry(db, workspace, letter)).outcome == "failed"
    assert len(await _letters(db, workspace, None)) == 1  # the try left no second letter
    async with db.tx(workspace) as tx:
        mended = await funnel.edit_and_retry(tx, letter.id, letter.body, ME)
    assert mended.outcome == "accepted"
    assert await count(db, workspace, "event_log", f"message_id = 'letter:{letter.id}'") == 1


async def _letters(db: Database, workspace: int, state: str | None) -> list[funnel.DeadLetter]:
    async with db.tx(workspace) as tx:
        return await funnel.dead_letters(tx, Filter(state))


async def test_filters_counts_and_pages(db: Database, workspace: int) -> None:
    one, two = await product(db, workspace), await product(db, workspace, "desk", "webhook")
    async with db.tx(workspace) as tx:
        for n in range(5):
            await funnel.dead_letter(tx, one.id, "decode", "odd", "", f"{n}".encode(), event_id=uuid4())
        await funnel.dead_letter(tx, two.id, "decode", "odd", "", b"x", event_id=uuid4())
        await funnel.dead_letter(tx, two.id, "hook", "not_json", "a\x00b\ud800", b"y")
        assert await funnel.letter_reasons(tx, Filter()) == [("decode", "odd", 6), ("hook", "not_json", 1)]
        assert await funnel.letter_reasons(tx, Filter(source_id=two.id, stage="hook")) == [("hook", "not_json", 1)]
        assert await funnel.count_letters(tx, Filter(source_id=one.id, reason="odd")) == 5
        page = await funnel.dead_letters(tx, Filter(source_id=one.id), limit=3)
        rest = await funnel.dead_letters(tx, Filter(source_id=one.id), after=page[-1].id)
        assert [letter.body for letter in page + rest] == [b"4", b"3", b"2", b"1", b"0"]
        with pytest.raises(NotFound):
            await funnel.letter(tx, 2**60)
        with pytest.raises(BadInput):
            await funnel.edit_and_retry(tx, page[0].id, b"x" * 1_000_001, ME)


async def test_a_bulk_retry_goes_on_where_it_was_and_takes_nothing_twice(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await product(db, workspace)
    rule = [funnel.PlanEvent(kind="feature.used", required=["plan"])]
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "quarantine", rule, ME)
    await send(db, workspace, source, *[track(f"m{n}", feature=f"f{n}") for n in range(9)], b"{broken")
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "warn", rule, ME)
        run = await funnel.start_retry(tx, Filter(stage="plan"), ME)
        everything = await funnel.start_retry(tx, Filter(), ME)
    assert (run.total, everything.total) == (9, 10)
    carried: list[str] = []
    tried = 0

    async def dies(tx: Tx, row: object, stage: str) -> None:
        nonlocal tried
        tried += 1
        if tried == 4:
            raise KeyboardInterrupt  # as a process that is killed: no handler of ours sees it
        carried.append(stage)
        await road.carry_again(tx, row, stage)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        await funnel.step_retry(db, workspace, dies, run.id)
    async with db.tx(workspace) as tx:
        half = await funnel.letter_run(tx, run.id)
    assert (half.state, half.done, half.succeeded) == ("running", 3, 3)
    while await funnel.step_retry(db, workspace, dies, run.id, limit=2):
        pass
    async with db.tx(workspace) as tx:
        done = await funnel.letter_run(tx, run.id)
    assert (done.state, done.done, done.succeeded, done.failed) == ("done", 9, 9, 0)
    assert len(carried) == 9
    assert await count(db, workspace, "activity") == 9
    while await funnel.step_retry(db, workspace, road.carry_again):
        pass
    async with db.tx(workspace) as tx:
        rest = await funnel.letter_run(tx, everything.id)
    assert (rest.state, rest.done, rest.failed) == ("done", 1, 1)


async def test_letters_of_another_workspace_are_not_there(db: Database, workspace: int, other_workspace: int) -> None:
    source = await product(db, other_workspace)
    async with db.tx(other_workspace) as tx:
        await funnel.dead_letter(tx, source.id, "hook", "not_json", "no", b"{")
        (theirs,) = await funnel.dead_letters(tx)
    async with db.tx(workspace) as tx:
        for act in (funnel.drop(tx, theirs.id, ME), funnel.retry(tx, theirs.id, ME, road.carry_again),
                    funnel.edit_and_retry(tx, theirs.id, b"{}", ME)):  # fmt: skip
            with pytest.raises(NotFound):
                await act
