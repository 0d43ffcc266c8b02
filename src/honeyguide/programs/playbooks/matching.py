"""Which steps apply: the most specific first, and for every kind of moment at least one."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from honeyguide.programs.journey import Segment, Stage, Vertical
from honeyguide.programs.playbooks.audience import suits
from honeyguide.programs.playbooks.resolve import resolve
from honeyguide.programs.playbooks.step import LAYERS, Playbook, Step, slug_of
from honeyguide.programs.terms import Offer

_RANK = {layer: place for place, layer in enumerate(LAYERS)}


class Playbooks(Struct, frozen=True):
    """What is in force: a workspace's own playbooks by slug, and the library for every other cell."""

    own: Mapping[str, Playbook] = field(default_factory=dict)

    def of(self, stage: Stage, segment: Segment, vertical: Vertical) -> Playbook:
        """The playbook of a cell."""
        return self.own.get(slug_of(stage, segment, vertical)) or resolve(stage, segment, vertical)


LIBRARY = Playbooks()


def steps_for(
    playbooks: Playbooks, stage: Stage, segment: Segment, vertical: Vertical, moment_kind: str, facts: Mapping[str, Any]
) -> list[Step]:
    """The steps for a moment of this kind and somebody with these facts (`audience.STEP_FACTS`), most specific first.

    A step of the workspace goes before one of the vertical, segment, stage; among equals the one with more conditions,
    then the order of the playbook. General steps are the last resort: they answer only where nothing more specific does,
    and the library's general step answers where the playbook in force has none, so the list is never empty for a kind of
    moment we know. Cadence and stop rules are asked separately (`stopped`).
    """
    playbook = playbooks.of(stage, segment, vertical)
    found = matching(playbook, moment_kind, facts)
    return found or matching(resolve(stage, segment, vertical), moment_kind, facts, everybody=True)


def matching(playbook: Playbook, moment_kind: str, facts: Mapping[str, Any], *, everybody: bool = False) -> list[Step]:
    """The steps of one playbook for a moment and somebody; with `everybody` its general steps whatever the facts."""
    of_kind = [s for s in playbook.steps if moment_kind in s.moments]
    if everybody:
        return [s for s in of_kind if s.layer == "general"]
    fitting = [s for s in of_kind if suits(s.audience, facts)]
    special = [s for s in fitting if s.layer != "general"]
    return sorted(special, key=lambda s: (-_RANK[s.layer], -conditions(s))) or fitting


def conditions(step: Step) -> int:
    """How many conditions a step sets."""
    return len(step.audience.all) + bool(step.audience.any)


def offers_for(step: Step, offers: Sequence[Offer]) -> list[Offer]:
    """Of a group's offers those a step allows, in the step's order.

    Where the group has none of them in the wanted sizes, its other sizes of the same incentives; where it has none of
    the incentives either, its medium offers, since terms that were agreed go before a playbook.
    """
    exact = [o for c in step.offers for size in c.sizes for o in offers if (o.incentive, o.size) == (c.incentive, size)]
    near = exact or [o for c in step.offers for o in offers if o.incentive == c.incentive]
    return near or [o for o in offers if o.size == "medium"] or list(offers)
