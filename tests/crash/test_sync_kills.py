"""Workers are killed in the middle of a backfill, two at a time: it ends, with every record once."""

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.connections import StreamState, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from tests.crash.settings import WORKER_SETTINGS
from tests.vendor import DEFINITION, Vendor, vendor

ROOT = Path(__file__).resolve().parents[2]
RECORDS, PAGE, KILLS = 1_200, 10, 6
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


@pytest.mark.crash
@pytest.mark.slow
async def test_a_backfill_survives_kills(db: Database, dsn: str, workspace: int) -> None:
    with vendor() as acme:
        acme.add(*range(1, RECORDS + 1))
        acme.size, acme.pause_s = PAGE, 0.02
        async with db.tx(workspace) as tx:
            made = await create_connection(
                tx, "acme-crm", "Acme", {"base": acme.url}, {"token": "t0"}, definition=parse_definition(DEFINITION),
                vault=Vault.of(WORKER_SETTINGS),
            )  # fmt: skip
        chance, workers, positions = random.Random(3), list[subprocess.Popen[bytes]](), list[int]()
        command = [sys.executable, "-W", "ignore", "-m", "tests.crash.syncer", dsn, str(workspace)]
        try:
            for _ in range(KILLS):
                workers = [subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT) for _ in range(2)]
                await _until_asked(acme, len(acme.asked))
                await asyncio.sleep(chance.uniform(0.05, 0.5))
                for worker in workers:
                    worker.kill()
                    worker.wait()
                positions.append(await _rows(db, workspace))
            workers = [subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT)]
            state = await _finished(db, workspace, made.source_id)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        assert (state.rows, state.pass_rows, state.lane) == (RECORDS, RECORDS, "live"), "no page was counted twice"
        assert await _rows(db, workspace) == RECORDS
        assert sum(0 < p < RECORDS for p in positions) >= KILLS // 2, "kills came in the middle"
        assert positions == sorted(positions)
        pages = RECORDS // PAGE
        assert len(acme.paths("/contacts")) <= pages + 4 * KILLS, "a restart goes on, it does not begin again"


async def _until_asked(acme: Vendor, before: int) -> None:
    for _ in range(3_000):
        if len(acme.asked) > before + 3:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no worker began")


async def _finished(db: Database, workspace: int, source_id: int) -> StreamState:
    for _ in range(600):
        async with db.tx(workspace) as tx:
            (state,) = await connections.stream_states(tx, source_id)
        if state.last_sync_at is not None:
            return state
        await asyncio.sleep(0.1)
    raise AssertionError("the backfill did not end")


async def _rows(db: Database, workspace: int) -> int:
    async with db.tx(workspace) as tx:
        row = await tx.row(
            "select count(*) as n, count(distinct message_id) as ids from event_log where workspace_id = $1", workspace
        )
    assert row is not None
    assert row["n"] == row["ids"]
    return int(row["n"])
