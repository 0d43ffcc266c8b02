"""From a situation to named numbers: the context that is logged, and the features of one action in it."""

from collections.abc import Mapping
from math import log2
from typing import Any

from honeyguide.decisions.situation import SENIORITIES, Action, Situation
from honeyguide.programs import Playbook, offer_key

SCHEMA = 1
_YEAR_DAYS = 365.25
_MOST_ASKS, _MOST_YEARS = 8, 3.0
_COUNTED = ("praised", "complained", "referred", "power_user")


def shared_features(situation: Situation) -> dict[str, float]:
    """The features every action of the situation has in common, all finite."""
    moment, person = situation.moment, situation.person
    hours = max(0.0, (situation.now - moment.occurred_at).total_seconds() / 3600)
    found: dict[str, float] = {
        f"moment:{moment.kind}": 1.0,
        f"group:{offer_key(situation.group.slug)}": 1.0,
        "strength": round(moment.strength - 0.5, 6),
        "staleness": round(min(hours / moment.half_life_hours, 8.0), 6),
    }
    if person and person.seniority in SENIORITIES:
        found[f"seniority:{person.seniority}"] = 1.0
    if situation.contacts.ever:
        found["past_asks"] = float(min(situation.contacts.ever, _MOST_ASKS))
    for signal in situation.signals:
        if signal.name in _COUNTED and signal.amount > 0:
            found[signal.name] = round(log2(1 + signal.amount), 6)
    if person and person.first_seen_at:
        years = (moment.occurred_at - person.first_seen_at).total_seconds() / 86_400 / _YEAR_DAYS
        if years > 0:
            found["tenure"] = round(min(years, _MOST_YEARS), 6)
    return found


def action_features(shared: Mapping[str, float], action: Action) -> dict[str, float]:
    """The features of one action: the shared ones, its offer, its tone and its channel."""
    return {
        **shared,
        f"offer:{offer_key(action.offer)}": 1.0,
        f"tone:{action.tone}": 1.0,
        f"channel:{action.channel}": 1.0,
    }


def tone_of(situation: Situation, playbook: Playbook) -> str:
    """The tone the playbook chooses for the group, else for the seniority, else its default."""
    keys = [f"group:{situation.group.slug}"]
    if situation.person and situation.person.seniority:
        keys.append(f"seniority:{situation.person.seniority}")
    return next((playbook.tone[k] for k in keys if k in playbook.tone), playbook.tone["default"])


def evidence_by_feature(situation: Situation) -> dict[str, dict[str, Any]]:
    """What shows each feature the data holds: the moment's evidence, and the best evidence of each signal."""
    moment = situation.moment
    best = moment.evidence[0] if moment.evidence else {}
    found = {name: best for name in (f"moment:{moment.kind}", "strength", "staleness") if best}
    found |= {signal.name: signal.evidence for signal in situation.signals if signal.evidence}
    return found
