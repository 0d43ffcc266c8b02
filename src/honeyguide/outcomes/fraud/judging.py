"""From evidence to a decision: hold when paying a fraud would cost more than making an honest person wait. Pure."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from honeyguide.outcomes.fraud.evidence import Evidence, gather
from honeyguide.outcomes.fraud.known import Known, Surroundings
from honeyguide.outcomes.fraud.weights import Weights
from honeyguide.outcomes.terms import Finding

MOST_SHOWN = 60  # nodes of the picture in the review queue


class Costs(Struct, frozen=True):
    """What mistakes cost, in minor units. `goodwill`: an honest advocate who waits; `review`: a look; `unknown`: the least that is at stake,
    known or not: who is paid once for a fraud comes back.
    """

    goodwill_minor: int = 30_000
    review_minor: int = 1_500
    unknown_minor: int = 20_000
    lost_share_bp: int = 10_000  # of a reward paid to a fraud, what never comes back

    def threshold(self, stake_minor: int) -> float:
        """From which probability on holding costs less than paying: p * stake > review + (1 - p) * goodwill."""
        stake = stake_minor * self.lost_share_bp / 10_000
        return (self.review_minor + self.goodwill_minor) / max(stake + self.goodwill_minor, 1.0)


class Risk(Struct, frozen=True):
    """How probable fraud is, what that would cost, whether to hold, and why. Amounts in minor units."""

    probability: float
    expected_loss_minor: int
    hold: bool
    subgraph: dict[str, Any]
    reasons: tuple[str, ...]
    amounts: dict[str, float]
    threshold: float


def assess(
    web: Surroundings, referral_id: str, weights: Weights, costs: Costs, findings: Sequence[Finding] = ()
) -> Risk:
    """The risk of one referral of the index."""
    known = web.referrals[referral_id]
    evidence = gather(web, referral_id, findings)
    probability = weights.probability(evidence.amounts)
    stake = max(known.amount_minor, costs.unknown_minor)
    threshold = min(costs.threshold(stake), 1.0)
    return Risk(
        probability=probability,
        expected_loss_minor=round(probability * stake * costs.lost_share_bp / 10_000),
        hold=probability > threshold,
        subgraph=picture(known, evidence),
        reasons=_heaviest(evidence, weights),
        amounts=evidence.amounts,
        threshold=threshold,
    )


def _heaviest(evidence: Evidence, weights: Weights) -> tuple[str, ...]:
    return evidence.reasons if weights.probability(evidence.amounts) > weights.probability({}) else ()


def picture(known: Known, evidence: Evidence) -> dict[str, Any]:
    """The part of the graph the decision rests on, for people to see: the ring, or the pair and what it shares."""
    centre = {known.advocate.person, known.friend.person}
    people = centre | set(evidence.ring.members if evidence.ring else ())
    names = {p.person: p.name or p.email for k in evidence.around for p in (k.advocate, k.friend)}
    shown = sorted(people, key=lambda p: (p not in centre, p))[:MOST_SHOWN]
    kept = [e for e in evidence.edges if _touches(e, set(shown))]
    degree: dict[str, int] = {}
    for e in kept:
        for node in {e.a, e.b} - set(shown):
            degree[node] = degree.get(node, 0) + 1
    things = {node for node, n in degree.items() if n > 1}
    nodes = [{"id": p, "kind": "person", "name": names.get(p, ""), "centre": p in centre} for p in shown]
    nodes += [{"id": t, "kind": t.split(":", 1)[0], "name": "", "centre": False} for t in sorted(things)]
    visible = {n["id"] for n in nodes}
    edges = [{"kind": e.kind, "a": e.a, "b": e.b} for e in kept if e.a in visible and e.b in visible]
    return {"shape": evidence.ring.shape if evidence.ring else "pair", "nodes": nodes, "edges": edges}


def _touches(edge: Any, shown: set[str]) -> bool:
    return (edge.a in shown and (edge.b in shown or ":" in edge.b)) or (edge.b in shown and ":" in edge.a)
