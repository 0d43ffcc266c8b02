"""No crash loses, doubles or halves anything: every step of every operation, and the harness itself against faults."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from honeyguide import ledger
from honeyguide.db import Database
from tests.crash import ingest_steps, scenarios
from tests.crash.points import AFTER_ANSWER, AFTER_COMMIT, Ended, Zygote
from tests.crash.seeded import FAULTS

pytestmark = pytest.mark.crash
State = list[list[str]]
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

    async def reference(self) -> tuple[State, int]:
        """What the correct operation leaves when nothing crashes."""
        workspace = await self.fresh()
        ended = self.zygote.run(self.dsn, workspace, self.scenario)
        assert not ended.failure, ended.failure
        assert await self.unsound(workspace) == []
        return await self.state(workspace), ended.statements

    async def unsound(self, workspace: int) -> list[str]:
        async with self.db.tx(workspace) as tx:
            return (await ledger.verify(tx)).problems

    async def walk(self, wanted: State, statements: int) -> list[str]:
        """Crash at every point; what is wrong at the first one where anything is.

        A crash must leave either nothing or everything. While it leaves nothing, the same workspace serves for the
        next point; the operation that finally runs through is the second try of all of them.
        """
        workspace = await self.fresh()
        before = await self.state(workspace)
        for point in range(statements):
            ended = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded, point)
            now = await self.state(workspace)
            if now == before and not ended.answered and not ended.failure:
                continue
            if wrong := await self.judge(workspace, ended, before, now, wanted):
                return [f"before statement {point} of {statements}: {w}" for w in wrong]
            workspace = await self.fresh()
        ended = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded)
        if wrong := await self.judge(workspace, ended, before, await self.state(workspace), wanted):
            return [f"when tried again after all crashes: {w}" for w in wrong]
        for point in (AFTER_COMMIT, AFTER_ANSWER):
            workspace = await self.fresh()
            ended = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded, point)
            if wrong := await self.judge(workspace, ended, before, await self.state(workspace), wanted):
                return [f"after the {'commit' if point == AFTER_COMMIT else 'answer'}: {w}" for w in wrong]
        return []

    async def judge(self, workspace: int, ended: Ended, before: State, now: State, wanted: State) -> list[str]:
        """All or nothing after the crash; all after the answer, or else after the second try."""
        if ended.failure:
            return [f"the operation failed: {ended.failure[-300:]}"]
        if now not in (before, wanted):  # `wanted` was verified, so whatever equals it is sound
            return ["something was left half done", *await self.unsound(workspace)]
        if ended.answered:
            return [] if now == wanted else ["it was answered, and is not there"]
        again = self.zygote.run(self.dsn, workspace, self.scenario, self.seeded)
        if again.failure:
            return [f"the second try failed: {again.failure[-300:]}"]
        return [] if await self.state(workspace) == wanted else ["the second try left another state"]

    async def state(self, workspace: int) -> State:
        return await scenarios.state(self.db, workspace)


@pytest.mark.parametrize("scenario", [s for s in scenarios.OPERATIONS if s not in ("race", *ingest_steps.OPERATIONS)])
async def test_every_crash_point_leaves_exactly_one_effect(
    db: Database, dsn: str, zygote: Zygote, scenario: str
) -> None:
    bench = Bench(db, dsn, zygote, scenario)
    wanted, statements = await bench.reference()
    assert statements >= 4, "begin, something, commit"
    assert await bench.walk(wanted, statements) == []


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
    found = await bench.walk(wanted, statements)
    assert any(FAULTS[fault].shows in f for f in found), found or f"no crash point of {statements} showed it"
