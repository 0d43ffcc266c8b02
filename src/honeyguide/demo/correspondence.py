"""The CRM's side in words: notes of the account owners after calls and visits, and mails customers write to them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from honeyguide.demo import crm
from honeyguide.demo.cast import Cast, Company, Person
from honeyguide.demo.event import DemoEvent
from honeyguide.demo.letters_en import MAILS, NOTES, RIVALS
from honeyguide.demo.writing import Slots

NOTE, MAIL = "Account Note Added", "Sales Email Received"
_PRODUCTS = ("dispatch", "routes", "copilot")
_SAID = {"dispatch": "Dispatch", "routes": "Routes", "copilot": "Copilot"}
# What is written down in a quiet relationship and in a strained one, with weights.
_QUIET = {
    "plain": 9,
    "champion": 3,
    "evaluating": 2,
    "interested": 3,
    "reports": 2,
    "introduced": 1,
    "colleague": 2,
    "blocker": 1,
}
_STRAINED = {"plain": 6, "churn": 4, "blocker": 3, "evaluating": 1, "reports": 1}
_PLEASED = {"plain": 7, "praise": 4, "recommend": 2, "interested": 2, "colleague": 2, "introduced": 1, "complaint": 1}
_CROSS = {"plain": 4, "complaint": 4, "churn": 3}


def week(cast: Cast, number: int, begin: datetime) -> Iterator[DemoEvent]:
    """What was written in one week: about one customer in twelve gets a note, one in twenty writes a mail."""
    for company in cast.companies:
        rng = Random(f"{cast.seed}:letters:{number}:{company.key}")
        if rng.random() < 0.085:
            yield from _one(cast, rng, company, begin, number, mail=False)
        if rng.random() < 0.05:
            yield from _one(cast, rng, company, begin, number, mail=True)


def _one(cast: Cast, rng: Random, company: Company, begin: datetime, number: int, *, mail: bool) -> Iterator[DemoEvent]:
    at = begin + timedelta(days=rng.randrange(5), hours=rng.uniform(7.5, 17.5))
    staff = company.staff(at)
    if not company.active(at) or not staff:
        return
    strained = company.troubled(at)
    weights = (_CROSS if strained else _PLEASED) if mail else (_STRAINED if strained else _QUIET)
    kind = rng.choices(list(weights), list(weights.values()))[0]
    person = _who(rng, staff, kind)
    slots = _slots(cast, rng, person, at)
    if slots is None or (kind in ("reports", "colleague") and len(staff) < 2):
        kind, slots = "plain", Slots(rng, person)
    key = ("mail" if mail else "note", company.key, number)
    if mail:
        subject, body = rng.choice(MAILS[kind])
        said = {"subject": slots.fill(subject), "body": slots.fill(body), "from": person.email}
        yield crm.track(cast, at, key, person, MAIL, owner=company.owner, **said)
    else:
        yield crm.track(cast, at, key, person, NOTE, owner=company.owner, body=slots.pick(NOTES[kind]))


def _who(rng: Random, staff: list[Person], kind: str) -> Person:
    """Whom such a thing is said of: believers use the product, blockers decide or guard the systems."""
    if kind in ("champion", "praise", "recommend", "introduced"):
        fitting = [p for p in staff if p.activity in ("power", "regular")]
    elif kind == "blocker":
        fitting = [p for p in staff if p.post[1] in ("Finance", "IT") or p.post[0] in ("owner", "vp", "director")]
    elif kind in ("evaluating", "churn"):
        fitting = [p for p in staff if p.post[0] in ("owner", "vp", "director", "manager")]
    else:
        fitting = staff
    return rng.choice(fitting or staff)


def _slots(cast: Cast, rng: Random, person: Person, at: datetime) -> Slots | None:
    """The facts of one letter; None when the company has nobody to name beside the person."""
    company = person.company
    others = [p for p in company.staff(at) if p is not person and p.name != person.name]
    if not others:
        return None
    heads = [p for p in others if p.post[0] in ("owner", "vp", "director", "manager")]
    elsewhere = rng.choice([c for c in cast.companies if c is not company])
    slots = Slots(rng, person)
    if person.language != "en":
        slots.values["day"] = rng.choice(("Monday", "Tuesday", "Thursday", "Friday"))  # owners write English
    owned = [p for p in _PRODUCTS if p in company.products]
    wanted = [p for p in _PRODUCTS if p not in company.products]
    slots.values |= {
        "other": rng.choice(others).name, "boss": rng.choice(heads or others).name,
        "product": _SAID[rng.choice(owned or ["dispatch"])], "wish": _SAID[rng.choice(wanted or ["copilot"])],
        "rival": rng.choice(RIVALS), "friend": rng.choice(elsewhere.people).name, "firm": elsewhere.everyday,
    }  # fmt: skip
    return slots
