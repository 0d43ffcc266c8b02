"""What a statement costs through SQLAlchemy's text() and through asyncpg, in one run on one server.

Claim: writing SQL by hand over asyncpg is cheaper per short transaction than SQLAlchemy over the same driver.
Run: python -m benchmarks.access
"""

import asyncio
import json
import resource
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.machine import facts
from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate

ROUNDS, STATEMENTS = 5, 1_500
SQL = "select id, kind, props from node where workspace_id = {0} and id = {1}"


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def by_hand(db: Database, workspace: int) -> float:
    started = cpu()
    for n in range(STATEMENTS):
        async with db.tx(workspace) as tx:
            await tx.row(SQL.format("$1", "$2"), workspace, n)
    return (cpu() - started) / STATEMENTS * 1e6


async def by_sqlalchemy(engine: AsyncEngine, workspace: int) -> float:
    statement, choose = text(SQL.format(":ws", ":id")), text("select set_config('app.workspace', :ws, true)")
    started = cpu()
    for n in range(STATEMENTS):
        async with engine.begin() as connection:
            await connection.execute(choose, {"ws": str(workspace)})
            (await connection.execute(statement, {"ws": workspace, "id": n})).first()
    return (cpu() - started) / STATEMENTS * 1e6


async def measure(dsn: str) -> dict[str, Any]:
    await migrate(dsn)
    db = await Database.open(dsn)
    workspace = await create_workspace(db, "bench", "Bench")

    async def connect() -> Any:
        return await asyncpg.connect(dsn, server_settings={"role": "honeyguide_app"})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    hand, alchemy = [], []
    for _ in range(ROUNDS):
        hand.append(await by_hand(db, workspace))
        alchemy.append(await by_sqlalchemy(engine, workspace))
    await engine.dispose()
    await db.close()
    one, two = sorted(hand)[ROUNDS // 2], sorted(alchemy)[ROUNDS // 2]
    return {
        "claim": "a short transaction costs less CPU by hand over asyncpg than through SQLAlchemy",
        "app_cpu_us_per_transaction": {"by_hand": round(one, 1), "sqlalchemy_text": round(two, 1)},
        "ratio": round(two / one, 2),
        "rounds": ROUNDS,
        "machine": facts(),
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hg-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            found = asyncio.run(measure(cluster.dsn))
        finally:
            cluster.kill()
    (Path(__file__).parent / "results" / "access.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
