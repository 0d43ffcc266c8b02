"""No crash loses, doubles or halves anything: every step of every operation, and the harness itself against faults."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from honeyguide import ledger
from honeyguide.db import Database
from tests.crash import scenarios
from tests.crash.points import AFTER_ANSWER, AFTER_COMMIT, Zygote
from tests.crash.seeded import FAULTS

pytestmark = pytest.mark.crash
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as forking:
        yield forking


class Bench:
    """Runs one scenario at every crash point and collects what is wrong."""

    def __init__(self, db: Database, dsn: str, zygote: Zygote, scenario: str, seeded: str = "") -> None:
        self.db, self.dsn, self.zygote, self.scenario, self.seeded = db, dsn, zygote, scenario, seeded
        self._spare: list[Any] = []

    async def fresh(self) -> int:
        """A workspace of its own with what the scenario starts from."""
        if not self._spare:
            async with self.db.admin() as owner:  # many at once: a connection of its own for each would take longest
                self._spare = await owner.fetch(
                    "insert into workspace (slug, name, currency, created_at) "
                    "select $1 || n, 'Crash', 'EUR', now() from generate_series(1, 40) n returning id",
                    f"crash-{os.getpid()}-{next(_numbers)}-",
                )
        made: int = self._spare.pop()["id"]
        await scenarios.prepare(self.db, made, self.scenario)
        return made

    async def reference(self) -> tuple[list[list[str]], int]:
        """What the correct operation leaves when nothing crashes."""
        workspace = await self.fresh()
        ended = self.zygote.run(self.dsn, workspace, self.scenario)
        assert not ended.failure, ended.failure
        assert await self.unsound(workspace) == []
        return await scenarios.state(self.db, workspace), ended.statements

    async def unsound(self, workspace: int) -> list[str]:
        async with self.db.tx(workspace) as tx:
            return (await ledger.verify(tx)).problems

    async def at(self, point: int | None, wanted: list[list[str]]) -> list[str]:
        """Crash at one point, try again unless it was answered, and say what is wrong."""
        workspace = await self.fresh()
        ended = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded, point)
        wrong = [f"the operation failed: {ended.failure[-200:]}"] if ended.failure else []
        wrong += [f"after the crash: {p}" for p in await self.unsound(workspace)]
        if not ended.answered:
            again = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded)
            if again.failure:
                wrong.append(f"the second try failed: {again.failure[-200:]}")
        if await scenarios.state(self.db, workspace) != wanted:
            # which was verified: equal to it is sound
            wrong.append("the state is not that of the uncrashed run")
        return wrong


def every(statements: int) -> list[int]:
    """All crash points of an operation of so many statements."""
    return [AFTER_COMMIT, AFTER_ANSWER, *range(statements)]


@pytest.mark.parametrize("scenario", [s for s in scenarios.OPERATIONS if s != "race"])
async def test_every_crash_point_leaves_exactly_one_effect(
    db: Database, dsn: str, zygote: Zygote, scenario: str
) -> None:
    bench = Bench(db, dsn, zygote, scenario)
    wanted, statements = await bench.reference()
    assert statements >= 4, "begin, something, commit"
    for point in every(statements):
        assert await bench.at(point, wanted) == [], f"crash point {point} of {statements}"


async def test_a_race_on_the_last_of_the_money_has_one_winner(db: Database, dsn: str, zygote: Zygote) -> None:
    bench = Bench(db, dsn, zygote, "race")
    for _ in range(5):
        workspace = await bench.fresh()
        ended = zygote.run(dsn, workspace, "race")
        assert not ended.failure, ended.failure
        assert await bench.unsound(workspace) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_harness_catches_a_planted_fault(db: Database, dsn: str, zygote: Zygote, fault: str) -> None:
    scenario = FAULTS[fault].scenario
    if scenario == "race":
        bench = Bench(db, dsn, zygote, scenario, fault)
        workspace = await bench.fresh()
        ended = zygote.run(dsn, workspace, scenario, fault)
        assert ended.failure or await bench.unsound(workspace), "lost updates went unnoticed"
        return
    wanted, _ = await Bench(db, dsn, zygote, scenario).reference()
    bench = Bench(db, dsn, zygote, scenario, fault)
    statements = zygote.run(dsn, await bench.fresh(), scenario, fault).statements
    for point in every(max(statements, 1)):
        if await bench.at(point, wanted):
            return
    pytest.fail(f"{fault}: no crash point of {statements} showed it")
