"""A decision before it is written, and what of it is logged."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, to_builtins

from honeyguide.decisions.choose import Choice
from honeyguide.decisions.expert import Context
from honeyguide.decisions.features import SCHEMA, evidence_by_feature
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.messages import Draft
from honeyguide.decisions.propensity import Belief
from honeyguide.decisions.science import Described
from honeyguide.decisions.situation import WAIT, Action, Situation

THINNED = 20  # of later looks that only wait again one in so many is logged


class Judged(Struct, frozen=True):
    """A decision before it is written. `best` is the ask that was scored: the chosen one, else the most valuable.

    `deferred`: put off until tomorrow by chance, which counts as waiting. `put_to`: what the panel of experts was asked
    about it, None when it was not asked.
    """

    id: UUID
    situation: Situation
    look: int
    seed: int
    arm: str
    choice: Choice
    best: Action
    legal: tuple[Action, ...]
    blocked: tuple[tuple[str, str], ...]
    context: dict[str, Any]
    expected: dict[str, Any]
    score: Belief
    reason: str
    message: Draft | None
    deferred: bool = False
    put_to: Context | None = None

    @property
    def asks(self) -> bool:
        """Is somebody to be asked? Never in the holdout."""
        return self.arm != HOLDOUT and self.choice.action != WAIT


def expected_of(
    best: Action, factors: Mapping[str, Belief], values: Mapping[str, float], terms: Sequence[Mapping[str, Any]] | None
) -> dict[str, Any]:
    """What was expected of the ask that was scored, and the values of all; `terms` moved its chance to be shared."""
    found: dict[str, Any] = {
        "action": best.key,
        "value_minor": round(values.get(best.key, 0.0)),
        "currency": best.currency,
        "values_minor": {key: round(value) for key, value in values.items()},
        **{name: [round(b.mean, 6), round(b.low, 6), round(b.high, 6)] for name, b in factors.items()},
    }
    return found | ({"terms": list(terms)} if terms else {})


def context_of(
    situation: Situation,
    features: dict[str, float],
    described: Described,
    round_seed: int,
    least: float,
    experts: list[dict[str, Any]],
) -> dict[str, Any]:
    """What is logged with the decision: features, and who and what they came from, as known at that time.

    `words`, `numbers`, `ahead` and `round` are what a brain decides from; `least` is the value its stopping rule asked for;
    `experts` are the panel's opinions.
    """
    person, firm, moment = situation.person, situation.firm, situation.moment
    return {
        "schema": SCHEMA,
        "look": situation.looks + 1,
        "features": features,
        "words": described.words,
        "numbers": described.numbers,
        "ahead": {"rates": described.rates, "days": described.days_left, "asks": described.asks_left},
        "round": round_seed,
        "least": round(least, 2),
        **({"experts": experts} if experts else {}),
        "group": situation.group.slug,
        "group_reason": situation.group.reason,
        "evidence": evidence_by_feature(situation),
        "past_asks": situation.contacts.ever,
        "persona": None
        if person is None
        else {
            "id": str(person.id), "name": person.name, "email": person.email, "title": person.title,
            "seniority": person.seniority or None,
            "first_seen_at": person.first_seen_at.isoformat() if person.first_seen_at else None,
        },
        "company": None
        if firm is None
        else {"id": str(firm.id), "name": firm.name, "segment": firm.facts.get("segment") or None},
        "moment": to_builtins(moment),
    }  # fmt: skip
