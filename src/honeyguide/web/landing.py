"""The page a friend sees: who vouches, what happens next, one field. Works without scripts; reading it sets no cookie."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from honeyguide import outcomes, programs
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Forbidden, HoneyguideError, NotFound
from honeyguide.core.ids import digest, new_id
from honeyguide.db import Database, Tx, workspace
from honeyguide.web import device
from honeyguide.web.auth import public, same_origin
from honeyguide.web.forms import fields
from honeyguide.web.pages import failure, page
from honeyguide.web.reads import referrals as reads
from honeyguide.web.signin import caller

router = APIRouter(include_in_schema=False)
Code = Annotated[str, Path(max_length=64)]


async def _words(tx: Tx, link: programs.Link) -> dict[str, Any]:
    """What the page says: the program's words with the advocate's first name and our company's name in them."""
    advocate = await programs.advocate(tx, link.advocate_id)
    program = await programs.program(tx, link.program_id)
    place = await workspace(tx)
    first = advocate.name.split()[0] if advocate.name.split() else "Somebody"
    names = {"advocate": first, "company": place.name}
    said = program.terms.landing
    return {
        "code": link.code,
        "company": place.name,
        "advocate": first,
        "initials": "".join(w[0] for w in advocate.name.split()[:2]).upper(),
        "works_at": await reads.company_of_record(tx, advocate.record_id),
        "headline": _filled(said.headline, names),
        "text": _filled(said.text, names),
        "button": _filled(said.button, names),
        "thanks": _filled(said.thanks, names),
        "privacy": _filled(said.privacy, names),
        "guard": await device.told(tx, "Sending this form"),
    }


async def render(tx: Tx, link: programs.Link, visitor: UUID, base_url: str) -> Response:
    """The page of a link for a visitor."""
    words = await _words(tx, link)
    address = f"{base_url}/r/{words['code']}"
    return page("landing.html", **words, visitor=visitor, email="", name="", problem="", done=False, url=address)


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


async def _workspace_of(request: Request, code: str) -> tuple[int, str]:
    db: Database = request.app.state.db
    found = None
    for name in outcomes.spellings(code):
        found = await db.find("link", digest(name))
        if found is not None:
            break
    host = outcomes.host_text(request.headers.get("host", ""))
    owner = await db.find("host", digest(host)) if host else None
    if found is None or (owner is not None and owner != found):
        request.app.state.rates.miss.take(caller(request))
        raise NotFound(
            "This link is not valid", "It was switched off, or the code has a typing error.",
            advice="Ask the person who gave it to you for a new one.",
        )  # fmt: skip
    return found, name


async def _link(tx: Tx, code: str) -> programs.Link:
    link = await outcomes.link_of_code(tx, code)
    if link is None:
        raise NotFound("This link was switched off", advice="Ask the person who gave it to you for a new one.")
    return link


@router.get("/l/{code}", dependencies=[public("the page friends see")])
async def landing(
    request: Request,
    code: Code,
    v: Annotated[str, Query(max_length=64)] = "",
    done: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """The landing page, or the thanks after the form was sent."""
    visitor = _visitor(v)
    try:
        workspace_id, canonical = await _workspace_of(request, code)
        async with request.app.state.db.tx(workspace_id) as tx:
            link = await _link(tx, canonical)
            words = await _words(tx, link)
            if not done:
                await outcomes.record_touch(
                    tx, link, "landing", agent=request.headers.get("user-agent", ""), visitor=visitor,
                    referrer=request.headers.get("referer", ""), utm=outcomes.utm_of(request.url.query),
                )  # fmt: skip
    except HoneyguideError as error:
        return failure(request.scope, error)
    base_url = request.app.state.settings.base_url
    return page(
        "landing.html", **words, visitor=visitor, email="", name="", problem="", done=bool(done),
        url=f"{base_url}/r/{words['code']}",
    )  # fmt: skip


def _visitor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return new_id()


@router.post("/l/{code}", dependencies=[public("the form friends send")])
async def sign_up(request: Request, code: Code) -> Response:
    """Sign a friend up. The form's `website` is a field no person sees: what fills it is a machine, and is thanked for nothing."""
    words: dict[str, Any] = {}
    visitor, email, name, canonical, number = new_id(), "", "", "", ""
    try:
        if not same_origin(request.headers):
            raise Forbidden("The form was sent from another site.")
        request.app.state.rates.sign_up.take(caller(request))
        sent = await fields(request, email=254, name=200, v=64, website=200)
        visitor, email, name = _visitor(sent["v"]), sent["email"].strip(), sent["name"].strip()
        workspace_id, canonical = await _workspace_of(request, code)
        async with request.app.state.db.tx(workspace_id) as tx:
            words = await _words(tx, await _link(tx, canonical))
        if not sent["website"]:
            async with request.app.state.db.tx(workspace_id) as tx:
                made = await outcomes.sign_up(tx, canonical, email, name, visitor, clock.now())
                number = await _friend_acts(tx, request, made)
    except BadInput as error:
        if not words:
            return failure(request.scope, error)
        return page(
            "landing.html", 400, **words, visitor=visitor, email=email, name=name, done=False,
            problem=f"{error.title} {error.detail}".strip(), url=f"{request.app.state.settings.base_url}/r/{canonical}",
        )  # fmt: skip
    except HoneyguideError as error:
        return failure(request.scope, error)
    answer = RedirectResponse(f"/l/{canonical}?v={visitor}&done=1", 303)
    device.give(request, answer, number)
    return answer


async def _friend_acts(tx: Tx, request: Request, made: outcomes.SignUp) -> str:
    """A new friend's device and network. Who sends a known friend's address again marks nobody: it may be anybody."""
    return "" if made.already else await device.see(tx, request, "friend", made.referral.id)


@router.get("/c/{code}", dependencies=[public("where a friend says afterwards who sent them")])
async def claim_page(request: Request, code: Code, done: Annotated[str, Query(max_length=8)] = "") -> Response:
    """The form of a claim. It proves nothing by itself: a person looks before it pays."""
    try:
        workspace_id, canonical = await _workspace_of(request, code)
        async with request.app.state.db.tx(workspace_id) as tx:
            words = await _words(tx, await _link(tx, canonical))
    except HoneyguideError as error:
        return failure(request.scope, error)
    return page("claim.html", **words, email="", name="", problem="", done=bool(done))


@router.post("/c/{code}", dependencies=[public("a friend says afterwards who sent them")])
async def claim(request: Request, code: Code) -> Response:
    """Keep a claim."""
    words: dict[str, Any] = {}
    email, name, canonical, number = "", "", "", ""
    try:
        if not same_origin(request.headers):
            raise Forbidden("The form was sent from another site.")
        request.app.state.rates.sign_up.take(caller(request))
        sent = await fields(request, email=254, name=200, website=200)
        email, name = sent["email"].strip(), sent["name"].strip()
        workspace_id, canonical = await _workspace_of(request, code)
        async with request.app.state.db.tx(workspace_id) as tx:
            words = await _words(tx, await _link(tx, canonical))
        if not sent["website"]:
            async with request.app.state.db.tx(workspace_id) as tx:
                made = await outcomes.claim(tx, canonical, email, name, clock.now())
                number = await _friend_acts(tx, request, made)
    except BadInput as error:
        if not words:
            return failure(request.scope, error)
        problem = f"{error.title} {error.detail}".strip()
        return page("claim.html", 400, **words, email=email, name=name, problem=problem, done=False)
    except HoneyguideError as error:
        return failure(request.scope, error)
    answer = RedirectResponse(f"/c/{canonical}?done=1", 303)
    device.give(request, answer, number)
    return answer
