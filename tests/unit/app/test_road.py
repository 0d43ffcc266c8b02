"""A row that cannot be read or carried ends in dead letters with its bytes, and never stops the rows behind it (C6)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.funnel import envelopes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def _deliver(db: Database, workspace: int, names: Sequence[str]) -> funnel.Source:
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


async def test_bytes_that_cannot_be_read_are_put_aside_once(db: Database, workspace: int) -> None:
    source = await _deliver(db, workspace, ["good"])
    async with db.tx(workspace) as tx:
        await tx.run(
            "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, body) "
            "values ($1, $2, $3, 'segment', 'track', 'broken', $4, $4, $5)",
            workspace, uuid.uuid4(), source.id, NOW, b"{not json",
        )  # fmt: skip
    await road.catch_up(db, workspace)
    assert await _letters(db, workspace) == [("decode", "undecodable", b"{not json")]
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from activity where workspace_id = $1", workspace) == 1
