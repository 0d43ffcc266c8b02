"""Judging many at once: planted hands, circles and stars are found, offices, couples and teams are not; order says nothing."""

import random
from dataclasses import dataclass, field

import pytest

from honeyguide.outcomes.fraud.batch import judge_known
from honeyguide.outcomes.fraud.known import MOST_REFERRALS, Known, Mark, Party, Surroundings

DAY = 86_400.0
FIRST = [
    "Ana",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gil",
    "Hana",
    "Ivo",
    "Jan",
    "Kim",
    "Lea",
    "Max",
    "Nina",
    "Otto",
    "Pia",
]
LAST = [
    "Abel",
    "Brandt",
    "Cruz",
    "Dorn",
    "Eich",
    "Falk",
    "Gomez",
    "Haas",
    "Ilic",
    "Jung",
    "Krug",
    "Lang",
    "Moll",
    "Nuss",
    "Ober",
    "Prinz",
]


@dataclass
class Place:
    """People with a name, an address and a phone of their own."""

    lot: random.Random = field(default_factory=lambda: random.Random(7))
    made: list[Known] = field(default_factory=list)
    people: int = 0

    def person(self, company: str = "", *marks: Mark) -> Party:
        n = self.people
        self.people += 1
        name = f"{FIRST[n % 16]} {LAST[(n // 16 + n) % 16]}{chr(97 + n // 256)}"
        firm = company or f"firm{n}.example"
        own = Mark("device", f"own{n}")
        return Party(
            person=f"p{n}",
            email=f"{name.lower().replace(' ', '.')}@{firm}",
            name=name,
            company=firm,
            marks=(own, *marks),
        )

    def refers(self, a: Party, f: Party, day: float | None = None, **more: object) -> str:
        at = DAY * (self.lot.uniform(0, 300) if day is None else day)
        self.made.append(Known(id=f"r{len(self.made)}", advocate=a, friend=f, at=at, amount_minor=50_000, **more))  # type: ignore[arg-type]
        return self.made[-1].id

    def held(self) -> set[str]:
        return {i for i, risk in judge_known(self.made).items() if risk.hold}


@pytest.fixture
def place() -> Place:
    made = Place()
    for _ in range(40):
        advocate = made.person()
        for _ in range(made.lot.randint(1, 3)):
            made.refers(advocate, made.person(), taken_back=False)
    return made


def test_the_honest_are_left_alone(place: Place) -> None:
    assert place.held() == set()


def test_an_office_with_one_network_and_one_tablet_is_left_alone(place: Place) -> None:
    network, tablet = Mark("network", "office"), Mark("device", "tablet")
    team = [place.person("acme.example", network, tablet) for _ in range(8)]
    for n in range(7):
        place.refers(team[n], place.person("", network))  # a visitor at the office
        place.refers(team[n], place.person())
    assert place.held() == set()


def test_people_of_a_carriers_network_are_left_alone(place: Place) -> None:
    network = Mark("network", "carrier")
    for _ in range(20):
        place.refers(place.person("", network), place.person("", network))
    assert place.held() == set()


def test_a_couple_that_is_known_as_one_is_left_alone(place: Place) -> None:
    sofa = Mark("device", "the tablet at home")
    place.refers(place.person("", sofa), place.person("", sofa), ties=3, taken_back=False)
    assert place.held() == set()


def test_one_hand_with_several_accounts_is_caught_and_says_so(place: Place) -> None:
    payee = Mark("payee", "iban")
    fakes = [place.person("", payee) for _ in range(5)]
    planted = {place.refers(fakes[n], fakes[n + 1]) for n in range(4)}
    assert place.held() == planted
    reason = " ".join(judge_known(place.made)[min(planted)].reasons)
    assert "in one hand" in reason


def test_a_circle_closed_by_one_account_is_caught(place: Place) -> None:
    payee = Mark("payee", "iban")
    people = [place.person("", *([payee] if n in (0, 2) else [])) for n in range(4)]
    planted = {place.refers(people[n], people[(n + 1) % 4], day=n, ties=0, active_days=0) for n in range(4)}
    assert place.held() == planted


def test_people_who_use_little_and_refer_each_other_in_a_row_are_left_alone(place: Place) -> None:
    people = [place.person() for _ in range(5)]
    for n in range(4):
        place.refers(people[n], people[n + 1], day=40 * n, active_days=2)
    assert place.held() == set()


def test_a_star_whose_friends_are_one_hand_is_caught(place: Place) -> None:
    phone = Mark("device", "farm")
    hub = place.person()
    planted = {place.refers(hub, place.person("", phone)) for _ in range(6)}
    assert place.held() == planted


def test_an_account_that_was_bought_is_caught_by_where_it_is_paid(place: Place) -> None:
    payee = Mark("payee", "iban")
    planted = {place.refers(place.person("", payee), place.person()) for _ in range(4)}
    assert place.held() == planted


def test_a_ring_cannot_hide_behind_honest_referrals(place: Place) -> None:
    payee = Mark("payee", "iban")
    fakes = [place.person("", payee) for _ in range(4)]
    planted = {place.refers(fakes[n], fakes[n + 1]) for n in range(3)}
    for fake in fakes:
        for _ in range(10):
            place.refers(fake, place.person(), taken_back=False)
    assert planted <= place.held()


def test_the_order_of_referrals_changes_no_verdict(place: Place) -> None:
    payee = Mark("payee", "iban")
    fakes = [place.person("", payee) for _ in range(4)]
    for n in range(3):
        place.refers(fakes[n], fakes[n + 1])
    before = judge_known(place.made)
    place.lot.shuffle(place.made)
    assert judge_known(place.made) == before


def test_what_lies_around_is_bounded_and_holds_the_referral_itself() -> None:
    place = Place()
    hub, payee = place.person(), Mark("payee", "one")
    for _ in range(3_000):
        place.refers(hub, place.person("", payee))
    around = Surroundings(place.made).around("r5")
    assert around[0].id == "r5"
    assert len(around) <= MOST_REFERRALS


def test_what_is_known_anew_replaces_what_was_known() -> None:
    place = Place()
    ident = place.refers(place.person(), place.person())
    web = Surroundings(place.made)
    one = place.made[0]
    web.add(Known(id=ident, advocate=one.advocate, friend=one.friend, at=one.at, taken_back=True))
    assert web.referrals[ident].taken_back
    assert web.of_person[one.friend.person] == [ident]
