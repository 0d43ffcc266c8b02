"""One ask told as an answer: who, why, what and when, in sentences a person would repeat, each with what shows it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request

from honeyguide import decisions
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.decisions import autonomy
from honeyguide.decisions.autonomy import State
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.funnel.vault import Vault
from honeyguide.programs import playbooks
from honeyguide.web.api.advocates import ProofOut, SaidOut, ScoreOut, WhatOut, WhenOut
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import asks as reads
from honeyguide.web.shapes import Out

router = APIRouter()
_NEAR = 50  # open moments of one person that are looked through for the one of the ask


class WithoutOut(Out):
    """What becomes of the ask without a person, at the level its step stands at now."""

    step: str
    title: str
    level: int
    alone: bool
    stopped: bool
    sentence: str


class AnswerOut(Out):
    """Why them, what, and when. An ask that was decided, or whose moment is over, has nothing left to tell: no `why`."""

    why: list[SaidOut]
    what: WhatOut | None
    when: WhenOut | None
    stage: str | None
    segment: str | None
    readiness: ScoreOut | None
    without: WithoutOut | None


@router.get("/api/asks/{ask_id}/answer")
async def answer(request: Request, ask_id: UUID, who: Annotated[Principal, needs("queue.read")]) -> AnswerOut:
    """Who, why, what and when of one ask, as `/v1/advocates/next` tells it, and what would become of it without a person."""
    seal = Seal.of(Vault.of(request.app.state.settings))
    async with who.tx() as tx:
        asked = await reads.asked(tx, ask_id)
        if asked is None:
            raise NotFound("There is no such ask.")
        found = [] if asked.persona is None else await decisions.who(tx, clock.now(), _NEAR, personas=[asked.persona])
        told = next((row for row in found if row["ask"] == str(ask_id)), None)
        known = (await reads.readiness_of(tx, [asked.persona or 0])).get(asked.persona or 0)
        holds = await autonomy.state(tx, seal) if asked.state == "suggested" else None
        titles = await playbooks.step_titles(tx)
    return AnswerOut(
        why=_said(told["why"]) if told else [],
        what=WhatOut(**told["what"]) if told else None,
        when=WhenOut(**told["when"]) if told else None,
        stage=known.stage if known else None,
        segment=known.segment if known else None,
        readiness=ScoreOut(score=round(known.score, 2), low=round(known.low, 2), high=round(known.high, 2))
        if known
        else None,
        without=_without(ask_id, asked.step, titles, holds) if holds else None,
    )


def _said(why: list[dict[str, Any]]) -> list[SaidOut]:
    return [SaidOut(sentence=s["sentence"], evidence=ProofOut(**s["evidence"]) if s["evidence"] else None) for s in why]


def _without(ask_id: UUID, step: str, titles: Mapping[str, str], holds: State) -> WithoutOut:
    standing = holds.steps.get(step)
    stopped = holds.stopped or (standing is not None and standing.stopped)
    level = holds.level(step)
    alone = autonomy.runs_alone(level, ask_id)
    return WithoutOut(
        step=step, title=titles.get(step) or step, level=level, alone=alone, stopped=stopped, sentence=_sentence(level, alone, stopped)
    )  # fmt: skip


def _sentence(level: int, alone: bool, stopped: bool) -> str:
    if stopped:
        return "Nothing: what runs alone is stopped, so it waits until a person decides."
    if level == 0:
        return "Nothing: a person decides about every ask of this step, so it waits."
    share = f"{100 * autonomy.SHARES[level]:.0f} of 100 asks of this step go out alone"
    if alone:
        return f"It would go out by itself: {share}, and this is one of them, as long as every check still holds."
    return f"Nothing: {share}, and this one is among those that wait for a person."
