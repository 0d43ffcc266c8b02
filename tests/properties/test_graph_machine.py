"""Events, inferrers that change their minds, merges, splits and verdicts of people, in any order and batching.

The model keeps the sets of what was said and weighs everything at once; it knows no store, no batch and no sibling look-up.
After every step both agree on every edge, and at the end all of it at once in another workspace gives the same digest.
"""

import asyncio
import itertools
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
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
from msgspec import structs

from honeyguide import funnel, graph, identity
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.graph import facts, rules
from honeyguide.graph.beliefs import Assertion, Belief
from honeyguide.graph.edges import fold
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.reviews import EVENTS
from honeyguide.graph.vocabulary import core
from honeyguide.identity.evidence import observe
from tests.properties.test_graph_order import digests, stored_edges
from tests.properties.test_identity_order import expected_entities
from tests.properties.worlds import START, company, email, event, persona

_numbers = itertools.count(1)
_REFS = [persona("crm", str(n), email(f"p{n % 3}@acme.io")) for n in range(2)] + [
    persona("desk", str(n)) for n in range(3)
]
PEOPLE = [ref.id for ref in _REFS]
PRODUCTS = [graph.node_of("product", slug) for slug in ("crm", "desk")]
MENTORS = graph.EdgeKind(
    name="x_mentors", source=("persona",), target=("persona",), about="Teaches.", half_life_days=90, rule="functional"
)
CODE = 1_000
VOCABULARY = core().with_own([structs.replace(MENTORS, code=CODE)])
_AMONG_PEOPLE = (EDGE["reports_to"], CODE, EDGE["colleague_of"])


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """What one inferrer may say about one edge, without who says it."""
    kind = draw(st.sampled_from((*_AMONG_PEOPLE, EDGE["reports_to"], EDGE["champion_of"], EDGE["blocks"])))
    start = draw(st.integers(0, 6))
    return {
        "kind": kind,
        "dst": draw(st.sampled_from(PEOPLE if kind in _AMONG_PEOPLE else PRODUCTS)),
        "confidence": draw(st.sampled_from((0.6, 0.8, 0.98))),
        "supports": draw(st.sampled_from((True, True, True, False))),
        "valid_from": _day(start),
        "last_seen_at": _day(start + draw(st.integers(0, 4))),
        "valid_to": draw(st.sampled_from((None, None, _day(start + 3)))),
    }


def _day(n: int) -> datetime:
    return START + timedelta(days=n)


class GraphMachine(RuleBasedStateMachine):
    loop: asyncio.AbstractEventLoop
    db: Database

    @initialize(seed=st.integers(0, 2**16), said=st.lists(statements(), min_size=2, max_size=6))
    def begin(self, seed: int, said: list[dict[str, Any]]) -> None:
        """A workspace with people, half of whom the road knows already, and what a program knows about them."""
        self.workspace: int = self.made()
        self.waiting: list[CanonicalEvent] = []
        self.taken: list[CanonicalEvent] = []
        self.replaced: dict[tuple[str, int], list[Assertion]] = {}
        self.asserted: list[Assertion] = []
        self.number = 0
        for n, ref in enumerate(_REFS):
            self.something_happens(ref, n, n % 2 == 0, ("persona.identified", "feature.used")[n % 2])
        self.the_road_takes_a_batch(seed, 3)
        for n, one in enumerate(said):
            self.a_program_states_a_fact(PEOPLE[(seed + n) % len(PEOPLE)], one)

    def made(self) -> int:
        workspace: int = self.run(create_workspace(self.db, f"graph-{os.getpid()}-{next(_numbers)}", "Graph"))
        self.act(lambda tx: graph.extend(tx, MENTORS), workspace)
        return workspace

    def run(self, work: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run_until_complete(whole())

    def act(self, work: Callable[[Tx], Awaitable[Any]], workspace: int = 0) -> Any:
        async def whole() -> Any:
            async with self.db.tx(workspace or self.workspace) as tx:
                return await work(tx)

        return self.run(whole())

    @rule(
        who=st.sampled_from(_REFS), day=st.integers(0, 9), at_work=st.booleans(),
        kind=st.sampled_from(("persona.identified", "feature.used", "persona.departed")),
    )  # fmt: skip
    def something_happens(self, who: Any, day: int, at_work: bool, kind: str) -> None:
        self.number += 1
        firm = company("crm", "1", name="Acme") if at_work else None
        self.waiting.append(event(self.number, kind, _day(day), who, firm, product="crm"))

    @precondition(lambda self: self.waiting)
    @rule(seed=st.integers(0, 2**16), n=st.integers(1, 6))
    def the_road_takes_a_batch(self, seed: int, n: int) -> None:
        random.Random(seed).shuffle(self.waiting)
        batch, self.waiting = self.waiting[:n], self.waiting[n:]

        async def carry(tx: Tx) -> None:
            await graph.step(tx, batch, await identity.step(tx, batch))

        self.act(carry)
        self.taken += batch

    @rule(
        inferrer=st.sampled_from(("rule:a", "model:b")), subject=st.sampled_from(PEOPLE[:3]),
        said=st.lists(statements(), max_size=3),
    )  # fmt: skip
    def an_inferrer_says_all_it_believes(self, inferrer: str, subject: int, said: list[dict[str, Any]]) -> None:
        """Also less than before: what is not said any more is taken back."""
        made = [self._assertion(inferrer, subject, n, one) for n, one in enumerate(said) if one["dst"] != subject]
        self.replaced[inferrer, subject] = made
        self.act(lambda tx: graph.replace(tx, inferrer, {subject: made}))

    @rule(subject=st.sampled_from(PEOPLE), said=statements())
    def a_program_states_a_fact(self, subject: int, said: dict[str, Any]) -> None:
        if said["dst"] != subject:
            self.number += 1
            made = self._assertion("program", subject, self.number, said)
            self.asserted.append(made)
            self.act(lambda tx: graph.assert_facts(tx, [made]))

    def _assertion(self, inferrer: str, subject: int, n: int, said: dict[str, Any]) -> Assertion:
        return Assertion(
            **said, src=subject, inferrer=inferrer, inferrer_version="1", subject=subject, source="crm",
            event_id=content_id("said", str(n)), quote="words", key=f"{n}",
        )  # fmt: skip

    @rule(data=st.data(), verdict=st.sampled_from(tuple(EVENTS)), day=st.integers(0, 12))
    def a_person_says(self, data: st.DataObject, verdict: Any, day: int) -> None:
        """The verdict waits for the road like any other event; a withdrawal needs one the road has read."""
        edges = sorted(k for k in self.run(stored_edges(self.db, self.workspace)) if k[0] in _REVIEWED)
        if not edges:
            return
        kind, src, dst = data.draw(st.sampled_from(edges))
        elsewhere = None
        if verdict == "correct":
            known = [i for i in sorted({*self.entities().values(), *PRODUCTS}) if i not in (src, dst)]
            targets = VOCABULARY.edges[VOCABULARY.edge_name[kind]].target
            there = {i for i, node in self.act(lambda tx: graph.nodes(tx, known)).items() if node.kind in targets}
            if not there:
                return
            elsewhere = data.draw(st.sampled_from(sorted(there)))

        async def whole(tx: Tx) -> list[CanonicalEvent]:
            try:
                with clock.frozen(_day(day)):
                    made = await graph.testify(tx, kind, src, dst, verdict, "mara", "so", corrected_dst=elsewhere)
            except NotFound:
                return []
            row = await tx.row(
                "select * from event_log where workspace_id = $1 and event_id = $2", tx.workspace_id, made
            )
            assert row is not None
            return funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]])

        self.waiting += self.act(whole)

    @precondition(lambda self: len(self._records()) > 1)
    @rule(data=st.data(), join=st.booleans())
    def a_person_decides_who_is_who(self, data: st.DataObject, join: bool) -> None:
        a, b = data.draw(st.permutations(self._records()))[:2]

        async def decide(tx: Tx) -> list[CanonicalEvent]:
            made = await (
                identity.link(tx, [a, b], "mara", "") if join else identity.separate(tx, [a], [b], "mara", "")
            )
            row = await tx.row(
                "select * from event_log where workspace_id = $1 and event_id = $2", tx.workspace_id, made
            )
            assert row is not None
            return funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]])

        self.waiting += self.act(decide)

    def _records(self) -> list[int]:
        return sorted(r.id for r in observe(self.taken).records.values() if r.kind == "persona")

    def entities(self) -> dict[int, int]:
        return expected_entities(self.taken)

    def beliefs(self) -> dict[tuple[int, int, int], Belief]:
        entity = self.entities()
        grouped: dict[tuple[int, int, int], list[Assertion]] = defaultdict(list)
        said = fold(facts.all_facts(self.taken).assertions) | fold(self.asserted)
        for a in (*said.values(), *(a for found in self.replaced.values() for a in found)):
            grouped[a.kind, entity.get(a.src, a.src), entity.get(a.dst, a.dst)].append(a)
        found = rules.beliefs_of(grouped, list(grouped), VOCABULARY.rules)
        return {key: belief for key, belief in found.items() if belief is not None}

    @invariant()
    def both_agree(self) -> None:
        if len(self.waiting) > 3:  # the road does not stand still, whatever rules are drawn
            self.the_road_takes_a_batch(self.number, 2)
        assert self.run(stored_edges(self.db, self.workspace)) == self.beliefs()

    @invariant()
    def nobody_has_two_leaders(self) -> None:
        leaders = defaultdict(list)
        for (kind, src, dst), b in self.beliefs().items():
            if kind in VOCABULARY.rules.functional and b.confidence >= 0.5:
                leaders[kind, src].append((dst, [*b.earlier, (b.valid_from, b.valid_to)]))
        for held in leaders.values():
            for half_day in range(30):
                at = START + timedelta(hours=12 * half_day)
                holding = [d for d, spans in held if any(s <= at and (e is None or e > at) for s, e in spans)]
                assert len(holding) <= 1

    def teardown(self) -> None:
        """Whatever the batches were, and whatever was said and taken back: as all at once in another workspace."""
        if not getattr(self, "workspace", None):
            return
        other = self.made()

        async def carry(tx: Tx) -> None:
            by_inferrer: dict[str, dict[int, list[Assertion]]] = defaultdict(dict)
            for (inferrer, subject), found in reversed(self.replaced.items()):
                by_inferrer[inferrer][subject] = found
            for inferrer, by_subject in by_inferrer.items():
                await graph.replace(tx, inferrer, by_subject)
            await graph.assert_facts(tx, reversed(self.asserted))
            await graph.step(tx, self.taken, await identity.step(tx, self.taken))

        self.act(carry, other)
        assert self.run(digests(self.db, self.workspace)) == self.run(digests(self.db, other))


_REVIEWED = (*_AMONG_PEOPLE, EDGE["champion_of"], EDGE["blocks"], EDGE["uses"])


def test_the_graph_agrees_with_its_model(dsn: str) -> None:
    loop = asyncio.new_event_loop()

    async def opened() -> Database:
        return await Database.open(dsn, size=2)

    GraphMachine.loop, GraphMachine.db = loop, loop.run_until_complete(opened())
    try:
        run_state_machine_as_test(GraphMachine, settings=settings(max_examples=25, stateful_step_count=25))
    finally:
        loop.run_until_complete(GraphMachine.db.close())
        loop.close()
