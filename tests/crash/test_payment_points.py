"""A payment survives a worker that dies before every statement, and between its transactions: paid once, and the books say so."""

import itertools
import os
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from honeyguide.db import Database, create_workspace
from tests.crash import payments
from tests.crash.payment_faults import FAULTS
from tests.crash.points import Zygote
from tests.provider import Provider
from tests.vendor import serving

pytestmark = pytest.mark.crash
_numbers = itertools.count(1)


class Till:
    """A port behind which a fresh provider is put for every payment."""

    def __init__(self) -> None:
        self.url, self.current = "", Provider()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        await self.current(scope, receive, send)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as forking:
        yield forking


@pytest.fixture(scope="module")
def till() -> Iterator[Till]:
    made = Till()
    with serving(made) as url:
        made.url = url
        yield made


class Bench:
    """Crashes the worker of one payment at a point, starts it again, and collects what is wrong."""

    def __init__(self, db: Database, dsn: str, zygote: Zygote, till: Till, name: str, seeded: str = "") -> None:
        self.db, self.dsn, self.zygote, self.till, self.name, self.seeded = db, dsn, zygote, till, name, seeded
        self.scenario = payments.SCENARIOS[name]

    async def fresh(self) -> int:
        """A workspace with the payment as far as the scenario begins, and a provider that knows only it."""
        made = await create_workspace(self.db, f"rail-{os.getpid()}-{next(_numbers)}", "Rail")
        self.till.current = self.scenario.provider()
        self.till.current.url = self.till.url
        await payments.prepare(self.db, made, self.scenario, self.till.current)
        self.till.current.faults = deque(self.scenario.faults)
        return made

    async def walk(self) -> list[str]:
        """What is wrong at the first point where anything is, when the worker dies there and another one takes over.

        A statement that only reads leaves what was there before it, so the next one is no point of its own; and two crashes
        that leave the same, in the database and at the provider, are restarted once.
        """
        workspace = await self.fresh()
        whole = self.zygote.run(self.dsn, workspace, self.name, self.seeded)
        if (
            wrong := [f"the worker failed: {whole.failure[-300:]}"]
            if whole.failure
            else await self.restarted(workspace)
        ):
            return [f"without a crash: {w}" for w in wrong]
        assert len(whole.changes) >= 8, "a claim, a call, an answer"
        seen: set[str] = set()
        for point in whole.changes:
            if wrong := await self.crashed(point, seen):
                return [f"before statement {point} of {whole.statements}: {w}" for w in wrong]
        assert len(seen) >= 3, "before the claim, after it, after the call"
        return []

    async def crashed(self, point: int, seen: set[str]) -> list[str]:
        """What is wrong after a crash there, and after the restart."""
        workspace = await self.fresh()
        died = self.zygote.run(self.dsn, workspace, self.name, self.seeded, point)
        if died.failure:
            return [f"the worker failed: {died.failure[-300:]}"]
        assert died.crashed
        left = await payments.snapshot(self.db, workspace, self.till.current)
        if left in seen:
            return []
        seen.add(left)
        return await payments.wrong_at_any_time(self.db, workspace, self.till.current) or await self.restarted(
            workspace
        )

    async def restarted(self, workspace: int) -> list[str]:
        """What is wrong when a worker has gone on to the end, and again when another finds nothing left to do."""
        wrong: list[str] = []
        for _ in range(2):
            ended = self.zygote.run(self.dsn, workspace, self.name, self.seeded)
            if ended.failure:
                return [f"the worker failed: {ended.failure[-300:]}"]
            wrong = wrong or await payments.wrong_at_the_end(self.db, workspace, self.scenario, self.till.current)
        return wrong


@pytest.mark.parametrize("name", payments.SCENARIOS)
async def test_a_payment_is_made_once_wherever_its_worker_dies(
    db: Database, dsn: str, zygote: Zygote, till: Till, name: str
) -> None:
    assert await Bench(db, dsn, zygote, till, name).walk() == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_harness_catches_a_fault_in_a_payment(
    db: Database, dsn: str, zygote: Zygote, till: Till, fault: str
) -> None:
    planted = FAULTS[fault]
    found = await Bench(db, dsn, zygote, till, planted.scenario, fault).walk()
    assert any(planted.shows in f for f in found), found or "no crash point showed it"
