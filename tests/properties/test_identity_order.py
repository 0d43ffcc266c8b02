"""Whatever the order and the batching: the same records, identifiers and entities."""

import random
from collections.abc import Sequence

import pytest

from honeyguide import identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, create_workspace
from honeyguide.identity import Incidence, Refusal
from honeyguide.identity.evidence import observe, subject
from honeyguide.identity.guard_rows import guards_of
from tests.properties.worlds import batches, random_world


async def _run(db: Database, workspace: int, cut: list[list[CanonicalEvent]]) -> dict[str, str]:
    for batch in cut:
        async with db.tx(workspace) as tx:
            await identity.step(tx, batch)
    async with db.tx(workspace) as tx:
        return await identity.digest(tx)


def expected(
    events: Sequence[CanonicalEvent],
    protected: Sequence[tuple[int, str, str]] = (),
    settled: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[dict[int, int], list[tuple[str, Refusal]]]:
    """Brute force: all the evidence at once, nothing stored."""
    seen = observe(events)
    guards = guards_of(seen.decisions, protected, settled)
    entities: dict[int, int] = {}
    refused: list[tuple[str, Refusal]] = []
    for kind in ("persona", "company"):
        records = {
            r.id: subject(r.kind, r.source, r.ext_id, r.first, r.traits["name"]["v"] if "name" in r.traits else None)
            for r in seen.records.values()
            if r.kind == kind
        }
        signs = [Incidence(k[3], k[1], k[2], s.strong, s.at) for k, s in seen.signs.items() if k[0] == kind]
        first = {r.id: r.first for r in seen.records.values()}
        found = identity.cluster(records, signs, guards)
        refused += [(kind, r) for r in found.refusals]
        for members in found.groups:
            entities |= dict.fromkeys(members, identity.eldest(members, first))
    return entities, refused


def expected_entities(events: list[CanonicalEvent]) -> dict[int, int]:
    """Record -> entity, by brute force."""
    return expected(events)[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_twenty_shuffles_give_one_state(db: Database, seed: int) -> None:
    events = random_world(seed, 120)
    rng = random.Random(seed)
    digests = set()
    for n in range(20):
        workspace = await create_workspace(db, f"shuffle-{seed}-{n}-{rng.randrange(10**9)}", "Shuffle")
        cut = [events] if n == 0 else batches(events, rng)
        found = await _run(db, workspace, cut)
        digests.add(tuple(sorted(found.items())))
        async with db.tx(workspace) as tx:
            rows = await tx.rows("select id, entity_id from record where workspace_id = $1", workspace)
            assert {r["id"]: r["entity_id"] for r in rows} == expected_entities(events)
    assert len(digests) == 1


async def test_the_changes_of_all_batches_add_up_to_the_state(db: Database, workspace: int) -> None:
    """A reader that only follows `entity` and `moved` knows the entity of every record at every moment."""
    events = random_world(7, 200)
    known: dict[int, int] = {}
    for batch in batches(events, random.Random(7)):
        async with db.tx(workspace) as tx:
            changes = await identity.step(tx, batch)
            for record, entity in changes.moved.items():
                assert known.get(record, record) == changes.previous[record] != entity
                assert {entity, changes.previous[record]} <= changes.touched
            known |= changes.entity
            rows = await tx.rows("select id, entity_id from record where workspace_id = $1", workspace)
        assert {r["id"]: r["entity_id"] for r in rows} == known
