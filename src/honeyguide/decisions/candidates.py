"""What could be done about a moment: the offers of its playbook steps, in their tones and lengths, over their channels."""

from collections.abc import Iterator

from honeyguide.decisions.features import tone_of
from honeyguide.decisions.science import size_of
from honeyguide.decisions.situation import CHANNELS, Action, Situation
from honeyguide.programs import Offer, Playbook
from honeyguide.programs.playbooks import Step, offers_for

MOST = 32
Order = tuple[int, ...]


def candidates_of(situation: Situation, playbook: Playbook) -> list[Action]:
    """The actions of the matching steps, at most `MOST`, in a fixed order: what a step prefers comes first.

    Of actions that several steps suggest the most specific step's counts. Where there are too many, every offer and
    channel stays before any gets a second tone or length.
    """
    found: dict[str, tuple[Order, Action]] = {}
    for rank, step in enumerate(situation.steps):
        for order, action in _of_step(step, situation.offers):
            found.setdefault(action.key, ((order[0], rank, *order[1:]), action))
    ranked = sorted(found.values(), key=lambda one: one[0])
    return [action for _, action in ranked[:MOST]] or _general(situation, playbook)


def _general(situation: Situation, playbook: Playbook) -> list[Action]:
    """Where no step is known: every offer of the group, in the tone the program's playbook chooses."""
    tone = tone_of(situation, playbook)
    return [action_of(o, c, tone) for o in situation.offers for c in CHANNELS][:MOST]


def _of_step(step: Step, offers: tuple[Offer, ...]) -> Iterator[tuple[Order, Action]]:
    for t, tone in enumerate(step.tones):
        for n, length in enumerate(step.lengths):
            for o, offer in enumerate(offers_for(step, offers)):
                for c, channel in enumerate(step.channels):
                    yield (t + n, t, n, o, c), action_of(offer, channel, tone, length, step.slug)


def action_of(offer: Offer, channel: str, tone: str, length: str = "short", step: str = "") -> Action:
    """An offer in a tone and length over a channel."""
    return Action(
        offer.slug, offer.id, channel, tone, offer.label, offer.incentive, offer.amount_minor, offer.rate_bp,
        offer.cap_minor, offer.currency, step, size_of(offer), length,
    )  # fmt: skip
