"""Replays: reading the log again, in earnest or to see what would change."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from honeyguide import funnel
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import EntityId, In, Out, number

router = APIRouter()


class TableChanges(Out):
    """How many rows of a derived table stay the same, change, come and go."""

    same: int
    changed: int
    added: int
    removed: int


class ReplayOut(Out):
    """A replay. `rows` of about `total` are read; `differently` of them decode to something else than before."""

    id: str
    dry_run: bool
    source: str | None
    state: str
    rows: int
    total: int
    differently: int
    changes: dict[str, TableChanges]
    failure: str
    actor: str
    started_at: datetime
    updated_at: datetime


class SampleOut(Out):
    """A row that would change, as it is and as it would be; null where there is none."""

    table: str
    change: str
    before: Any
    after: Any


class ReplayDetail(ReplayOut):
    """A replay with a few of the rows that differ."""

    sample: list[SampleOut]


class ReplayIn(In):
    """What to read again. A dry run may be limited to a source and to a time of arrival; a replay reads everything."""

    dry_run: bool
    source: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")] | None = None
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    to: AwareDatetime | None = None


def _values(run: funnel.ReplayRun) -> dict[str, Any]:
    return {
        "id": str(run.id), "dry_run": run.dry, "source": str(run.source_id) if run.source_id is not None else None,
        "state": run.state, "rows": run.n, "total": run.total, "differently": run.differently,
        "changes": {table: n for table, n in run.changes.items() if table != "before"}, "failure": run.failure,
        "actor": run.actor, "started_at": run.started_at, "updated_at": run.updated_at,
    }  # fmt: skip


def _detail(run: funnel.ReplayRun) -> ReplayDetail:
    sample = [
        SampleOut(table=one["table"], change=one["change"], before=one["before"], after=one["after"])
        for one in run.sample
    ]
    return ReplayDetail(**_values(run), sample=sample)


@router.get("/api/replays", response_model=Listed[ReplayOut], responses=CSV_ANSWER)
async def replays(who: Annotated[Principal, needs("sources.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Replays that were asked for, newest first."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        found = await funnel.replay_runs(tx, after[0] if after else None, page.fetch)
        total = await funnel.count_replays(tx)
    return page.answer([ReplayOut(**_values(r)) for r in found], lambda row: (int(row.id),), total, "replays")


@router.post("/api/replays", status_code=202)
async def start_replay(body: ReplayIn, who: Annotated[Principal, needs("sources.write")]) -> ReplayDetail:
    """Ask for a replay; a worker carries it out. Look at its progress under its id."""
    source = int(body.source) if body.source else None
    async with who.tx() as tx:
        run = await funnel.start_replay(
            tx, who.actor, dry=body.dry_run, source_id=source, start=body.from_, end=body.to
        )
    return _detail(run)


@router.get("/api/replays/{replay_id}")
async def replay(replay_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> ReplayDetail:
    """A replay: how far it is, what changes, and rows that do (they quote people)."""
    async with who.tx() as tx:
        return _detail(await funnel.replay_run(tx, number(replay_id)))
