"""Programs as sentences people can check."""

from typing import Annotated

from fastapi import APIRouter

from honeyguide import programs as terms
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import Out

router = APIRouter()


class OfferOut(Out):
    """What an advocate of the group may be offered."""

    id: str
    label: str
    incentive: str
    sentence: str


class GroupOut(Out):
    """A group of customers."""

    id: str
    slug: str
    name: str
    sentence: str
    offers: list[OfferOut]
    advocates: int


class ProgramOut(Out):
    """A program."""

    id: str
    slug: str
    name: str
    state: str
    version: int
    sentences: list[str]
    groups: list[GroupOut]


class ProgramsOut(Out):
    """Every program."""

    rows: list[ProgramOut]


@router.get("/api/programs")
async def programs(who: Annotated[Principal, needs("programs.read")]) -> ProgramsOut:
    """Programs, their groups and offers, in plain sentences."""
    rows: list[ProgramOut] = []
    async with who.tx() as tx:
        members = await terms.advocates_by_group(tx)
        for program in await terms.programs(tx):
            groups = await terms.groups(tx, program.id)
            offers = {g.id: await terms.offers(tx, g.id) for g in groups}
            rows.append(
                ProgramOut(
                    id=str(program.id), slug=program.slug, name=program.name, state=program.state,
                    version=program.version, sentences=terms.sentences(program, groups, offers),
                    groups=[
                        GroupOut(
                            id=str(g.id), slug=g.slug, name=g.name, sentence=terms.group_sentence(g),
                            offers=[
                                OfferOut(id=str(o.id), label=o.label, incentive=o.incentive, sentence=terms.offer_sentence(o))
                                for o in offers[g.id]
                            ],
                            advocates=members.get(g.id, 0),
                        )
                        for g in groups
                    ],
                )
            )  # fmt: skip
    return ProgramsOut(rows=rows)
