"""What the road calls: consent statements out of events."""

from collections.abc import Iterable

from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.delivery import tables
from honeyguide.delivery.consent import consents_in


async def step(tx: Tx, events: Iterable[CanonicalEvent]) -> int:
    """Write the consent statements of these events; any order and any repetition gives the same rows."""
    found = {row.id: row for event in events for row in consents_in(event)}
    if not found:
        return 0
    return await tables.add_consents(tx, list(found.values()))
