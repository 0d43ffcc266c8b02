"""Sales works on a friend's deal in the CRM: contact, company, stages, and how it ends."""

from datetime import timedelta
from typing import Any

from honeyguide.core import clock
from honeyguide.demo.event import HUBSPOT, DemoEvent, ident, stamp
from honeyguide.demo.friends import Friend
from honeyguide.demo.load import Credentials, deliver
from honeyguide.demo.vendors import Office
from honeyguide.demo.wire import Wire

_STEPS = {
    "qualified": ("appointment", "qualified"),
    "won": ("appointment", "qualified", "proposal", "contract"),
    "lost": ("appointment", "qualified", "proposal"),
}


async def work(wire: Wire, credentials: Credentials, seed: int, friend: Friend, office: Office) -> None:
    """Write the whole of it into the CRM, which tells that something changed; the product fetches what."""
    notices = [n for n in map(office.take, deal_events(seed, friend)) if n is not None]
    await deliver(wire, credentials, HUBSPOT, notices)


def deal_events(seed: int, friend: Friend) -> list[DemoEvent]:
    """The CRM's events about one friend, the last of them now."""
    steps = _STEPS[friend.fate]
    now = clock.now()
    at = now - timedelta(milliseconds=50 * (len(steps) + 3))  # after the sign-up, in their order, not in the future
    found: list[DemoEvent] = []

    def add(key: str, **fields: Any) -> None:
        moment = at + timedelta(milliseconds=50 * len(found))
        payload = {
            **fields, "messageId": f"hs-{ident(seed, 'opening', friend.number, key)}", "timestamp": stamp(moment),
            "context": {"groupId": friend.hubspot_company},
        }  # fmt: skip
        found.append(DemoEvent(moment, HUBSPOT, payload))

    company = {
        "name": friend.company, "domain": friend.domain, "industry": friend.industry, "country": friend.country,
        "employees": friend.employees, "segment": friend.segment, "lifecycle": "opportunity",
    }  # fmt: skip
    add("company", type="group", groupId=friend.hubspot_company, traits=company)
    given, _, family = friend.name.partition(" ")
    contact = {
        "firstName": given, "lastName": family, "email": friend.email, "jobTitle": friend.title, "source": "referral",
        "consent_email": True, "company": {"id": friend.hubspot_company, "name": friend.company},
    }  # fmt: skip
    add("contact", type="identify", userId=friend.hubspot, traits=contact)
    deal = {
        "deal": friend.deal, "name": f"{friend.company}: Dispatch (referred)", "amount_minor": friend.amount_minor,
        "currency": friend.currency, "owner": "Imogen Tate", "product": "dispatch",
    }  # fmt: skip
    for n, stage in enumerate(steps):
        name = "Deal Created" if n == 0 else "Deal Stage Changed"
        add(stage, type="track", userId=friend.hubspot, event=name, properties={**deal, "stage": stage})
    if friend.fate == "won":
        add("won", type="track", userId=friend.hubspot, event="Deal Won", properties={**deal, "stage": "closedwon"})
    elif friend.fate == "lost":
        lost = {**deal, "stage": "closedlost", "reason": "No budget this year"}
        add("lost", type="track", userId=friend.hubspot, event="Deal Lost", properties=lost)
    return found
