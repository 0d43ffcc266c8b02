"""The forms of playbooks in the API: steps as fields to edit and as sentences to read."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import to_builtins
from pydantic import Field, StringConstraints

from honeyguide.programs import playbooks
from honeyguide.programs.journey import SEGMENT_NAMES, STAGE_NAMES, VERTICAL_NAMES, Segment, Stage, Vertical
from honeyguide.programs.playbooks import Channel, Kind, Length, Playbook, Step, Tone
from honeyguide.programs.playbooks.sentences import KIND_WORDS
from honeyguide.programs.playbooks.step import Layer, StepFact, StopWhen
from honeyguide.programs.terms import Incentive, Op, Size
from honeyguide.web.shapes import In, Out

_Line = Annotated[str, StringConstraints(max_length=600, pattern=r"^[^\x00]*$")]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
_Value = str | int | float | bool | list[_Line]


class ConditionForm(In):
    """One comparison with a fact about the company, the person or the moment."""

    fact: StepFact
    op: Op
    value: _Value


class AudienceForm(In):
    """Whom a step is for: all of these, and one of those."""

    all: Annotated[list[ConditionForm], Field(max_length=20, default_factory=list)]
    any: Annotated[list[ConditionForm], Field(max_length=20, default_factory=list)]


class OfferForm(In):
    """An incentive in the sizes that may be tried, the preferred one first."""

    incentive: Incentive
    sizes: Annotated[list[Size], Field(max_length=3)]


class CadenceForm(In):
    """How often one person is asked."""

    gap_days: Annotated[int, Field(ge=0, le=3_650)]
    per_year: Annotated[int, Field(ge=0, le=365)]


class FollowUpForm(In):
    """A reminder."""

    after_days: Annotated[int, Field(ge=0, le=365)]
    tone: Tone
    channel: Channel
    most: Annotated[int, Field(ge=0, le=10)] = 1


class StopForm(In):
    """What ends a step for a person; `n` counts asks."""

    when: StopWhen
    n: Annotated[int, Field(ge=0, le=100)] = 0


class LiftForm(In):
    """Of the people asked, the share expected to pass their link on because of it, with a central 90 % interval."""

    mean: Annotated[float, Field(ge=0, le=1)]
    low: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]
    source: _Line = "belief"


class StepForm(In):
    """A step as it is edited."""

    slug: _Slug
    title: _Line
    moments: Annotated[list[Kind], Field(max_length=20)]
    offers: Annotated[list[OfferForm], Field(max_length=10)]
    tones: Annotated[list[Tone], Field(max_length=10)]
    lengths: Annotated[list[Length], Field(max_length=4)]
    channels: Annotated[list[Channel], Field(max_length=4)]
    cadence: CadenceForm
    lift: LiftForm
    audience: Annotated[AudienceForm, Field(default_factory=lambda: AudienceForm(all=[], any=[]))]
    follow_up: FollowUpForm | None = None
    stop: Annotated[list[StopForm], Field(max_length=20, default_factory=list)]
    why: _Line = ""


class PlaybookForm(In):
    """An edit. `version` is the one it was made from; what is not given stays as it is in that version."""

    version: Annotated[int, Field(ge=0, le=1_000_000)]
    goal: _Line | None = None
    steps: Annotated[list[StepForm], Field(max_length=60)] | None = None
    note: _Line = ""


class SaidOut(Out):
    """A sentence and the fields it stands for."""

    fields: list[str]
    sentence: str


class OriginOut(Out):
    """Where fields of a step come from, and why they were changed there."""

    where: str
    fields: list[str]
    because: str


class LiftOut(Out):
    """An expectation, where it comes from in words, and whether anything was measured."""

    mean: float
    low: float
    high: float
    source: str
    kind: str
    text: str


class StepOut(Out):
    """A step: its fields (as `form` takes them back), its sentences, and where it comes from."""

    slug: str
    title: str
    layer: Layer
    moments: list[str]
    form: StepForm
    sentences: list[SaidOut]
    lift: LiftOut
    provenance: list[OriginOut]


class PlaybookRow(Out):
    """A playbook in the list. `edited`: the workspace has a version of its own. `expected`: the most any of its own steps
    promises, with its interval.
    """

    slug: str
    stage: Stage
    segment: Segment
    vertical: Vertical
    name: str
    goal: str
    version: int
    edited: bool
    steps: int
    own_steps: int
    expected: float
    expected_low: float
    expected_high: float


class VersionOut(Out):
    """A version in the history; 0 is the library's."""

    version: int
    by: str
    at: datetime | None
    note: str
    based_on: int


class WordsOut(Out):
    """What the choices of the form mean, in words."""

    moments: dict[str, str]
    sources: dict[str, str]


class PlaybookOut(PlaybookRow):
    """A playbook whole."""

    all_steps: list[StepOut]
    versions: list[VersionOut]
    words: WordsOut


class DiffOut(Out):
    """What differs, in sentences."""

    slug: str
    before: int
    after: int
    sentences: list[str]


def name_of(playbook: Playbook) -> str:
    """The cell as people call it."""
    parts = [STAGE_NAMES[playbook.stage], SEGMENT_NAMES[playbook.segment]]
    if playbook.vertical != "other":
        parts.append(VERTICAL_NAMES[playbook.vertical])
    return ", ".join(parts)


def row_of(playbook: Playbook, edited: bool) -> PlaybookRow:
    """A playbook as a row."""
    own = [s for s in playbook.steps if s.layer != "general"]
    best = max(own or playbook.steps, key=lambda s: s.lift.mean).lift
    return PlaybookRow(
        slug=playbook.slug, stage=playbook.stage, segment=playbook.segment, vertical=playbook.vertical,
        name=name_of(playbook), goal=playbook.goal, version=playbook.version, edited=edited, steps=len(playbook.steps),
        own_steps=len(own), expected=best.mean, expected_low=best.low, expected_high=best.high,
    )  # fmt: skip


def whole(playbook: Playbook, versions: list[playbooks.Told]) -> PlaybookOut:
    """A playbook with everything about it."""
    row = row_of(playbook, len(versions) > 1)
    return PlaybookOut(
        **row.model_dump(),
        all_steps=[_step(s, playbook) for s in playbook.steps],
        versions=[VersionOut(version=v.version, by=v.by, at=v.at, note=v.note, based_on=v.based_on) for v in versions],
        words=WordsOut(
            moments={str(k): w for k, w in KIND_WORDS.items()},
            sources={k: s.text for k, s in playbooks.sources().items()},
        ),
    )


def _step(step: Step, playbook: Playbook) -> StepOut:
    fields: dict[str, Any] = to_builtins(step)
    fields.pop("layer")
    source = playbooks.sources().get(step.lift.source)
    return StepOut(
        slug=step.slug, title=step.title, layer=step.layer, moments=list(step.moments),
        form=StepForm.model_validate(fields),
        sentences=[SaidOut(fields=list(s.fields), sentence=s.sentence) for s in playbooks.told(step)],
        lift=LiftOut(
            mean=step.lift.mean, low=step.lift.low, high=step.lift.high, source=step.lift.source,
            kind=source.kind if source else "stated", text=playbooks.source_text(step.lift.source),
        ),
        provenance=[
            OriginOut(where=o.where, fields=list(o.fields), because=o.because)
            for o in playbook.provenance.get(step.slug, [])
        ],
    )  # fmt: skip


def steps_of(form: PlaybookForm) -> list[dict[str, Any]] | None:
    """The steps of an edit as plain data."""
    return None if form.steps is None else [s.model_dump() for s in form.steps]
