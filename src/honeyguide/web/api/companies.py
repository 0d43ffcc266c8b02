"""Companies."""

from typing import Annotated

from fastapi import APIRouter

from honeyguide.core.errors import NotFound
from honeyguide.web.api.personas import text
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import people
from honeyguide.web.shapes import EntityId, Out, number

router = APIRouter()


class ColleagueOut(Out):
    """A persona of the company."""

    id: str
    name: str
    title: str


class CompanyOut(Out):
    """A company and the people we know there. Open incidents stop every ask to the company."""

    id: str
    name: str
    domain: str
    segment: str | None
    industry: str | None
    personas: list[ColleagueOut]
    open_incidents: int


@router.get("/api/companies/{company_id}")
async def company(company_id: EntityId, who: Annotated[Principal, needs("people.read")]) -> CompanyOut:
    """One company."""
    async with who.tx() as tx:
        ident = number(company_id)
        found = await people.company(tx, ident)
        if found is None:
            moved = await people.survivor(tx, ident)
            found = await people.company(tx, moved) if moved is not None else None
        if found is None:
            raise NotFound("There is no such company in this workspace.")
        staff = await people.colleagues(tx, found["id"])
        incidents = await people.open_incidents(tx, found["id"])
    props = found["props"]
    return CompanyOut(
        id=str(found["id"]),
        name=found["name"] or text(props, "name") or text(props, "domain"),
        domain=text(props, "domain"),
        segment=text(props, "segment") or None,
        industry=text(props, "industry") or None,
        personas=[ColleagueOut(id=str(p["id"]), name=p["name"], title=p["title"] or "") for p in staff],
        open_incidents=incidents,
    )
