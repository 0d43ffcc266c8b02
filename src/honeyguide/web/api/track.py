"""Leads and sales from a customer's own server: /v1/track/{lead,sale,refund}, with the field names Dub's libraries send.

Whoever calls https://api.dub.co/track/... calls https://<this host>/v1/track/... with a key of the scope `track`. Unlike
there a repetition is one for ever, and an answer says whether the sale belongs to a referral.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from honeyguide import outcomes
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In

router = APIRouter(tags=["track"])
_PLAIN = r"^[^\x00]*$"
Ident = Annotated[str, Field(min_length=1, max_length=100, pattern=_PLAIN)]
Short = Annotated[str, Field(max_length=255, pattern=_PLAIN)]
Avatar = Annotated[str, Field(max_length=2_000, pattern=_PLAIN)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]
_METADATA = 10_000


# Fields of later versions are passed over, not refused.
_TAKEN = ConfigDict(extra="ignore", alias_generator=to_camel)


class _Said(BaseModel):
    """The base of these answers."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class LeadIn(In):
    """A lead. `clickId` is what the landing address carries as `v` (or a link's code); it may be empty."""

    model_config = _TAKEN

    click_id: Short | None = ""
    event_name: Annotated[str, Field(min_length=1, max_length=255, pattern=_PLAIN)]
    customer_external_id: Ident
    customer_name: Short | None = None
    customer_email: Short | None = None
    customer_avatar: Avatar | None = None
    coupon_code: Short | None = None
    mode: Literal["async", "wait", "deferred"] = "async"
    event_quantity: float | None = None
    metadata: dict[str, Any] | None = None


class SaleIn(In):
    """A sale; `amount` in minor units. `invoiceId` (or `eventId`, or the header Idempotency-Key) is its key for ever."""

    model_config = _TAKEN

    customer_external_id: Ident
    amount: Annotated[int, Field(ge=0, le=2**53 - 1)]
    currency: Annotated[str, Field(pattern="^[A-Za-z]{3}$")] = "usd"
    event_name: Short = "Purchase"
    payment_processor: Short = "custom"
    invoice_id: Short | None = None
    event_id: Short | None = None
    lead_event_name: Short | None = None
    click_id: Short | None = None
    customer_name: Short | None = None
    customer_email: Short | None = None
    customer_avatar: Avatar | None = None
    coupon_code: Short | None = None
    metadata: dict[str, Any] | None = None


class RefundIn(In):
    """What came back of a sale; without an amount all of it."""

    model_config = _TAKEN

    invoice_id: Annotated[str, Field(min_length=1, max_length=255, pattern=_PLAIN)]
    refund_id: Annotated[str, Field(min_length=1, max_length=255, pattern=_PLAIN)]
    amount: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Za-z]{3}$")] | None = None


class CustomerOut(_Said):
    """The customer."""

    id: str
    name: str | None
    email: str | None
    avatar: str | None
    external_id: str


class ClickOut(_Said):
    """The click as it was named."""

    id: str


class LinkOut(_Said):
    """The link the lead came by."""

    id: str
    key: str


class LeadOut(_Said):
    """`attributed`: the lead is a referral."""

    click: ClickOut
    link: LinkOut | None
    customer: CustomerOut
    attributed: bool


class SaleBody(_Said):
    """The sale as it was taken."""

    amount: int
    currency: str
    payment_processor: str
    invoice_id: str | None
    metadata: dict[str, Any] | None


class SaleOut(_Said):
    """`attributed`: the customer is a referral; the credit follows within seconds. `customer` is null when nobody told of them."""

    event_name: str
    customer: CustomerOut | None
    sale: SaleBody
    attributed: bool


class RefundBody(_Said):
    """The refund as it was taken."""

    id: str
    invoice_id: str
    amount: int | None


class RefundOut(_Said):
    """`credited`: the sale had been credited when the refund came."""

    refund: RefundBody
    credited: bool


@router.post("/v1/track/lead")
async def track_lead(said: LeadIn, who: Annotated[Principal, needs("sales.track")]) -> LeadOut:
    """Somebody became a lead: once per customer and event, for ever."""
    _not_too_much(said.metadata)
    buyer = _buyer(said)
    async with who.tx() as tx:
        made = await outcomes.track_lead(tx, buyer, said.event_name, clock.now(), defer=said.mode == "deferred")
    return LeadOut.model_validate(made)


@router.post("/v1/track/sale")
async def track_sale(said: SaleIn, who: Annotated[Principal, needs("sales.track")], key: Key = None) -> SaleOut:
    """Somebody bought: once per invoice, for ever."""
    _not_too_much(said.metadata)
    sale = outcomes.Sale(
        buyer=_buyer(said), amount_minor=said.amount, currency=said.currency, key=said.invoice_id or said.event_id or key or "",
        name=said.event_name, processor=said.payment_processor, metadata=said.metadata or {},
    )  # fmt: skip
    async with who.tx() as tx:
        return SaleOut.model_validate(await outcomes.track_sale(tx, sale, clock.now()))


@router.post("/v1/track/refund")
async def track_refund(said: RefundIn, who: Annotated[Principal, needs("sales.track")]) -> RefundOut:
    """A sale, or a part of it, came back: once per refund, for ever."""
    refund = outcomes.Refund(
        invoice=said.invoice_id, key=said.refund_id, amount_minor=said.amount, currency=said.currency or ""
    )
    async with who.tx() as tx:
        return RefundOut.model_validate(await outcomes.track_refund(tx, refund, clock.now()))


def _buyer(said: LeadIn | SaleIn) -> outcomes.Buyer:
    return outcomes.Buyer(
        external_id=said.customer_external_id, name=" ".join((said.customer_name or "").split())[:200],
        email=(said.customer_email or "").strip(), avatar=said.customer_avatar or "", click_id=(said.click_id or "").strip(),
        code=(said.coupon_code or "").strip(),
    )  # fmt: skip


def _not_too_much(metadata: dict[str, Any] | None) -> None:
    if metadata and len(str(metadata)) > _METADATA:
        raise BadInput("The metadata is longer than 10,000 characters.", code="too_much_metadata")
