"""Events, decisions of people and money in any order and batching, against a model that computes everything at once.

The model keeps the set of events and knows no store, no closure and no batch. After every step both must agree on
the entity of every record and on every open conflict, and nothing may stand that a person or money forbids.
"""

import asyncio
import itertools
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from honeyguide import funnel, graph, identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.identity.assembly import Guards, pair
from honeyguide.identity.evidence import observe
from honeyguide.identity.guard_rows import effective, guards_of
from honeyguide.identity.refusals import told
from tests.properties.test_graph_order import digests, expected_edges
from tests.properties.test_identity_order import expected
from tests.properties.worlds import START, company, device, domain, email, event, persona, phone

_numbers = itertools.count(1)
_ROLES = (("payee", "A"), ("payee", "B"), ("referrer", "R"), ("referee", "R"))


def _people() -> st.SearchStrategy[Any]:
    source = st.sampled_from(("crm", "desk", "shop"))
    values = st.sampled_from([email(f"p{n}@acme.io") for n in range(3)] + [email("ana@web.de"), email("team7@acme.io"),
                             phone("+4930"), phone("+4931"), device("d1")])  # fmt: skip
    names = st.sampled_from(("", "Ana Lopez", "Bob Stone", "A. Lopez"))
    ext_id = st.sampled_from(("1", "2", "anon:d1", "email:team7@acme.io"))
    return st.builds(
        lambda s, i, v, n: persona(s, i, *v, **({"name": n} if n else {})),
        source,
        ext_id,
        st.lists(values, max_size=3),
        names,
    )


def _companies() -> st.SearchStrategy[Any]:
    values = st.sampled_from((domain("acme.io"), domain("beta.io")))
    return st.builds(
        lambda s, i, v, n: company(s, i, *v, name=n, **({"parent": "3"} if i == "2" else {})),
        st.sampled_from(("crm", "desk")), st.sampled_from(("1", "2", "domain:acme.io")), st.lists(values, max_size=1),
        st.sampled_from(("Acme", "Acme France")),
    )  # fmt: skip


class IdentityMachine(RuleBasedStateMachine):
    loop: asyncio.AbstractEventLoop
    db: Database

    @initialize()
    def begin(self) -> None:
        self.workspace: int = self.run(create_workspace(self.db, f"ids-{os.getpid()}-{next(_numbers)}", "Ids"))
        self.waiting: list[CanonicalEvent] = []
        self.taken: list[CanonicalEvent] = []
        self.protected: list[tuple[int, str, str]] = []
        self.settled: set[tuple[int, int]] = set()
        self.number = 0

    def run(self, work: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run_until_complete(whole())

    def act(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            async with self.db.tx(self.workspace) as tx:
                return await work(tx)

        return self.run(whole())

    def entities(self) -> dict[int, int]:
        return expected(self.taken, self.protected, frozenset(self.settled))[0]

    @rule(who=_people(), firm=st.none() | _companies(), day=st.integers(0, 20))
    def something_happens(self, who: Any, firm: Any, day: int) -> None:
        self.number += 1
        self.waiting.append(event(self.number, "persona.identified", START.replace(day=1 + day), who, firm))

    @rule(a=_people(), b=_people())
    def a_source_merges(self, a: Any, b: Any) -> None:
        self.number += 1
        if a.source == b.source:
            self.waiting.append(event(self.number, "records.merged", START, a, others=(b,), kept=a.ext_id))

    @precondition(lambda self: self.waiting)
    @rule(seed=st.integers(0, 2**16), n=st.integers(1, 6))
    def the_road_takes_a_batch(self, seed: int, n: int) -> None:
        random.Random(seed).shuffle(self.waiting)
        batch, self.waiting = self.waiting[:n], self.waiting[n:]

        async def carry(tx: Tx) -> None:
            await graph.step(tx, batch, await identity.step(tx, batch))

        self.act(carry)
        self.taken += batch

    def _records(self, kind: str) -> list[int]:
        return sorted(r.id for r in observe(self.taken).records.values() if r.kind == kind)

    @precondition(lambda self: len(self._records("persona")) > 1)
    @rule(data=st.data())
    def a_person_links(self, data: st.DataObject) -> None:
        a, b = data.draw(st.permutations(self._records("persona")))[:2]
        self._decided(lambda tx: identity.link(tx, [a, b], "mara", "same face"))

    @precondition(lambda self: any(n > 1 for n in self._sizes().values()))
    @rule(data=st.data())
    def a_person_separates(self, data: st.DataObject) -> None:
        senior = data.draw(st.sampled_from(sorted(e for e, n in self._sizes().items() if n > 1)))
        whole = sorted(r for r, e in self.entities().items() if e == senior)
        apart = data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=len(whole) - 1, unique=True))
        self._decided(lambda tx: identity.separate(tx, apart, set(whole) - set(apart), "mara", ""))

    def _sizes(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for entity in self.entities().values():
            found[entity] = found.get(entity, 0) + 1
        return found

    def _decided(self, decide: Callable[[Tx], Awaitable[Any]]) -> None:
        async def whole(tx: Tx) -> list[CanonicalEvent]:
            made = await decide(tx)
            row = await tx.row(
                "select * from event_log where workspace_id = $1 and event_id = $2", tx.workspace_id, made
            )
            assert row is not None
            return funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]])

        self.waiting += self.act(whole)

    @rule(data=st.data(), role=st.sampled_from(_ROLES))
    def money_comes(self, data: st.DataObject, role: tuple[Any, str]) -> None:
        record = data.draw(st.sampled_from([*self._records("persona"), identity.record_id(persona("crm", "1"))]))
        self.act(lambda tx: identity.protect(tx, record, *role, START))
        if (record, *role) not in self.protected:
            entities = self.entities()
            self.protected.append((record, *role))
            guards = guards_of((), self.protected, frozenset())
            for other, *_ in self.protected:
                if entities.get(other, -1) == entities.get(record, -2) and guards.money_between(record, other):
                    self.settled.add(pair(record, other))

    @invariant()
    def both_agree(self) -> None:
        entities, refused = expected(self.taken, self.protected, frozenset(self.settled))

        async def look(tx: Tx) -> tuple[dict[int, int], dict[Any, Any]]:
            rows = await tx.rows("select id, entity_id from record where workspace_id = $1", tx.workspace_id)
            open_ones = await identity.conflicts(tx, limit=1_000)
            return {r["id"]: r["entity_id"] for r in rows}, {c.key: c for c in open_ones}

        stored, conflicts = self.act(look)
        assert stored == entities
        wanted = told(refused, entities, START)
        assert {k: (c.kind, c.entities, c.records, c.sentence) for k, c in conflicts.items()} == {
            k: (c.kind, c.entities, c.records, c.sentence) for k, c in wanted.items()
        }

    @invariant()
    def nothing_forbidden_stands(self) -> None:
        entities = self.entities()
        decisions = effective(observe(self.taken).decisions)
        for (a, b), decision in decisions.items():
            if decision.verdict == "separated" and a in entities and b in entities:
                assert entities[a] != entities[b]
        linked = any(d.verdict == "linked" for d in decisions.values())
        bare: Guards = guards_of((), self.protected, frozenset(self.settled))
        for (a, *_), (b, *_) in itertools.combinations(self.protected, 2):
            if a != b and bare.money_between(a, b) and not linked:
                assert entities.get(a, -1) != entities.get(b, -2)

    def teardown(self) -> None:
        """Whatever the batches were: the same tables and the same graph as all at once in another workspace."""
        if not getattr(self, "taken", None) or self.protected:
            return
        other: int = self.run(create_workspace(self.db, f"ids-{os.getpid()}-{next(_numbers)}", "At once"))

        async def carry() -> tuple[Any, Any]:
            async with self.db.tx(other) as tx:
                await graph.step(tx, self.taken, await identity.step(tx, self.taken))
            return await digests(self.db, self.workspace), await digests(self.db, other)

        here, there = self.run(carry())
        assert here == there
        assert expected_edges(self.taken) is not None


def test_identity_agrees_with_its_model(dsn: str) -> None:
    loop = asyncio.new_event_loop()

    async def opened() -> Database:
        return await Database.open(dsn, size=2)

    IdentityMachine.loop, IdentityMachine.db = loop, loop.run_until_complete(opened())
    try:
        run_state_machine_as_test(IdentityMachine, settings=settings(max_examples=25, stateful_step_count=25))
    finally:
        loop.run_until_complete(IdentityMachine.db.close())
        loop.close()
