"""Nodes: properties where the later statement wins, whatever came first. The merge is pure; the store is below it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide import identity
from honeyguide.db import Tx
from honeyguide.graph import tables
from honeyguide.graph.extensions import node_names
from honeyguide.graph.facts import NodeFact
from honeyguide.graph.kinds import NODE
from honeyguide.graph.tables import NodeRow
from honeyguide.identity import Profile


class Node(Struct, frozen=True):
    """A node for readers. `id` of a persona or company is its entity id."""

    id: int
    kind: str
    key: str
    name: str
    props: dict[str, Any]
    first_seen_at: datetime
    updated_at: datetime


async def nodes(tx: Tx, ids: Iterable[int]) -> dict[int, Node]:
    """Nodes by id. A retired persona or company id leads to the node it belongs to now; unknown ids are absent."""
    wanted = list(ids)
    found = await tables.stored_nodes(tx, wanted)
    missing = [i for i in wanted if i not in found]
    if missing:
        now = {old: new for old, new in (await identity.resolve(tx, missing)).items() if old != new}
        current = await tables.stored_nodes(tx, set(now.values()))
        found |= {old: current[new] for old, new in now.items() if new in current}
    names = await node_names(tx, {n.kind for n in found.values()})
    return {
        i: Node(n.id, names.get(n.kind, "other"), n.key, n.name, n.props, n.first_seen_at, n.updated_at)
        for i, n in found.items()
    }


def fold(facts: Iterable[NodeFact], stored: Mapping[int, NodeRow]) -> dict[int, NodeRow]:
    """Apply facts to stored nodes; returns those that changed or are new. Order of the facts does not matter."""
    changed: dict[int, NodeRow] = {}
    for fact in facts:
        node = changed.get(fact.id)
        if node is None:
            old = stored.get(fact.id)
            node = old or NodeRow(fact.id, fact.kind, fact.key, fact.key, {}, {}, fact.at, fact.at)
            if old is not None and not _news(old, fact):
                continue
            changed[fact.id] = node
        _apply(node, fact)
    return changed


def _news(node: NodeRow, fact: NodeFact) -> bool:
    return (
        fact.at > node.updated_at
        or fact.at < node.first_seen_at
        or any(_newer(node, name, fact.stamp) for name in fact.props)
    )


def _newer(node: NodeRow, name: str, stamp: tuple[str, str]) -> bool:
    set_at = node.props_at.get(name)
    return set_at is None or (set_at[0], set_at[1]) < stamp


def _apply(node: NodeRow, fact: NodeFact) -> None:
    stamp = fact.stamp if fact.props else ("", "")
    for name, value in fact.props.items():
        if _newer(node, name, stamp):
            node.props[name] = value
            node.props_at[name] = list(stamp)
    node.first_seen_at = min(node.first_seen_at, fact.at)
    node.updated_at = max(node.updated_at, fact.at)
    node.name = str(node.props.get("name") or node.props.get("subject") or node.key)


def of_profile(profile: Profile, employer: int | None) -> NodeRow:
    """The node of a persona or company: its traits, and for a persona the company it works at now.

    The stamps of the traits stay with the records, and so does the time of the last event: a node is written
    when what it says changes, not whenever somebody is seen. `updated_at` is therefore the time of the first event.
    """
    props = profile.values()
    if employer is not None:
        props["company"] = str(employer)
    name = props.get("name") or props.get("email") or props.get("domain") or profile.key.split(":", 1)[-1]
    first = profile.first_seen_at
    return NodeRow(profile.entity_id, NODE[profile.kind], profile.key, str(name), props, {}, first, first)


async def refresh_entities(tx: Tx, entities: set[int]) -> set[int]:
    """Rewrite the nodes of these personas and companies where they changed. Returns the ids written or removed."""
    if not entities:
        return set()
    profiles = await identity.profiles(tx, entities)
    employers = await tables.employers(tx, [p.entity_id for p in profiles.values() if p.kind == "persona"])
    stored = await tables.stored_nodes(tx, entities)
    gone = {i for i in entities if i not in profiles and i in stored}
    await tables.delete_nodes(tx, gone)  # first: the key of a retired senior record may be taken over
    wanted = {i: of_profile(p, employers.get(i)) for i, p in profiles.items()}
    changed = {i: node for i, node in wanted.items() if stored.get(i) != node}
    await tables.write_nodes(tx, changed.values())
    return gone | changed.keys()
