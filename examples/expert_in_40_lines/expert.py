"""Thank-you first: whoever was just helped is offered the smallest thing, in few words; everybody else may wait."""

from collections.abc import Sequence

from honeyguide.decisions.expert import Context, Proposal
from honeyguide.decisions.situation import WAIT, Action

GLAD = {"support_success": 0.8, "praise": 0.9, "survey_promoter": 0.7}


class ThankYouFirst:
    """Asks small and short after help or praise."""

    name = "thank-you-first"
    version = "1"

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        asks = [a for a in legal if a.key != WAIT]
        glad = GLAD.get(context.words.get("moment", ""), 0.1)
        if not asks:
            return Proposal({WAIT: 1.0}, "There is nobody to ask.")
        worth = {a.key: 2.0 if a.tone == "brief" else 1.0 for a in asks}
        small = min(a.amount_minor for a in asks)
        worth |= {a.key: 2 * worth[a.key] for a in asks if a.amount_minor == small}
        total = sum(worth.values())
        chosen = {key: glad * value / total for key, value in worth.items()} | {WAIT: 1 - glad}
        moment = context.words.get("moment", "this moment").replace("_", " ")
        reason = f"After {moment} I would ask {round(100 * glad)} of 100 people."
        return Proposal(chosen, reason, chance=0.25 * glad)
