"""Renewing the moments that stand on counts of use: milestones in the batch that crosses them, spikes between batches."""

from collections.abc import Collection, Sequence
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference import Activity
from honeyguide.moments import day_tables, fact_tables, tables, usage_spike
from honeyguide.moments.moment import Moment, spoken


async def mark(tx: Tx, counts: Sequence[Activity], identity: IdentityChanges) -> None:
    """Remember whose use changed, so that it is looked at for spikes when there is time."""
    pairs = {(c.record, c.product) for c in counts}
    moved = set(identity.moved.values()) | set(identity.previous.values())
    if moved:
        siblings = await tables.siblings(tx, moved)
        pairs |= await fact_tables.products_of_use(tx, [r for found in siblings.values() for r in found])
    await day_tables.mark_use(tx, pairs)


async def settle(tx: Tx, limit: int = 200) -> int:
    """Look at the use that changed, some of it at a time. Returns how much that was; 0 when there is none left."""
    marked = await day_tables.take_use(tx, limit)
    if marked:
        entity = await resolve(tx, {record for record, _ in marked})
        await spikes(tx, {(entity[record], product) for record, product in marked})
    return len(marked)


async def spikes(tx: Tx, pairs: Collection[tuple[int, int]]) -> list[UUID]:
    """Renew the spikes of these entities in these products."""
    siblings = await tables.siblings(tx, {entity for entity, _ in pairs})
    days = await fact_tables.features_of_use(tx, pairs)
    names = await tables.names_of(tx, {product for _, product in pairs})
    subjects, found = set[int](), list[Moment]()
    for entity, product in sorted(pairs):
        subjects |= {usage_spike.subject_of(record, product) for record in siblings.get(entity, [])}
        use = days.get((entity, product), [])
        if use:
            name = spoken(names[product]) if product in names else "the product"
            found += usage_spike.of_days(min(r for r, _ in use), product, name, [day for _, day in use])
    return await tables.replace_moments(tx, subjects, [usage_spike.KIND], found)
