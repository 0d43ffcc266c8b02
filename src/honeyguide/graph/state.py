"""Nodes stated by the stages above: those no event names by itself, such as the roles that titles are read as."""

from collections.abc import Sequence

from honeyguide.db import Tx
from honeyguide.graph import tables
from honeyguide.graph.facts import NodeFact
from honeyguide.graph.news_tables import tell_news
from honeyguide.graph.nodes import fold


async def state_nodes(tx: Tx, facts: Sequence[NodeFact]) -> set[int]:
    """Add to nodes what these facts state, the later statement winning. Returns the ids of those that changed."""
    if not facts:
        return set()
    folded = fold(facts, await tables.stored_nodes(tx, {f.id for f in facts}))
    await tables.write_nodes(tx, folded.values())
    await tell_news(tx, folded.keys())
    return set(folded)
