"""Influence and segments follow the graph, a moment behind it: the road does not wait for them. And what a new day brings."""

from honeyguide import graph, moments
from honeyguide.core import clock
from honeyguide.db import Database

BATCHES = 400


async def keep(db: Database, workspace_id: int) -> int:
    """Take the next changes of the graph into account. Returns how many batches of changes that were."""
    async with db.tx(workspace_id) as tx:
        news = await graph.take_news(tx, BATCHES)
        if news.batches:
            moved = await graph.influence_step(tx, graph.influence_touched(news.edges))
            await graph.segments_step(tx, news.nodes | moved, news.edges)
        return news.batches


async def keep_day(db: Database, workspace_id: int) -> int:
    """On a new day everything anew: beliefs fade, what windows of time hold changes, and time makes its moments.

    Returns whose score changed.
    """
    async with db.tx(workspace_id) as tx:
        moved = await graph.influence_rebuild(tx)
    async with db.tx(workspace_id) as tx:
        await graph.segments_rebuild(tx)
    async with db.tx(workspace_id) as tx:
        await moments.day(tx, clock.now())
    return len(moved)
