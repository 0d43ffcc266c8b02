"""The beliefs of a program: what experience says of shares, leads, wins and opt-outs before any data of this workspace.

What to do at which moment is in `programs.playbooks`; the words are in `decisions.messages`.

Beliefs are additive log-odds per factor (share, qualify, win, opt_out) over features of the form `dimension:value`
(`moment:support_success`, `group:partner`, `seniority:vp`, `offer:gift_card`, `tone:warm`) or a pair joined by `*`
(`moment:support_success*seniority:individual`). So one table gives the prior of every combination of
moment kind x group x seniority x offer x tone, without a cell for each.
"""

from typing import Literal

from msgspec import Struct, field

FACTORS: tuple[Literal["share", "qualify", "win", "opt_out"], ...] = ("share", "qualify", "win", "opt_out")
TONES = ("brief", "warm", "partner", "enthusiastic", "formal")


class Effect(Struct, frozen=True, forbid_unknown_fields=True):
    """Prior of one coefficient: mean in log-odds and its standard deviation (how unsure the playbook is)."""

    mean: float
    sd: float


class Factor(Struct, frozen=True, forbid_unknown_fields=True):
    """The prior of one factor: a base (probability), and shifts of log-odds by feature."""

    base: float
    base_sd: float
    effects: dict[str, Effect] = field(default_factory=dict)


class Economics(Struct, frozen=True, forbid_unknown_fields=True):
    """What things are worth and cost, in minor units of the program's currency.

    `margin_minor` and `first_year_minor` per group: of one referred customer won through an advocate of that group.
    `goodwill_minor` per group: what an advocate who opts out is worth to us. `contact_minor`: one message.
    `organic_minor`: what the same person would have brought without being asked, per ask.
    """

    margin_minor: dict[str, int]
    first_year_minor: dict[str, int]
    goodwill_minor: dict[str, int]
    contact_minor: int
    organic_minor: int
    cost_minor: dict[str, int] = field(default_factory=dict)


class Playbook(Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the beliefs. `tone` maps `group:x` or `seniority:x` to a tone, first match in that order."""

    version: int
    factors: dict[str, Factor]
    economics: Economics
    tone: dict[str, str]


def offer_key(slug: str) -> str:
    """The feature value of an offer: its slug in snake case."""
    return slug.replace("-", "_")
