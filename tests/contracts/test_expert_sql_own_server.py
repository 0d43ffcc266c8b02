"""SQL over the graph on a server of somebody's own: over TCP with passwords, by an owner who is no superuser."""

import asyncpg
import pytest

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.db import Database, create_workspace
from honeyguide.db.migrate import migrate
from honeyguide.graph import views
from tests.contracts.test_own_postgresql import PASSWORD, their_server

__all__ = ["their_server"]  # the fixture
_NODE = "insert into node (workspace_id, id, kind, key, name, first_seen_at, updated_at) values ($1, 1, 1, 'a', $2, now(), now())"


async def test_it_works_for_an_owner_who_may_make_roles(their_server: str) -> None:
    await migrate(their_server)
    db = await Database.open(their_server, size=2)
    one, two = await create_workspace(db, "sql-one", "One"), await create_workspace(db, "sql-two", "Two")
    for workspace, name in ((one, "Kestrel"), (two, "Wombat")):
        async with db.tx(workspace) as tx:
            await tx.run(_NODE, workspace, name)
    assert (await views.query(db, one, "select name from graph_node")).rows == [["Kestrel"]]
    assert (await views.query(db, two, "select name from graph_node")).rows == [["Wombat"]]
    with pytest.raises(BadInput):
        await views.query(db, one, f"select set_config('app.workspace', '{two}', true)")
    await db.close()


async def test_where_no_roles_can_be_made_all_else_works_and_it_says_so(their_server: str) -> None:
    await migrate(their_server)
    rich = await asyncpg.connect(their_server)
    # As an administrator would prepare it: the application's role is there, and nothing else may be made.
    await rich.execute(f"create role poor login password '{PASSWORD}'")
    await rich.execute("grant honeyguide_app to poor with admin option")
    await rich.execute("grant poor to theirs")
    await rich.execute("create database poorly owner poor")
    await rich.close()
    poor = their_server.replace("theirs:", "poor:").replace("/program", "/poorly")
    await migrate(poor)
    db = await Database.open(poor, size=2)
    workspace = await create_workspace(db, "sql-poor", "Poor")
    async with db.tx(workspace) as tx:
        await tx.run(_NODE, workspace, "Kestrel")
        assert await tx.value("select count(*) from node where workspace_id = $1", workspace) == 1
    with pytest.raises(Unavailable, match="not available") as caught:
        await views.query(db, workspace, "select name from graph_node")
    assert "make roles" in caught.value.sentence()
    await migrate(poor, "base")
    await migrate(poor)
    await db.close()
