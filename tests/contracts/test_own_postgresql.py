"""Any PostgreSQL 18 by DATABASE_URL: here a separately started server, over TCP, with a password."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from honeyguide.core.errors import Unavailable
from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.identity.stamps import said_of, stamped
from tests.journeys.product import free_port

PASSWORD = "correct-horse"


@pytest.fixture(scope="module")
def their_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a role that may create roles and databases, but is no superuser."""
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
        await server.execute(f"create role theirs login createrole createdb password '{PASSWORD}'")
        await server.close()

    asyncio.run(roles())
    yield f"postgresql://theirs:{PASSWORD}@127.0.0.1:{port}/program"
    cluster.kill()


async def test_it_migrates_and_keeps_workspaces_apart(their_server: str) -> None:
    await migrate(their_server)
    db = await Database.open(their_server, size=2)
    one, two = await create_workspace(db, "one-company", "One"), await create_workspace(db, "two-company", "Two")
    async with db.tx(one) as tx:
        assert await tx.value("select current_user") == "honeyguide_app"
        await tx.run(
            "insert into node (workspace_id, id, kind, key, name, first_seen_at, updated_at) values ($1, 1, 1, 'a', 'A', now(), now())",
            one,
        )
    async with db.tx(two) as tx:
        assert await tx.rows("select * from node") == []
    await db.close()


async def test_what_a_program_already_holds_moves_along_though_its_owner_is_no_superuser(their_server: str) -> None:
    older = their_server.replace("/program", "/older")
    await migrate(older)
    await migrate(older, "0001")
    owner = await asyncpg.connect(older)
    for workspace in (1, 2):
        await owner.execute(f"set app.workspace = {workspace}")
        await owner.execute(
            "insert into workspace (id, slug, name, currency, created_at) overriding system value "
            "values ($1, $2, $2, 'EUR', now())",
            workspace,
            f"company-{workspace}",
        )
        await owner.execute(
            "insert into consumer_cursor (workspace_id, consumer, last_xid, last_seq, holder, moved_at) "
            "values ($1, 'road', '7', 9, 'w', now())",
            workspace,
        )
    await migrate(older)
    for workspace in (1, 2):
        await owner.execute(f"set app.workspace = {workspace}")
        rows = await owner.fetch("select lane, last_seq from consumer_cursor order by lane")
        assert [tuple(r) for r in rows] == [(0, 9), (1, 9), (2, 9)]
    forced = "select count(*) from pg_class where relrowsecurity and not relforcerowsecurity"
    assert await owner.fetchval(forced) == 0
    await owner.close()


async def test_a_wrong_password_is_one_sentence(their_server: str) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await migrate(their_server.replace(PASSWORD, "wrong"))


def test_commands_use_it(their_server: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": their_server, "HONEYGUIDE_DATA": str(tmp_path / "unused")}
    command = [
        sys.executable,
        "-m",
        "honeyguide.cli",
        "source",
        "create",
        "segment",
        "product",
        "--workspace",
        "one-company",
    ]
    asyncio.run(_ready(their_server))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "hgw_" in done.stdout
    assert not (tmp_path / "unused" / "postgres").exists()  # no server of ours was started


async def _ready(dsn: str) -> None:
    await migrate(dsn)
    db = await Database.open(dsn, size=1)
    await create_workspace(db, "one-company", "One")
    await db.close()


async def test_traits_move_along_with_their_stamps_and_back(their_server: str) -> None:
    older = their_server.replace("/program", "/traits")
    await migrate(older)
    await migrate(older, "0001")
    owner = await asyncpg.connect(older)
    early, late = ("2026-01-01T00:00:00.000000+00:00", "e1"), ("2026-02-01T00:00:00.000000+00:00", "e2")
    traits = {
        name: {"v": value, "t": at, "e": event}
        for name, value, (at, event) in (("name", "Ana", late), ("größe", [1], early), ("a b", None, late))
    }
    await owner.execute("set app.workspace = 1")
    await owner.execute(
        "insert into record (workspace_id, id, kind, source, ext_id, entity_id, traits, first_seen_at, last_seen_at) "
        "values (1, 7, 'persona', 'crm', '7', 7, $1, now(), now()), (1, 8, 'persona', 'crm', '8', 8, '{}', now(), now())",
        json.dumps(traits),
    )
    await migrate(older)
    held = await owner.fetch("select traits, said from record order by id")
    assert [r["said"] for r in held] == [said_of(traits), "{}"]
    assert stamped(json.loads(held[0]["traits"]), held[0]["said"]) == traits
    await migrate(older, "0001")
    back = await owner.fetch("select traits from record order by id")
    assert [json.loads(r["traits"]) for r in back] == [traits, {}]
    await owner.close()
