"""The words of an ask: what is personal in them and why we may say it, and a rewriting by a model behind checks."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from honeyguide.decisions import wording
from honeyguide.decisions.messages import Brand, Draft, Refused, Rewritten
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import Evidence, In, Out, evidence

router = APIRouter()
# Puts a draft of a workspace into other words, or says why not.
Reword = Callable[[int, Draft, Brand], Awaitable[Rewritten | Refused]]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]


class PhraseOut(Out):
    """A personal phrase of a message: the fact behind it, its evidence, and how sure we are."""

    text: str
    fact: str
    confidence: float
    evidence: Evidence


class PhrasesOut(Out):
    """What a message says about the person, and the sentence the law asks for (empty: none) with the law it is for."""

    rows: list[PhraseOut]
    disclosure: str
    law: str


class RewrittenOut(Out):
    """The message in other words, to look at and to approve as an edit; `rewritten` false: `reason` says why it stays."""

    rewritten: bool
    subject: str
    body: str
    model: str
    reason: str


class BrandForm(In):
    """How the company speaks: words it never uses, how often a message may exclaim, a note for whoever writes."""

    never: Annotated[list[_Word], Field(max_length=200, default_factory=list)]
    exclamations: Annotated[int, Field(ge=0, le=3)] = 1
    note: Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")] = ""


class BrandOut(Out):
    """How the company speaks."""

    never: list[str]
    exclamations: int
    note: str


@router.get("/api/asks/{ask_id}/phrases")
async def ask_phrases(ask_id: UUID, who: Annotated[Principal, needs("queue.read")]) -> PhrasesOut:
    """The personal phrases of an ask's message, each with what it rests on."""
    async with who.tx() as tx:
        found = await wording.phrases_of(tx, ask_id)
    return PhrasesOut(
        rows=[
            PhraseOut(text=p.text, fact=p.fact, confidence=p.confidence, evidence=evidence(p.evidence))
            for p in found.phrases
        ],
        disclosure=found.disclosure, law=found.law,
    )  # fmt: skip


@router.post("/api/asks/{ask_id}/rewrite")
async def rewrite_ask(ask_id: UUID, request: Request, who: Annotated[Principal, needs("asks.decide")]) -> RewrittenOut:
    """The draft in a model's words, if they pass every check. Nothing is kept: approve it as an edit, or leave it."""
    reword: Reword | None = request.app.state.reword
    async with who.tx() as tx:
        draft, brand = await wording.drafted(tx, ask_id), await wording.brand(tx)
    made = (
        await reword(who.workspace_id, draft, brand) if reword else Refused("No model that writes is set up.", "absent")
    )
    if isinstance(made, Refused):
        return RewrittenOut(rewritten=False, subject=draft.subject, body=draft.body, model="", reason=made.reason)
    return RewrittenOut(rewritten=True, subject=made.draft.subject, body=made.draft.body, model=made.model, reason="")


@router.get("/api/brand")
async def brand(who: Annotated[Principal, needs("programs.read")]) -> BrandOut:
    """How the company speaks in its messages."""
    async with who.tx() as tx:
        return _brand(await wording.brand(tx))


@router.put("/api/brand")
async def change_brand(body: BrandForm, who: Annotated[Principal, needs("playbooks.write")]) -> BrandOut:
    """Say how the company speaks; a rewriting that breaks it is refused."""
    async with who.tx() as tx:
        wanted = Brand(tuple(body.never), body.exclamations, body.note)
        return _brand(await wording.set_brand(tx, wanted, who.actor))


def _brand(found: Brand) -> BrandOut:
    return BrandOut(never=list(found.never), exclamations=found.exclamations, note=found.note)
