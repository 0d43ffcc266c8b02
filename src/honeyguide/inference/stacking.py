"""Several tiers' answers to one question as one probability: a weighted sum of log-odds against an even prior.

`score(label) = damp * sum over tiers of weight * (ln p(label) - ln 1/n)`, then softmax. One answer alone comes out as
it went in. All tiers read the same words, so they are no independent witnesses: with several the sum is damped. A small
local model adds half a voice (it is worth its cost as one more feature, not as a judge); a person is the last word.
"""

import math
from collections.abc import Mapping, Sequence

from honeyguide.inference.contract import Answer
from honeyguide.inference.port import Tier

WEIGHT: dict[Tier, float] = {
    "rule": 0.9, "statistic": 1.0, "embedding": 1.0, "local_model": 0.5, "hosted_model": 1.2, "person": 1.0,
}  # fmt: skip
RANK: dict[Tier, int] = {
    "rule": 0, "statistic": 1, "embedding": 2, "local_model": 3, "hosted_model": 4, "person": 5,
}  # fmt: skip
LANGUAGE_MODELS: frozenset[Tier] = frozenset({"local_model", "hosted_model"})
DAMP = 0.85
_LEAST, _MOST = 0.002, 0.985


def combine(options: Sequence[str], answers: Sequence[Answer]) -> dict[str, float]:
    """The probability of every option. With no answer all are alike; a person's answer stands by itself."""
    answers = [a for a in answers if a.probs]  # one that was refused says nothing
    people = [a for a in answers if a.tier == "person"]
    if people:
        return _bounded({o: people[-1].probs.get(o, 0.0) for o in options})
    if not answers:
        return {o: 1 / len(options) for o in options}
    alone = len(answers) == 1
    even = math.log(1 / len(options))
    scores = {
        o: math.fsum(
            (1.0 if alone else DAMP * WEIGHT[a.tier]) * (math.log(max(_LEAST, a.probs.get(o, 0.0))) - even)
            for a in sorted(answers, key=lambda a: (RANK[a.tier], a.provider, a.model))
        )
        for o in options
    }
    return _bounded(softmax(scores))


def softmax(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores as probabilities."""
    most = max(scores.values())
    raised = {k: math.exp(s - most) for k, s in scores.items()}
    total = math.fsum(raised.values())
    return {k: r / total for k, r in raised.items()}


def _bounded(probs: Mapping[str, float]) -> dict[str, float]:
    """No reading of words is surer than `_MOST`, none rules anything out: mixed with the even distribution as needed."""
    total = math.fsum(max(_LEAST, p) for p in probs.values())
    return tempered({k: max(_LEAST, p) / total for k, p in probs.items()}, _MOST)


def tempered(probs: Mapping[str, float], most: float) -> dict[str, float]:
    """The same order of labels, with nothing above `most`."""
    top, even = max(probs.values()), 1 / len(probs)
    if top <= most:
        return dict(probs)
    kept = (most - even) / (top - even)
    return {k: kept * p + (1 - kept) * even for k, p in probs.items()}


def shrunk(probs: Mapping[str, float], factor: float) -> dict[str, float]:
    """The same with less confidence: every log-probability times `factor` (below 1)."""
    return softmax({k: factor * math.log(max(_LEAST, p)) for k, p in probs.items()})
