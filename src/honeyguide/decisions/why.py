"""Why this person, in words and in log-odds: only what the data and the playbook hold."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import erf, exp, sqrt
from typing import Any

from msgspec import Struct

from honeyguide.core.terms import Evidence
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.policy import Params
from honeyguide.decisions.propensity import BASE, Term, terms_of
from honeyguide.decisions.situation import WAIT, Situation

PLAYBOOK, TRAINING = "playbook", "training"
_LEAST = 0.005
_KINDS = {
    "support_success": "Support success",
    "purchase_euphoria": "Fresh purchase",
    "product_milestone": "Product milestone",
}
_LABELS = {
    "strength": "Strength of the moment",
    "staleness": "Time since the moment",
    "past_asks": "Asked before",
    "praised": "Praised us",
    "complained": "Complained",
    "power_user": "Power user",
    "referred": "Referred somebody before",
    "tenure": "Known to us for long",
    "fresh": "Freshness of the moment",
    "glow": "Earlier moments",
    "worn": "Asked lately",
    "misses": "Asked without a referral",
    "leaning": "What their asks brought, against what was expected",
    "neighbours": "People nearby who referred or bought",
    "lift": "What the playbook step expects",
    "challenger": "What the nightly model expects",
}
_DIMENSIONS = {
    "group": "Group", "seniority": "Seniority", "offer": "Offer", "tone": "Tone", "channel": "Channel",
    "segment": "Segment", "vertical": "Vertical", "stage": "Stage", "incentive": "Incentive", "size": "Size",
    "length": "Length",
}  # fmt: skip


_NUMBERS: dict[str, Callable[[float], str]] = {
    "staleness": lambda x: f"{x:.1f} half-lives of the moment have passed",
    "glow": lambda x: f"{x:.2f} of the strength of earlier moments is left",
    "worn": lambda x: f"{x:.1f} recent asks, each halving in 45 days",
    "misses": lambda x: f"{x:.0f} asks brought nobody",
    "leaning": lambda x: f"taken for {exp(x):.2f} times as willing as others like them",
    "neighbours": lambda x: f"{2**x - 1:.0f} people nearby referred or bought",
}


class Why(Struct, frozen=True):
    """One contribution to the log-odds of sharing, against the playbook's base rate."""

    label: str
    detail: str
    contribution: float
    evidence: Evidence


def contributions(context: Mapping[str, Any], row: Mapping[str, float], params: Params) -> list[Why]:
    """What moved P(share) away from the base rate: what the data shows first, then what the playbook assumes, each the
    largest first. `row` holds the features of the scored action.
    """
    found = []
    for term in terms_of(params.factors["share"], row):
        shift = term.x * term.mean
        if term.name != BASE and abs(shift) >= _LEAST:
            found.append(
                Why(label_of(term.name), _detail(term, context), round(shift, 3), _evidence(term, context, params))
            )
    return sorted(found, key=lambda w: (w.evidence.source == PLAYBOOK, -abs(w.contribution), w.label))


def learned(context: Mapping[str, Any], terms: Sequence[Mapping[str, Any]], trained: str, params: Params) -> list[Why]:
    """What moved P(share) of a brain's decision, from the coefficients that were logged with it.

    `trained` names the training they come from; empty while they are the playbook's.
    """
    found = []
    for one in terms:
        term = Term(str(one["name"]), float(one["x"]), float(one["mean"]), float(one["sd"]))
        shift = term.x * term.mean
        if term.name == BASE or abs(shift) < _LEAST:
            continue
        shown = Term(_of_playbook(term.name), term.x, term.mean, term.sd)
        evidence = _evidence(shown, context, params)
        if trained and evidence.source == PLAYBOOK:
            evidence = Evidence(
                source=TRAINING, record=f"{trained}: share, {term.name}", quote="", inferrer=trained,
                confidence=round(_sign_certainty(term), 3),
            )  # fmt: skip
        found.append(Why(label_of(term.name), _detail(shown, context), round(shift, 3), evidence))
    return sorted(found, key=lambda w: (w.evidence.source in (PLAYBOOK, TRAINING), -abs(w.contribution), w.label))


def _of_playbook(name: str) -> str:
    """A coefficient of the brain by the name the playbook has for it."""
    return "*".join("moment:" + p[5:] if p.startswith("kind:") else p for p in name.split("*"))


def label_of(name: str) -> str:
    """A feature's name for people."""
    if "*" in name:
        return " and ".join(label_of(part) for part in name.split("*"))
    dimension, _, value = name.partition(":")
    if dimension == "offer":
        value = value.rpartition("/")[2]
    if dimension in ("moment", "kind"):
        return _KINDS.get(value, value.replace("_", " ").capitalize())
    if value:
        return f"{_DIMENSIONS.get(dimension, dimension)}: {value.replace('_', ' ')}"
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def _detail(term: Term, context: Mapping[str, Any]) -> str:
    moment, persona = context["moment"], context.get("persona") or {}
    name = term.name
    if name.startswith("moment:") and "*" not in name:
        return str(moment["title"])
    if name == "strength":
        return f"Strength {moment['strength']:.2f} of 1"
    if name in _NUMBERS:
        return _NUMBERS[name](term.x)
    if name == "past_asks":
        return f"{context['past_asks']} earlier asks"
    if name == "tenure":
        return f"First seen {str(persona.get('first_seen_at'))[:10]}"
    if name.startswith("seniority:") and "*" not in name:
        return str(persona.get("title") or "")
    if name.startswith("group:") and "*" not in name:
        return str(context.get("group_reason") or "")
    known = context.get("evidence", {}).get(name)
    return (
        f"Seen in {known['record']}"
        if known and known.get("record")
        else "Assumed by the playbook, not yet measured here"
    )


def _evidence(term: Term, context: Mapping[str, Any], params: Params) -> Evidence:
    known = context.get("evidence", {}).get(term.name)
    if known:
        return Evidence(
            source=str(known.get("source", "")),
            record=str(known.get("record", "")),
            quote=str(known.get("quote", "")),
            inferrer=str(known.get("inferrer", "")),
            confidence=float(known.get("confidence", 0.0)),
            event_id=str(known.get("event_id", "")),
            at=str(known.get("at", "")),
        )
    return Evidence(
        source=PLAYBOOK,
        record=f"{params.library}, version {params.playbook_version}: share, {term.name}",
        quote="",
        inferrer=f"playbook-prior/{params.playbook_version}",
        confidence=round(_sign_certainty(term), 3),
    )


def _sign_certainty(term: Term) -> float:
    """How sure the playbook is that the effect has this sign: the normal distribution function of |mean| / sd."""
    return 0.5 * (1 + erf(abs(term.mean) / term.sd / sqrt(2))) if term.sd > 0 else 1.0


def reason(situation: Situation, action: str, arm: str, blocked: Sequence[tuple[str, str]]) -> str:
    """The decision in one or two sentences, from facts only."""
    moment = situation.moment
    head = f"{moment.title}, {ago(moment.occurred_at, situation.now)}."
    if action == WAIT:
        refusals = list(dict.fromkeys(why for _, why in blocked))
        return (
            f"{head} {refusals[0] if refusals else 'Waiting was drawn: worth more, or a small share of exploration.'}"
        )
    if arm == HOLDOUT:
        return f"{head} Held out for good, so that what asking causes can be measured."
    past = situation.contacts.ever
    asked = "Never asked before." if past == 0 else f"Asked {'once' if past == 1 else f'{past} times'} before."
    return f"{head} {situation.group.reason} {asked}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, for people."""
    hours = (now - then).total_seconds() / 3600
    if hours < 1:
        return "within the last hour"
    if hours < 36:
        return f"{round(hours)} hour{'s' if round(hours) != 1 else ''} ago"
    days = round(hours / 24)
    return f"{days} days ago"
