"""What a playbook is made of: values only, and nothing in them is code.

A playbook is one cell of stage x segment x vertical. Its steps say at which moments, to whom, with which offers, words
and channels, how often, and what ends it; and what the authors expect of it, with where that expectation comes from.
"""

from typing import Literal, get_args

from msgspec import Struct, field

from honeyguide.programs.journey import Segment, Stage, Vertical
from honeyguide.programs.terms import Incentive, Op, Size

Kind = Literal[
    "purchase_euphoria", "support_success", "product_milestone", "renewal", "praise", "survey_promoter", "usage_spike",
    "anniversary", "job_change",
]  # fmt: skip
Tone = Literal["brief", "warm", "partner", "enthusiastic", "formal"]
Length = Literal["short", "full"]
Channel = Literal["email", "inapp"]
StepFact = Literal[
    "segment", "plan", "industry", "country", "employees", "partner", "seniority", "strength", "praised", "complained",
    "referred", "power_user", "past_asks", "asks_without_share", "days_since_ask", "asks_this_year", "tenure_years",
]  # fmt: skip
StopWhen = Literal["shared", "opted_out", "complaint", "incident", "window_over", "asks_without_share", "left_company"]
Layer = Literal["general", "stage", "segment", "vertical", "workspace"]

KINDS: tuple[Kind, ...] = get_args(Kind)
TONES: tuple[Tone, ...] = get_args(Tone)
LENGTHS: tuple[Length, ...] = get_args(Length)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
STEP_FACTS: tuple[StepFact, ...] = get_args(StepFact)
LAYERS: tuple[Layer, ...] = get_args(Layer)


class StepCondition(Struct, frozen=True, forbid_unknown_fields=True):
    """One comparison with a fact about the company, the person or the moment. Text is compared without regard to case."""

    fact: StepFact
    op: Op
    value: str | int | float | bool | list[str]


class Audience(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a step is for: every condition of `all`, and at least one of `any` if there are some. Empty: everybody."""

    all: list[StepCondition] = field(default_factory=list)
    any: list[StepCondition] = field(default_factory=list)


class OfferChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """An incentive in the sizes that may be tried, the preferred one first."""

    incentive: Incentive
    sizes: list[Size]


class Cadence(Struct, frozen=True, forbid_unknown_fields=True):
    """At most one ask of this step in `gap_days`, and `per_year` in 365 days; never looser than the contact budget."""

    gap_days: int
    per_year: int


class FollowUp(Struct, frozen=True, forbid_unknown_fields=True):
    """A reminder `after_days` without an answer, at most `most` of them."""

    after_days: int
    tone: Tone
    channel: Channel
    most: int = 1


class Stop(Struct, frozen=True, forbid_unknown_fields=True):
    """What ends a step for a person. `n` counts asks, only for `asks_without_share`."""

    when: StopWhen
    n: int = 0


class Lift(Struct, frozen=True, forbid_unknown_fields=True):
    """Of the people asked at this step, which share we expect to pass their link on because they were asked.

    `low` and `high` are a central 90 % interval. `source` is a key of `library/sources.yaml` or words of one's own; the
    shipped figures are beliefs of the authors, not measurements, and their intervals are wide for that reason.
    """

    mean: float
    low: float
    high: float
    source: str = "belief"


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `layer` says how specific it is: a step of the segment goes before one of the stage, and so on."""

    slug: str
    title: str
    moments: list[Kind]
    offers: list[OfferChoice]
    tones: list[Tone]
    lengths: list[Length]
    channels: list[Channel]
    cadence: Cadence
    lift: Lift
    audience: Audience = field(default_factory=Audience)
    follow_up: FollowUp | None = None
    stop: list[Stop] = field(default_factory=list)
    why: str = ""
    layer: Layer = "general"


class Origin(Struct, frozen=True):
    """Where a part of a step comes from: the file of the library (or the workspace), the fields it set, and why."""

    where: str
    fields: tuple[str, ...]
    because: str = ""


class Playbook(Struct, frozen=True):
    """The steps of one cell. Version 0 is the library's; a workspace's own versions count from 1."""

    slug: str
    stage: Stage
    segment: Segment
    vertical: Vertical
    goal: str
    version: int
    steps: list[Step]
    provenance: dict[str, list[Origin]] = field(default_factory=dict)


def slug_of(stage: Stage, segment: Segment, vertical: Vertical) -> str:
    """The name of a cell in addresses: `renewal-mid-market-fintech`."""
    return f"{stage}-{segment.replace('_', '-')}-{vertical}"
