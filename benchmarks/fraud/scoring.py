"""How a judge did in the fraud benchmark: precision, recall, false holds, recall of every kind, bounds of what chance allows."""

from collections import Counter
from collections.abc import Iterable
from math import sqrt
from typing import Any, Protocol

from msgspec import Struct

from benchmarks.fraud.honest import COLLEAGUES
from benchmarks.fraud.world import Truth

BARS = {"precision": 0.95, "recall": 0.90, "false_holds_on_colleagues": 0.005, "ms_per_referral": 100.0}


class Judgement(Protocol):
    """What a judge says of a referral."""

    @property
    def referral(self) -> int: ...
    @property
    def suspicious(self) -> bool: ...
    @property
    def probability(self) -> float: ...
    @property
    def reason(self) -> str: ...


class Tally(Struct):
    """Counts over one or several worlds."""

    held: Counter[str]
    seen: Counter[str]
    fraud_kinds: set[str]
    brier: float = 0.0

    def share(self, kinds: Iterable[str]) -> tuple[int, int]:
        """Held and seen of some kinds."""
        return sum(self.held[k] for k in kinds), sum(self.seen[k] for k in kinds)


def empty() -> Tally:
    """No world yet."""
    return Tally(Counter(), Counter(), set())


def add(tally: Tally, truth: Truth, judged: Iterable[Judgement]) -> None:
    """One world's judgements. Every referral must be judged exactly once, and every suspicion says why."""
    left = set(truth.fraud)
    for one in judged:
        if one.referral not in left:
            raise ValueError(f"Referral {one.referral} is not of this world, or was judged twice")
        if not 0 <= one.probability <= 1 or (one.suspicious and not one.reason.strip()):
            raise ValueError(f"Referral {one.referral}: a probability is between 0 and 1, and a suspicion has a reason")
        left.discard(one.referral)
        kind, fraud = truth.kind[one.referral], truth.fraud[one.referral]
        tally.seen[kind] += 1
        tally.held[kind] += one.suspicious
        tally.brier += (one.probability - fraud) ** 2
        if fraud:
            tally.fraud_kinds.add(kind)
    if left:
        raise ValueError(f"{len(left)} referrals were not judged")


def result(tally: Tally, ms: float) -> dict[str, Any]:
    """The figures; shares of honest people with the upper end of a 95 % interval."""
    honest = sorted(set(tally.seen) - tally.fraud_kinds)
    caught, frauds = tally.share(tally.fraud_kinds)
    wrong, honests = tally.share(honest)
    bothered, colleagues = tally.share(COLLEAGUES)
    found = {
        "referrals": frauds + honests, "frauds": frauds, "colleagues": colleagues,
        "precision": round(caught / max(1, caught + wrong), 4), "recall": round(caught / max(1, frauds), 4),
        "false_holds_on_colleagues": round(bothered / max(1, colleagues), 5),
        "false_holds_on_colleagues_at_most": round(upper(bothered, colleagues), 5),
        "false_holds_on_honest": round(wrong / max(1, honests), 5), "ms_per_referral": round(ms, 3),
        "brier": round(tally.brier / max(1, frauds + honests), 4),
        "recall_by_kind": {k: round(tally.held[k] / tally.seen[k], 3) for k in sorted(tally.fraud_kinds)},
        "false_holds_by_kind": {k: round(tally.held[k] / tally.seen[k], 4) for k in honest},
    }  # fmt: skip
    return found | {"holds": holds(found)}


def holds(found: dict[str, Any]) -> dict[str, bool]:
    """Which bars hold."""
    least = ("precision", "recall")
    return {bar: found[bar] >= at if bar in least else found[bar] <= at for bar, at in BARS.items()}


def upper(hits: int, of: int) -> float:
    """The upper end of Wilson's interval of a share."""
    if not of:
        return 1.0
    z, p = 1.96, hits / of
    return (p + z * z / (2 * of) + z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))) / (1 + z * z / of)
