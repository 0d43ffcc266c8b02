"""A simulated stretch of the whole product, twice from nothing with one seed: the same to the last byte."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec
import pytest

from honeyguide.app import store
from honeyguide.app.year import Year, run_year
from honeyguide.db import Database
from honeyguide.db.embedded import Cluster
from honeyguide.settings import Settings

END = datetime(2026, 11, 1, tzinfo=UTC)


async def played(cluster: Cluster, folder: Path, name: str, seed: int) -> Year:
    """A month at the smallest scale, with all the history before it, in a database of its own."""
    server = await asyncpg.connect(cluster.dsn, database="postgres")
    await server.execute(f"create database {name}")
    await server.close()
    dsn = cluster.dsn.replace("@/honeyguide?", f"@/{name}?")
    await store.prepare(dsn)
    db = await Database.open(dsn, size=4)
    try:
        settings = Settings.load({"HONEYGUIDE_DATA": str(folder / name), "HONEYGUIDE_MODEL": "none"})
        return await run_year(db, settings, seed=seed, end=END, months=1, scale=0.1, say=lambda _: None)
    finally:
        await db.close()


@pytest.mark.slow
def test_one_seed_tells_one_year_and_the_books_balance(cluster: Cluster, tmp_path: Path) -> None:
    one, again = (asyncio.run(played(cluster, tmp_path, f"year_{os.getpid()}_{n}", 7)) for n in range(2))
    assert {t: (one.tables[t], again.tables[t]) for t in one.tables if one.tables[t] != again.tables[t]} == {}
    assert msgspec.json.encode(one) == msgspec.json.encode(again)
    (row,) = one.months
    assert row["books"]
    assert row["adds_up"]
    assert row["sent"] > 0
    assert int(one.tables["decision"].split(":")[0]) > row["sent"]
    assert int(one.tables["referral"].split(":")[0]) > 0
    assert int(one.tables["ask_follow_up"].split(":")[0]) > 0
    assert row["reminded"] > 0
