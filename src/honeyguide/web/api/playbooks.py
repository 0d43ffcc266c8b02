"""Playbooks: read as sentences, edited as fields, compared, tried on the last days, and taken back."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from msgspec import structs
from pydantic import Field

from honeyguide import decisions
from honeyguide.decisions.dry_run import DryRun
from honeyguide.decisions.dry_run_beliefs import Range
from honeyguide.programs import playbooks
from honeyguide.programs.journey import Segment, Stage, Vertical
from honeyguide.programs.playbooks import Playbook
from honeyguide.web.api.playbook_shapes import (
    DiffOut,
    PlaybookForm,
    PlaybookOut,
    PlaybookRow,
    name_of,
    row_of,
    steps_of,
    whole,
)
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out, Search

router = APIRouter()
Slug = Annotated[
    str, Path(pattern=r"^[a-z-]{1,80}$", description="Stage, segment and vertical: renewal-enterprise-fintech.")
]
_Version = Annotated[int, Query(ge=0, le=1_000_000)]


class RangeOut(Out):
    """An expectation with its central 90 % interval."""

    mean: float
    low: float
    high: float


class StepRunOut(Out):
    """What one step would have done. `shares`: the forecast from person, moment, offer and channel; `believed`: what the
    step's own expectation comes to.
    """

    slug: str
    title: str
    asks: int
    people: int
    shares: RangeOut
    believed: RangeOut
    cost_minor: int


class VetoOut(Out):
    """What stood in the way, how often, and one case."""

    what: str
    times: int
    example: str


class WouldAskOut(Out):
    """An ask that would have been made; `share` is the chance in per cent that the person shares."""

    persona: str
    name: str
    company: str
    moment: str
    title: str
    at: datetime
    step: str
    offer: str
    channel: str
    tone: str
    share: float


class DryRunOut(Out):
    """Who would have been asked, by step, what stood in the way, what to expect. `asked` holds the first 200."""

    slug: str
    since: datetime
    until: datetime
    days: int
    candidates: int
    asks: int
    people: int
    held_out: int
    not_worth_it: int
    shares: RangeOut
    believed: RangeOut
    cost_minor: int
    cost_high_minor: int
    currency: str
    by_step: list[StepRunOut]
    vetoes: list[VetoOut]
    asked: list[WouldAskOut]
    notes: list[str]


class DryRunForm(In):
    """How many days back, and an edit to try; without one the playbook in force is tried."""

    days: Annotated[int, Field(ge=1, le=365)] = 90
    edit: PlaybookForm | None = None


class RevertForm(In):
    """The version to go back to; 0 is the library's."""

    version: Annotated[int, Field(ge=0, le=1_000_000)]


@router.get("/api/playbooks", response_model=Listed[PlaybookRow], responses=CSV_ANSWER)
async def playbook_list(
    who: Annotated[Principal, needs("programs.read")],
    page: Annotated[Page, Depends(paging)],
    stage: Stage | None = None,
    segment: Segment | None = None,
    vertical: Vertical | None = None,
    q: Search = "",
) -> Any:
    """The grid of playbooks: every stage, segment and vertical, in a fixed order. `q` looks into names, goals and steps."""
    async with who.tx() as tx:
        known = await playbooks.in_force(tx)
    wanted = [
        c for c in playbooks.cells()
        if (stage or c[0]) == c[0] and (segment or c[1]) == c[1] and (vertical or c[2]) == c[2]
    ]  # fmt: skip
    found = [p for c in wanted if _matches(p := known.of(*c), q.strip().casefold())]
    rows = [row_of(p, p.slug in known.own) for p in found]
    after = page.key(tuple[str])
    begin = next((n + 1 for n, r in enumerate(rows) if after and r.slug == after[0]), 0)
    return page.answer(rows[begin : begin + page.fetch], lambda row: (row.slug,), len(rows), "playbooks")


def _matches(playbook: Playbook, q: str) -> bool:
    if not q:
        return True
    words = [name_of(playbook), playbook.goal, *(s.title for s in playbook.steps), *(s.slug for s in playbook.steps)]
    return any(q in w.casefold() for w in words)


@router.get("/api/playbooks/{slug}")
async def playbook(
    slug: Slug, who: Annotated[Principal, needs("programs.read")], version: _Version | None = None
) -> PlaybookOut:
    """One playbook (in force, or an older version): sentences, fields, where each part comes from, versions."""
    async with who.tx() as tx:
        found = await (playbooks.current(tx, slug) if version is None else playbooks.at_version(tx, slug, version))
        return whole(found, await playbooks.history(tx, slug))


@router.get("/api/playbooks/{slug}/diff")
async def playbook_diff(
    slug: Slug,
    who: Annotated[Principal, needs("programs.read")],
    before: Annotated[int, Query(alias="from", ge=0, le=1_000_000)],
    after: Annotated[int, Query(alias="to", ge=0, le=1_000_000)],
) -> DiffOut:
    """What differs between two versions, in sentences."""
    async with who.tx() as tx:
        first, second = await playbooks.at_version(tx, slug, before), await playbooks.at_version(tx, slug, after)
    return DiffOut(slug=slug, before=before, after=after, sentences=playbooks.diff(first, second))


@router.put("/api/playbooks/{slug}")
async def change_playbook(
    slug: Slug, body: PlaybookForm, who: Annotated[Principal, needs("playbooks.write")]
) -> PlaybookOut:
    """Put an edited playbook in force as a new version. What is wrong with it is told in sentences; nothing is kept then."""
    async with who.tx() as tx:
        made = playbooks.edited(await _from(tx, slug, body), body.goal, steps_of(body))
        saved = await playbooks.save(tx, made, who.actor, note=body.note)
        return whole(saved, await playbooks.history(tx, slug))


@router.post("/api/playbooks/{slug}/dry-run")
async def playbook_dry_run(slug: Slug, body: DryRunForm, who: Annotated[Principal, needs("queue.read")]) -> DryRunOut:
    """What the playbook, or an edit of it, would have done in the last days. Nothing is sent and nothing is kept."""
    async with who.tx() as tx:
        if body.edit is None:
            tried = await playbooks.current(tx, slug)
        else:
            tried = playbooks.edited(await _from(tx, slug, body.edit), body.edit.goal, steps_of(body.edit))
        found = await decisions.dry_run(tx, tried, body.days)
    return _told(found)


@router.post("/api/playbooks/{slug}/rollback")
async def playbook_rollback(
    slug: Slug, body: RevertForm, who: Annotated[Principal, needs("playbooks.write")]
) -> PlaybookOut:
    """Put an older version in force again, as a new version; 0 is the library's."""
    async with who.tx() as tx:
        made = await playbooks.revert(tx, slug, body.version, who.actor)
        return whole(made, await playbooks.history(tx, slug))


async def _from(tx: Any, slug: str, form: PlaybookForm) -> Playbook:
    """The version an edit was made from, under the number in force so that a race is seen when it is saved."""
    return await playbooks.at_version(tx, slug, form.version)


def _told(found: DryRun) -> DryRunOut:
    plain = {name: getattr(found, name) for name in _PLAIN}
    return DryRunOut(
        **plain, shares=_range(found.shares), believed=_range(found.believed),
        by_step=[
            StepRunOut(**structs.asdict(s) | {"shares": _range(s.shares), "believed": _range(s.believed)})
            for s in found.by_step
        ],
        vetoes=[VetoOut(**structs.asdict(v)) for v in found.vetoes],
        asked=[WouldAskOut(**structs.asdict(a)) for a in found.asked], notes=list(found.notes),
    )  # fmt: skip


_PLAIN = (
    "slug", "since", "until", "days", "candidates", "asks", "people", "held_out", "not_worth_it", "cost_minor",
    "cost_high_minor", "currency",
)  # fmt: skip


def _range(found: Range) -> RangeOut:
    return RangeOut(mean=found.mean, low=found.low, high=found.high)
