"""A row that cannot be read or carried ends in dead letters with its bytes, and never stops the rows behind it (C6)."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.funnel import catalogue, envelopes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def _deliver(db: Database, workspace: int, names: Sequence[str], historical: Sequence[str] = ()) -> funnel.Source:
    async with db.tx(workspace) as tx:
        source, _ = await funnel.create_source(tx, "segment", "product")
        for name in names:
            body = msgspec.json.encode(
                {
                    "type": "track",
                    "messageId": name,
                    "userId": name,
                    "event": "Feature Used",
                    "properties": {"feature": "x"},
                }
            )
            inputs = [i for i in envelopes.segment_call("track", body, NOW).inputs if isinstance(i, funnel.NewEvent)]
            await funnel.append(tx, source, inputs)
    for name in historical:
        await _send(db, workspace, source, name, funnel.Lane.HISTORICAL)
    return source


async def _letters(db: Database, workspace: int) -> list[tuple[str, str, bytes]]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select stage, reason, body from dead_letter where workspace_id = $1 order by id", workspace
        )
    return [(r["stage"], r["reason"], r["body"]) for r in rows]


async def test_an_event_that_breaks_a_step_is_put_aside_alone(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _deliver(db, workspace, ["one", "poison", "two"])
    carried: list[str] = []

    async def step(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
        if any(e.message_id == "poison" for e in events):
            raise ZeroDivisionError("a defect")
        carried.extend(e.message_id for e in events)

    monkeypatch.setattr(road, "travel", step)
    await road.catch_up(db, workspace)
    assert carried == ["one", "two"]
    (letter,) = await _letters(db, workspace)
    assert letter[:2] == ("road", "failed")
    assert b'"poison"' in letter[2]
    assert await road.advance(db, workspace) == 0  # it is not met again


async def test_catching_up_waits_for_rows_above_the_horizon(db: Database, workspace: int) -> None:
    """Any open transaction that has written holds the horizon back, an autoanalyze too: that is no end of the log."""
    async with db.admin() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.fetchval("select pg_current_xact_id()")
        await _deliver(db, workspace, ["late"])
        assert await road.advance(db, workspace) == 0
        carried = asyncio.create_task(road.catch_up(db, workspace))
        await asyncio.sleep(0.2)
        assert not carried.done()
        await transaction.rollback()
        assert await asyncio.wait_for(carried, 10) == 2  # by the road and by outcomes


async def test_bytes_that_cannot_be_read_are_put_aside_once(db: Database, workspace: int) -> None:
    source = await _deliver(db, workspace, ["good"])
    async with db.tx(workspace) as tx:
        await tx.run(
            "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, body) "
            "values ($1, $2, $3, 'segment', 'track', 'broken', $4, $4, $5)",
            workspace, uuid.uuid4(), source.id, NOW, b"{not json",
        )  # fmt: skip
    await road.catch_up(db, workspace)
    assert await _letters(db, workspace) == [("decode", "not_json", b"{not json")]
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from activity where workspace_id = $1", workspace) == 1


async def test_the_row_that_failed_is_put_aside_and_not_the_one_that_arrived_meanwhile(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History fails while a live event arrives: live comes first next time, and must not be taken for the culprit."""
    source = await _deliver(db, workspace, [], historical=["poison", "after"])
    carried: list[str] = []

    async def step(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
        if any(e.message_id == "poison" for e in events):
            if not await _has(db, workspace, "live"):
                await _send(db, workspace, source, "live")
            raise ZeroDivisionError("a defect")
        carried.extend(e.message_id for e in events)

    monkeypatch.setattr(road, "travel", step)
    monkeypatch.setattr(road, "credit", step)
    assert await road.advance(db, workspace, limit=1) >= 1
    await road.catch_up(db, workspace)
    assert carried[:2] == ["live", "live"]  # by the road and by outcomes
    assert sorted(carried) == ["after", "after", "live", "live"]
    letters = await _letters(db, workspace)
    assert {(stage, b"poison" in body) for stage, _, body in letters} == {("road", True), ("outcomes", True)}


async def test_a_catalogue_that_cannot_be_written_stops_nothing(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _deliver(db, workspace, ["one", "two"])

    async def broken(tx: Tx, *_: object) -> None:
        await tx.run("select 1 / 0")

    monkeypatch.setattr(catalogue, "note_shapes", broken)
    await road.catch_up(db, workspace)
    assert await _letters(db, workspace) == []
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from activity where workspace_id = $1", workspace) == 2


async def _has(db: Database, workspace: int, name: str) -> bool:
    async with db.tx(workspace) as tx:
        return bool(
            await tx.value("select 1 from event_log where workspace_id = $1 and message_id = $2", workspace, name)
        )


async def _send(
    db: Database, workspace: int, source: funnel.Source, name: str, lane: funnel.Lane = funnel.Lane.LIVE
) -> None:
    async with db.tx(workspace) as tx:
        body = msgspec.json.encode({"type": "track", "messageId": name, "userId": name, "event": "Feature Used"})
        await funnel.append(tx, source, [funnel.NewEvent("segment", "track", name, body, NOW, NOW, None, lane)])
