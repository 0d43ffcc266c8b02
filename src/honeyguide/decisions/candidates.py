"""What could be done about a moment: the offers of its playbook steps, in their tones and lengths, over their channels."""

from collections.abc import Iterator

from honeyguide.decisions.features import tone_of
from honeyguide.decisions.general_step import Step
from honeyguide.decisions.science import size_of
from honeyguide.decisions.situation import CHANNELS, Action, Situation
from honeyguide.programs import Offer, Playbook

MOST = 32


def candidates_of(situation: Situation, playbook: Playbook) -> list[Action]:
    """The actions of the matching steps, at most `MOST`, in a fixed order: what a step prefers comes first.

    Of actions that several steps suggest the most specific step's counts. Where there are too many, every offer and
    channel stays before any gets a second tone or length.
    """
    found = _of_steps(situation, situation.steps) or _of_steps(situation, (general(situation, playbook),))
    ranked = sorted(found.values(), key=lambda one: one[0])
    return [action for _, action in ranked[:MOST]]


def _of_steps(situation: Situation, steps: tuple[Step, ...]) -> dict[str, tuple[tuple[int, ...], Action]]:
    found: dict[str, tuple[tuple[int, ...], Action]] = {}
    for rank, step in enumerate(steps):
        for order, action in _of_step(step, situation.offers):
            if action.key not in found:
                found[action.key] = ((order[0], rank, *order[1:]), action)
    return found


def general(situation: Situation, playbook: Playbook) -> Step:
    """The step where no playbook says more: every offer of the group, in the tone the program's playbook chooses."""
    return Step("general", "General", [], [tone_of(situation, playbook)], ["short"], list(CHANNELS))


def _of_step(step: Step, offers: tuple[Offer, ...]) -> Iterator[tuple[tuple[int, ...], Action]]:
    allowed = {c.incentive: c.sizes for c in step.offers}
    fitting = [o for o in offers if not allowed or size_of(o) in allowed.get(o.incentive, ())]
    for t, tone in enumerate(step.tones):
        for n, length in enumerate(step.lengths):
            for o, offer in enumerate(fitting):
                for c, channel in enumerate(step.channels):
                    yield (t + n, t, n, o, c), action_of(offer, channel, tone, length, step.slug)


def action_of(offer: Offer, channel: str, tone: str, length: str = "short", step: str = "") -> Action:
    """An offer in a tone and length over a channel."""
    return Action(
        offer.slug, offer.id, channel, tone, offer.label, offer.incentive, offer.amount_minor, offer.rate_bp,
        offer.cap_minor, offer.currency, step, size_of(offer), length,
    )  # fmt: skip
