"""Forms of programs as the console and configuration as code know them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field, StringConstraints

from honeyguide import programs
from honeyguide.learning import simulation
from honeyguide.learning.simulating import Moved, Simulation
from honeyguide.programs import Offer, Program, ProgramFile, Version
from honeyguide.programs.catalogue import from_yaml, plain, read
from honeyguide.programs.telling import sentences_of
from honeyguide.web.shapes import In, Out, Words

Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$", description="A program's short name.")]
Number = Annotated[int, Field(ge=0, le=1_000_000)]
Yaml = Annotated[str, StringConstraints(max_length=200_000)]


class OfferOut(Out):
    """What an advocate of the group may be offered."""

    id: str
    label: str
    incentive: str
    sentence: str


class GroupOut(Out):
    """A group of customers."""

    id: str
    slug: str
    name: str
    sentence: str
    offers: list[OfferOut]
    advocates: int


class ProgramOut(Out):
    """A program. `draft`: the version that is being written, `waiting`: the one a second person has to confirm."""

    id: str
    slug: str
    name: str
    kind: str
    state: str
    version: int
    sentences: list[str]
    groups: list[GroupOut]
    draft: int | None
    waiting: int | None


class VersionOut(Out):
    """A version that was tried or published."""

    version: int
    state: str
    author: str
    at: datetime | None
    note: str
    confirmed_by: str | None
    live_from: datetime | None
    live_until: datetime | None


class WaitingOut(Out):
    """A version that changes money, until a second person confirms it."""

    version: int
    by: str
    at: datetime | None
    sentences: list[str]
    may_confirm: bool
    why_not: str | None


class ProgramDetail(ProgramOut):
    """A program with the file that is being written (else the one in force), its versions and what waits."""

    file: dict[str, Any]
    draft_version: int | None
    versions: list[VersionOut]
    pending: WaitingOut | None
    problems: list[str]


class TemplateOut(Out):
    """A program of the library to start from."""

    slug: str
    name: str
    kind: str
    about: str
    sentences: list[str]
    file: dict[str, Any]


class TemplatesOut(Out):
    """Every template."""

    rows: list[TemplateOut]


class FileForm(In):
    """A program's file, as values or as YAML."""

    file: dict[str, Any] | None = None
    yaml: Yaml | None = None


class DraftForm(In):
    """A draft, and the version in force it was made from."""

    file: dict[str, Any] | None = None
    yaml: Yaml | None = None
    base: Number | None = None


def content_of(form: FileForm | DraftForm) -> ProgramFile:
    """The file of a form. Raises BadInput."""
    return from_yaml(form.yaml) if form.yaml is not None else read(form.file or {})


class SavedOut(Out):
    """A draft as it was kept: what it says, and what is missing before it can be published."""

    slug: str
    version: int
    sentences: list[str]
    problems: list[str]


class DiffOut(Out):
    """What differs, in sentences; `money`: may somebody get more, less, sooner or later?"""

    before: int
    after: int
    sentences: list[str]
    money: bool


class YamlOut(Out):
    """The file as text."""

    version: int
    yaml: str


class PublishForm(In):
    """The version to put in force, and why."""

    version: Number
    note: Words = ""


class VersionForm(In):
    """A version."""

    version: Number


class StateForm(In):
    """What the program is from now on."""

    state: Literal["live", "paused", "ended"]


class PublishedOut(Out):
    """`live`: in force. `waiting`: a second person has to confirm. `draft`: it was taken back."""

    state: str
    version: int
    sentence: str


class SimulateForm(In):
    """The version to try, and how many months back."""

    version: Number
    months: Annotated[int, Field(ge=1, le=60)] = 12


class MonthOut(Out):
    """What would have become due in a month."""

    month: str
    due_minor: int


class MovedOut(Out):
    """An advocate who would have got more, or less, and for what."""

    id: str
    name: str
    group: str
    before_minor: int
    after_minor: int
    why: str


class HoldOut(Out):
    """What would have been held for a look."""

    what: str
    times: int
    minor: int
    example: str


class RefusedOut(Out):
    """What could not have been given."""

    what: str
    times: int
    example: str


class SimulationOut(Out):
    """What a version would have given over the last months; nothing was posted. `others`: other currencies, by themselves."""

    id: str
    state: str
    done: int
    total: int
    version: int
    months: int
    since: datetime
    until: datetime
    currency: str
    facts: int
    before_minor: int
    cost_minor: int
    liability: list[MonthOut]
    winners: list[MovedOut]
    losers: list[MovedOut]
    more: int
    less: int
    unchanged: int
    holds: list[HoldOut]
    refused: list[RefusedOut]
    others: dict[str, int]
    sentence: str
    failure: str


def group_out(group: programs.Group, offers: list[Offer], advocates: int) -> GroupOut:
    """A group with what it can be offered."""
    return GroupOut(
        id=str(group.id), slug=group.slug, name=group.name, sentence=programs.group_sentence(group), advocates=advocates,
        offers=[OfferOut(id=str(o.id), label=o.label, incentive=o.incentive, sentence=programs.offer_sentence(o)) for o in offers],
    )  # fmt: skip


def unplaced(file: ProgramFile) -> list[GroupOut]:
    """The groups of a program of which nothing is in force yet."""
    return [
        GroupOut(
            id=str(n), slug=g.slug, name=g.name, sentence=programs.group_words(g), advocates=0,
            offers=[OfferOut(id=f"{n}.{m}", label=o.label, incentive=o.incentive, sentence="") for m, o in enumerate(g.offers)],
        )
        for n, g in enumerate(file.groups)
    ]  # fmt: skip


def program_out(
    program: Program, shown: ProgramFile, groups: list[GroupOut], draft: Version | None, waiting: Version | None
) -> dict[str, Any]:
    """What a row and a detail have in common."""
    return {
        "id": str(program.id), "slug": program.slug, "name": program.name, "kind": shown.kind, "state": program.state,
        "version": program.version, "sentences": sentences_of(shown), "groups": groups,
        "draft": draft.version if draft else None, "waiting": waiting.version if waiting else None,
    }  # fmt: skip


def version_out(found: Version) -> VersionOut:
    """A version for the history."""
    return VersionOut(
        version=found.version, state=found.state, author=", ".join(found.authors), at=found.published_at or found.created_at,
        note=found.note, confirmed_by=found.confirmed_by or None, live_from=found.live_from, live_until=found.live_until,
    )  # fmt: skip


def template_out(file: ProgramFile) -> TemplateOut:
    """A program of the library."""
    about = file.description or "Three groups: partners, enterprise, everybody else"
    return TemplateOut(
        slug=file.slug, name=file.name, kind=file.kind, about=about, sentences=sentences_of(file), file=plain(file)
    )


def simulation_out(run: "simulation.Run", found: Simulation | None, currency: str) -> SimulationOut:
    """A simulation, with figures once it is done."""
    return SimulationOut(
        id=str(run.id), state=run.state, done=run.done, total=run.total, version=run.version, months=run.months, since=run.since,
        until=run.until, currency=found.currency if found else currency, facts=found.facts if found else 0,
        before_minor=found.before_minor if found else 0, cost_minor=found.cost_minor if found else 0,
        liability=[MonthOut(month=m, due_minor=v) for m, v in found.liability.items()] if found else [],
        winners=_moved(found.winners) if found else [], losers=_moved(found.losers) if found else [],
        more=found.more if found else 0, less=found.less if found else 0, unchanged=found.unchanged if found else 0,
        holds=[HoldOut(what=w, times=n.times, minor=n.minor, example=n.example) for w, n in found.holds.items()] if found else [],
        refused=[RefusedOut(what=w, times=n.times, example=n.example) for w, n in found.refused.items()] if found else [],
        others=found.others if found else {}, sentence=found.sentence if found else "", failure=run.failure,
    )  # fmt: skip


def _moved(found: tuple[Moved, ...]) -> list[MovedOut]:
    return [
        MovedOut(id=m.id, name=m.name, group=m.group, before_minor=m.before_minor, after_minor=m.after_minor, why=m.why)
        for m in found
    ]
