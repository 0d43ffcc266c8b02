"""Situations and actions for tests of messages."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from honeyguide import programs
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.messages import Draft, compose
from honeyguide.decisions.situation import Action, Detail, Firm, Happening, Person, Situation
from honeyguide.programs.playbooks import KINDS, LENGTHS, TONES, Cadence, Length, Lift, OfferChoice, Step, Tone

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FILE = programs.load("customer-referrals")
GROUPS = [programs.Group(n, 1, g.slug, g.name, g.conditions, n, "") for n, g in enumerate(FILE.groups)]
OFFERS = [
    programs.Offer(n, 1, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, n, o.size)
    for n, o in enumerate(o for g in FILE.groups for o in g.offers)
]
PROOF = {"source": "zendesk", "record": "Zendesk #7", "quote": "You people are simply lovely", "confidence": 0.9}


def situation(
    kind: str = "support_success", *, name: str = "Ana Lima", workspace: str = "Acme", details: tuple[Detail, ...] = (),
    facts: dict[str, Any] | None = None,
) -> Situation:  # fmt: skip
    """An open moment of somebody."""
    moment = Happening(
        UUID(int=1), kind, "A moment", 0.8, NOW - timedelta(hours=5), NOW + timedelta(days=5), 42.0, [PROOF]
    )
    return Situation(
        1, workspace, NOW, moment, Person(1, 1, name, "ana@x.example"), Firm(2, 2, "Firm", facts or {}), GROUPS[2],
        tuple(OFFERS), details=details,
    )  # fmt: skip


def action(offer: str = "gift-card", tone: str = "warm", channel: str = "email", length: str = "full") -> Action:
    """An offer over a channel in a tone and a length."""
    return action_of(next(o for o in OFFERS if o.slug == offer), channel, tone, length)


def step(length: Length = "full", tone: Tone = "warm") -> Step:
    """A step that wants one length."""
    return Step(
        "a-step", "A step", ["support_success"], [OfferChoice("gift_card", ["medium"])], [tone], [length], ["email"],
        Cadence(30, 2), Lift(0.1, 0.05, 0.2),
    )  # fmt: skip


def written(kind: str = "support_success", offer: str = "gift-card", tone: Tone = "warm", length: Length = "full", channel: str = "email", **more: Any) -> Draft:  # fmt: skip
    """A draft that could be written."""
    made = compose(situation(kind, **more), action(offer, tone, channel, length), step(length, tone))
    assert isinstance(made, Draft), made
    return made


def every() -> list[Draft]:
    """A draft of every kind of moment, tone, length and channel, with each incentive."""
    offers = ("gift-card", "commission-15", "renewal-credit", "beta-access")
    return [
        written(kind, offer, tone, length, channel)
        for kind, tone, length, channel, offer in product(KINDS, TONES, LENGTHS, ("email", "inapp"), offers)
    ]
