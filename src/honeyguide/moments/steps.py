"""The step of the road: subjects that changed in, their moments and incidents out; and milestones of use."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference import USAGE, Activity, Subject, activity_of, load_subjects, signature
from honeyguide.moments import incident, product_milestone, purchase_euphoria, support_success, tables
from honeyguide.moments.incident import Incident
from honeyguide.moments.moment import Moment
from honeyguide.moments.product_milestone import USES, DayOfUse, PowerMonth, power_subject, uses_subject

_DETECTORS = {
    "ticket": support_success.detect,
    "deal": purchase_euphoria.detect,
    "subscription": purchase_euphoria.detect,
    "order": purchase_euphoria.detect,
    "milestone": product_milestone.detect,
}
_INCIDENTS = {"ticket": incident.of_ticket, "invoice": incident.of_invoice}
KINDS = (purchase_euphoria.KIND, support_success.KIND, product_milestone.KIND)


async def step(
    tx: Tx, events: Sequence[CanonicalEvent], identity: IdentityChanges, touched: Collection[int]
) -> list[UUID]:
    """Renew the moments and incidents of everything the batch touched; `touched` is what `inference.step` returned.

    Returns the ids of the moments that are new or changed.
    """
    subjects = await load_subjects(tx, touched)
    found = [m for s in subjects.values() for m in detect(s)]
    written = await tables.replace_moments(tx, subjects.keys(), KINDS, found)
    watched = [s for s in subjects.values() if s.kind in _INCIDENTS]
    standing = [i for s in watched if (i := incident_of(s)) is not None]
    await tables.replace_incidents(tx, [s.id for s in watched], standing)
    return written + await _uses(tx, activity_of(events), identity)


def detect(subject: Subject) -> list[Moment]:
    """The moments a subject shows."""
    detector = _DETECTORS.get(subject.kind)
    return detector(subject) if detector else []


def incident_of(subject: Subject) -> Incident | None:
    """The incident a subject shows."""
    reader = _INCIDENTS.get(subject.kind)
    return reader(subject) if reader else None


async def _uses(tx: Tx, counts: Sequence[Activity], identity: IdentityChanges) -> list[UUID]:
    """The thresholds of use crossed by the entities of this batch, over all their records."""
    pairs = {(identity.entity.get(c.record, c.record), c.product) for c in await _unsettled(tx, counts)}
    written: list[UUID] = []
    if identity.moved:
        moved = set(identity.moved.values()) | set(identity.previous.values())
        records = await tables.siblings(tx, moved)
        used = await tables.products_used(tx, [r for rs in records.values() for r in rs])
        pairs |= {(e, product) for e, rs in records.items() for r in rs for product in used.get(r, ())}
        written += await _power(tx, moved)
    if not pairs:
        return written
    days = await tables.days_of_use(tx, pairs)
    siblings = await tables.siblings(tx, {entity for entity, _ in pairs})
    names = await tables.names_of(tx, {product for _, product in pairs})
    subjects, moments = set[int](), list[Moment]()
    for entity, product in sorted(pairs):
        records_of = siblings.get(entity, [])
        subjects |= {uses_subject(record, product) for record in records_of}
        use = days.get((entity, product), [])
        if use:
            lead = min(record for record, _ in use)
            name = names.get(product, "the product")
            moments += product_milestone.of_uses(lead, None, product, name, _days(use))
    return written + await tables.replace_moments(tx, subjects, [product_milestone.KIND], moments)


def _days(use: list[tuple[int, DayOfUse]]) -> list[DayOfUse]:
    return [day for _, day in use]


async def _unsettled(tx: Tx, counts: Sequence[Activity]) -> list[Activity]:
    """Counts that can still change a milestone: all but those of days after the last threshold was crossed."""
    last = max(USES)
    ids = {_uses_id(c, last): c for c in counts}
    known = await tables.known_moments(tx, ids.keys()) if ids else {}
    return [c for c in counts if (at := known.get(_uses_id(c, last))) is None or c.day <= at.date()]


def _uses_id(count: Activity, threshold: int) -> UUID:
    trigger = f"uses:{count.product}:{threshold}"
    return content_id("moment", product_milestone.KIND, str(count.record), trigger)


async def statistics(tx: Tx, records: Collection[int]) -> list[UUID]:
    """Renew the moments that stand on power use; `records` is what `inference.statistics` returned."""
    if not records:
        return []
    return await _power(tx, set((await resolve(tx, records)).values()))


async def _power(tx: Tx, entities: Collection[int]) -> list[UUID]:
    siblings = await tables.siblings(tx, entities)
    owner = {record: entity for entity, records in siblings.items() for record in records}
    rows = await tables.power_months(tx, owner.keys(), signature(USAGE))
    names = await tables.names_of(tx, {r["dst"] for r in rows})
    months: dict[int, list[PowerMonth]] = {}
    for r in rows:
        detail = r["detail"]
        months.setdefault(owner[r["src"]], []).append(
            PowerMonth(
                record=r["src"],
                product=r["dst"],
                product_name=names.get(r["dst"], "the product"),
                month=detail["month"],
                confidence=r["confidence"],
                source_ref=r["source_ref"],
                inferrer=f"{r['inferrer']}@{r['inferrer_version']}",
                reached_at=datetime.fromisoformat(detail["reached_at"]),
                event_id=UUID(detail["reached_event"]),
            )
        )
    found = [m for of_one in months.values() for m in product_milestone.of_power_months(of_one)]
    subjects = {power_subject(record) for record in owner}
    return await tables.replace_moments(tx, subjects, [product_milestone.KIND], found)
