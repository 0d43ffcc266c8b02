"""Support successes: only solved, well rated tickets whose story is not mixed."""

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


def story(score: object = 5, priority: str = "urgent", hours: float = 3, comment: str = "") -> list[CanonicalEvent]:
    return [
        event("ticket.opened", hour(0), ANA, ACME, ticket="48211", priority=priority),
        event("ticket.solved", hour(hours), ANA, ACME, ticket="48211"),
        event("ticket.rated", hour(hours + 1), ANA, ACME, ticket="48211", score=score, comment=comment),
    ]


def test_five_on_an_urgent_ticket() -> None:
    (moment,) = felt(*story(comment="You saved us!"))
    assert moment.title == "Rated 5/5 on an urgent ticket, solved in 3 hours"
    assert (moment.record, moment.company, moment.occurred_at) == (ANA.id, ACME.id, hour(4))
    rating, solved = moment.evidence
    assert (rating.quote, rating.record, rating.confidence) == ("You saved us!", "Zendesk #48211", 0.95)
    assert solved.at == hour(3).isoformat()
    assert moment.strength == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("score", "priority", "hours", "title"),
    [
        (5, "normal", 0.5, "Rated 5/5 on a ticket, solved within the hour"),
        (4, "P2", 1, "Rated 4/5 on a high-priority ticket, solved in 1 hour"),
        (4, "low", 400, "Rated 4/5 on a ticket"),
    ],
)
def test_titles(score: int, priority: str, hours: float, title: str) -> None:
    assert [m.title for m in felt(*story(score, priority, hours))] == [title]


def test_strength_grows_with_rating_priority_and_speed() -> None:
    def strength(*args: object) -> float:
        return felt(*story(*args))[0].strength  # type: ignore[arg-type]

    assert strength(5, "urgent", 3) > strength(4, "urgent", 3) > strength(4, "normal", 3) > strength(4, "normal", 40)


@pytest.mark.parametrize("score", [3, 2, 1, None, "great", 50])
def test_no_joy_without_a_good_rating(score: object) -> None:
    assert felt(*story(score)) == []


def test_no_joy_before_a_solution_or_when_it_did_not_hold() -> None:
    opened, solved, rated = story()
    assert felt(opened, rated) == []
    assert felt(opened, solved, rated, event("ticket.opened", hour(30), ANA, ACME, ticket="48211")) == []


def test_a_mixed_story_weighs() -> None:
    escalated = event("ticket.escalated", hour(1), ANA, ACME, ticket="48211")
    (mixed,), (smooth,) = felt(*story(), escalated), felt(*story())
    assert mixed.id == smooth.id
    assert mixed.strength < smooth.strength
    (four,) = (
        felt(
            *story(4),
            event("ticket.opened", hour(3.2), ANA, ACME, ticket="48211"),
            event("ticket.solved", hour(3.4), ANA, ACME, ticket="48211"),
        ),
    )
    assert all(m.strength < 0.6 for m in four)
