"""The contact budget: how often one person, and one company, may hear from us."""

from datetime import datetime, timedelta

from msgspec import Struct

YEAR = timedelta(days=365)


class Limits(Struct, frozen=True):
    """Days between two messages to one persona and to one company, and messages to one persona in 365 days."""

    persona_gap_days: int = 21
    company_gap_days: int = 14
    per_year: int = 8


class Contacts(Struct, frozen=True):
    """What has gone out or is about to: counted over messages queued or sent."""

    last_to_persona: datetime | None = None
    last_to_company: datetime | None = None
    within_year: int = 0


def over_budget(contacts: Contacts, limits: Limits, now: datetime) -> str | None:
    """None while the budget allows a message at `now`, else the reason in plain words."""
    if contacts.last_to_persona and now < contacts.last_to_persona + timedelta(days=limits.persona_gap_days):
        return (
            f"This person was last written to on {contacts.last_to_persona:%d %B %Y}; "
            f"we leave {limits.persona_gap_days} days between messages."
        )
    if contacts.last_to_company and now < contacts.last_to_company + timedelta(days=limits.company_gap_days):
        return (
            f"A colleague was written to on {contacts.last_to_company:%d %B %Y}; "
            f"we leave {limits.company_gap_days} days between messages to one company."
        )
    if contacts.within_year >= limits.per_year:
        return (
            f"This person has had {contacts.within_year} messages in the last 365 days; the limit is {limits.per_year}."
        )
    return None
