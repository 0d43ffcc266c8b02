"""Job changes: somebody who stood up for us has really moved, and is not entered twice."""

from uuid import UUID

from honeyguide.core.ids import content_id
from honeyguide.moments.job_change import Ground, Sighting, of_career
from tests.unit.inference.story import hour

DAY = 24.0


def ident(name: str) -> UUID:
    return UUID(int=content_id("career", name).int)


def seen(
    company: int, first: float, last: float | None = None, *, name: str = "", domain: str = "", ends: bool = False,
    source: str = "hubspot", related: frozenset[int] = frozenset(),
) -> Sighting:  # fmt: skip
    names = {1: ("Acme Robotics GmbH", "acme.de"), 2: ("Globex Inc", "globex.com"), 3: ("Initech", "initech.io")}
    usual = names.get(company, ("", ""))
    return Sighting(
        1, company, company * 10, name or usual[0], domain or usual[1], hour(first), hour(last if last is not None else first),
        1, ends, source, f"HubSpot {company}@{first:g}", ident(f"{company}{first}{ends}{source}"), related,
    )  # fmt: skip


CHAMPION = Ground(
    "champion_of", hour(10 * DAY), 0.9, "gong", "Call 3", "She fought for it.", "rule:relation@1", ident("c")
)
ACME = seen(1, 0, 100 * DAY)
LEFT = seen(1, 110 * DAY, ends=True)
GLOBEX = seen(2, 120 * DAY, 180 * DAY)


def moved(*sightings: Sighting, grounds: tuple[Ground, ...] = (CHAMPION,)) -> list[str]:
    return [m.title for m in of_career(sightings, grounds)]


def test_a_champion_who_left_and_joined_another_company() -> None:
    (moment,) = of_career([ACME, LEFT, GLOBEX], [CHAMPION])
    assert moment.title == "Moved from Acme Robotics GmbH to Globex Inc, champion before"
    assert moment.strength == round(0.85 * 0.9, 3)
    assert (moment.record, moment.company, moment.occurred_at) == (1, 20, hour(120 * DAY))
    assert [e.record for e in moment.evidence] == [GLOBEX.ref, LEFT.ref, CHAMPION.ref]


def test_nobody_said_so_but_they_were_never_seen_there_again() -> None:
    assert len(moved(ACME, GLOBEX)) == 1
    assert moved(ACME, seen(2, 120 * DAY)) == [], "one mention is an entry, not a job"
    assert len(moved(ACME, seen(2, 120 * DAY), seen(2, 121 * DAY, source="zendesk"))) == 1, "two systems are"


def test_a_data_entry_duplicate_is_none() -> None:
    still = seen(1, 0, 200 * DAY)
    assert moved(still, GLOBEX) == [], "the old job goes on"
    same_name = seen(4, 120 * DAY, 180 * DAY, name="ACME Robotics", domain="acme-robotics.example")
    assert moved(ACME, LEFT, same_name) == []
    same_domain = seen(5, 120 * DAY, 180 * DAY, name="AR Holding", domain="acme.com")
    assert moved(ACME, LEFT, same_domain) == []
    longer = seen(6, 120 * DAY, 180 * DAY, name="Acme Robotics Nord", domain="arn.example")
    assert moved(ACME, LEFT, longer) == []
    house = seen(7, 120 * DAY, 180 * DAY, name="Umbrella", domain="umbrella.io", related=frozenset({1}))
    assert moved(ACME, LEFT, house) == []


def test_back_soon_is_none_and_so_is_a_second_job() -> None:
    assert moved(ACME, LEFT, seen(2, 120 * DAY, 150 * DAY), seen(2, 160 * DAY, ends=True)) == []
    assert moved(ACME, seen(2, 90 * DAY, 180 * DAY)) == [], "they were there before they left here"
    assert moved(ACME, LEFT, seen(3, 5 * DAY, 300 * DAY), GLOBEX) == []


def test_only_who_stood_up_for_us_before() -> None:
    assert moved(ACME, LEFT, GLOBEX, grounds=()) == []
    late = Ground("champion_of", hour(130 * DAY), 0.9, "gong", "Call 9", "", "rule:relation@1", ident("l"))
    assert moved(ACME, LEFT, GLOBEX, grounds=(late,)) == [], "not who praises us at the new place only"
    fan = Ground("praised", hour(20 * DAY), 0.8, "zendesk", "Zendesk #1", "Great.", "rule:praise@1", ident("p"))
    (moment,) = of_career([ACME, LEFT, GLOBEX], [fan])
    assert moment.strength == 0.48


def test_a_departure_told_late_is_in_time_and_one_told_much_later_is_not() -> None:
    assert len(moved(ACME, seen(1, 150 * DAY, ends=True), GLOBEX)) == 1
    assert moved(seen(1, 0, 200 * DAY), seen(1, 210 * DAY, ends=True), GLOBEX) == []


def test_the_order_of_telling_plays_no_part() -> None:
    story = [ACME, LEFT, GLOBEX, seen(3, 400 * DAY, 460 * DAY), seen(2, 390 * DAY, ends=True)]
    assert of_career(story, [CHAMPION]) == of_career(story[::-1], [CHAMPION])
    assert len(moved(*story)) == 2
