"""Personal links: vanity codes, QR codes, campaign words, branded domains, and people an advocate names."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from honeyguide import outcomes, programs
from honeyguide.core import clock
from honeyguide.outcomes import aliases
from honeyguide.outcomes import domains as branded
from honeyguide.web import dns, qr
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Named, Out, Search

router = APIRouter()
_PLAIN = r"^[^\x00]*$"
Alias = Annotated[str, Path(max_length=64, pattern=_PLAIN)]
Host = Annotated[str, Path(max_length=253, pattern=_PLAIN)]
Tag = Annotated[str, Query(max_length=100, pattern=_PLAIN)]
SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}, "description": "The picture."}
}


class LinkRow(Out):
    """A personal link, its vanity codes, and what came of it (clicks of machines are not counted)."""

    id: str
    code: str
    url: str
    aliases: list[str]
    advocate: Named
    clicks: int
    referrals: int
    created_at: datetime
    disabled_at: datetime | None


class AliasIn(In):
    """A vanity code."""

    alias: Annotated[str, Field(min_length=1, max_length=64, pattern=_PLAIN)]


class AliasOut(Out):
    """A vanity code as it is written, and where it leads from."""

    alias: str
    url: str


class NamedIn(In):
    """Whom the advocate names: an e-mail address (or its SHA-256), or a company's domain. Only a digest of the address is kept."""

    email: Annotated[str, Field(max_length=254, pattern=_PLAIN)] = ""
    company: Annotated[str, Field(max_length=253, pattern=_PLAIN)] = ""


class NamedOut(Out):
    """Since when it counts as a touch of the link."""

    kind: str
    at: datetime


class DomainIn(In):
    """A host of your own."""

    host: Annotated[str, Field(min_length=3, max_length=253, pattern=_PLAIN)]


class DomainOut(Out):
    """What to publish (a TXT record `record` with the value `proof`), and whether it was found."""

    host: str
    record: str
    proof: str
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str


class DomainsOut(Out):
    """The branded domains."""

    rows: list[DomainOut]


def _domain(found: branded.Domain) -> DomainOut:
    return DomainOut(
        host=found.host, record=found.record, proof=found.proof, verified_at=found.verified_at, checked_at=found.checked_at,
        problem=found.problem,
    )  # fmt: skip


def _base(request: Request) -> str:
    return str(request.app.state.settings.base_url)


@router.get("/api/links", response_model=Listed[LinkRow], responses=CSV_ANSWER)
async def links(
    request: Request,
    who: Annotated[Principal, needs("referrals.read")],
    page: Annotated[Page, Depends(paging)],
    q: Search = "",
) -> Any:
    """Personal links, newest first."""
    async with who.tx() as tx:
        found = await aliases.links(tx, q or None, page.key(tuple[datetime, UUID]), page.fetch)
        total = await aliases.count_links(tx, q or None)
    rows = [
        LinkRow(
            id=str(r["id"]), code=r["code"], url=f"{_base(request)}/r/{r['code']}", aliases=list(r["aliases"]),
            advocate=Named(id=str(r["advocate_id"]), name=r["advocate_name"]), clicks=r["clicks"], referrals=r["referrals"],
            created_at=r["created_at"], disabled_at=r["disabled_at"],
        )
        for r in found
    ]  # fmt: skip
    return page.answer(rows, lambda row: (row.created_at, row.id), total, "links")


@router.post("/api/links/{link_id}/aliases")
async def add_alias(
    request: Request, link_id: UUID, said: AliasIn, who: Annotated[Principal, needs("people.write")]
) -> AliasOut:
    """Give a link a vanity code. It is that link's for ever."""
    async with who.tx() as tx:
        made = await outcomes.add_alias(tx, link_id, said.alias, who.actor, clock.now())
    return AliasOut(alias=made, url=f"{_base(request)}/r/{made}")


@router.delete("/api/links/aliases/{alias}")
async def disable_alias(request: Request, alias: Alias, who: Annotated[Principal, needs("people.write")]) -> AliasOut:
    """Switch a vanity code off. Nobody else gets it."""
    async with who.tx() as tx:
        await outcomes.disable_alias(tx, alias, who.actor, clock.now())
    return AliasOut(alias=alias, url=f"{_base(request)}/r/{alias}")


@router.get("/api/links/{link_id}/qr.svg", responses=SVG, response_class=Response)
async def link_qr(
    request: Request,
    link_id: UUID,
    who: Annotated[Principal, needs("referrals.read")],
    utm_source: Tag = "",
    utm_medium: Tag = "",
    utm_campaign: Tag = "",
) -> Response:
    """The link as a QR code, with the campaign's words if any."""
    async with who.tx() as tx:
        code = await aliases.code_of(tx, link_id)
    named = {"utm_source": utm_source, "utm_medium": utm_medium, "utm_campaign": utm_campaign}
    address = qr.tagged(f"{_base(request)}/r/{code}", {k: v for k, v in named.items() if v})
    return Response(qr.svg(address), media_type="image/svg+xml", headers={"cache-control": "private, max-age=3600"})


@router.post("/api/links/{link_id}/named")
async def name_somebody(link_id: UUID, said: NamedIn, who: Annotated[Principal, needs("people.write")]) -> NamedOut:
    """The advocate of a link names a person or a company: whoever turns up from there came through it, without a click."""
    async with who.tx() as tx:
        link = await programs.find_link(tx, await aliases.code_of(tx, link_id))
        if link is None:
            raise LookupError("a link vanished")
        now = clock.now()
        touch = (
            await outcomes.name_company(tx, link, said.company, now)
            if said.company
            else await outcomes.invite(tx, link, said.email, now)
        )
    return NamedOut(kind=touch.kind, at=touch.at)


@router.get("/api/domains")
async def domains(who: Annotated[Principal, needs("programs.read")]) -> DomainsOut:
    """The branded domains."""
    async with who.tx() as tx:
        return DomainsOut(rows=[_domain(d) for d in await outcomes.branded_domains(tx)])


@router.post("/api/domains")
async def claim_domain(said: DomainIn, who: Annotated[Principal, needs("sources.write")]) -> DomainOut:
    """Say that a host is yours; the answer says what to publish."""
    async with who.tx() as tx:
        return _domain(await outcomes.claim_domain(tx, said.host, who.actor, clock.now()))


@router.post("/api/domains/{host}/verify")
async def verify_domain(host: Host, who: Annotated[Principal, needs("sources.write")]) -> DomainOut:
    """Look for the record now."""
    async with who.tx() as tx:
        known = await branded.domain(tx, outcomes.host_text(host) or host)
    published = await dns.txt(known.record)
    async with who.tx() as tx:
        return _domain(await outcomes.verify_domain(tx, known.host, published, who.actor, clock.now()))


@router.delete("/api/domains/{host}")
async def remove_domain(host: Host, who: Annotated[Principal, needs("sources.write")]) -> DomainsOut:
    """Forget a host: links under it end."""
    async with who.tx() as tx:
        await outcomes.remove_domain(tx, host, who.actor)
        return DomainsOut(rows=[_domain(d) for d in await outcomes.branded_domains(tx)])
