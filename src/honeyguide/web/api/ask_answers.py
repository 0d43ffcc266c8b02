"""One ask told as an answer: who, why, what and when, in sentences a person would repeat, each with what shows it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from honeyguide import decisions
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.web.api.advocates import ProofOut, SaidOut, ScoreOut, WhatOut, WhenOut
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import asks as reads
from honeyguide.web.shapes import Out

router = APIRouter()
_NEAR = 50  # open moments of one person that are looked through for the one of the ask


class AnswerOut(Out):
    """Why them, what, and when. An ask that was decided, or whose moment is over, has nothing left to tell: no `why`."""

    why: list[SaidOut]
    what: WhatOut | None
    when: WhenOut | None
    stage: str | None
    segment: str | None
    readiness: ScoreOut | None


@router.get("/api/asks/{ask_id}/answer")
async def answer(ask_id: UUID, who: Annotated[Principal, needs("queue.read")]) -> AnswerOut:
    """Who, why, what and when of one ask, as `/v1/advocates/next` tells it."""
    async with who.tx() as tx:
        persona = await reads.persona_of(tx, ask_id)
        if persona is None:
            raise NotFound("There is no such ask.")
        found = await decisions.who(tx, clock.now(), _NEAR, personas=[persona])
        told = next((row for row in found if row["ask"] == str(ask_id)), None)
        known = (await reads.readiness_of(tx, [persona])).get(persona)
    if told is None:
        return AnswerOut(
            why=[], what=None, when=None, stage=known.stage if known else None, segment=known.segment if known else None,
            readiness=ScoreOut(score=known.score, low=known.low, high=known.high) if known else None,
        )  # fmt: skip
    ready = told["readiness"]
    return AnswerOut(
        why=[
            SaidOut(sentence=s["sentence"], evidence=ProofOut(**s["evidence"]) if s["evidence"] else None)
            for s in told["why"]
        ],
        what=WhatOut(**told["what"]),
        when=WhenOut(**told["when"]),
        stage=told["stage"],
        segment=told["segment"],
        readiness=ScoreOut(**ready) if ready else None,
    )
