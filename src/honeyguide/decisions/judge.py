"""The decision itself, as a pure function: situation + policy -> legal actions, distribution, action, score, draft."""

from typing import Any
from uuid import UUID

from msgspec import Struct, to_builtins

from honeyguide.core.ids import content_id, seed_of
from honeyguide.decisions import guardrails
from honeyguide.decisions.choose import Choice, choose
from honeyguide.decisions.expert import Context
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.features import SCHEMA, action_features, evidence_by_feature, shared_features, tone_of
from honeyguide.decisions.holdout import HOLDOUT, arm_of, salt_of
from honeyguide.decisions.messages import Draft, compose
from honeyguide.decisions.policy import Policy
from honeyguide.decisions.propensity import FACTORS, Belief, belief, terms_of
from honeyguide.decisions.situation import CHANNELS, WAIT, WAITING, Action, Situation
from honeyguide.decisions.value import net_value, price_of
from honeyguide.decisions.why import reason
from honeyguide.programs import Offer, Playbook


class Judged(Struct, frozen=True):
    """A decision before it is written. `best` is the ask that was scored: the chosen one, else the most valuable."""

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

    @property
    def asks(self) -> bool:
        """Is somebody to be asked? Never in the holdout."""
        return self.arm != HOLDOUT and self.choice.action != WAIT


def judge(situation: Situation, policy: Policy, playbook: Playbook) -> Judged:
    """Decide. The same situation and policy give the same decision, to the last bit."""
    look = situation.looks + 1
    ident = content_id("decision", str(situation.workspace_id), str(situation.moment.id), str(look))
    candidates = candidates_of(situation, playbook)
    legal, blocked, drafts = _legal(situation, candidates)
    features = shared_features(situation)
    context = Context(features, situation.group.slug, seed_of(ident))
    choice = choose(Strategy(policy.params), context, legal, policy.params.floor)
    values = {a.key: expected_value(a, situation.group.slug, features, policy) for a in candidates}
    by_key = {a.key: a for a in candidates}
    allowed = [a for a in legal if a.key != WAIT]
    best = by_key.get(choice.action) or max(allowed or candidates, key=lambda a: (values[a.key], a.key))
    row = action_features(features, best)
    score = belief(terms_of(policy.params.factors["share"], row))
    arm = arm_of(salt_of(situation.workspace_id), situation.cluster, policy.params.holdout_bp)
    return Judged(
        id=ident,
        situation=situation,
        look=look,
        seed=context.seed,
        arm=arm,
        choice=choice,
        best=best,
        legal=legal,
        blocked=blocked,
        context=context_of(situation, features, look),
        expected=_expected(best, row, policy, values),
        score=score,
        reason=reason(situation, choice.action, arm, blocked),
        message=drafts.get(choice.action),
    )


def candidates_of(situation: Situation, playbook: Playbook) -> list[Action]:
    """Every offer of the group over every channel, in the playbook's tone; in a fixed order."""
    tone = tone_of(situation, playbook)
    return [action_of(offer, channel, tone) for offer in situation.offers for channel in CHANNELS]


def action_of(offer: Offer, channel: str, tone: str) -> Action:
    """An offer over a channel."""
    return Action(
        offer.slug, offer.id, channel, tone, offer.label, offer.incentive, offer.amount_minor, offer.rate_bp,
        offer.cap_minor, offer.currency,
    )  # fmt: skip


def _legal(
    situation: Situation, candidates: list[Action]
) -> tuple[tuple[Action, ...], tuple[tuple[str, str], ...], dict[str, Draft]]:
    legal: list[Action] = []
    blocked: list[tuple[str, str]] = []
    drafts: dict[str, Draft] = {}
    refusals = {channel: guardrails.blocked(situation, channel) for channel in CHANNELS}
    for action in candidates:
        refusal = refusals[action.channel]
        if refusal is None:
            written = compose(situation, action)
            if isinstance(written, Draft):
                legal.append(action)
                drafts[action.key] = written
                continue
            refusal = written
        blocked.append((action.key, refusal))
    return (*legal, WAITING), tuple(blocked), drafts


def expected_value(action: Action, group: str, features: dict[str, float], policy: Policy) -> float:
    """The value of an action at the means of its factors, in minor units."""
    row = action_features(features, action)
    means = [belief(terms_of(policy.params.factors[name], row)).mean for name in FACTORS]
    return net_value(price_of(action, group, policy.params.economics), *means)


def _expected(best: Action, row: dict[str, float], policy: Policy, values: dict[str, float]) -> dict[str, Any]:
    beliefs = {name: belief(terms_of(policy.params.factors[name], row)) for name in FACTORS}
    return {
        "action": best.key,
        "value_minor": round(values[best.key]),
        "currency": best.currency,
        "values_minor": {key: round(value) for key, value in values.items()},
        **{name: [round(b.mean, 6), round(b.low, 6), round(b.high, 6)] for name, b in beliefs.items()},
    }


def context_of(situation: Situation, features: dict[str, float], look: int) -> dict[str, Any]:
    """What is logged with the decision: features, and who and what they came from, as known at that time."""
    person, firm, moment = situation.person, situation.firm, situation.moment
    return {
        "schema": SCHEMA,
        "look": look,
        "features": features,
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
