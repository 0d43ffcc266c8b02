"""Moments: who is delighted, how much of it is left, how often each kind is real, and where people say that one was none."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from msgspec import structs

from honeyguide import graph, moments
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.moments import Filter, StoredMoment
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import Evidence, In, Named, Out, Words, number

router = APIRouter()
Kind = Literal[
    "", "purchase_euphoria", "support_success", "product_milestone", "renewal", "praise", "survey_promoter", "usage_spike",
    "anniversary", "job_change",
]  # fmt: skip
_Id = Annotated[str, Query(pattern=r"^[0-9]{0,19}$", description="An id, as a string; empty for all.")]


class MomentRow(Out):
    """A moment. `strength` as the detector gives it, times how often its kind is real; `strength_now`: what is left of it.

    `persona_because`: why this person speaks for a moment of a company; empty when it is the person's own. `state`: open, over,
    or disputed (somebody said that it was none); `not_now`: the reason somebody gave for not asking, if any.
    """

    id: str
    kind: str
    title: str
    persona: Named | None
    persona_because: str
    company: Named | None
    strength: float
    strength_now: float
    half_life_hours: float
    occurred_at: datetime
    window_ends_at: datetime
    state: Literal["open", "over", "disputed"]
    not_now: str
    evidence: list[Evidence]


class MomentQuality(Out):
    """One kind in one segment (empty: all). Precision with its central 90 %, of `labels` judged among `said` spoken about; the
    half-life with its central 90 % (null: as built in), from `asks`, of which `shared` were.
    """

    kind: str
    segment: str
    precision: float
    precision_low: float
    precision_high: float
    labels: int
    said: int
    half_life_hours: float
    half_life_low: float | None
    half_life_high: float | None
    asks: int
    shared: int


class Objection(In):
    """Why not to ask now; `wrong_moment` says that it was no moment at all."""

    reason: Literal["wrong_moment", "wrong_person", "bad_timing", "already_asked", "relationship", "other"]
    note: Words = ""


@router.get("/api/moments", response_model=Listed[MomentRow], responses=CSV_ANSWER)
async def moment_list(
    who: Annotated[Principal, needs("queue.read")],
    page: Annotated[Page, Depends(paging)],
    kind: Kind = "",
    company: _Id = "",
    persona: _Id = "",
    state: Literal["", "open", "over", "disputed"] = "",
) -> Any:
    """Moments, newest first: of a kind, a company (its people's included), a persona, in a state."""
    now = clock.now()
    wanted = Filter(kind, number(persona) if persona else None, number(company) if company else None, state)
    async with who.tx() as tx:
        found = await moments.listed(tx, wanted, now, page.fetch, page.key(tuple[datetime, UUID]))
        total = await moments.count(tx, wanted, now)
        names = await graph.nodes(tx, {i for m in found for i in (m.persona, m.company) if i is not None})
    rows = [_row(m, names, now) for m in found]
    return page.answer(rows, lambda row: (row.occurred_at, row.id), total, "moments")


@router.get("/api/moments/quality", response_model=Listed[MomentQuality], responses=CSV_ANSWER)
async def moment_quality(
    who: Annotated[Principal, needs("measures.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """How often each kind of moment is real and how fast it fades, by kind and segment. No person is named."""
    async with who.tx() as tx:
        found = await moments.quality(tx)
    order = {kind: n for n, kind in enumerate(moments.KINDS)}
    after = page.key(tuple[int, str])
    rows = [MomentQuality(**structs.asdict(q)) for q in found if after is None or (order[q.kind], q.segment) > after]
    return page.answer(rows[: page.fetch], lambda row: (order[row.kind], row.segment), len(found), "moment-quality")


@router.post("/api/moments/{moment_id}/dispute")
async def dispute(moment_id: UUID, objection: Objection, who: Annotated[Principal, needs("asks.decide")]) -> MomentRow:
    """Say "not now" of a moment, and why: a label that learning reads. The last word on a moment counts."""
    now = clock.now()
    async with who.tx() as tx:
        await moments.dispute(tx, moment_id, objection.reason, who.actor, objection.note, now)
        found = (await moments.by_ids(tx, [moment_id], now, disputed=True)).get(moment_id)
        if found is None:
            raise NotFound("There is no such moment.")
        names = await graph.nodes(tx, {i for i in (found.persona, found.company) if i is not None})
    return _row(found, names, now)


def _row(m: StoredMoment, names: dict[int, graph.Node], now: datetime) -> MomentRow:
    state: Literal["open", "over", "disputed"] = "open" if m.window_ends_at > now else "over"
    return MomentRow(
        id=str(m.id), kind=m.kind, title=m.title, persona=_named(m.persona, names), persona_because=m.persona_because,
        company=_named(m.company, names), strength=round(m.strength, 4), strength_now=round(m.strength_now, 4),
        half_life_hours=round(m.half_life_hours, 2), occurred_at=m.occurred_at, window_ends_at=m.window_ends_at,
        state="disputed" if m.disputed == "wrong_moment" else state, not_now=m.disputed,
        evidence=[Evidence(**e) for e in m.evidence],
    )  # fmt: skip


def _named(ident: int | None, names: dict[int, graph.Node]) -> Named | None:
    if ident is None:
        return None
    node = names.get(ident)
    return Named(id=str(ident), name=(node.name or node.key) if node else "")
