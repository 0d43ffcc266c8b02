"""The decision itself, as a pure function: situations + policy -> legal actions, distribution, action, score, draft.

Many situations are judged in one go, because a brain is fastest on many; each is judged as it would be alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from honeyguide.core.ids import content_id, seed_of
from honeyguide.decisions import guardrails, science_choice
from honeyguide.decisions.barring import barred
from honeyguide.decisions.candidates import candidates_of
from honeyguide.decisions.choose import Choice, choose
from honeyguide.decisions.expert import Context
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.features import action_features, evidence_by_feature, shared_features
from honeyguide.decisions.hearing import Panel, hear
from honeyguide.decisions.holdout import HOLDOUT, arm_of, salt_of
from honeyguide.decisions.judged import THINNED, Judged, context_of, expected_of
from honeyguide.decisions.messages import Draft, compose
from honeyguide.decisions.policy import BRAIN, Policy
from honeyguide.decisions.propensity import FACTORS, Belief, belief, terms_of
from honeyguide.decisions.science import Described, describe, round_seed
from honeyguide.decisions.science_choice import Asked, Ready, ready
from honeyguide.decisions.situation import CHANNELS, WAIT, WAITING, Action, Situation
from honeyguide.decisions.value import net_value, price_of
from honeyguide.decisions.why import reason
from honeyguide.programs import Playbook


class Prepared(Struct, frozen=True):
    """A situation before a policy looks at it: what could be done, what is legal, what is refused and why."""

    situation: Situation
    id: UUID
    candidates: list[Action]
    legal: tuple[Action, ...]
    blocked: tuple[tuple[str, str], ...]
    features: dict[str, float]
    described: Described

    @property
    def group(self) -> str:
        """The slug of the group its offers are for."""
        return self.situation.group.slug

    @property
    def asks(self) -> tuple[Action, ...]:
        """The legal actions but waiting."""
        return self.legal[:-1]


class Chosen(Struct, frozen=True):
    """What the policy drew, and the expected value of each candidate in minor units."""

    choice: Choice
    values: dict[str, float]
    deferred: bool = False
    least: float = 0.0
    experts: list[dict[str, Any]] = []
    put_to: Context | None = None
    factors: dict[str, Belief] | None = None
    factors_of: str = ""


def judge(situation: Situation, policy: Policy, playbook: Playbook, convened: Panel | None = None) -> Judged:
    """Decide. The same situation, policy and panel give the same decision, to the last bit."""
    return judge_many([situation], policy, playbook, convened)[0]


def judge_many(
    found: Sequence[Situation], policy: Policy, playbook: Playbook, convened: Panel | None = None
) -> list[Judged]:
    """Decide about many, each by itself: what one of them is asked does not bear on the others.

    With a panel the experts are heard about every ask, and wherever a challenger has a share of the decisions.
    """
    if policy.kind == BRAIN:
        brain = ready(policy.snapshot)
        prepared = [_known(prepare(s, playbook), brain) for s in found]
        chosen = _by_brain(prepared, brain)
        if convened is not None:
            chosen = [_heard(p, c, policy, brain, convened) for p, c in zip(prepared, chosen, strict=True)]
        return [_with_brain(p, c, policy, brain) for p, c in zip(prepared, chosen, strict=True)]
    prepared = [prepare(s, playbook) for s in found]
    return [_with_factors(p, _by_strategy(p, policy), policy) for p in prepared]


def prepare(situation: Situation, playbook: Playbook) -> Prepared:
    """What could be done about a situation, and what of it is legal; `wait` always is, and comes last."""
    ident = content_id("decision", str(situation.workspace_id), str(situation.moment.id), str(situation.looks + 1))
    candidates = candidates_of(situation, playbook)
    legal, blocked = _legal(situation, candidates)
    return Prepared(situation, ident, candidates, legal, blocked, shared_features(situation), describe(situation))


def _legal(situation: Situation, candidates: list[Action]) -> tuple[tuple[Action, ...], tuple[tuple[str, str], ...]]:
    legal: list[Action] = []
    blocked: list[tuple[str, str]] = []
    refusals = {channel: guardrails.blocked(situation, channel) for channel in CHANNELS}
    stops = dict(situation.stops)
    words: dict[tuple[str, str, str], str] = {}  # what a message lacks does not depend on its channel
    for action in candidates:
        refusal = refusals[action.channel] or barred(situation, action.offer) or stops.get(action.step)
        if refusal is None:
            manner = (action.offer, action.tone, action.length)
            if manner not in words:
                written = compose(situation, action)
                words[manner] = "" if isinstance(written, Draft) else written
            refusal = words[manner]
        if refusal:
            blocked.append((action.key, refusal))
        else:
            legal.append(action)
    return (*legal, WAITING), tuple(blocked)


def _known(prepared: Prepared, brain: Ready) -> Prepared:
    """Without what the snapshot was made before: such an action could be neither valued nor replayed."""
    unknown = {a.key for a in prepared.candidates if brain.places.of(prepared.group, a) is None}
    if not unknown:
        return prepared
    return Prepared(
        prepared.situation, prepared.id, [a for a in prepared.candidates if a.key not in unknown],
        tuple(a for a in prepared.legal if a.key not in unknown), prepared.blocked, prepared.features,
        prepared.described,
    )  # fmt: skip


def _by_brain(prepared: Sequence[Prepared], brain: Ready) -> list[Chosen]:
    values = science_choice.values_of(
        brain, [(p.described, p.group) for p in prepared], [p.candidates for p in prepared]
    )  # fmt: skip
    chosen = [Chosen(Choice(WAIT, 1.0, {WAIT: 1.0}, "Nothing but waiting is allowed."), v) for v in values]
    rounds: dict[int, list[int]] = {}
    for line, one in enumerate(prepared):
        if one.asks:
            rounds.setdefault(round_of(one.situation), []).append(line)
    for seed, lines in rounds.items():
        asked = [asked_of(prepared[line]) for line in lines]
        for line, made in zip(lines, science_choice.decide(brain, asked, seed), strict=True):
            chosen[line] = Chosen(made.choice, values[line], made.deferred, made.least)
    return chosen


def _heard(prepared: Prepared, chosen: Chosen, policy: Policy, brain: Ready, convened: Panel) -> Chosen:
    """The choice after the panel was heard; without a challenger it is the brain's own, to the last bit.

    Waiting is heard about like asking wherever it is logged: a record made of asks alone would be of a chosen few.
    """
    words = prepared.described.words
    shared = len(convened.weights.of(words["segment"], words["stage"])) > 1
    if not prepared.asks or (not shared and _goes_unlogged(prepared, chosen.choice.action)):
        return chosen
    best = _best(prepared, chosen)
    context = _put(prepared, best)
    factors = science_choice.factors_of(brain, prepared.described, prepared.group, best)
    chance = factors["share"].mean
    made = hear(convened, context, prepared.legal, chosen.choice, policy.params, version=str(policy.id), chance=chance)
    deferred = chosen.deferred and made.choice is chosen.choice
    return structs.replace(
        chosen, choice=made.choice, experts=made.experts, put_to=context, deferred=deferred, factors=factors,
        factors_of=best.key,
    )  # fmt: skip


def _goes_unlogged(prepared: Prepared, action: str) -> bool:
    """Is this one of the later looks that leave only their count?"""
    situation = prepared.situation
    again = situation.looks > 0 and prepared.blocked == situation.last_blocked
    return again and action == WAIT and seed_of(prepared.id) % THINNED != 0


def _put(prepared: Prepared, best: Action) -> Context:
    """What experts may look at: closed words, numbers, and the evidence they may cite."""
    described = prepared.described
    words = {k: w for k, w in described.words.items() if k in ("stage", "segment", "vertical", "seniority")}
    shown = [{"id": name, **said} for name, said in sorted(evidence_by_feature(prepared.situation).items())]
    return Context(
        prepared.features, prepared.group, seed_of(prepared.id),
        words | {"moment": prepared.situation.moment.kind, "step": best.step}, described.numbers, shown,
    )  # fmt: skip


def asked_of(prepared: Prepared) -> Asked:
    """The question to the brain."""
    return Asked(prepared.described, prepared.group, tuple(a.key for a in prepared.asks), seed_of(prepared.id))


def round_of(situation: Situation) -> int:
    """The seed of the worlds drawn on the situation's day."""
    return round_seed(situation.workspace_id, f"{situation.now:%Y-%m-%d}")


def _by_strategy(prepared: Prepared, policy: Policy) -> Chosen:
    context = Context(prepared.features, prepared.group, seed_of(prepared.id))
    choice = choose(Strategy(policy.params), context, prepared.legal, policy.params.floor)
    values = {a.key: expected_value(a, prepared.group, prepared.features, policy) for a in prepared.candidates}
    return Chosen(choice, values)


def expected_value(action: Action, group: str, features: dict[str, float], policy: Policy) -> float:
    """The value of an action at the means of the playbook's factors, in minor units."""
    row = action_features(features, action)
    means = [belief(terms_of(policy.params.factors[name], row)).mean for name in FACTORS]
    return net_value(price_of(action, group, policy.params.economics), *means)


def _with_brain(prepared: Prepared, chosen: Chosen, policy: Policy, brain: Ready) -> Judged:
    best = _best(prepared, chosen)
    known = chosen.factors if chosen.factors_of == best.key else None
    factors = known or science_choice.factors_of(brain, prepared.described, prepared.group, best)
    terms = science_choice.terms_of(brain, prepared.described, prepared.group, best)
    return _judged(prepared, chosen, policy, best, factors, terms)


def _with_factors(prepared: Prepared, chosen: Chosen, policy: Policy) -> Judged:
    best = _best(prepared, chosen)
    row = action_features(prepared.features, best)
    return _judged(
        prepared, chosen, policy, best, {n: belief(terms_of(policy.params.factors[n], row)) for n in FACTORS}
    )


def _best(prepared: Prepared, chosen: Chosen) -> Action:
    """The ask that is scored: the chosen one, else the most valuable legal one, else the most valuable of all."""
    by_key = {a.key: a for a in prepared.candidates}
    if chosen.choice.action in by_key:
        return by_key[chosen.choice.action]
    return max(prepared.asks or prepared.candidates, key=lambda a: (chosen.values[a.key], a.key), default=WAITING)


def _judged(
    prepared: Prepared, chosen: Chosen, policy: Policy, best: Action, factors: dict[str, Belief],
    terms: list[dict[str, Any]] | None = None,
) -> Judged:  # fmt: skip
    situation, choice = prepared.situation, chosen.choice
    arm = arm_of(salt_of(situation.workspace_id), situation.cluster, policy.params.holdout_bp)
    written = compose(situation, best) if choice.action != WAIT else ""
    return Judged(
        id=prepared.id,
        situation=situation,
        look=situation.looks + 1,
        seed=seed_of(prepared.id),
        arm=arm,
        choice=choice,
        best=best,
        legal=prepared.legal,
        blocked=prepared.blocked,
        context=context_of(
            situation, prepared.features, prepared.described, round_of(situation), chosen.least, chosen.experts
        ),
        expected=expected_of(best, factors, chosen.values, terms),
        score=factors["share"],
        reason=_reason(prepared, chosen, arm),
        message=written if isinstance(written, Draft) else None,
        deferred=chosen.deferred,
        put_to=chosen.put_to,
    )


def _reason(prepared: Prepared, chosen: Chosen, arm: str) -> str:
    said = reason(prepared.situation, chosen.choice.action, arm, prepared.blocked)
    if chosen.choice.action == WAIT and not prepared.blocked and chosen.choice.reason and arm != HOLDOUT:
        return f"{said.split('. Waiting was drawn')[0]}. {chosen.choice.reason}"
    return said
