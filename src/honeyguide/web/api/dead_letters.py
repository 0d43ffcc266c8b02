"""Dead letters: what could not go on, why, and what a person does about it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from honeyguide import funnel
from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import EntityId, In, Out, number

router = APIRouter()
_SHOWN_BYTES = 4_000
_PLAIN = r"^[^\x00]*$"
_Word = Annotated[str, Query(max_length=200, pattern=_PLAIN)]


class DeadLetterRow(Out):
    """A payload that could not be used, with the reason; the first 4,000 bytes of it as text."""

    id: str
    source_id: str
    source: str
    event_id: str | None
    stage: str
    reason: str
    detail: str
    body: str
    at: datetime
    state: str
    attempts: int
    closed_at: datetime | None
    closed_by: str | None
    mended_as: str | None


class ReasonOut(Out):
    """How many letters have one reason."""

    stage: str
    reason: str
    n: int


class DeadLettersOut(Listed[DeadLetterRow]):
    """A page of letters, and the reasons of all that the filter finds."""

    reasons: list[ReasonOut]


class RetriedOut(Out):
    """What a try led to: accepted, duplicate, carried, failed or dropped; with the problem when it failed."""

    outcome: str
    problem: str
    event_ids: list[str]


class LetterRunOut(Out):
    """How far a bulk retry is. `outcome`: started (a worker carries it on) or done."""

    id: str
    outcome: str
    total: int
    done: int
    succeeded: int
    failed: int


class EditIn(In):
    """The mended payload, as text."""

    body: Annotated[str, Field(min_length=1, max_length=1_000_000)]


class BulkIn(In):
    """Which letters to try again: by their ids (at most 500), or all open ones of a filter."""

    ids: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]], Field(max_length=500)] | None = None
    source: Annotated[str, Field(pattern=r"^[0-9]{1,19}$")] | None = None
    stage: Annotated[str, Field(max_length=200, pattern=_PLAIN)] | None = None
    reason: Annotated[str, Field(max_length=200, pattern=_PLAIN)] | None = None


def _row(letter: funnel.DeadLetter, names: dict[int, str]) -> DeadLetterRow:
    return DeadLetterRow(
        id=str(letter.id), source_id=str(letter.source_id), source=names.get(letter.source_id, ""),
        event_id=str(letter.event_id) if letter.event_id else None, stage=letter.stage, reason=letter.reason,
        detail=letter.detail, body=letter.body[:_SHOWN_BYTES].decode(errors="replace"), at=letter.at, state=letter.state,
        attempts=letter.attempts, closed_at=letter.closed_at, closed_by=letter.closed_by,
        mended_as=str(letter.mended_as) if letter.mended_as else None,
    )  # fmt: skip


def _carry(request: Request) -> funnel.Carry:
    found: funnel.Carry | None = request.app.state.carry
    if found is None:
        raise Unavailable("This server cannot carry events.", advice="Use `honeyguide dead-letters retry`.")
    return found


def _out(tried: funnel.Retried) -> RetriedOut:
    return RetriedOut(outcome=tried.outcome, problem=tried.problem, event_ids=[str(e) for e in tried.event_ids])


@router.get("/api/dead-letters", response_model=DeadLettersOut, responses=CSV_ANSWER)
async def dead_letters(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[Literal["open", "retried", "dropped", "all"], Query()] = "open",
    source: Annotated[str, Query(pattern=r"^([0-9]{1,19})?$")] = "",
    stage: _Word = "",
    reason: _Word = "",
) -> Any:
    """Dead letters, newest first, the open ones unless told. They quote what was sent: the right to see people is needed."""
    after = page.key(tuple[int])
    wanted = funnel.Filter(None if state == "all" else state, _source(source), stage or None, reason or None)
    async with who.tx() as tx:
        found = await funnel.dead_letters(tx, wanted, after=after[0] if after else None, limit=page.fetch)
        total, reasons = await funnel.count_letters(tx, wanted), await funnel.letter_reasons(tx, wanted)
        names = {ident: kept.name for ident, kept in (await funnel.load_sources(tx)).items()}
    rows = [_row(letter, names) for letter in found]
    listed = [ReasonOut(stage=s, reason=r, n=n) for s, r, n in reasons]
    return page.answer(rows, lambda row: (int(row.id),), total, "dead-letters", reasons=listed)


def _source(given: str) -> int | None:
    if not given:
        return None
    return min(int(given), 2**31 - 1)  # beyond the column there is no source: an empty list, not an error


@router.get("/api/dead-letters/{letter_id}")
async def dead_letter(letter_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> DeadLetterRow:
    """One dead letter."""
    async with who.tx() as tx:
        found = await funnel.letter(tx, number(letter_id))
        names = {ident: kept.name for ident, kept in (await funnel.load_sources(tx)).items()}
    return _row(found, names)


@router.post("/api/dead-letters/retry")
async def retry_dead_letters(
    request: Request, body: BulkIn, who: Annotated[Principal, needs("sources.write")]
) -> LetterRunOut:
    """Try many again: these ids at once, or by a filter with a worker carrying it on (see its progress below)."""
    carry = _carry(request)
    async with who.tx() as tx:
        if body.ids is not None:
            if body.source or body.stage or body.reason:
                raise BadInput("Letters are chosen by ids or by a filter, not by both.")
            tried = await funnel.retry_many(tx, [number(i) for i in body.ids], who.actor, carry)
            good = sum(t.ok for t in tried)
            return LetterRunOut(
                id="0", outcome="done", total=len(tried), done=len(tried), succeeded=good, failed=len(tried) - good
            )
        wanted = funnel.Filter("open", _source(body.source or ""), body.stage, body.reason)
        return _run(await funnel.start_retry(tx, wanted, who.actor))


@router.get("/api/dead-letters/retries/{run_id}")
async def dead_letter_retry(run_id: EntityId, who: Annotated[Principal, needs("sources.read")]) -> LetterRunOut:
    """How far a bulk retry is."""
    async with who.tx() as tx:
        return _run(await funnel.letter_run(tx, number(run_id)))


def _run(run: funnel.LetterRun) -> LetterRunOut:
    return LetterRunOut(
        id=str(run.id), outcome="done" if run.state == "done" else "started", total=run.total, done=run.done,
        succeeded=run.succeeded, failed=run.failed,
    )  # fmt: skip


@router.post("/api/dead-letters/{letter_id}/retry")
async def retry_dead_letter(
    request: Request, letter_id: EntityId, who: Annotated[Principal, needs("sources.write")]
) -> RetriedOut:
    """Try one again as it is."""
    async with who.tx() as tx:
        return _out(await funnel.retry(tx, number(letter_id), who.actor, _carry(request)))


@router.post("/api/dead-letters/{letter_id}/edit")
async def edit_dead_letter(
    letter_id: EntityId, body: EditIn, who: Annotated[Principal, needs("sources.write")]
) -> RetriedOut:
    """Send a mended payload into the log as a new event; the letter keeps the original."""
    async with who.tx() as tx:
        return _out(await funnel.edit_and_retry(tx, number(letter_id), body.body.encode("utf-8", "replace"), who.actor))


@router.post("/api/dead-letters/{letter_id}/drop")
async def drop_dead_letter(letter_id: EntityId, who: Annotated[Principal, needs("sources.write")]) -> RetriedOut:
    """Close one without doing anything with it."""
    async with who.tx() as tx:
        await funnel.drop(tx, number(letter_id), who.actor)
    return RetriedOut(outcome="dropped", problem="", event_ids=[])
