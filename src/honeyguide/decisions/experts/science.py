"""The science expert: the models' own proposal, made by the policy that runs and handed in as it is."""

from collections.abc import Mapping, Sequence

from honeyguide.decisions.expert import Context, Proposal
from honeyguide.decisions.situation import Action


class Science:
    """Carries the distribution of the learned policy; its version is the policy's."""

    name = "science"

    def __init__(
        self, distribution: Mapping[str, float], *, version: str, reason: str = "", chance: float | None = None
    ) -> None:
        self.version = version
        self._distribution, self._reason, self._chance = dict(distribution), reason, chance

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """The distribution it was given."""
        kept = {a.key: self._distribution.get(a.key, 0.0) for a in legal}
        best = max(kept, key=lambda key: kept[key])
        said = self._reason or f"The models find {best} best in {100 * kept[best]:.0f} of 100 drawn worlds."
        return Proposal(kept, said, chance=self._chance)
