"""Leads, sales and refunds as a customer's own server tells them, whatever became of a cookie.

A lead finds its link by, in this order: the click it names, the code it names, what the same mailbox touched before, an
advocate who invited this mailbox, an advocate who named this company. The first of these that leads to a working link
makes the referral. A sale goes into the log with its customer; the road credits it. Each call has a permanent key: the
same again is answered the same and has no second effect; another content under the key is refused. Sales and refunds
may come before the lead, and in any order.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from honeyguide import programs
from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.ids import new_id
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.funnel.sources import INTERNAL
from honeyguide.outcomes import tables, touch_rows, tracking_rows
from honeyguide.outcomes.aliases import link_of_code
from honeyguide.outcomes.signup import Friend, company_of, enter, touch_for
from honeyguide.outcomes.terms import SignUp, Touch
from honeyguide.outcomes.touches import mailbox_digest
from honeyguide.outcomes.tracking_rows import Customer


class Buyer(Struct, frozen=True, kw_only=True):
    """Whom a call speaks of."""

    external_id: str
    name: str = ""
    email: str = ""
    avatar: str = ""
    click_id: str = ""
    code: str = ""


class Sale(Struct, frozen=True, kw_only=True):
    """A sale. `key` is the invoice's number; empty when there is none, and then nothing tells a repetition."""

    buyer: Buyer
    amount_minor: int
    currency: str
    key: str = ""
    name: str = "Purchase"
    processor: str = ""
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class Refund(Struct, frozen=True, kw_only=True):
    """What came back of a sale; without an amount all of it. `key` is the refund's own number."""

    invoice: str
    key: str
    amount_minor: int | None = None
    currency: str = ""


class _Way(Struct, frozen=True):
    """The link a lead came by, and the touch that says so."""

    link: programs.Link
    touch: Touch
    visitor: UUID | None
    said: str = ""


async def track_lead(tx: Tx, buyer: Buyer, event: str, now: datetime, *, defer: bool = False) -> dict[str, Any]:
    """Somebody became a lead. Returns what the call is answered: click, link, customer, and whether it is a referral.

    With `defer` the customer is noted with the click and becomes a lead by a later call. Raises BadInput, Conflict.
    """
    known = await _taken(
        tx, "lead", f"{buyer.external_id}:{event}:{'later' if defer else 'now'}", [buyer.external_id, event], now
    )
    if known is not None:
        return known
    way = await _way(tx, buyer, now)
    made: SignUp | None = None
    friend = friend_of_buyer(buyer)
    if defer:
        if way is not None and way.visitor is not None:
            await tables.prove_person(tx, way.visitor, mailbox_digest(tx.workspace_id, friend.email), friend.domain)
    elif way is not None:
        made = await enter(tx, way.link, friend, way.touch, now, visitor=way.visitor, said=way.said)
    await _note(tx, buyer, friend, made.referral.id if made else None, now)
    answer = {
        "click": {"id": buyer.click_id}, "link": {"key": way.link.code, "id": str(way.link.id)} if way else None,
        "customer": customer_out(buyer), "attributed": made is not None and (not made.already or way is not None),
    }  # fmt: skip
    await tracking_rows.answer(tx, "lead", f"{buyer.external_id}:{event}:{'later' if defer else 'now'}", answer)
    return answer


async def track_sale(tx: Tx, sale: Sale, now: datetime) -> dict[str, Any]:
    """Somebody bought. Returns what the call is answered. Raises BadInput on an amount or currency that is none, Conflict."""
    _check_money(sale.amount_minor, sale.currency)
    key = sale.key or f"none:{new_id()}"
    content = [sale.buyer.external_id, sale.amount_minor, sale.currency.upper()]
    known = await _taken(tx, "sale", key, content, now)
    if known is not None:
        return known
    customer = await tracking_rows.customer(tx, sale.buyer.external_id)
    named = sale.buyer.click_id or sale.buyer.code or sale.buyer.email
    if (customer is None or customer.referral_id is None) and named:
        await track_lead(tx, sale.buyer, "Sale without a lead", now)
        customer = await tracking_rows.customer(tx, sale.buyer.external_id)
    email = customer.email if customer else sale.buyer.email
    buyer = structs.replace(sale.buyer, email=email)
    friend = friend_of_buyer(buyer)
    event = own_event(
        f"sale:{key}", "purchase.completed", now, name=sale.name, ref=f"Sale {sale.key or key[5:13]}", person=_own(buyer),
        company=friend.company,
        props={
            "sale": key, "invoice": sale.key, "amount_minor": sale.amount_minor, "currency": sale.currency.upper(),
            "name": sale.name, "customer": sale.buyer.external_id, "processor": sale.processor,
        },
    )  # fmt: skip
    await append(tx, await internal_source(tx), [event])
    answer = {
        "eventName": sale.name, "customer": customer_out(buyer) if customer else None,
        "sale": {
            "amount": sale.amount_minor, "currency": sale.currency.lower(), "paymentProcessor": sale.processor or "custom",
            "invoiceId": sale.key or None, "metadata": sale.metadata or None,
        },
        "attributed": customer is not None and customer.referral_id is not None,
    }  # fmt: skip
    await tracking_rows.answer(tx, "sale", key, answer)
    return answer


async def track_refund(tx: Tx, refund: Refund, now: datetime) -> dict[str, Any]:
    """A sale, or a part of it, came back. Raises BadInput, Conflict."""
    if refund.amount_minor is not None:
        _check_money(refund.amount_minor, refund.currency)
    content = [refund.invoice, refund.amount_minor, refund.currency.upper()]
    known = await _taken(tx, "refund", refund.key, content, now)
    if known is not None:
        return known
    money = (
        {}
        if refund.amount_minor is None
        else {"amount_minor": refund.amount_minor, "currency": refund.currency.upper()}
    )
    event = own_event(
        f"refund:{refund.key}", "refund.issued", now, ref=f"Refund {refund.key} of sale {refund.invoice}",
        props={"refund": refund.key, "invoice": refund.invoice, **money},
    )  # fmt: skip
    await append(tx, await internal_source(tx), [event])
    answer = {
        "refund": {"id": refund.key, "invoiceId": refund.invoice, "amount": refund.amount_minor},
        "credited": await tracking_rows.credited(tx, f"sale:{refund.invoice}"),
    }
    await tracking_rows.answer(tx, "refund", refund.key, answer)
    return answer


async def _taken(tx: Tx, kind: str, key: str, content: list[Any], now: datetime) -> dict[str, Any] | None:
    """The answer this key had before, None when it is new. Raises Conflict under another content."""
    digest = hashlib.sha256(msgspec.json.encode(content)).digest()
    if await tracking_rows.take(tx, kind, key, digest, now):
        return None
    row = await tracking_rows.call(tx, kind, key)
    if row is None:
        raise RuntimeError("a call's key vanished")
    if row["digest"] != digest:
        raise Conflict(
            f"This {kind} was told before with another content.", f"Its key {key} is taken for ever.", code="key_reused"
        )
    return dict(row["answer"])


def _check_money(minor: int, currency: str) -> None:
    if not 0 <= minor <= 2**53 - 1:
        raise BadInput("The amount is a whole number of minor units, not negative.", code="bad_amount")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise BadInput("The currency is a code of three letters, such as EUR.", code="bad_currency")


def friend_of_buyer(buyer: Buyer) -> Friend:
    """The records of a customer: by e-mail where there is one, so that a sign-up on our page is the same person; else by
    the id of their own system. Raises BadInput on an address that is none.
    """
    if not buyer.email:
        return Friend("", buyer.name, "", _own(buyer), None)
    address = normalise.email(buyer.email)
    if address is None:
        raise BadInput("customerEmail does not look like an e-mail address.", code="not_an_email")
    domain = normalise.work_domain(address) or ""
    traits = {"email": address} | ({"name": buyer.name} if buyer.name else {})
    person = RecordRef("persona", INTERNAL, f"email:{address}", (Identifier("email", address),), traits)
    return Friend(address, buyer.name, domain, person, company_of(domain) if domain else None)


def _own(buyer: Buyer) -> RecordRef:
    """The customer as their own system names them; the e-mail, once known, ties it to everything else."""
    address = normalise.email(buyer.email) if buyer.email else None
    traits = ({"email": address} if address else {}) | ({"name": buyer.name} if buyer.name else {})
    named = (Identifier("email", address),) if address else ()
    return RecordRef("persona", INTERNAL, f"customer:{buyer.external_id}", named, traits)


async def _note(tx: Tx, buyer: Buyer, friend: Friend, referral_id: UUID | None, now: datetime) -> None:
    """Keep the customer, and tell the log who they are."""
    own = _own(buyer)
    company = friend.company.id if friend.company else None
    await tracking_rows.put_customer(tx, Customer(buyer.external_id, own.id, company, friend.email, referral_id, now))
    event = own_event(
        f"customer:{buyer.external_id}:{friend.email}", "persona.identified", now, name="Customer Tracked",
        ref=f"Customer {buyer.external_id}", person=own, company=friend.company,
    )  # fmt: skip
    await append(tx, await internal_source(tx), [event])


async def _way(tx: Tx, buyer: Buyer, now: datetime) -> _Way | None:
    """How this lead came to us."""
    if buyer.click_id and (way := await _by_click(tx, buyer.click_id, now)):
        return way
    for code in (buyer.code, buyer.click_id):
        link = await link_of_code(tx, code) if code else None
        if link is not None:
            return _Way(
                link, await touch_for(tx, link, None, now, "coupon" if code is buyer.code and code else "code"), None
            )
    digest = mailbox_digest(tx.workspace_id, buyer.email) if buyer.email else ""
    domain = (normalise.work_domain(buyer.email) or "") if buyer.email else ""
    before = [t for t in await touch_rows.of_mailboxes(tx, [digest]) if t.agent != "scanner" and t.at <= now]
    named = before or [t for t in await touch_rows.invitations(tx, [digest], [domain]) if t.at <= now]
    for touch in reversed(named):
        working = await tracking_rows.code_of_link(tx, touch.link_id)
        link = await programs.find_link(tx, working) if working else None
        if link is not None:
            kept = (await tables.touches_of(tx, [touch.id]))[touch.id]
            words = "The same mailbox" if touch.mailbox else "The same company"
            return _Way(link, kept, None, f"{words} had a touch of the link {link.code} before.")
    return None


async def _by_click(tx: Tx, click_id: str, now: datetime) -> _Way | None:
    try:
        visitor = UUID(click_id)
    except ValueError:
        return None
    row = await tracking_rows.click(tx, visitor, now)
    link = await programs.find_link(tx, row["code"]) if row else None
    if row is None or link is None:
        return None
    return _Way(link, (await tables.touches_of(tx, [row["id"]]))[row["id"]], visitor)


def customer_out(buyer: Buyer) -> dict[str, Any]:
    """A customer as the call is answered."""
    return {
        "id": f"cus_{RecordRef('persona', INTERNAL, f'customer:{buyer.external_id}').id}", "name": buyer.name or None,
        "email": buyer.email or None, "avatar": buyer.avatar or None, "externalId": buyer.external_id,
    }  # fmt: skip
