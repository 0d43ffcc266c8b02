"""Purchases: who, how strongly, for how long, and when not."""

from typing import Any

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import Moment, detect
from tests.unit.inference.story import company, event, hour, person

ANA, ACME = person("ana"), company("acme")


def felt(*events: CanonicalEvent) -> list[Moment]:
    found = signals_of(events)
    return detect(Subject.of(found[0].subject, found[0].subject_kind, found[0].subject_key, [s.fact for s in found]))


def won(at: float = 0, **props: Any) -> CanonicalEvent:
    said: dict[str, Any] = {"deal": "7", "name": "Atlas rollout", "amount_minor": 1_800_000, "currency": "EUR"} | props
    return event("deal.won", hour(at), ANA, ACME, source="hubspot", **said)


def test_a_deal_won() -> None:
    (moment,) = felt(won())
    assert moment.kind == "purchase_euphoria"
    assert moment.title == "Signed Atlas rollout (€18,000)"
    assert (moment.record, moment.company) == (ANA.id, ACME.id)
    assert moment.strength == 0.85
    assert moment.occurred_at == hour(0)
    assert 200 < (moment.window_ends_at - moment.occurred_at).total_seconds() / 3600 < 336
    (evidence,) = moment.evidence
    assert (evidence.source, evidence.record, evidence.at) == ("hubspot", "Hubspot #7", hour(0).isoformat())
    assert evidence.event_id == str(won().event_id)


def test_told_twice_it_is_one_moment_at_the_first_time() -> None:
    once, twice = felt(won()), felt(won(5, tag="again"), won())
    assert once == twice


def test_a_deal_lost_again_is_none_and_won_again_is() -> None:
    lost = event("deal.lost", hour(3), ANA, ACME, source="hubspot", deal="7")
    assert felt(won(), lost) == []
    (again,) = felt(won(), lost, won(9))
    assert again.occurred_at == hour(9)


def test_the_company_where_no_person_is_known() -> None:
    (moment,) = felt(event("deal.won", hour(0), None, ACME, source="hubspot", deal="7"))
    assert moment.record == moment.company == ACME.id
    assert moment.title == "Signed a deal"
    assert felt(event("deal.won", hour(0), None, None, source="hubspot", deal="7")) == []


@pytest.mark.parametrize(
    ("kind", "props", "title"),
    [
        ("subscription.started", {"plan": "Pro"}, "Subscribed to Pro"),
        ("subscription.renewed", {"plan": "Pro", "amount_minor": 1250, "currency": "USD"}, "Renewed Pro ($12.50)"),
        ("subscription.expanded", {"seats_before": 20, "seats": 45}, "Expanded from 20 to 45 seats"),
        ("subscription.expanded", {}, "Expanded a subscription"),
        ("purchase.completed", {"order": "9"}, "Bought an order"),
    ],
)
def test_titles(kind: str, props: dict[str, Any], title: str) -> None:
    (moment,) = felt(event(kind, hour(0), ANA, ACME, **{"subscription": "s", **props}))
    assert moment.title == title
    assert 0 < moment.strength <= 1


def test_a_leap_in_seats_is_stronger_than_a_seat() -> None:
    def grown(seats: int) -> float:
        return felt(event("subscription.expanded", hour(0), ANA, ACME, subscription="s", seats_before=20, seats=seats))[
            0
        ].strength

    assert grown(30) > grown(21)


@pytest.mark.parametrize("props", [{"amount_minor": 0}, {"is_trial": True}, {"is_trial": "True"}])
def test_a_trial_is_no_purchase(props: dict[str, Any]) -> None:
    assert felt(event("subscription.started", hour(0), ANA, ACME, subscription="s", **props)) == []


def test_a_cancellation_ends_the_joy_of_its_window_only() -> None:
    started = event("subscription.started", hour(0), ANA, ACME, subscription="s", plan="Pro")
    assert felt(started, event("subscription.cancelled", hour(24), None, ACME, subscription="s")) == []
    assert len(felt(started, event("subscription.cancelled", hour(2000), None, ACME, subscription="s"))) == 1


def test_every_renewal_is_a_moment_of_its_own() -> None:
    renewals = [event("subscription.renewed", hour(24 * 365 * n), ANA, ACME, subscription="s") for n in range(3)]
    assert len({m.id for m in felt(*renewals)}) == 3
