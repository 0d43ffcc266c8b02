"""The port of an expert: it sees the context and the legal actions and answers with a distribution and its reasons.

An expert never sees an action the guardrails refused, never writes, and is deterministic given the context (its seed
included), so that every decision can be replayed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct, field

from honeyguide.decisions.situation import Action


class Context(Struct, frozen=True):
    """What an expert may look at: named features, the group and the seed of this decision."""

    features: Mapping[str, float]
    group: str
    seed: int


class Proposal(Struct, frozen=True):
    """Probabilities by action key (non-negative, summing to 1), why, and what shows it."""

    distribution: dict[str, float]
    reason: str
    evidence: list[dict[str, Any]] = field(default_factory=list)


@runtime_checkable
class Expert(Protocol):
    """Proposes a distribution over the legal actions. The conformance tests are in tests/unit/decisions."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """A distribution over exactly the keys of `legal`."""
        ...
