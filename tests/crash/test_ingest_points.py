"""A process that takes events or files in dies before every statement, after the commit, and after the answer."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from honeyguide.db import Database, create_workspace
from tests.crash import ingest_steps
from tests.crash.points import AFTER_ANSWER, AFTER_COMMIT, Ended, Zygote

pytestmark = pytest.mark.crash
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as forking:
        yield forking


async def fresh(db: Database, scenario: str) -> int:
    made = await create_workspace(db, f"points-{os.getpid()}-{next(_numbers)}", "Points")
    await ingest_steps.prepare(db, made, scenario)
    return made


async def counts(db: Database, workspace: int) -> dict[str, int]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select outcome, n from ingest_count where workspace_id = $1 and n > 0", workspace)
    return {row["outcome"]: row["n"] for row in rows}


async def ids(db: Database, workspace: int) -> list[str]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select message_id from event_log where workspace_id = $1 order by xid, seq", workspace)
    return [row["message_id"] for row in rows]


async def value(db: Database, workspace: int, sql: str) -> Any:
    async with db.tx(workspace) as tx:
        return await tx.value(sql, workspace)


def alive(ended: Ended) -> Ended:
    assert not ended.failure, ended.failure
    return ended


async def submission(db: Database, workspace: int) -> tuple[list[str], dict[str, int], int, int]:
    """What a submission left: the log, the counters, the letters by kind."""
    letters = "select coalesce(sum(attempts), 0)::int from dead_letter where workspace_id = $1 and reason "
    return (
        await ids(db, workspace), await counts(db, workspace), await value(db, workspace, letters + "= 'id_reuse'"),
        await value(db, workspace, letters + "<> 'id_reuse'"),
    )  # fmt: skip


async def test_a_submission_is_there_with_all_its_counts_or_not_at_all(db: Database, dsn: str, zygote: Zygote) -> None:
    whole = await fresh(db, "submit")
    statements = alive(zygote.run(dsn, whole, "submit")).statements
    assert await submission(db, whole) == (["a", "b", "c"], ingest_steps.SUBMITTED, 1, 1)
    seen = set()
    for point in (*range(statements), AFTER_COMMIT, AFTER_ANSWER):
        workspace = await fresh(db, "submit")
        ended = alive(zygote.run(dsn, workspace, "submit", point=point))
        log, counted, reused, broken = await submission(db, workspace)
        held, refused = {k: v for k, v in counted.items() if k != "refused"}, counted.get("refused", 0)
        seen.add((bool(log), bool(refused)))
        if log:
            wanted = {k: v for k, v in ingest_steps.SUBMITTED.items() if k != "refused"}
            assert (log, held, reused, broken) == (["a", "b", "c"], wanted, 1, 1), point
        else:
            assert (held, reused, broken) == ({}, 0, 0), f"something was left half done before statement {point}"
        assert refused in (0, 2)
        if ended.answered:
            assert (bool(log), refused) == (True, 2), "it was answered, and is not counted"
            continue
        alive(zygote.run(dsn, workspace, "submit"))
        again = await submission(db, workspace)
        assert again[0] == ["a", "b", "c"], "each id once, however often it is sent"
        assert sum(again[1].values()) == sum(counted.values()) + sum(ingest_steps.SUBMITTED.values()), (
            "what came twice is counted twice"
        )
        assert again[1]["accepted"] == 3
        assert again[1]["mismatch"] == again[2]
        assert again[1]["dead_letter"] == again[3]
    assert seen == {(False, False), (True, False), (True, True)}, "the crashes were before, between and after"


async def test_a_piece_of_a_file_is_there_once(db: Database, dsn: str, zygote: Zygote) -> None:
    whole = await fresh(db, "piece")
    statements = alive(zygote.run(dsn, whole, "piece")).statements
    held = "select received from upload where workspace_id = $1"
    stored = "select coalesce(sum(length(body)), 0)::int from upload_piece where workspace_id = $1"
    for point in (*range(statements), AFTER_COMMIT, AFTER_ANSWER):
        workspace = await fresh(db, "piece")
        ended = alive(zygote.run(dsn, workspace, "piece", point=point))
        at = await value(db, workspace, held)
        assert at == await value(db, workspace, stored), "the offset is that of the bytes that are here"
        assert at == ingest_steps.PIECE or not ended.answered
        for _ in range(4):  # whoever asks for the offset and goes on ends with the file
            alive(zygote.run(dsn, workspace, "piece"))
        async with db.tx(workspace) as tx:
            rows = await tx.rows("select body from upload_piece where workspace_id = $1 order by starts_at", workspace)
        assert b"".join(row["body"] for row in rows) == ingest_steps.FILE


async def test_a_file_is_imported_once_whenever_its_worker_dies(db: Database, dsn: str, zygote: Zygote) -> None:
    whole = await fresh(db, "take_in")
    statements = alive(zygote.run(dsn, whole, "take_in")).statements
    wanted = await _imported(db, whole)
    assert wanted == ([f"deals:D{n}" for n in range(8)], {"accepted": 8, "dead_letter": 1}, ("done", 9, 8, 0, 1), 0)
    assert statements > 20, "five chunks, each a transaction"
    half_way = 0
    for point in (*range(statements), AFTER_COMMIT, AFTER_ANSWER):
        workspace = await fresh(db, "take_in")
        alive(zygote.run(dsn, workspace, "take_in", point=point))
        half_way += 0 < len(await ids(db, workspace)) < 8
        for _ in range(2):
            alive(zygote.run(dsn, workspace, "take_in"))
        assert await _imported(db, workspace) == wanted, f"before statement {point} of {statements}"
    assert half_way > 5


async def _imported(db: Database, workspace: int) -> tuple[list[str], dict[str, int], tuple[Any, ...], int]:
    async with db.tx(workspace) as tx:
        row = await tx.row(
            "select state, rows_done, rows_accepted, rows_duplicate, rows_dead from upload where workspace_id = $1",
            workspace,
        )
    assert row is not None
    left = await value(db, workspace, "select count(*) from upload_piece where workspace_id = $1")
    return sorted(await ids(db, workspace)), await counts(db, workspace), tuple(row), left
