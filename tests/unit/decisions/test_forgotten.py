"""An erased person's decisions lose what was known of them and keep what is counted; nobody else may empty a decision."""

import asyncpg
import pytest

from honeyguide import decisions, funnel
from honeyguide.core.errors import NotFound
from honeyguide.db import Database
from honeyguide.decisions import policy_tables, tables
from honeyguide.decisions.replay import logged_many
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW


async def test_contexts_go_and_counts_stay(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        whens, people = [], []
        for name in ("ana", "bea"):
            firm = await world.treated(tx, name)
            people.append(await world.persona(tx, name, firm))
            await world.signal(tx, "praised", people[-1], 77, f"{name} says thanks")
            whens.append(await world.moment(tx, people[-1], firm))
        await decisions.decide(tx, NOW)
        before = await tables.last_looks(tx, whens)

    async def without_leave() -> None:
        async with db.tx(workspace) as tx:
            await decisions.erase(tx, 4711, [people[0]])

    with pytest.raises(asyncpg.PostgresError, match="no erasure"):
        await without_leave()
    async with db.tx(workspace) as tx:
        made = await funnel.suppress(tx, [("email", "ana@firm.example")], "dpo", "asked")
        assert await decisions.erase(tx, made.id, [people[0]]) == 1
        assert await decisions.erase(tx, made.id, [people[0]]) == 0
        after = await tables.last_looks(tx, whens)
        gone, kept = after[whens[0]], after[whens[1]]
        assert kept == before[whens[1]]
        was = before[whens[0]]
        for name in (
            "arm",
            "arm_cluster",
            "legal_actions",
            "distribution",
            "action",
            "propensity",
            "policy_version",
            "weight",
        ):
            assert getattr(gone, name) == getattr(was, name)
        text = str(gone.context) + str(gone.expected) + gone.reason + str(gone.blocked)
        for trace in ("Ana", "firm.example", "thanks", "VP", "numbers", "Great help"):
            assert trace not in text
        assert whens[0] not in await policy_tables.looks(tx, whens)
        assert await logged_many(tx, [gone.id]) == []
        with pytest.raises(NotFound):
            await decisions.logged(tx, gone.id)
        for row in (await decisions.queue(tx)).rows:
            assert row.why == [] or row.persona.name != "Ana Lima"
