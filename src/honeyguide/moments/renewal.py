"""renewal: a contract was extended by those who could have left; and, weaker, it is about to be.

A monthly bill is no decision, and a renewal for less is no delight: neither makes a moment.
"""

from datetime import date, datetime, timedelta
from typing import Any

from honeyguide.core.ids import entity_id
from honeyguide.core.money import money_text
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact, Subject
from honeyguide.moments.contract import Contract, Renewal, decisions, midnight, plus_months, read
from honeyguide.moments.moment import Moment, evidence_of, make, spoken

KIND = "renewal"
INFERRER = "rule:renewal@1"
# Strength and window (hours at full strength).
YEARLY, SHORTER, UNKNOWN = (0.65, 240.0), (0.45, 168.0), (0.5, 168.0)
UPCOMING = (0.35, 1060.0)
GROWN = 0.1
_UPCOMING_DAYS = 30
_YEAR_DAYS = 300
_LESS_BEFORE, _LESS_AFTER = timedelta(days=45), timedelta(days=14)
_ENDS = frozenset({"subscription.cancelled", "subscription.paused"})


def detect(subject: Subject) -> list[Moment]:
    """One moment per renewal that was a decision, unless it was for less or did not outlast its own window."""
    contract = read(subject)
    if contract is None:
        return []
    found = [_moment(contract, r) for r in decisions(contract) if not _is_less(contract, r)]
    return [m for m in found if m and contract.after(_ENDS, m.occurred_at, m.window_ends_at) is None]


def _moment(contract: Contract, renewal: Renewal) -> Moment | None:
    fact = renewal.fact
    record = contract.person if contract.person is not None else contract.company
    if record is None:
        return None
    if renewal.days is None:
        strength, hours = UNKNOWN
    else:
        strength, hours = YEARLY if renewal.days >= _YEAR_DAYS else SHORTER
    return make(
        KIND, f"renewed:{contract.subject.key}:{fact.at:%Y-%m-%d}", subject=contract.subject.id, record=record,
        company=contract.company, strength=strength + (GROWN if _is_more(renewal) else 0.0), title=_title(fact), fact=fact,
        hours=hours, evidence=_evidence(renewal),
    )  # fmt: skip


def _evidence(renewal: Renewal) -> list[Evidence]:
    """The renewal, and what it renewed."""
    return [evidence_of(f, INFERRER, 0.95) for f in (renewal.fact, renewal.before) if f is not None]


def _title(fact: Fact) -> str:
    props = fact.props
    name = spoken(str(props.get("name") or props.get("product") or props.get("plan") or "")).strip()
    minor, currency = props.get("amount_minor"), str(props.get("currency") or "")
    plain = isinstance(minor, int) and not isinstance(minor, bool) and minor > 0 and len(currency) == 3
    amount = money_text(minor, currency) if plain and isinstance(minor, int) else ""
    head = f"Renewed {name[:80] or 'a subscription'}"
    return f"{head} ({amount})" if amount else head


def _is_less(contract: Contract, renewal: Renewal) -> bool:
    """Renewed for less money or fewer seats, or made smaller close to it."""
    near = contract.after(
        frozenset({"subscription.contracted"}), renewal.fact.at - _LESS_BEFORE, renewal.fact.at + _LESS_AFTER
    )
    return near is not None or _change(renewal, "amount_minor") < -0.02 or _change(renewal, "seats") < 0


def _is_more(renewal: Renewal) -> bool:
    return _change(renewal, "amount_minor") >= 0.1 or _change(renewal, "seats") >= 0.1


def _change(renewal: Renewal, name: str) -> float:
    """The relative change against what was renewed; 0 where the two cannot be compared."""
    if renewal.before is None:
        return 0.0
    old, new = renewal.before.props, renewal.fact.props
    if name == "amount_minor" and old.get("currency") != new.get("currency"):
        return 0.0
    was, now = _number(old.get(name)), _number(new.get(name))
    return (now - was) / was if was > 0 and now > 0 else 0.0


def _number(raw: Any) -> float:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else 0.0


def upcoming_subject(subject: Subject) -> int:
    """What the moment before the next renewal hangs on."""
    return entity_id("upcoming", subject.key)


def upcoming(contract: Contract, through: date | None) -> list[Moment]:
    """The renewal that is near by the day `through`, of a contract that stands, for as long as it was last time."""
    ends = renews_on(contract)
    record = contract.company if contract.company is not None else contract.person
    if ends is None or record is None or through is None:
        return []
    opens = ends - timedelta(days=_UPCOMING_DAYS)
    at, last = midnight(opens), contract.renewals[-1]
    if opens > through or not contract.stands(at) or _ended(contract, at, midnight(ends)):
        return []
    strength, hours = UPCOMING
    name = spoken(str(last.fact.props.get("product") or last.fact.props.get("plan") or "")).strip()
    return [
        make(
            KIND, f"upcoming:{contract.subject.key}:{ends}", subject=upcoming_subject(contract.subject), record=record,
            company=contract.company, strength=strength, fact=last.fact, hours=hours, occurred_at=at,
            title=f"{name[:80] or 'The contract'} renews on {ends.day} {ends:%B %Y}", evidence=_evidence(last),
        )
    ]  # fmt: skip


def _ended(contract: Contract, start: datetime, end: datetime) -> bool:
    less = _ENDS | {"subscription.contracted"}
    return contract.after(less, start - _LESS_BEFORE, end) is not None


def renews_on(contract: Contract) -> date | None:
    """When the contract is renewed next, going by the time between its last two; None when that is not known or a bill."""
    made = contract.renewals
    if not made or made[-1].days is None or made[-1] not in decisions(contract):
        return None
    months = round((made[-1].days or 0) / 30.44)
    return plus_months(made[-1].fact.at.date(), months) if months else None


def opens_on(contract: Contract) -> date | None:
    """The day from which the next renewal is near."""
    ends = renews_on(contract)
    return ends - timedelta(days=_UPCOMING_DAYS) if ends else None
