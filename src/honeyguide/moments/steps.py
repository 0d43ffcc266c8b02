"""The step of the road: subjects that changed in, their moments and incidents out; and milestones of use."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference import USAGE, Activity, Subject, activity_of, load_subjects, risks, signature
from honeyguide.moments import (
    accounts,
    churn,
    incident,
    people,
    product_milestone,
    purchase_euphoria,
    renewal,
    support_success,
    tables,
    use,
)
from honeyguide.moments.incident import Incident
from honeyguide.moments.kinds import KINDS
from honeyguide.moments.moment import Moment, spoken
from honeyguide.moments.product_milestone import USES, PowerMonth, power_subject, uses_subject

Detector = Callable[[Subject], list[Moment]]
_DETECTORS: dict[str, tuple[Detector, ...]] = {
    "ticket": (support_success.detect,),
    "deal": (purchase_euphoria.detect,),
    "subscription": (purchase_euphoria.detect, renewal.detect),
    "order": (purchase_euphoria.detect,),
    "milestone": (product_milestone.detect,),
}
_INCIDENTS: dict[str, Callable[[Subject], Incident | None]] = {
    "ticket": incident.of_ticket, "invoice": incident.of_invoice, "survey": incident.of_survey, "risk": churn.of_warning,
    "subscription": churn.of_subscription, "dispute": churn.of_dispute,
}  # fmt: skip


async def step(
    tx: Tx, events: Sequence[CanonicalEvent], identity: IdentityChanges, touched: Collection[int]
) -> list[UUID]:
    """Renew the moments and incidents of everything the batch touched; `touched` is what `inference.step` returned.

    Returns the ids of the moments that are new or changed.
    """
    subjects = await load_subjects(tx, touched)
    found = [m for s in subjects.values() for m in detect(s)]
    written = await tables.replace_moments(tx, subjects.keys(), KINDS, found)
    await _incidents(tx, subjects)
    written += await accounts.touched(tx, identity, subjects.values())
    written += await people.renew(tx, events, identity, subjects.values())
    counts = activity_of(events)
    await use.mark(tx, counts, identity)
    return written + await _uses(tx, counts, identity)


async def _incidents(tx: Tx, subjects: Mapping[int, Subject]) -> None:
    watched = {i: s for i, s in subjects.items() if s.kind in _INCIDENTS}
    spoken_of = {i: s for i, s in subjects.items() if s.kind in people.SPEAKING}
    standing = [i for s in watched.values() if (i := incident_of(s)) is not None]
    standing += [churn.of_words(risk) for risk in (await risks(tx, spoken_of)).values()]
    hung = [*watched, *(churn.words_subject(i) for i in spoken_of)]
    await tables.replace_incidents(tx, hung, standing)


def detect(subject: Subject) -> list[Moment]:
    """The moments a subject shows by itself, whoever it is of."""
    return [m for detector in _DETECTORS.get(subject.kind, ()) for m in detector(subject)]


def incident_of(subject: Subject) -> Incident | None:
    """The incident a subject shows."""
    reader = _INCIDENTS.get(subject.kind)
    return reader(subject) if reader else None


async def _uses(tx: Tx, counts: Sequence[Activity], identity: IdentityChanges) -> list[UUID]:
    """The thresholds of use crossed by the entities of this batch, over all their records."""
    fresh = _by_entity(counts, identity)
    moved = set(identity.moved.values()) | set(identity.previous.values())
    siblings = await tables.siblings(tx, {entity for entity, _ in fresh} | moved)
    totals = await tables.totals_of_use(tx, [r for records in siblings.values() for r in records])
    written = await _power(tx, moved) if moved else []
    pairs = await _unsettled(tx, fresh, siblings, totals)
    pairs |= {(e, product) for e in moved for r, product in totals if r in siblings.get(e, ())}
    if not pairs:
        return written
    days = await tables.days_of_use(tx, pairs)
    names = await tables.names_of(tx, {product for _, product in pairs})
    subjects, moments = set[int](), list[Moment]()
    for entity, product in sorted(pairs):
        subjects |= {uses_subject(record, product) for record in siblings.get(entity, [])}
        use = days.get((entity, product), [])
        if use:
            lead = min(record for record, _ in use)
            name = spoken(names[product]) if product in names else "the product"
            moments += product_milestone.of_uses(lead, None, product, name, [day for _, day in use])
    return written + await tables.replace_moments(tx, subjects, [product_milestone.KIND], moments)


def _by_entity(counts: Sequence[Activity], identity: IdentityChanges) -> dict[tuple[int, int], tuple[int, date]]:
    """(entity, product) -> (uses in this batch, their first day)."""
    found: dict[tuple[int, int], tuple[int, date]] = {}
    for c in counts:
        key = (identity.entity.get(c.record, c.record), c.product)
        n, day = found.get(key, (0, c.day))
        found[key] = (n + c.n, min(day, c.day))
    return found


async def _unsettled(
    tx: Tx,
    fresh: dict[tuple[int, int], tuple[int, date]],
    siblings: dict[int, list[int]],
    totals: dict[tuple[int, int], int],
) -> set[tuple[int, int]]:
    """The pairs whose milestones this batch can have changed: it crossed a threshold, or came before the last crossing.

    Everybody else's days need not be read: almost every use is neither.
    """
    subjects = {uses_subject(r, product): (e, product) for e, product in fresh for r in siblings.get(e, ())}
    crossed: dict[tuple[int, int], datetime] = {}
    for subject, at in (await tables.last_crossings(tx, subjects) if subjects else {}).items():
        key = subjects[subject]
        crossed[key] = max(at, crossed.get(key, at))
    found = set()
    for (entity, product), (n, day) in fresh.items():
        total = sum(totals.get((r, product), 0) for r in siblings.get(entity, ()))
        last = crossed.get((entity, product))
        if any(total - n < threshold <= total for threshold in USES) or (last is not None and day <= last.date()):
            found.add((entity, product))
    return found


async def statistics(tx: Tx, records: Collection[int]) -> list[UUID]:
    """Renew the moments for which power use counts; `records` is what `inference.statistics` returned."""
    if not records:
        return []
    entities = set((await resolve(tx, records)).values())
    return await _power(tx, entities) + await people.careers(tx, entities)


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
                product_name=spoken(names[r["dst"]]) if r["dst"] in names else "the product",
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
