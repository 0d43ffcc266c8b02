"""Erasing a person: it cannot be undone, so it needs a permission of its own and the person's name, typed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from honeyguide import identity
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database
from honeyguide.funnel import fingerprints
from honeyguide.web.api.suppressions import IdentifierIn
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import EntityId, In, Out, number

router = APIRouter()
# Empties what names a person, everywhere; the app layer composes it: workspace, identifiers, actor, reason.
Erase = Callable[[Database, int, Sequence[tuple[str, str]], str, str], Awaitable[Any]]
_IDENTIFIERS = 1_000
_Typed = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$", strip_whitespace=True)]


class PersonaErasure(In):
    """`confirm`: the person's name as it is shown, or their address. `reason` is kept in the audit; name nobody in it."""

    confirm: _Typed
    reason: _Typed


class Erasure(In):
    """Who is to be erased, by what identifies them; `confirm`: the first identifier's value, once more."""

    identifiers: Annotated[list[IdentifierIn], Field(min_length=1, max_length=_IDENTIFIERS)]
    confirm: _Typed
    reason: _Typed


class ErasedOut(Out):
    """What was done: rows of the log emptied and rewritten, letters removed, other texts scrubbed; the replay that follows."""

    suppression_id: str
    replay_id: str
    emptied: int
    rewritten: int
    letters: int
    scrubbed: int


@router.post("/api/personas/{persona_id}/erase")
async def erase_persona(
    request: Request, persona_id: EntityId, body: PersonaErasure, who: Annotated[Principal, needs("people.erase")]
) -> ErasedOut:
    """Erase a persona: out of the log, the dead letters and every other text. Nothing new about them is kept; the books stay."""
    async with who.tx() as tx:
        records = await identity.records_of(tx, number(persona_id))
    if not records or records[0].kind != "persona":
        raise NotFound("There is no such persona in this workspace.")
    names = [v for r in records for t in ("name", "email") if isinstance(v := r.traits.get(t), str) and v.strip()]
    _confirmed(body.confirm, names or [r.ext_id for r in records])
    known = [(f"record:{r.source}", r.ext_id) for r in records] + [("email", n) for n in names if "@" in n]
    usable = [one for one in known if fingerprints.plain(*one)]  # an id like "unknown" would name everybody
    if not usable:
        raise BadInput("Nothing this persona is known by names them alone.", advice="Separate its records first.")
    return await _erase(request, who, usable[:_IDENTIFIERS], body.reason)


@router.post("/api/erasures")
async def erase_by_identifiers(
    request: Request, body: Erasure, who: Annotated[Principal, needs("people.erase")]
) -> ErasedOut:
    """Erase whoever has one of these identifiers, also somebody only dead letters or texts of others speak of."""
    _confirmed(body.confirm, [body.identifiers[0].value])
    return await _erase(request, who, [(i.ns, i.value) for i in body.identifiers], body.reason)


def _confirmed(typed: str, names: Sequence[str]) -> None:
    if typed.casefold() not in {name.strip().casefold() for name in names}:
        raise BadInput(
            "The confirmation is not the name of this person.", "What is erased cannot be brought back.",
            advice=f"Type {names[0].strip()[:200]!r} as confirm.", code="not_confirmed",
        )  # fmt: skip


async def _erase(request: Request, who: Principal, identifiers: Sequence[tuple[str, str]], reason: str) -> ErasedOut:
    erase: Erase | None = request.app.state.erase
    if erase is None:
        raise NotFound("Erasing is not switched on in this server.", advice="Start it with `honeyguide serve`.")
    done = await erase(who.db, who.workspace_id, identifiers, who.actor, reason)
    return ErasedOut(
        suppression_id=str(done.suppression_id), replay_id=str(done.replay_id), emptied=done.emptied, rewritten=done.rewritten,
        letters=done.letters, scrubbed=done.scrubbed,
    )  # fmt: skip
