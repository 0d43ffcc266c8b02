"""What the CRM writes about a referred friend's deal over the weeks: contact and company, stages, and how it ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from honeyguide.demo.event import HUBSPOT, DemoEvent, ident, stamp
from honeyguide.demo.year import NewFriend


def deal_events(seed: int, friend: NewFriend, signed_up: datetime) -> Iterator[DemoEvent]:
    """The events, in time order. Nothing of a friend who never qualifies."""
    if friend.qualifies_after is None:
        return
    opens = signed_up + timedelta(days=friend.qualifies_after)
    group = str(970_000 + friend.number)
    deal = {
        "deal": str(19_000_000_000 + friend.number), "name": f"{friend.company}: Dispatch (referred)",
        "amount_minor": friend.amount_minor, "currency": friend.currency, "owner": "Imogen Tate", "product": "dispatch",
    }  # fmt: skip

    def event(key: str, at: datetime, **fields: Any) -> DemoEvent:
        payload = {
            **fields, "messageId": f"yr-{ident(seed, 'year', friend.number, key)}", "timestamp": stamp(at),
            "context": {"groupId": group},
        }  # fmt: skip
        return DemoEvent(at, HUBSPOT, payload)

    contact = str(8_900_000 + friend.number)
    yield event("company", opens, type="group", groupId=group, traits={
        "name": friend.company, "domain": friend.domain, "industry": friend.industry, "country": friend.country,
        "employees": friend.employees, "segment": friend.segment, "lifecycle": "opportunity",
    })  # fmt: skip
    given, _, family = friend.name.partition(" ")
    yield event("contact", opens, type="identify", userId=contact, traits={
        "firstName": given, "lastName": family, "email": friend.email, "jobTitle": friend.title, "source": "referral",
        "consent_email": True, "company": {"id": group, "name": friend.company},
    })  # fmt: skip

    def tracked(key: str, at: datetime, name: str, **more: Any) -> DemoEvent:
        return event(key, at, type="track", userId=contact, event=name, properties={**deal, **more})

    yield tracked("appointment", opens, "Deal Created", stage="appointment")
    yield tracked("qualified", opens + timedelta(hours=2), "Deal Stage Changed", stage="qualified")
    if friend.wins_after is not None:
        yield tracked("won", signed_up + timedelta(days=friend.wins_after), "Deal Won", stage="closedwon")
    elif friend.loses_after is not None:
        lost = signed_up + timedelta(days=friend.loses_after)
        yield tracked("lost", lost, "Deal Lost", stage="closedlost", reason="No budget this year")
