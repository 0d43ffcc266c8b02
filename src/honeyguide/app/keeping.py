"""Influence, readiness and segments follow the graph, a moment behind it. And what a new day brings."""

from honeyguide import decisions, graph, moments
from honeyguide.core import clock
from honeyguide.db import Database

BATCHES = 400


async def keep(db: Database, workspace_id: int) -> int:
    """Take the next changes of the graph into account. Returns how many batches of changes that were."""
    async with db.tx(workspace_id) as tx:
        news = await graph.take_news(tx, BATCHES)
        if news.batches:
            moved = await graph.influence_step(tx, graph.influence_touched(news.edges))
            touched = await decisions.readiness_touched(tx, news.nodes | moved, news.edges, clock.now())
            ready = await decisions.readiness_step(tx, clock.now(), touched)
            await graph.segments_step(tx, news.nodes | moved | ready, news.edges)
        return news.batches


async def keep_day(db: Database, workspace_id: int) -> int:
    """On a new day everything anew: beliefs fade, what windows of time hold changes, and time makes its moments.

    Returns whose score changed.
    """
    async with db.tx(workspace_id) as tx:
        moved = await graph.influence_rebuild(tx)
    after: int | None = -(2**63)
    while after is not None:  # in slices, so that no transaction holds a whole workspace
        async with db.tx(workspace_id) as tx:
            after = await decisions.readiness_pass(tx, clock.now(), after)
    async with db.tx(workspace_id) as tx:
        await graph.segments_rebuild(tx)
    async with db.tx(workspace_id) as tx:
        await moments.day(tx, clock.now())
    return len(moved)
