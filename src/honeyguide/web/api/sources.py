"""Sources: how they are, what they send, their shapes and tracking plans; pausing, keys, previews."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from honeyguide import funnel
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from honeyguide.funnel.connections import Connection, connections
from honeyguide.web.api.source_forms import (
    CatalogueOut,
    ConnectionBrief,
    Cost,
    DayOut,
    EventOut,
    KeyOut,
    LiveOut,
    LiveRows,
    PlanIn,
    PlanOut,
    PreviewIn,
    PreviewOut,
    RuleOut,
    ShapeOut,
    SourceDetail,
    SourceIn,
    SourceMade,
    SourceRow,
    SourcesOut,
    TrustIn,
    VersionOut,
    ViolationOut,
)
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import measures
from honeyguide.web.shapes import EntityId, number

router = APIRouter()
_SHOWN = 4_000


def event_out(event: CanonicalEvent) -> EventOut:
    """An event for the console."""
    person, company = event.person, event.company
    return EventOut(
        kind=event.kind, name=event.name, at=event.at, ref=event.ref,
        person=msgspec.to_builtins(person), company=msgspec.to_builtins(company),
        props=msgspec.to_builtins(event.props), text=event.text[:_SHOWN],
    )  # fmt: skip


async def source_rows(tx: Tx) -> list[SourceRow]:
    """Every source with its state, counters and cost."""
    now = clock.now()
    late, health, cost = await measures.waiting(tx), await funnel.source_health(tx, now), await funnel.cost(tx, now)
    kept = await funnel.load_sources(tx)
    fetched = {c.source_id: c for c in await connections(tx)}
    rows = []
    for found in await funnel.source_totals(tx):
        ident = found["id"]
        events, size = cost.get(ident, (0, 0))
        rows.append(
            SourceRow(
                **(found | {"id": str(ident)}), lag=late.get(ident, 0), state=health[ident].state,
                reason=health[ident].reason, connector=funnel.connector_of(kept[ident]),
                connection=_brief(fetched.get(ident)), cost=Cost(events=events, bytes=size),
                server_only=kept[ident].settings.get("server_only") is True, money=funnel.money_words(kept[ident]),
            )
        )  # fmt: skip
    return rows


def _brief(found: Connection | None) -> ConnectionBrief | None:
    if found is None:
        return None
    return ConnectionBrief(
        state=found.state, problem=found.problem, advice=found.advice, last_sync_at=found.last_sync_at
    )


async def _row(tx: Tx, source_id: int) -> SourceRow:
    await funnel.source_of(tx, source_id)
    return next(row for row in await source_rows(tx) if row.id == str(source_id))


async def _plan(tx: Tx, source_id: int) -> PlanOut:
    plan, broken = await funnel.plan_of(tx, source_id), await funnel.violations(tx, source_id)
    return PlanOut(
        mode=plan.mode,
        events=[RuleOut(kind=e.kind, name=e.name, required=e.required, types=dict(e.types)) for e in plan.events],
        violations=sum(b.n for b in broken),
        broken=[
            ViolationOut(
                rule=b.rule, property=b.prop, problem=b.problem, n=b.n, first_seen_at=b.first_seen_at,
                last_seen_at=b.last_seen_at, sample_event_id=str(b.sample_event_id),
            )
            for b in broken
        ],
        updated_at=plan.updated_at,
        updated_by=plan.updated_by,
    )  # fmt: skip


@router.get("/api/sources")
async def sources(who: Annotated[Principal, needs("sources.read")]) -> SourcesOut:
    """Every source: how it is, what came of all it sent, what it costs."""
    async with who.tx() as tx:
        return SourcesOut(rows=await source_rows(tx))


@router.post("/api/sources", status_code=201)
async def create_source(
    request: Request, response: Response, body: SourceIn, who: Annotated[Principal, needs("sources.write")]
) -> SourceMade:
    """Make a source. Its key is in this answer and nowhere else."""
    response.headers["cache-control"] = "no-store"
    async with who.tx() as tx:
        made, key = await funnel.add_source(
            tx, body.kind, body.name, body.secret, who.actor, server_only=body.server_only
        )
    url, command = funnel.snippet(made, key, request.app.state.settings.base_url)
    return SourceMade(id=str(made.id), key=key, hook_url=url, snippet=command)


@router.get("/api/sources/{source_id}")
async def source(source_id: EntityId, who: Annotated[Principal, needs("sources.read")]) -> SourceDetail:
    """One source with its last 30 days, its plan and who read it."""
    ident = number(source_id)
    async with who.tx() as tx:
        row = await _row(tx, ident)
        days = await funnel.source_days(tx, ident, clock.now())
        versions = await funnel.versions(tx, ident)
        plan = await _plan(tx, ident)
    return SourceDetail(
        **row.model_dump(), plan=plan, days=[DayOut(**msgspec.structs.asdict(d)) for d in days],
        mapping_versions=[VersionOut(version=v.version, digest=v.digest, at=v.at, rows=v.n) for v in versions],
    )  # fmt: skip


@router.post("/api/sources/{source_id}/pause")
async def pause_source(source_id: EntityId, who: Annotated[Principal, needs("sources.write")]) -> SourceRow:
    """Refuse what a source sends, until it is resumed."""
    async with who.tx() as tx:
        await funnel.pause(tx, number(source_id), who.actor)
        return await _row(tx, number(source_id))


@router.post("/api/sources/{source_id}/resume")
async def resume_source(source_id: EntityId, who: Annotated[Principal, needs("sources.write")]) -> SourceRow:
    """Take what a source sends again."""
    async with who.tx() as tx:
        await funnel.resume(tx, number(source_id), who.actor)
        return await _row(tx, number(source_id))


@router.post("/api/sources/{source_id}/trust")
async def trust_source(
    source_id: EntityId, body: TrustIn, who: Annotated[Principal, needs("sources.write")]
) -> SourceRow:
    """Say whether the key of a source lives on servers only: what it tells of money counts, or does not, from its next event on."""
    async with who.tx() as tx:
        found = await funnel.source_of(tx, number(source_id))
        await funnel.trust_source(tx, found, body.server_only, who.actor)
        return await _row(tx, number(source_id))


@router.post("/api/sources/{source_id}/key")
async def renew_source_key(
    request: Request, response: Response, source_id: EntityId, who: Annotated[Principal, needs("sources.write")]
) -> KeyOut:
    """Another key; the old one stops working. It is in this answer and nowhere else."""
    response.headers["cache-control"] = "no-store"
    async with who.tx() as tx:
        key = await funnel.new_key(tx, number(source_id), who.actor)
        found = await funnel.source_of(tx, number(source_id))
    url, command = funnel.snippet(found, key, request.app.state.settings.base_url)
    return KeyOut(key=key, hook_url=url, snippet=command)


@router.get("/api/sources/{source_id}/live")
async def source_live(
    source_id: EntityId,
    who: Annotated[Principal, needs("people.read")],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> LiveRows:
    """The newest rows of a source, as they came and as we read them: they quote people."""
    async with who.tx() as tx:
        found = await funnel.live_rows(tx, await funnel.source_of(tx, number(source_id)), after)
    rows = [
        LiveOut(
            seq=r.seq, event_id=str(r.event_id), at=r.at, received_at=r.received_at, format=r.format, kind=r.kind,
            message_id=r.message_id, lane=r.lane, body=r.body.decode(errors="replace")[:_SHOWN],
            events=[event_out(e) for e in r.events], version=r.version, problem=r.problem,
        )
        for r in found
    ]  # fmt: skip
    return LiveRows(rows=rows, next=max((r.seq for r in rows), default=after))


@router.get("/api/sources/{source_id}/catalogue")
async def source_catalogue(source_id: EntityId, who: Annotated[Principal, needs("sources.read")]) -> CatalogueOut:
    """Which shapes a source sends, since when, how many; `new` ones appeared in the last week."""
    async with who.tx() as tx:
        await funnel.source_of(tx, number(source_id))
        found = await funnel.shapes(tx, number(source_id), clock.now())
    return CatalogueOut(rows=[ShapeOut(**msgspec.to_builtins(shape, builtin_types=(datetime,))) for shape in found])


@router.get("/api/sources/{source_id}/plan")
async def source_plan(source_id: EntityId, who: Annotated[Principal, needs("sources.read")]) -> PlanOut:
    """The tracking plan of a source, and how often it was broken."""
    async with who.tx() as tx:
        await funnel.source_of(tx, number(source_id))
        return await _plan(tx, number(source_id))


@router.put("/api/sources/{source_id}/plan")
async def set_source_plan(
    source_id: EntityId, body: PlanIn, who: Annotated[Principal, needs("sources.write")]
) -> PlanOut:
    """Set the tracking plan of a source: off, warn, or quarantine what breaks it."""
    events = funnel.parse_events([rule.model_dump() for rule in body.events])
    async with who.tx() as tx:
        await funnel.set_plan(tx, number(source_id), body.mode, events, who.actor)
        return await _plan(tx, number(source_id))


@router.post("/api/sources/{source_id}/preview")
async def preview_source(
    source_id: EntityId, body: PreviewIn, who: Annotated[Principal, needs("sources.write")]
) -> PreviewOut:
    """What pasted rows would become, by the source's mapping or by the given definition. Nothing is written."""
    async with who.tx() as tx:
        found = await funnel.source_of(tx, number(source_id))
    seen = funnel.preview(found, _pasted(body), body.definition, body.stream)
    return PreviewOut(events=[event_out(e) for e in seen.events], problem=seen.problem)


def _pasted(body: PreviewIn) -> list[Any]:
    if body.rows is not None:
        return body.rows
    text = (body.body or "").strip()
    try:
        try:
            found = msgspec.json.decode(text)
        except msgspec.DecodeError:
            found = [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as e:
        raise BadInput("The pasted text is not JSON.", str(e), advice="Paste one JSON value, or one a line.") from e
    return found if isinstance(found, list) else [found]
