"""Segments: saved conditions on the graph, with their members, which follow the graph by themselves."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, StringConstraints

from honeyguide.db import audit
from honeyguide.graph import segments
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out, number

router = APIRouter()
SegmentId = Annotated[str, Path(pattern=r"^[0-9]{1,19}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
_Condition = Annotated[dict[str, Any], Field(description="A tree of conditions: docs/reference/segments.md.")]


class SegmentRow(Out):
    """A saved condition, how many personas it holds for now, and when it was last asked of everybody."""

    id: str
    name: str
    condition: dict[str, Any]
    version: int
    members: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    evaluated_at: datetime


class SegmentIn(In):
    """A new segment."""

    name: _Name
    condition: _Condition


class SegmentChange(In):
    """Another name, another condition, or both; what is not given stays."""

    name: _Name | None = None
    condition: _Condition | None = None


class SegmentTrial(In):
    """A condition to try."""

    condition: _Condition


class MemberRow(Out):
    """A persona in a segment, and since when."""

    id: str
    name: str
    title: str
    entered_at: datetime | None


class PreviewOut(Out):
    """For how many of how many personas a condition holds, and a few of them."""

    count: int
    of: int
    sample: list[MemberRow]


class StayRow(Out):
    """One stay of a persona in a segment; `left_at` null: still in it."""

    id: str
    entered_at: datetime
    left_at: datetime | None


class StaysOut(Out):
    """Who entered and left, the latest change first."""

    rows: list[StayRow]


class SegmentGone(Out):
    """The segment that was deleted."""

    id: str


def _row(found: segments.Segment) -> SegmentRow:
    return SegmentRow(
        id=str(found.id), name=found.name, condition=found.condition, version=found.version, members=found.members,
        created_by=found.created_by, created_at=found.created_at, updated_at=found.updated_at,
        evaluated_at=found.evaluated_at,
    )  # fmt: skip


def _member(found: segments.Member) -> MemberRow:
    return MemberRow(id=str(found.persona), name=found.name, title=found.title, entered_at=found.entered_at)


@router.get("/api/segments", response_model=Listed[SegmentRow], responses=CSV_ANSWER)
async def segment_list(who: Annotated[Principal, needs("people.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """All segments, by name."""
    async with who.tx() as tx:
        found = await segments.list(tx)
    after = page.key(tuple[str, int])
    rows = [_row(s) for s in sorted(found, key=lambda s: (s.name, s.id)) if after is None or (s.name, s.id) > after]
    return page.answer(rows[: page.fetch], lambda row: (row.name, int(row.id)), len(found), "segments")


@router.post("/api/segments", status_code=201)
async def create_segment(body: SegmentIn, who: Annotated[Principal, needs("people.write")]) -> SegmentRow:
    """Save a condition; its members are found at once and follow the graph from then on."""
    async with who.tx() as tx:
        made = await segments.create(tx, body.name, body.condition, who.actor)
        await audit.write(tx, who.actor, "segment.created", f"segment:{made.id}", {"name": made.name})
    return _row(made)


@router.post("/api/segments/preview")
async def preview_segment(body: SegmentTrial, who: Annotated[Principal, needs("people.read")]) -> PreviewOut:
    """For how many a condition holds, and a few of them; nothing is saved."""
    async with who.tx() as tx:
        found = await segments.preview(tx, body.condition)
    return PreviewOut(count=found.count, of=found.of, sample=[_member(m) for m in found.sample])


@router.get("/api/segments/{segment_id}")
async def segment(segment_id: SegmentId, who: Annotated[Principal, needs("people.read")]) -> SegmentRow:
    """One segment."""
    async with who.tx() as tx:
        return _row(await segments.get(tx, number(segment_id)))


@router.put("/api/segments/{segment_id}")
async def change_segment(
    segment_id: SegmentId, body: SegmentChange, who: Annotated[Principal, needs("people.write")]
) -> SegmentRow:
    """Rename a segment or give it another condition; members enter and leave accordingly."""
    async with who.tx() as tx:
        made = await segments.update(tx, number(segment_id), name=body.name, condition=body.condition)
        await audit.write(
            tx, who.actor, "segment.changed", f"segment:{made.id}", {"name": made.name, "version": made.version}
        )
    return _row(made)


@router.delete("/api/segments/{segment_id}")
async def delete_segment(segment_id: SegmentId, who: Annotated[Principal, needs("people.write")]) -> SegmentGone:
    """Remove a segment, its members and their history."""
    async with who.tx() as tx:
        found = await segments.get(tx, number(segment_id))
        await segments.delete(tx, found.id)
        await audit.write(tx, who.actor, "segment.deleted", f"segment:{found.id}", {"name": found.name})
    return SegmentGone(id=str(found.id))


@router.get("/api/segments/{segment_id}/members", response_model=Listed[MemberRow], responses=CSV_ANSWER)
async def segment_members(
    segment_id: SegmentId, who: Annotated[Principal, needs("people.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """Who is in a segment now, in the order of ids."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        one = await segments.get(tx, number(segment_id))
        found = await segments.members(tx, one.id, after=after[0] if after else -(2**63), limit=page.fetch)
    return page.answer([_member(m) for m in found], lambda row: (int(row.id),), one.members, "segment-members")


@router.get("/api/segments/{segment_id}/changes")
async def segment_changes(
    segment_id: SegmentId,
    who: Annotated[Principal, needs("people.read")],
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> StaysOut:
    """Who entered and left a segment, the latest change first."""
    async with who.tx() as tx:
        found = await segments.stays(tx, number(segment_id), limit=limit)
    return StaysOut(rows=[StayRow(id=str(s.persona), entered_at=s.entered_at, left_at=s.left_at) for s in found])
