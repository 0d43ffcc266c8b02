"""What the audience and the stop rules of a playbook's steps look at, from a situation."""

from typing import Any

from honeyguide.decisions.situation import Situation

_DAY = 86_400
_YEAR_DAYS = 365.25


def step_facts(situation: Situation) -> dict[str, Any]:
    """The facts steps may name (`playbooks.STEP_FACTS`): of the company, the person, the moment and our own asks.

    `asks_without_share` counts every ask of somebody who never referred anybody: what the graph holds, at most too many.
    """
    contacts, moment, person = situation.contacts, situation.moment, situation.person
    found: dict[str, Any] = {k: v for k, v in (situation.firm.facts if situation.firm else {}).items() if k in _COMPANY}
    counts = {s.name: s.amount for s in situation.signals}
    found |= {name: counts.get(name, 0.0) for name in ("praised", "complained", "referred", "power_user")}
    found |= {
        "strength": moment.strength,
        "past_asks": contacts.ever,
        "asks_this_year": contacts.within_year,
        "asks_without_share": 0 if counts.get("referred") else contacts.ever,
    }
    if contacts.last_to_person is not None:
        found["days_since_ask"] = (situation.now - contacts.last_to_person).total_seconds() / _DAY
    if person is not None:
        found["seniority"] = person.seniority or None
        if person.first_seen_at is not None:
            found["tenure_years"] = (moment.occurred_at - person.first_seen_at).total_seconds() / _DAY / _YEAR_DAYS
    return found


_COMPANY = frozenset({"segment", "plan", "industry", "country", "employees", "partner"})
