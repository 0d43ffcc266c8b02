"""What reading leaves for people: questions about texts, what they decide, what reading costs and may cost."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide.core import clock
from honeyguide.db import Row, Tx, audit, cursors
from honeyguide.inference import review_tables, reviews, spend_tables
from honeyguide.inference.budget import DEFAULT, budget, set_budget, today
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads.identity import carry
from honeyguide.web.shapes import In, Out

router = APIRouter()
_ROAD = "road"  # the consumer that judges texts as events come in
_DAYS = 90
_MOST = 10**15


class Chance(Out):
    """A label and how likely it is."""

    label: str
    probability: float


class Place(Out):
    """Words of the text: from `start` to before `end`, in characters."""

    start: int
    end: int
    words: str


class Whom(Out):
    """The person a text is kept with."""

    id: str
    name: str


class ReviewRow(Out):
    """A question about a text, with what is believed of every answer, likeliest first. `value`: what an answer was worth
    when the text was new, in minutes. `alike`: how many questions about the same words it settles. `flags`: why a person should look. The text is a stranger's: show it, never run it.
    """

    id: str
    task: str
    question: str
    instructions: str
    text: str
    author: str
    source_ref: str
    persona: Whom | None
    answers: list[Chance]
    tier: str
    flags: list[str]
    evidence: list[Place]
    disagreement: bool
    value: float
    alike: int
    at: datetime
    state: str
    label: str | None
    actor: str | None
    decided_at: datetime | None


class MarkedPlace(In):
    """Words of the text that show the answer."""

    start: int = Field(ge=0, le=100_000)
    end: int = Field(ge=1, le=100_000)


class ReviewAnswer(In):
    """The label that is right, and the words that show it (those that were shown, unless given)."""

    label: str = Field(max_length=100)
    spans: list[MarkedPlace] = Field(default=[], max_length=5)


class SpendRow(Out):
    """What one provider cost on one day (UTC). Money in millionths of the provider's currency. `refused`: texts the budget kept back."""

    day: date
    provider: str
    tier: str
    tokens_in: int
    tokens_out: int
    cost_micros: int
    cpu_ms: int
    calls: int
    items: int
    refused: int


class SpendList(Out):
    """Lines of the last 90 days, the newest first."""

    rows: list[SpendRow]


class Limits(Out):
    """Tokens, money and processor time of a day."""

    tokens: int
    cost_micros: int
    cpu_ms: int


class BudgetNow(Out):
    """The limits this workspace has set (null: the shipped one holds), the shipped ones, and what is used today."""

    tokens: int | None
    cost_micros: int | None
    cpu_ms: int | None
    defaults: Limits
    used: Limits
    exhausted: bool
    actor: str | None
    at: datetime | None


class NewBudget(In):
    """Limits per day; null goes back to the shipped one, 0 lets no model read at all."""

    tokens: int | None = Field(default=None, ge=0, le=_MOST)
    cost_micros: int | None = Field(default=None, ge=0, le=_MOST)
    cpu_ms: int | None = Field(default=None, ge=0, le=_MOST)


def _row(r: Row) -> ReviewRow:
    text = r["text"] or ""
    question = reviews.question_of(r["task"], r["question"])
    name = r["persona_name"]
    ours = r["kind"] == "note"
    return ReviewRow(
        id=str(r["id"]), task=r["task"].partition("@")[0], question=r["question"],
        instructions=question.instructions if question else "", text=text,
        author="our side" if ours else name or "customer", source_ref=r["ref"],
        persona=Whom(id=str(r["persona"]), name=name) if r["persona"] is not None else None,
        answers=[
            Chance(label=label, probability=p) for label, p in sorted(r["answers"].items(), key=lambda o: (-o[1], o[0]))
        ],
        tier=r["tier"], flags=[f for f in r["flags"] if f],
        evidence=[Place(start=s, end=e, words=text[s:e]) for s, e in r["evidence"]["spans"]],
        disagreement=r["disagreement"], value=r["value"], alike=r["alike"], at=r["at"], state=r["state"], label=r["label"] or None,
        actor=r["actor"] or None, decided_at=r["decided_at"],
    )  # fmt: skip


@router.get("/api/inference/review", response_model=Listed[ReviewRow], responses=CSV_ANSWER)
async def inference_review(
    who: Annotated[Principal, needs("people.read")],
    page: Annotated[Page, Depends(paging)],
    task: Annotated[str, Query(pattern="^[a-z_]{0,40}$")] = "",
    state: Annotated[str, Query(pattern="^(open|decided)$")] = "open",
    older: bool = False,
) -> Any:
    """Questions about texts that a person should answer, the most valuable first.

    What an answer is worth halves every 30 days; open questions worth less than half a minute today are listed with
    `older=true` only.
    """
    least = review_tables.least_rank(clock.now()) if state == "open" and not older else None
    async with who.tx() as tx:
        found = await review_tables.listed(tx, state, task, page.key(tuple[float, UUID]), page.fetch, least)
        total = await review_tables.count(tx, state, task, least)
    ranks = {str(r["id"]): r["rank"] for r in found}
    return page.answer([_row(r) for r in found], lambda row: (ranks[row.id], row.id), total, "review")


@router.post("/api/inference/review/{review_id}")
async def decide_review(
    review_id: UUID, who: Annotated[Principal, needs("people.write")], given: ReviewAnswer
) -> ReviewRow:
    """Answer a question. The answer is the last word about these words; answering again changes it."""
    async with who.tx() as tx:
        await cursors.lease(tx, _ROAD)  # nobody judges the same texts meanwhile
        spans = [(s.start, s.end) for s in given.spans]
        event = await reviews.decide(tx, review_id, given.label, who.actor, spans)
        await carry(tx, event)
        await audit.write(
            tx, who.actor, "reading.reviewed", f"review:{review_id}", {"label": given.label, "event": str(event)}
        )
        row = await review_tables.one(tx, review_id)
    if row is None:
        raise RuntimeError("a question is gone that was just answered")
    return _row(row)


@router.get("/api/inference/spend")
async def inference_spend(who: Annotated[Principal, needs("measures.read")]) -> SpendList:
    """What reading has cost, by day and provider."""
    async with who.tx() as tx:
        rows = await spend_tables.ledger(tx, today() - timedelta(days=_DAYS))
    return SpendList(rows=[SpendRow(**dict(r)) for r in rows])


@router.get("/api/inference/budget")
async def inference_budget(who: Annotated[Principal, needs("measures.read")]) -> BudgetNow:
    """What reading may cost a day, and what of it is used today."""
    async with who.tx() as tx:
        return await _budget(tx)


@router.put("/api/inference/budget")
async def set_inference_budget(who: Annotated[Principal, needs("people.write")], given: NewBudget) -> BudgetNow:
    """Set the limits of a day. They hold from the next call on; texts beyond them wait for tomorrow."""
    async with who.tx() as tx:
        await set_budget(tx, who.actor, tokens=given.tokens, cost_micros=given.cost_micros, cpu_ms=given.cpu_ms)
        await audit.write(tx, who.actor, "inference.budget", "inference_budget", given.model_dump())
        return await _budget(tx)


async def _budget(tx: Tx) -> BudgetNow:
    own, now = await spend_tables.limits(tx), await budget(tx)
    return BudgetNow(
        tokens=own.tokens, cost_micros=own.cost_micros, cpu_ms=own.cpu_ms,
        defaults=Limits(tokens=DEFAULT.tokens or 0, cost_micros=DEFAULT.cost_micros or 0, cpu_ms=DEFAULT.cpu_ms or 0),
        used=Limits(
            tokens=now.spent.tokens_in + now.spent.tokens_out, cost_micros=now.spent.cost_micros, cpu_ms=round(now.spent.cpu_ms)
        ),
        exhausted=now.exhausted, actor=own.actor or None, at=own.at,
    )  # fmt: skip
