"""The CRM's side: HubSpot through the Segment door. Contacts, companies, deals, merges, departures, surveys."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from honeyguide.demo import phrases, titles
from honeyguide.demo.cast import Cast, Company, Person
from honeyguide.demo.event import HUBSPOT, DemoEvent, ident, stamp
from honeyguide.demo.writing import Slots

_INTEGRATION = {"library": {"name": "hubspot-to-segment", "version": "2.14.0"}}


def call(cast: Cast, at: datetime, key: tuple[object, ...], **fields: Any) -> DemoEvent:
    """One Segment call of the CRM's own integration."""
    payload = {
        **fields, "messageId": f"hs-{ident(cast.seed, 'hubspot', *key)}", "timestamp": stamp(at),
        "context": {**_INTEGRATION, **fields.get("context", {})},
    }  # fmt: skip
    return DemoEvent(at, HUBSPOT, payload)


def track(
    cast: Cast, at: datetime, key: tuple[object, ...], person: Person, event: str, /, **properties: Any
) -> DemoEvent:
    """Something happened to a contact."""
    return call(
        cast, at, key, type="track", userId=person.hubspot, event=event, properties=properties,
        context={"groupId": person.company.hubspot},
    )  # fmt: skip


def company_record(cast: Cast, company: Company, at: datetime) -> DemoEvent:
    """The account as the CRM knows it."""
    traits = {
        "name": company.name, "domain": company.domain, "industry": company.industry, "country": company.country,
        "city": company.city, "employees": company.employees, "segment": company.segment, "owner": company.owner,
        "lifecycle": "opportunity" if company.arc == "prospect" else "customer",
    }  # fmt: skip
    if company.arc != "prospect":
        traits |= {"plan": company.plan, "mrr_minor": company.seats * company.seat_minor, "currency": company.currency}
    return call(cast, at, ("company", company.key), type="group", groupId=company.hubspot, traits=traits)


def contact_record(
    cast: Cast, person: Person, at: datetime, reason: str, user_id: str = "", **changed: Any
) -> DemoEvent:
    """The contact as the CRM knows it; `changed` overrides single traits."""
    company = person.company
    traits = {
        "firstName": person.first, "lastName": person.last, "email": person.email, "jobTitle": person.title,
        "phone": person.phone, "timezone": company.timezone, "consent_email": person.consent, "department": person.post[1],
        "company": {"id": company.hubspot, "name": company.everyday}, **changed,
    }  # fmt: skip
    kept = {k: v for k, v in traits.items() if v != ""}
    return call(
        cast, at, ("contact", person.key, reason), type="identify", userId=user_id or person.hubspot, traits=kept,
        context={"groupId": company.hubspot},
    )  # fmt: skip


def people(cast: Cast) -> Iterator[DemoEvent]:
    """Every account and contact, their corrections, merges, departures and arrivals."""
    for company in cast.companies:
        rng = Random(f"{cast.seed}:crm:{company.key}")
        first = max(cast.start + timedelta(minutes=rng.uniform(1, 900)), company.people[0].since - timedelta(minutes=5))
        yield company_record(cast, company, first)
        for person in company.people:
            at = max(person.since, first + timedelta(seconds=20 + 13 * (person.key % 40)))
            yield contact_record(cast, person, at, "created")
            yield from _later(cast, rng, person, at)


def _later(cast: Cast, rng: Random, person: Person, at: datetime) -> Iterator[DemoEvent]:
    if person.duplicate:
        yield from _duplicate(cast, rng, person, at)
    if person.until is not None:
        left = person.until
        yield track(
            cast, left, ("left", person.key), person, "Contact Left Company", left_company_ref=person.company.hubspot
        )
        return
    span = (cast.end - at).total_seconds()
    if span < 30 * 86_400:
        return
    chance = rng.random()
    moment = at + timedelta(seconds=span * rng.uniform(0.2, 0.97))
    if chance < 0.03:
        post = titles.promoted(rng, person.post)
        if post != person.post:
            yield contact_record(cast, person, moment, "promoted", jobTitle=titles.write_title(rng, post, "en"))
    elif chance < 0.06:
        state = "withdrawn" if person.consent else "granted"
        yield track(cast, moment, ("consent", person.key), person, "Consent Changed", channel="email", state=state)


def _duplicate(cast: Cast, rng: Random, person: Person, at: datetime) -> Iterator[DemoEvent]:
    # A second contact came in through a form or a trade-fair list; somebody merges the two later.
    other = str(int(person.hubspot) + 4_000_000)
    address = person.private_email or person.email.replace("@", f".{rng.choice(('office', 'old', 'fair'))}@")
    spelled = rng.choice((person.first[0] + ".", person.first, person.first.upper()))
    seen = at + timedelta(days=rng.uniform(4, 40))
    yield contact_record(
        cast, person, seen, "duplicate", other, email=address, firstName=spelled, jobTitle="", phone="",
        consent_email=False, department="",
    )  # fmt: skip
    merged = seen + timedelta(days=rng.uniform(1, 25))
    yield track(cast, merged, ("merge", person.key), person, "Contacts Merged", kept=person.hubspot, merged=[other])
    yield contact_record(cast, person, merged + timedelta(minutes=2), "after-merge")


def surveys(cast: Cast, week: int, begin: datetime) -> Iterator[DemoEvent]:
    """NPS answers of one week: about one in ten people is asked a month, a third of them answer."""
    rng = Random(f"{cast.seed}:nps:{week}")
    for person in cast.people:
        if rng.random() > 0.0115:
            continue
        at = begin + timedelta(days=rng.uniform(0, 5), hours=rng.uniform(8, 17))
        if at >= begin + timedelta(days=7) or not person.works_at(at) or not person.company.active(at):
            continue
        yield nps(cast, rng, person, at, _feeling(rng, person, at), f"w{week}")


def _feeling(rng: Random, person: Person, at: datetime) -> int:
    if person.company.troubled(at):
        return rng.choice((0, 2, 3, 4, 5, 6, 6, 7))
    if person.activity == "power":
        return rng.choice((8, 9, 9, 10, 10, 10, 9, 7))
    return rng.choice((5, 6, 7, 7, 8, 8, 8, 9, 9, 10))


def nps(cast: Cast, rng: Random, person: Person, at: datetime, score: int, key: str) -> DemoEvent:
    """One answer to "how likely are you to recommend us", with a comment that fits."""
    group = "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"
    comment = Slots(rng, person).fill(rng.choice(phrases.NPS_COMMENTS[group]))
    given = {"survey": f"nps-{at.year}-q{(at.month - 1) // 3 + 1}", "score": score, "scale_max": 10}
    if comment:
        given["comment"] = comment
    return track(cast, at, ("nps", person.key, key), person, "Survey Answered", **given)
