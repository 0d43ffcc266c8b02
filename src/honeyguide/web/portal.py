"""The advocate's page: the personal link, what became of each referral, what was earned. And in-app messages."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from honeyguide import identity, programs
from honeyguide.core import clock
from honeyguide.core.errors import Forbidden, HoneyguideError, NotFound
from honeyguide.core.ids import digest
from honeyguide.core.money import money_text
from honeyguide.db import Database, Row, Tx, audit, workspace
from honeyguide.web import device, words
from honeyguide.web.auth import public, same_origin
from honeyguide.web.pages import failure, page
from honeyguide.web.reads import messages
from honeyguide.web.reads import referrals as reads
from honeyguide.web.shapes import Out
from honeyguide.web.signin import caller

router = APIRouter()
Token = Annotated[str, Path(max_length=200)]


class InAppMessage(Out):
    """A message for the advocate."""

    id: str
    subject: str
    text: str
    sent_at: datetime
    read: bool


class InAppOut(Out):
    """The advocate's messages, newest first."""

    messages: list[InAppMessage]


async def _workspace_of(request: Request, token: str) -> int:
    db: Database = request.app.state.db
    found = await db.find("portal", digest(token))
    if found is None:
        request.app.state.rates.miss.take(caller(request))
        raise NotFound(
            "This link is not valid any more", "A newer link is in the latest message you had from us.",
            advice="Open that one instead.",
        )  # fmt: skip
    return found


async def _advocate(tx: Tx, token: str) -> programs.Advocate:
    found = await programs.advocate_by_portal(tx, digest(token))
    if found is None:
        raise NotFound("This link is not valid any more", "A newer link is in the latest message you had from us.")
    return found


def _friend(row: Row) -> str:
    """Whom the advocate referred: the name, or the address with its local part shortened."""
    if row["friend_name"]:
        return str(row["friend_name"])
    local, _, domain = str(row["friend_email"]).partition("@")
    return f"{local[:1]}•••@{domain}"


def _reward(row: Row) -> dict[str, Any]:
    amount = money_text(row["amount_minor"], row["currency"]) if row["amount_minor"] else ""
    state = words.reward_text(row["state"])
    if row["state"] == "held":
        state = f"Earned, on hold until {row['hold_until']:%d %B %Y}"
    return {
        "label": row["label"],
        "amount": amount,
        "state": row["state"],
        "state_text": state,
        "at": row["created_at"],
    }


def _share(link: str, company: str) -> dict[str, str]:
    text = f"I work with {company} and thought of you: {link}"
    return {
        "linkedin": "https://www.linkedin.com/sharing/share-offsite/?" + urlencode({"url": link}),
        "email": f"mailto:?subject={quote(f'You may like {company}')}&body={quote(text)}",
    }


@router.get("/p/{token}", dependencies=[public("the token is the key")], include_in_schema=False)
async def portal(request: Request, token: Token) -> Response:
    """The advocate's page."""
    try:
        async with request.app.state.db.tx(await _workspace_of(request, token)) as tx:
            advocate = await _advocate(tx, token)
            link = await programs.ensure_link(tx, advocate)
            program = await programs.program(tx, advocate.program_id)
            place = await workspace(tx)
            offers = await programs.offers(tx, advocate.group_id)
            referrals = await reads.of_advocate(tx, advocate.id)
            rewards = await reads.rewards_of_advocate(tx, advocate.id)
            clicks = await reads.clicks(tx, advocate.id)
            notes = await messages.in_app(tx, advocate.record_id)
            number = await device.see(tx, request, "advocate", advocate.id)
            guard = await device.told(tx, "This page")
    except HoneyguideError as error:
        return failure(request.scope, error)
    address = f"{request.app.state.settings.base_url}/r/{link.code}"
    answer = page(
        "portal.html",
        token=token,
        company=place.name,
        first_name=advocate.name.split()[0] if advocate.name.split() else "",
        link=address,
        shown_link=address.split("://", 1)[1],
        share=_share(address, place.name),
        offers=[programs.offer_sentence(o) for o in offers],
        terms=program.terms.accept,
        accepted_at=advocate.terms_accepted_at,
        clicks=clicks,
        referrals=[
            {"friend": _friend(r), "stage": r["stage"], "text": words.stage_text(r["stage"]), "at": r["stage_at"]}
            for r in referrals
        ],
        rewards=[_reward(r) for r in rewards],
        won=sum(r["stage"] == "won" for r in referrals),
        earned=_earned(rewards),
        notes=notes,
        guard=guard,
    )
    device.give(request, answer, number)
    return answer


def _earned(rewards: list[Row]) -> str:
    sums: dict[str, int] = {}
    for r in rewards:
        if r["state"] != "reversed" and r["amount_minor"]:
            sums[r["currency"]] = sums.get(r["currency"], 0) + r["amount_minor"]
    return ", ".join(money_text(minor, currency) for currency, minor in sorted(sums.items()))


@router.post("/p/{token}/accept", dependencies=[public("the token is the key")], include_in_schema=False)
async def accept(request: Request, token: Token) -> Response:
    """Accept the program's terms; the first time counts."""
    try:
        if not same_origin(request.headers):
            raise Forbidden("The form was sent from another site.")
        async with request.app.state.db.tx(await _workspace_of(request, token)) as tx:
            advocate = await _advocate(tx, token)
            accepted = await programs.accept_terms(tx, advocate.id, clock.now())
            await identity.protect(tx, accepted.record_id, "payee", str(accepted.id), clock.now())
            await audit.write(tx, advocate.email, "terms.accepted", f"advocate:{advocate.id}", {})
            number = await device.see(tx, request, "advocate", advocate.id)
    except HoneyguideError as error:
        return failure(request.scope, error)
    answer = RedirectResponse(f"/p/{token}", 303)
    device.give(request, answer, number)
    return answer


@router.get("/in-app/{token}", dependencies=[public("the token is the key")])
async def in_app(request: Request, token: Token) -> InAppOut:
    """The messages of an advocate, for the customer's own product to show. The token is the one of their page."""
    async with request.app.state.db.tx(await _workspace_of(request, token)) as tx:
        advocate = await _advocate(tx, token)
        found = await messages.in_app(tx, advocate.record_id)
    return InAppOut(
        messages=[
            InAppMessage(
                id=str(m["id"]), subject=m["subject"], text=m["text"], sent_at=m["sent_at"],
                read=m["read_at"] is not None,
            )
            for m in found
        ]
    )  # fmt: skip
