"""anniversary: a customer has been with us for a year, or for another one, and still is.

Time makes it, not an event: it is told up to the day the daily pass has reached, and never for a customer whose contracts
had all ended by then.
"""

from collections.abc import Sequence
from datetime import date, datetime

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact
from honeyguide.moments.contract import Contract, midnight, plus_months
from honeyguide.moments.moment import Moment, evidence_of, make

KIND = "anniversary"
INFERRER = "rule:anniversary@1"
# Strength and window (hours at full strength).
FIRST, LATER, ROUND = (0.5, 240.0), (0.4, 168.0), (0.6, 240.0)
BY_DEAL = 0.7  # what is left of it where only a won deal, no contract, says that they are a customer
_ROUND = frozenset({5, 10, 15, 20, 25})
_MOST_YEARS = 60


def subject_of(record: int) -> int:
    """What the anniversaries of a customer hang on."""
    return entity_id("anniversary", str(record))


def of_account(contracts: Sequence[Contract], wins: Sequence[Fact], through: date | None) -> list[Moment]:
    """Every anniversary up to the day `through`, of one customer; `wins` are its deals won and not lost again."""
    if through is None:
        return []
    found = (_moment(contracts, wins, years) for years in range(1, _MOST_YEARS))
    return [m for m in found if m is not None and m.occurred_at.date() <= through]


def next_on(contracts: Sequence[Contract], wins: Sequence[Fact], through: date) -> date | None:
    """The first day after `through` that would be one, whatever happens until then."""
    start = _start(contracts, wins)
    if start is None:
        return None
    return next((d for y in range(1, _MOST_YEARS) if (d := plus_months(start[0].date(), 12 * y)) > through), None)


def _start(contracts: Sequence[Contract], wins: Sequence[Fact]) -> tuple[datetime, Fact] | None:
    """When they became a customer, and what shows it."""
    begun = [(c.since, next(f for f in c.facts if f.at >= c.since)) for c in contracts]
    begun += [(w.at, w) for w in wins]
    return min(begun, key=lambda b: (b[0], b[1].order()), default=None)


def _moment(contracts: Sequence[Contract], wins: Sequence[Fact], years: int) -> Moment | None:
    start = _start(contracts, wins)
    if start is None:
        return None
    at = midnight(plus_months(start[0].date(), 12 * years))
    standing = [c for c in contracts if c.stands(at)]
    seen = min(f.at for f in (start[1], *(c.facts[0] for c in contracts), *wins))
    if at < seen or (contracts and not standing):
        return None  # over before we knew them, or when they had left
    company = next((c.company for c in standing or contracts if c.company is not None), start[1].company)
    record = company if company is not None else next((c.person for c in standing), start[1].person)
    if record is None:
        return None
    strength, hours = ROUND if years in _ROUND else FIRST if years == 1 else LATER
    made = make(
        KIND, f"years:{years}", subject=subject_of(record), record=record, company=company,
        strength=strength * (1.0 if contracts else BY_DEAL), hours=hours, occurred_at=at, fact=start[1],
        title="One year as a customer" if years == 1 else f"{years} years as a customer",
        evidence=_evidence(start, standing, at),
    )  # fmt: skip
    over = contracts and not any(c.stands(made.window_ends_at) for c in contracts)
    return None if over else made


def _evidence(start: tuple[datetime, Fact], standing: Sequence[Contract], at: datetime) -> list[Evidence]:
    """What made them a customer, and the last that was heard of a contract before the day."""
    heard = [f for c in standing for f in c.facts if f.at <= at and f != start[1]]
    last = max(heard, key=Fact.order, default=None)
    return [evidence_of(f, INFERRER, 0.9) for f in (start[1], last) if f is not None]
