"""What may be done at all, before any model speaks. Each refusal says why in plain words.

`blocked` answers for one offer over one channel. The rules are ordered so that the reason a person reads is the one
that would remain if everything else were mended.
"""

from datetime import timedelta

from honeyguide.core import normalise
from honeyguide.decisions.situation import Situation

PERSON_GAP_DAYS = 21
COMPANY_GAP_DAYS = 14
PER_YEAR = 8
LOOK_BACK = timedelta(days=14)


def blocked(situation: Situation, channel: str) -> str | None:
    """Why nobody may ask over this channel now; None when it is allowed."""
    return missing_contact(situation) or veto(situation) or _over_budget(situation) or missing_for(situation, channel)


def missing(situation: Situation, channel: str) -> str | None:
    """What somebody could add so that the ask becomes possible (a contact, an address, consent); None when nothing."""
    return missing_contact(situation) or missing_for(situation, channel)


def missing_contact(situation: Situation) -> str | None:
    """A moment of a company at which nobody is known: we never invent a person."""
    if situation.person is not None:
        return None
    name = situation.firm.name if situation.firm else ""
    return f"No contact is known at {name or 'this company'}. Import contacts with an e-mail to ask."


def veto(situation: Situation) -> str | None:
    """What forbids asking this person whatever the channel: departed, quiet, an incident, a window that is over."""
    person, firm = situation.person, situation.firm
    company = firm.name if firm and firm.name else "the company"
    if situation.now >= situation.moment.window_ends_at:
        return f"The moment's window ended on {situation.moment.window_ends_at:%d %B %Y}."
    if situation.now - situation.moment.occurred_at > LOOK_BACK:
        return f"The moment is more than {LOOK_BACK.days} days old."
    if person and person.departed:
        return f"{_name(situation)} no longer works at {company}."
    if person and person.quiet:
        return f"{_name(situation)} is marked as not to be contacted."
    if firm and firm.quiet:
        return f"{company} is marked as not to be contacted."
    if situation.ineligible:
        return situation.ineligible
    if situation.incident:
        return f"Nobody at {company} is asked while this is open: {situation.incident}"
    return None


def missing_for(situation: Situation, channel: str) -> str | None:
    """What the channel needs and we do not have: an address, consent, a name to greet."""
    person = situation.person
    if person is None:
        return None
    name = _name(situation)
    if channel == "email":
        if normalise.email(person.email) is None:
            return f"No e-mail address is known for {name}. Import it to ask."
        if normalise.is_role_inbox(person.email):
            return f"{person.email} is a shared inbox, not a person."
        if person.consent_email is not True:
            said = "has withdrawn" if person.consent_email is False else "has not given"
            return f"{name} {said} consent to e-mail."
    elif person.consent_inapp is False or (person.consent_inapp is None and person.consent_email is not True):
        said = "has withdrawn" if person.consent_inapp is False else "has not given"
        return f"{name} {said} consent to in-app messages."
    return None


def _over_budget(situation: Situation) -> str | None:
    contacts, now = situation.contacts, situation.now
    if contacts.opted_out_at:
        return f"{_name(situation)} asked us on {contacts.opted_out_at:%d %B %Y} to stop."
    if contacts.open_ask:
        return f"An ask to {_name(situation)} is already open."
    if contacts.open_at_company:
        return f"An ask to {contacts.open_at_company}, a colleague, is already open."
    if contacts.last_to_person and now < contacts.last_to_person + timedelta(days=PERSON_GAP_DAYS):
        return (
            f"{_name(situation)} was last asked on {contacts.last_to_person:%d %B %Y}; "
            f"we leave {PERSON_GAP_DAYS} days between asks."
        )
    if contacts.last_to_company and now < contacts.last_to_company + timedelta(days=COMPANY_GAP_DAYS):
        return (
            f"A colleague was asked on {contacts.last_to_company:%d %B %Y}; "
            f"we leave {COMPANY_GAP_DAYS} days between asks at one company."
        )
    if contacts.stopped_at and now < contacts.stopped_at + timedelta(days=PERSON_GAP_DAYS):
        return f"An approved ask could not be sent on {contacts.stopped_at:%d %B %Y}: {contacts.stopped}"
    if contacts.within_year >= PER_YEAR:
        return f"{_name(situation)} was asked {contacts.within_year} times in 365 days; the limit is {PER_YEAR}."
    return None


def _name(situation: Situation) -> str:
    person = situation.person
    return (person.name or person.email or "this person") if person else "this person"
