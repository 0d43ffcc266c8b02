"""Scenes: the good moments of each week, played by people who would really have them, and some that must not be used.

A scene of week w is told while week w-1 is told, so that what leads up to it (a deal, an urgent ticket) has room.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from honeyguide.demo import commerce, crm, helpdesk, usage
from honeyguide.demo.cast import HISTORY, Cast, Company, Person
from honeyguide.demo.event import DemoEvent

_WEEKS = HISTORY.days // 7
_KINDS = ("rescue", "purchase", "milestone", "survey")
_WEIGHTS = (40, 24, 27, 9)
_SEGMENTS = ("smb", "enterprise", "partner")
_WEEK = timedelta(days=7)


def told_in(cast: Cast, number: int, begin: datetime) -> Iterator[DemoEvent]:
    """The scenes of the week after this one, and once the escalations that stand open at the end of history."""
    coming = number + 1
    rng = Random(f"{cast.seed}:scenes:{coming}")
    share = len(cast.companies) / 428
    count = 5 if coming < _WEEKS - 2 else 58 if coming == _WEEKS - 2 else 118 if coming == _WEEKS - 1 else 44
    seen: set[int] = set()
    for n in range(max(2, round(count * share))):
        at = begin + _WEEK + _WEEK * _when(rng, coming)
        person = _actor(cast, rng, at, seen)
        if person is not None:
            seen.add(person.key)
            yield from _scene(cast, rng, person, at, coming * 160 + n)
    if coming == _WEEKS - 1:
        yield from _standing(cast, rng)


def _when(rng: Random, number: int) -> float:
    """Where in its week a scene falls: evenly, but the last week of history leans to its last three days."""
    if number != _WEEKS - 1:
        return rng.random()
    return 1 - rng.betavariate(1.1, 2.6)


def _actor(cast: Cast, rng: Random, at: datetime, seen: set[int]) -> Person | None:
    """Somebody engaged at a company that is doing well; every segment gets its turn."""
    segment = rng.choices(_SEGMENTS, (42, 36, 22))[0]
    for _ in range(60):
        company = rng.choice(cast.companies)
        if company.segment != segment or not company.active(at) or (company.troubled(at) and rng.random() < 0.75):
            continue
        if company.customer_since > at - timedelta(days=25):
            continue
        staff = [
            p
            for p in company.staff(at - _WEEK)
            if p.works_at(at) and p.activity in ("power", "regular") and p.key not in seen
        ]
        willing = [p for p in staff if p.consent] or (staff if rng.random() < 0.4 else [])
        if willing:
            return rng.choice(willing)
    return None


def _scene(cast: Cast, rng: Random, person: Person, at: datetime, key: int) -> Iterator[DemoEvent]:
    kind = rng.choices(_KINDS, _WEIGHTS)[0]
    if kind == "rescue":
        solved, pause = rng.uniform(0.4, 7.5), rng.uniform(0.2, 3)
        opened = at - timedelta(hours=solved + pause)
        course = helpdesk.rescue(rng, person, solved, solved + pause)
        yield from helpdesk.ticket(cast, rng, 70_000 + key, person, opened, course)
    elif kind == "purchase":
        yield from commerce.add_on(cast, rng, _signer(rng, person, at), at, str(key))
    elif kind == "milestone":
        product, name, value = usage.feat(rng, person.company)
        yield usage.milestone(cast, person, at, product, name, value)
    else:
        yield crm.nps(cast, rng, person, at, rng.choice((9, 10, 10)), f"scene{key}")


def _signer(rng: Random, person: Person, at: datetime) -> Person:
    """Deals hang on whoever decides; often that is not the person who uses the product most."""
    return person if rng.random() < 0.5 else commerce.buyer(person.company, at - _WEEK)


def _standing(cast: Cast, rng: Random) -> Iterator[DemoEvent]:
    """About a dozen companies whose escalation is still open when history ends: nobody there should be asked."""
    around = [c for c in cast.companies if c.active(cast.end) and not c.troubled(cast.end)]
    for n, company in enumerate(_some(rng, around, max(2, len(cast.companies) // 36))):
        opened = cast.end - timedelta(days=rng.uniform(1.2, 6))
        staff = company.staff(opened)
        if staff:
            person = rng.choice(staff)
            course = helpdesk.standing_escalation(rng, person, rng.uniform(5, 24))
            yield from helpdesk.ticket(cast, rng, 69_000 + n, person, opened, course)


def _some(rng: Random, companies: list[Company], count: int) -> list[Company]:
    return rng.sample(companies, min(count, len(companies)))
