"""Whatever the order and the batching: the same nodes, assertions and edges, and those a brute force expects."""

import random
from collections import defaultdict
from typing import Any

import pytest

from honeyguide import graph, identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, create_workspace
from honeyguide.graph import beliefs, facts, rules
from honeyguide.graph.vocabulary import core
from tests.properties.test_identity_order import expected_entities
from tests.properties.worlds import batches, random_world


async def take_in(db: Database, workspace: int, cut: list[list[CanonicalEvent]]) -> None:
    for batch in cut:
        async with db.tx(workspace) as tx:
            await graph.step(tx, batch, await identity.step(tx, batch))


async def digests(db: Database, workspace: int) -> tuple[tuple[str, str], ...]:
    async with db.tx(workspace) as tx:
        return tuple(sorted(((await identity.digest(tx)) | (await graph.digest(tx))).items()))


def expected_edges(events: list[CanonicalEvent]) -> dict[tuple[int, int, int], beliefs.Belief]:
    """Brute force over all events at once, without any store."""
    entity = expected_entities(events)
    merged: dict[Any, beliefs.Assertion] = {}
    for a in facts.all_facts(events).assertions:
        merged[a.id] = beliefs.merged(merged[a.id], a) if a.id in merged else a
    grouped = defaultdict(list)
    for a in merged.values():
        grouped[a.kind, entity.get(a.src, a.src), entity.get(a.dst, a.dst)].append(a)
    fused = rules.beliefs_of(grouped, list(grouped), core().rules)
    return {key: belief for key, belief in fused.items() if belief is not None}


async def stored_edges(db: Database, workspace: int) -> dict[tuple[int, int, int], beliefs.Belief]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select kind, src, dst, confidence, valid_from, valid_to, earlier, last_seen_at, support, inferrer, props "
            "from edge where workspace_id = $1",
            workspace,
        )
    return {
        (r["kind"], r["src"], r["dst"]): beliefs.Belief(
            round(r["confidence"], 4), r["valid_from"], r["valid_to"],
            tuple((p.lower, p.upper) for p in r["earlier"] or ()), r["last_seen_at"], r["support"], r["inferrer"],
            r["props"],
        )
        for r in rows
    }  # fmt: skip


@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_twenty_shuffles_give_one_graph(db: Database, seed: int) -> None:
    events = random_world(seed, 120)
    rng = random.Random(seed)
    seen = set()
    for n in range(20):
        workspace = await create_workspace(db, f"graph-{seed}-{n}-{rng.randrange(10**9)}", "Shuffle")
        await take_in(db, workspace, [events] if n == 0 else batches(events, rng))
        seen.add(await digests(db, workspace))
        assert await stored_edges(db, workspace) == expected_edges(events)
    assert len(seen) == 1


async def test_another_set_of_events_has_another_digest(db: Database, workspace: int, other_workspace: int) -> None:
    """The digest is not blind: leaving out any one event changes it."""
    events = random_world(5, 40)
    await take_in(db, workspace, [events])
    await take_in(db, other_workspace, [events[:-1]])
    assert await digests(db, workspace) != await digests(db, other_workspace)
