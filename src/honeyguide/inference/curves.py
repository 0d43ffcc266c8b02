"""When asking a better tier is worth its price: the expected value of information.

`EVoI = stake * (expected error now - expected error after) - cost`, all in minutes of a person's time. The expected
error now is one minus the probability of the likeliest label. The expected error after a tier was asked comes from
how that tier fared where a person has had the last word, per range of how sure we were before; until there are such
cases a shipped prior speaks, worth `_PRIOR` cases.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from honeyguide.inference.contract import Question
from honeyguide.inference.port import Tier

# Ranges of the probability before: below .5, .5 to .65, .65 to .8, .8 to .9, above.
EDGES = (0.5, 0.65, 0.8, 0.9)
# Expected error after asking, per range: from facts about small and large models on short business texts.
_SHIPPED: dict[Tier, tuple[float, ...]] = {
    "embedding": (0.36, 0.28, 0.18, 0.10, 0.05),
    "local_model": (0.42, 0.32, 0.21, 0.12, 0.06),
    "hosted_model": (0.17, 0.13, 0.09, 0.06, 0.04),
    "person": (0.05, 0.04, 0.03, 0.03, 0.02),
}
_PRIOR = 40.0
# Cost in minutes of a person: a second of CPU is a hundredth, a unit of money is one.
CPU_SECOND, MONEY_UNIT = 0.01, 1.0


class Curves(Struct, frozen=True):
    """Observed cases per tier and range: (right, wrong)."""

    seen: Mapping[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    @staticmethod
    def of(cases: Iterable[tuple[str, int, bool, int]]) -> "Curves":
        """From (tier, range, right, how often), as the answer log tells them."""
        found: dict[tuple[str, int], tuple[int, int]] = {}
        for tier, bucket, right, n in cases:
            r, w = found.get((tier, bucket), (0, 0))
            found[tier, bucket] = (r + n, w) if right else (r, w + n)
        return Curves(found)

    def error_after(self, tier: Tier, before: float) -> float:
        """The expected error once this tier has been asked, when we were `before` sure; never more than now."""
        bucket = bisect_right(EDGES, before)
        prior = _SHIPPED[tier][bucket] if tier in _SHIPPED else 1 - before
        right, wrong = self.seen.get((tier, bucket), (0, 0))
        return min(1 - before, (prior * _PRIOR + wrong) / (_PRIOR + right + wrong))

    def gain(self, question: Question, tier: Tier, before: float) -> float:
        """What asking is expected to save on one question, before its price."""
        return question.stake * (1 - before - self.error_after(tier, before))


def price(cpu_ms: float, cost_micros: float) -> float:
    """What a call costs, in minutes of a person."""
    return cpu_ms / 1_000 * CPU_SECOND + cost_micros / 1_000_000 * MONEY_UNIT
