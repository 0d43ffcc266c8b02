"""The port of an expert: it sees the context and the legal actions and answers with a distribution and its reasons.

An expert never sees an action the guardrails refused, never writes, and is deterministic given the context (its seed
included), so that every decision can be replayed. What comes back is checked by `decisions.panel` before anybody uses it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct, field

from honeyguide.decisions.situation import Action


class Context(Struct, frozen=True):
    """What an expert may look at: named features, the group and the seed of this decision.

    `words`: closed labels of the situation (`stage`, `segment`, `vertical`, `seniority`, `moment`, `step`); `numbers`: what
    is counted or measured. Neither holds a name, an address or anything a customer wrote. `evidence`: what may be cited,
    each with an `id` of its own.
    """

    features: Mapping[str, float]
    group: str
    seed: int
    words: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] = ()


class Proposal(Struct, frozen=True):
    """Probabilities by action key (non-negative, summing to 1), why, and what shows it.

    `evidence`: `{"id": ...}` cites a piece of the context's evidence, `{"source": "expert:<own name>", ...}` a line of
    the expert's own tables; anything else is dropped. `chance`: how likely the person shares if the favourite action is
    taken, when the expert forecasts that (it is scored by it); None when not.
    """

    distribution: dict[str, float]
    reason: str
    evidence: list[dict[str, Any]] = field(default_factory=list)
    chance: float | None = None


@runtime_checkable
class Expert(Protocol):
    """Proposes a distribution over the legal actions. Anybody's expert is tested by `decisions.conformance`."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """A distribution over exactly the keys of `legal`."""
        ...
