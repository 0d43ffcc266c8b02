"""Suppressions: people about whom nothing new is kept. Digests only: who they are can be asked, never read."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from honeyguide import funnel
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import EntityId, In, Out, Words, number

router = APIRouter()
_PLAIN = r"^[^\x00]*$"


class SuppressionRow(Out):
    """A suppressed person: who asked, why, the kinds of identifiers, how often it kept something out."""

    id: str
    actor: str
    reason: str
    at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    hits: int
    last_hit_at: datetime | None
    namespaces: list[str]


class IdentifierIn(In):
    """An identifier. `ns`: email, phone, external:NAME, anonymous:SOURCE, or record:SOURCE for a source's own id."""

    ns: Annotated[str, Field(min_length=1, max_length=200, pattern=_PLAIN)]
    value: Annotated[str, Field(min_length=1, max_length=1_000, pattern=_PLAIN)]


class SuppressionIn(In):
    """Whom to suppress, and why."""

    identifiers: Annotated[list[IdentifierIn], Field(min_length=1, max_length=1_000)]
    reason: Words


def _out(found: funnel.Suppression) -> SuppressionRow:
    values = {f: getattr(found, f) for f in found.__struct_fields__}
    return SuppressionRow(**values | {"id": str(found.id)})


@router.get("/api/suppressions", response_model=Listed[SuppressionRow], responses=CSV_ANSWER)
async def suppressions(who: Annotated[Principal, needs("people.read")], page: Annotated[Page, Depends(paging)]) -> Any:
    """Suppressions, newest first, the lifted ones too."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        found = await funnel.suppressions(tx, after[0] if after else None, page.fetch)
        total = await funnel.count_suppressions(tx)
    return page.answer([_out(s) for s in found], lambda row: (int(row.id),), total, "suppressions")


@router.post("/api/suppressions", status_code=201)
async def suppress(body: SuppressionIn, who: Annotated[Principal, needs("people.write")]) -> SuppressionRow:
    """Keep nothing new about a person, whatever sends it."""
    async with who.tx() as tx:
        found = await funnel.suppress(tx, [(i.ns, i.value) for i in body.identifiers], who.actor, body.reason)
    return _out(found)


@router.delete("/api/suppressions/{suppression_id}")
async def lift_suppression(
    suppression_id: EntityId, who: Annotated[Principal, needs("people.write")]
) -> SuppressionRow:
    """Take new events of this person again."""
    async with who.tx() as tx:
        await funnel.lift(tx, number(suppression_id), who.actor)
        return _out(await funnel.suppression_of(tx, number(suppression_id)))
