"""purchase_euphoria: a deal won, a subscription started or expanded, an order completed. Renewals have a kind of their own."""

from typing import Any

from honeyguide.core.money import money_text
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact, Subject
from honeyguide.moments.moment import Moment, evidence_of, make, spoken

KIND = "purchase_euphoria"
INFERRER = "rule:purchase_euphoria"
# Strength and window (hours at full strength) by what happened.
_BY_KIND = {
    "deal.won": (0.85, 336.0),
    "subscription.started": (0.75, 240.0),
    "subscription.expanded": (0.8, 336.0),
    "purchase.completed": (0.6, 168.0),
}
_ENDS = {"deal.lost", "subscription.cancelled"}


def detect(subject: Subject) -> list[Moment]:
    """At most one moment per event kind and day; none that a loss or a cancellation ended within its window."""
    found: dict[str, Moment] = {}
    for fact in subject.facts:
        if fact.kind in _BY_KIND and not _free(fact.props):
            moment = _moment(subject, fact)
            trigger = _trigger(subject, fact)
            if moment is not None:
                found.setdefault(trigger, moment)
        elif fact.kind in _ENDS:
            found = {
                trigger: m for trigger, m in found.items() if m.window_ends_at < fact.at and fact.kind != "deal.lost"
            }
    return list(found.values())


def _trigger(subject: Subject, fact: Fact) -> str:
    """What names this purchase: the deal, order or subscription; expansions come again, so their day too."""
    base = f"{fact.kind}:{subject.key}"
    return f"{base}:{fact.at:%Y-%m-%d}" if fact.kind == "subscription.expanded" else base


def _moment(subject: Subject, fact: Fact) -> Moment | None:
    person = fact.person if fact.person is not None else next((f.person for f in subject.facts if f.person), None)
    company = fact.company if fact.company is not None else next((f.company for f in subject.facts if f.company), None)
    record = person if person is not None else company
    if record is None:
        return None
    strength, hours = _BY_KIND[fact.kind]
    return make(
        KIND,
        _trigger(subject, fact),
        subject=subject.id,
        record=record,
        company=company,
        strength=strength + _bonus(fact.props),
        title=title(fact),
        fact=fact,
        hours=hours,
        evidence=[_evidence(fact)],
    )


def _evidence(fact: Fact) -> Evidence:
    return evidence_of(fact, INFERRER, 0.95)


def _bonus(props: dict[str, Any]) -> float:
    """A team that grows by half or more is happier than one that adds a seat."""
    before, seats = _number(props.get("seats_before")), _number(props.get("seats"))
    return 0.1 if before and seats and seats >= 1.5 * before else 0.0


def _free(props: dict[str, Any]) -> bool:
    """A trial or a zero amount is nothing bought."""
    return props.get("amount_minor") in (0, "0") or props.get("is_trial") in (True, "true", "True")


def title(fact: Fact) -> str:
    """For people: `Signed Atlas rollout (€18,000)`, `Expanded from 20 to 45 seats`."""
    props = fact.props
    amount = _amount(props)
    name = str(props.get("name") or spoken(str(props.get("product") or props.get("plan") or ""))).strip()
    if fact.kind == "subscription.expanded" and _number(props.get("seats_before")) and _number(props.get("seats")):
        head = f"Expanded from {_number(props['seats_before']):g} to {_number(props['seats']):g} seats"
    else:
        verb = {
            "deal.won": "Signed",
            "subscription.started": "Subscribed to",
            "subscription.expanded": "Expanded",
            "purchase.completed": "Bought",
        }[fact.kind]
        fallback = {"deal.won": "a deal", "purchase.completed": "an order"}.get(fact.kind, "a subscription")
        head = f"{verb} {name[:80] or fallback}"
    return f"{head} ({amount})" if amount else head


def _amount(props: dict[str, Any]) -> str:
    minor, currency = props.get("amount_minor"), str(props.get("currency") or "")
    if isinstance(minor, bool) or not isinstance(minor, int) or minor <= 0 or len(currency) != 3:
        return ""
    return money_text(minor, currency)


def _number(raw: object) -> float:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else 0.0
