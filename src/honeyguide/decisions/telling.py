"""Who, why, what and when in sentences a marketing lead would repeat: each made of what the data holds, with what shows it.

Pure: everything comes from a decision's context and from stored readiness. A reason without data is not told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from honeyguide.core.money import exponent, money_text
from honeyguide.core.terms import Evidence
from honeyguide.decisions.guardrails import COMPANY_GAP_DAYS, PER_YEAR, PERSON_GAP_DAYS
from honeyguide.decisions.journey import day
from honeyguide.decisions.readiness_words import ROLE, Contribution, Readiness
from honeyguide.decisions.situation import Contacts
from honeyguide.decisions.why import ago
from honeyguide.programs.journey import STAGE_NAMES

_REASONS = 3  # of readiness, beside the moment and the stage
_WORTH_TELLING = 0.5  # points of readiness
_TOLD_BY_DATA = ("satisfaction", "neighbours", "reach", "influence")  # what the policy merely believes is no reason


class Said(Struct, frozen=True):
    """One sentence and what shows it (None: our own records of asks)."""

    sentence: str
    evidence: dict[str, Any] | None


class Case(Struct, frozen=True):
    """What is told about: a moment with what was decided about it."""

    moment_title: str
    occurred_at: datetime
    window_ends_at: datetime
    half_life_hours: float
    moment_evidence: Sequence[Mapping[str, Any]]
    offer: str
    channel: str
    group_reason: str
    past_asks: int
    value_minor: int
    currency: str
    best_minor: int
    choices: int
    propensity: float
    missing: str | None


def why(
    case: Case, ready: Readiness | None, stage: tuple[str, str, Sequence[Evidence]] | None, now: datetime
) -> list[Said]:
    """The moment first, then what makes this person an advocate (the weightiest first), then where they stand."""
    first = case.moment_evidence[0] if case.moment_evidence else None
    told = [Said(moment_sentence(case.moment_title, case.occurred_at, now), _shown(first) if first else None)]
    records = {str(e.get("record", "")) for e in case.moment_evidence}
    speaking = [c for c in (ready.contributions if ready is not None else ()) if _speaks(c, records)]
    told += [Said(c.text, _of(c.evidence[0]) if c.evidence else None) for c in speaking[:_REASONS]]
    if stage is not None:
        name, because, evidence = stage
        if case.moment_title.casefold() not in because.casefold() and not any(e.record in records for e in evidence):
            told.append(Said(f"{STAGE_NAMES[name]}: {because}", _of(evidence[0]) if evidence else None))  # type: ignore[index]  # one of STAGES
    return told


def _speaks(said: Contribution, told: set[str]) -> bool:
    """Does it speak for them, of data, enough to be worth a line, and of more than was told already?"""
    if said.feature not in _TOLD_BY_DATA or said.weight < _WORTH_TELLING or said.text.startswith(ROLE):
        return False
    return not said.evidence or any(e.record not in told for e in said.evidence)


def moment_sentence(title: str, at: datetime, now: datetime) -> str:
    """`Rated 5/5 on an urgent ticket, 2 days ago.`"""
    return f"{title}, {ago(at, now)}."


def what(case: Case) -> dict[str, Any]:
    """The offer and why it is this one."""
    parts = [group_sentence(case.group_reason)] if case.group_reason else []
    if case.choices > 1 and case.value_minor >= case.best_minor:
        parts.append(
            f"Of the {case.choices} ways to ask that are allowed now it is worth most, {about(case.value_minor, case.currency)} an ask "
            "by what we believe today."
        )
    elif case.choices > 1:
        parts.append(
            f"Drawn with {case.propensity:.0%} among {case.choices} allowed ways, to learn; the one believed best is worth "
            f"{about(case.best_minor, case.currency)} an ask, this one {about(case.value_minor, case.currency)}."
        )
    elif case.choices == 1:
        parts.append(
            f"The only way to ask that is allowed now, worth {about(case.value_minor, case.currency)} an ask by what we believe today."
        )
    return {"offer": case.offer, "channel": case.channel, "because": " ".join(parts)}


def group_sentence(reason: str) -> str:
    """Why this group's offers, from the reason the group was chosen by."""
    group, _, because = reason.rstrip(".").partition(", because ")
    usual = not because or because.startswith("no ")
    return f"It is what we offer to {group}." if usual else f"It is what we offer to {group}: {because}."


def about(minor: int, currency: str) -> str:
    """An expected value for people: no cents, for it is a belief."""
    unit = 10 ** exponent(currency)
    return f"about {money_text(round(minor / unit) * unit, currency)}"


def when(case: Case, now: datetime) -> dict[str, Any]:
    """Now, until when, and why not later; or what is missing first."""
    if case.missing is not None:
        return {"at": None, "until": case.window_ends_at.isoformat(), "because": f"Not yet: {case.missing}"}
    left = case.window_ends_at - now
    asked = (
        "They were never asked before." if case.past_asks == 0 else f"They were asked {_times(case.past_asks)} before."
    )
    because = f"The moment loses half its pull every {_span(timedelta(hours=case.half_life_hours))} and is over in {_span(left)}. {asked}"
    return {"at": "now", "until": case.window_ends_at.isoformat(), "because": because}


def free_again(contacts: Contacts, now: datetime) -> tuple[datetime | None, str]:
    """When the contact budget allows the next ask, and why not before; (now, "") when it does now, (None, why) when never or unknown."""
    if contacts.opted_out_at:
        return None, f"They asked us on {day(contacts.opted_out_at)} to stop."
    if contacts.open_ask:
        return None, "An ask to them is open already."
    if contacts.open_at_company:
        return None, f"An ask to {contacts.open_at_company}, a colleague, is open."
    if contacts.within_year >= PER_YEAR:
        return None, f"They were asked {contacts.within_year} times in 365 days, which is the limit."
    waits = [
        (last + timedelta(days=gap), text.format(day=day(last), gap=gap))
        for last, gap, text in (
            (contacts.last_to_person, PERSON_GAP_DAYS, "They were last asked on {day}; we leave {gap} days between asks."),
            (contacts.last_to_company, COMPANY_GAP_DAYS, "A colleague was asked on {day}; we leave {gap} days within a company."),
            (contacts.stopped_at, PERSON_GAP_DAYS, "An approved ask could not be sent on {day}; we leave {gap} days."),
        )
        if last is not None
    ]  # fmt: skip
    latest = max(waits, default=(now, ""))
    return latest if latest[0] > now else (now, "")


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _span(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    if hours < 1:
        return "less than an hour"
    if hours < 48:
        return f"{round(hours)} hour{'' if round(hours) == 1 else 's'}"
    return f"{round(hours / 24)} days"


def _shown(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": evidence.get("source", ""), "record": evidence.get("record", ""), "quote": evidence.get("quote", ""),
        "inferrer": evidence.get("inferrer", ""), "confidence": round(float(evidence.get("confidence", 0.0)), 3),
    }  # fmt: skip


def _of(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": evidence.source, "record": evidence.record, "quote": evidence.quote, "inferrer": evidence.inferrer,
        "confidence": round(evidence.confidence, 3),
    }  # fmt: skip


shown = _of
