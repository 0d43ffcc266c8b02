"""The step that applies where no playbook says more: every offer of the group, in the tone the program's playbook chooses."""

from msgspec import Struct


class OfferChoice(Struct, frozen=True):
    """An incentive in the sizes that may be tried."""

    incentive: str
    sizes: list[str]


class Lift(Struct, frozen=True):
    """The share of the asked who are expected to pass their link on because they were asked."""

    mean: float
    low: float
    high: float


class Step(Struct, frozen=True):
    """A step of a playbook, as far as decisions need it."""

    slug: str
    title: str
    offers: list[OfferChoice]
    tones: list[str]
    lengths: list[str]
    channels: list[str]
    lift: Lift | None = None
