"""The consumer's step: what a batch of events states becomes nodes and edges, in the caller's transaction."""

from collections.abc import Sequence

from msgspec import Struct

from honeyguide import identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.graph import edges, tables
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.graph.facts import Facts, NodeFact, all_facts
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.graph.news_tables import tell_news
from honeyguide.graph.nodes import fold, refresh_entities
from honeyguide.identity import IdentityChanges


class GraphChanges(Struct, frozen=True):
    """What a batch changed: nodes written or removed, edges (kind, src, dst) whose belief changed, and mentions.

    `tickets`, `deals`, `subscriptions`, `products` are the nodes of these kinds the batch speaks of, changed or not.
    """

    nodes: set[int]
    edges: set[EdgeKey]
    tickets: set[int]
    deals: set[int]
    subscriptions: set[int]
    products: set[int]


async def step(tx: Tx, events: Sequence[CanonicalEvent], changes: IdentityChanges) -> GraphChanges:
    """Take a batch in, after `identity.step` has seen the same batch in the same transaction."""
    facts = all_facts(events)
    async with identity.by_index(tx):
        return await _take_in(tx, facts, changes)


async def _take_in(tx: Tx, facts: Facts, changes: IdentityChanges) -> GraphChanges:
    fresh = edges.fold(facts.assertions)
    entity = await _resolved(tx, {i for a in fresh.values() for i in (a.src, a.dst)}, facts.nodes, changes)
    keys = {(a.kind, entity[a.src], entity[a.dst]) for a in fresh.values()}
    if changes.moved:
        keys |= await _keys_of_moved(tx, changes)
    changed = await edges.recompute(tx, keys, fresh)

    folded = fold(facts.nodes, await tables.stored_nodes(tx, {f.id for f in facts.nodes}))
    await tables.write_nodes(tx, folded.values())
    hired = {src for kind, src, _ in changed if kind == EDGE["works_at"]}
    written = await refresh_entities(tx, changes.touched | hired)
    await tell_news(tx, written | folded.keys())
    return GraphChanges(
        nodes=written | folded.keys(),
        edges=changed,
        tickets=_mentioned(facts.nodes, "ticket"),
        deals=_mentioned(facts.nodes, "deal"),
        subscriptions=_mentioned(facts.nodes, "subscription"),
        products=_mentioned(facts.nodes, "product"),
    )


def _mentioned(facts: Sequence[NodeFact], kind: str) -> set[int]:
    return {f.id for f in facts if f.kind == NODE[kind]}


async def _resolved(tx: Tx, ids: set[int], nodes: Sequence[NodeFact], changes: IdentityChanges) -> dict[int, int]:
    """Ids -> entities. Only ids the batch names without carrying their record need a look-up (an advocate)."""
    known = changes.entity | {f.id: f.id for f in nodes}
    unknown = ids - known.keys()
    return known | (await identity.resolve(tx, unknown) if unknown else {})


async def _keys_of_moved(tx: Tx, changes: IdentityChanges) -> set[EdgeKey]:
    """The edges a merge or split concerns: those of the entities that were left, and those of the moved records now."""
    left = set(changes.previous.values())
    stated = await tables.keys_touching(tx, changes.moved)
    entity = await identity.resolve(tx, {i for _, src, dst in stated for i in (src, dst)})
    return {(k, entity[src], entity[dst]) for k, src, dst in stated} | set(await tables.edges_touching(tx, left))
