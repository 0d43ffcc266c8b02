"""A person's decision about identity, carried through the stages that follow identity as soon as it is made."""

from uuid import UUID

from honeyguide import funnel, graph, identity, inference, moments
from honeyguide.db import Tx


async def carry(tx: Tx, event_id: UUID) -> None:
    """Take a decision that was just written to the log into identity, graph, inference and moments.

    So the page shows what became of it. The road reads the same event later, in its turn, and finds nothing to do.
    """
    row = next(iter(await funnel.logged_events(tx, [event_id])), None)
    if row is None:
        raise RuntimeError("a decision is not in the log")
    events = funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]])
    changes = await identity.step(tx, events)
    touched = await inference.step(tx, events, changes, await graph.step(tx, events, changes))
    await moments.step(tx, events, changes, touched)
