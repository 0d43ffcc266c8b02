"""product_milestone: a milestone the product reports, the 10th, 100th and 1000th use, the first month as power user."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact, Subject
from honeyguide.moments.moment import Moment, evidence_of, make, spoken

KIND = "product_milestone"
# Uses of a product -> (strength, window in hours at full strength). The highest is the last one worth counting to.
USES = {10: (0.35, 120.0), 100: (0.6, 240.0), 1000: (0.8, 336.0)}
_REPORTED, _POWER = (0.6, 240.0), (0.75, 336.0)


class DayOfUse(Struct, frozen=True):
    """How often one entity used a product on one day (UTC), with the last event of that day."""

    day: date
    n: int
    last_at: datetime
    last_event: UUID


class PowerMonth(Struct, frozen=True):
    """A month the graph holds somebody for a power user, as the assertion tells it."""

    record: int
    product: int
    product_name: str
    month: str
    confidence: float
    source_ref: str
    inferrer: str
    reached_at: datetime
    event_id: UUID


def detect(subject: Subject) -> list[Moment]:
    """The milestone the product itself reports, when it was first reported."""
    fact = subject.facts[0]
    record = fact.person if fact.person is not None else fact.company
    if record is None:
        return []
    product, milestone = str(fact.props.get("product") or ""), str(fact.props.get("milestone") or "")
    strength, hours = _REPORTED
    return [
        make(
            KIND,
            f"reported:{subject.key}",
            subject=subject.id,
            record=record,
            company=fact.company,
            strength=strength,
            title=f"Reached {milestone[:80]}" + (f" in {spoken(product[:60])}" if product else ""),
            fact=fact,
            hours=hours,
            evidence=[evidence_of(fact, "rule:product_milestone@1", 0.9)],
        )
    ]


def uses_subject(record: int, product: int) -> int:
    """What the moments about counted uses of one product hang on."""
    return entity_id("uses", str(record), str(product))


def power_subject(record: int) -> int:
    """What the moments about months as a power user hang on."""
    return entity_id("power_use", str(record))


def crossings(days: Iterable[DayOfUse]) -> list[tuple[int, int, DayOfUse]]:
    """(threshold, uses up to and with that day, the day it was crossed), in the order of event time.

    Uses are counted by day, so the crossing event is the last one of the crossing day.
    """
    out, total = [], 0
    waiting = sorted(USES)
    for day in sorted(days, key=lambda d: d.day):
        total += day.n
        while waiting and total >= waiting[0]:
            out.append((waiting.pop(0), total, day))
        if not waiting:
            break
    return out


def of_uses(record: int, company: int | None, product: int, name: str, days: Sequence[DayOfUse]) -> list[Moment]:
    """A moment for every threshold crossed."""
    out = []
    for threshold, total, day in crossings(days):
        strength, hours = USES[threshold]
        fact = Fact(day.last_event, "feature.used", day.last_at, "usage", f"use of {name} on {day.day}")
        out.append(
            make(
                KIND,
                f"uses:{product}:{threshold}",
                subject=uses_subject(record, product),
                record=record,
                company=company,
                strength=strength,
                title=f"Used {name} for the {threshold:,}th time",
                fact=fact,
                hours=hours,
                evidence=[
                    Evidence(
                        "usage", f"{total:,} uses of {name} up to {day.day}", "", "statistic:uses@1", 0.95,
                        str(day.last_event), day.last_at.isoformat(),
                    )
                ],
            )
        )  # fmt: skip
    return out


def of_power_months(months: Iterable[PowerMonth]) -> list[Moment]:
    """The first month as a power user of each product; later ones are habit. `months` are one entity's."""
    first: dict[int, PowerMonth] = {}
    for month in sorted(months, key=lambda m: (m.month, m.record)):
        first.setdefault(month.product, month)
    strength, hours = _POWER
    return [
        make(
            KIND,
            f"power:{m.product}",
            subject=power_subject(m.record),
            record=m.record,
            company=None,
            strength=strength * m.confidence,
            title=f"First month as a power user of {m.product_name}",
            fact=Fact(m.event_id, "feature.used", m.reached_at, "usage", m.source_ref),
            hours=hours,
            evidence=[
                Evidence(
                    "usage", m.source_ref, "", m.inferrer, round(m.confidence, 3), str(m.event_id),
                    m.reached_at.isoformat(),
                )
            ],
        )
        for m in first.values()
    ]  # fmt: skip
