"""How the exports of other vendors name things: for each kind of row, where its fields may stand.

A path with dots leads into nested JSON; columns of CSV files are compared without case, blanks and signs. The JSON shapes
are those of the vendors' APIs as public client code reads them; the columns of CSV files from dashboards are what is
believed (docs/how-to/move-a-program.md says which is which), so several names are tried.
"""

from msgspec import Struct


class Shape(Struct, frozen=True):
    """The fields of one kind of row: each with the paths that are tried in order. `marks`: it is this kind if one is there."""

    kind: str
    marks: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]


class Vendor(Struct, frozen=True):
    """A vendor: its shapes, and what its words for a commission's state mean."""

    name: str
    shapes: tuple[Shape, ...]
    owed: frozenset[str]
    paid: frozenset[str]
    files: dict[str, str]


_FILES = {
    "partner": "partner", "affiliate": "partner", "promoter": "partner", "customer": "customer", "referral": "customer",
    "lead": "customer", "commission": "commission", "reward": "commission",
}  # fmt: skip
_AT = ("created_at", "createdAt", "created", "date", "signup_date", "became_lead_at")


def _partner(*marks: str, ident: tuple[str, ...], codes: tuple[str, ...]) -> Shape:
    names = ("name", "full_name", "affiliate_name", "partner_name", "promoter_name")
    fields = {
        "id": ident, "email": ("email", "affiliate_email", "partner_email", "promoter_email"), "name": names,
        "first": ("first_name", "firstname"), "last": ("last_name", "lastname"), "codes": codes,
    }  # fmt: skip
    return Shape("partner", marks, fields)


def _customer(*marks: str, partner: tuple[str, ...], external: tuple[str, ...], prefix: str = "") -> Shape:
    return Shape(
        "customer", marks,
        {
            "id": ("id", "key", "referral_id", "customer_key"),
            "email": (f"{prefix}email", "customer_email", "lead_email", "email"),
            "name": (f"{prefix}name", "customer_name", "name"), "first": ("first_name",), "last": ("last_name",),
            "partner": partner, "external": external, "at": ("became_lead_at", *_AT),
        },
    )  # fmt: skip


def _commission(*marks: str, **paths: tuple[str, ...]) -> Shape:
    fields = {
        "id": ("id", "key", "commission_id"), "currency": ("currency", "currency_code", "original_sale_currency", "sale.currency"),
        "at": _AT, **paths,
    }  # fmt: skip
    return Shape("commission", marks, fields)


VENDORS: dict[str, Vendor] = {
    "dub": Vendor(
        "dub",
        (
            _commission(
                "earnings", amount=("earnings",), sale=("amount",), state=("status",),
                partner=("partner.email", "partner.id", "partner_email", "partnerEmail", "partnerId"),
                customer=("customer.email", "customer.id", "customer_email", "customerEmail"),
                invoice=("invoiceId", "invoice_id"),
            ),
            _customer("externalId", partner=("partner.email", "partner.id", "partner_email"), external=("externalId", "external_id")),
            _partner("links", "email", ident=("id", "partnerId"), codes=("links.key", "link.key", "key", "username")),
        ),
        frozenset({"pending", "processed", "hold"}), frozenset({"paid"}), _FILES,
    ),
    "rewardful": Vendor(
        "rewardful",
        (
            _commission(
                "sale", "commission_amount", "due_at", amount=("amount", "commission_amount_cents", "commission_amount", "commission"),
                sale=("sale.sale_amount_cents", "sale_amount_cents", "sale_amount"), state=("state", "status"),
                partner=("sale.affiliate.id", "sale.affiliate.email", "affiliate.id", "affiliate_id", "affiliate_email"),
                customer=("sale.referral.id", "sale.referral.customer.email", "referral_id", "customer_email"),
                invoice=("sale.stripe_charge_id", "stripe_charge_id", "charge_id"),
            ),
            _customer(
                "conversion_state", "stripe_customer_id", "customer", prefix="customer.",
                partner=("affiliate.id", "affiliate.email", "affiliate_id", "affiliate_email"),
                external=("stripe_customer_id", "customer.id"),
            ),
            _partner("links", "email", ident=("id", "affiliate_id"), codes=("links.token", "link_token", "token", "link")),
        ),
        frozenset({"pending", "due"}), frozenset({"paid"}), _FILES,
    ),
    "firstpromoter": Vendor(
        "firstpromoter",
        (
            _commission(
                "commission_type", "sale_amount", "is_paid", amount=("amount", "reward_amount", "commission_amount"),
                sale=("original_sale_amount", "sale_amount"), state=("is_paid", "status"), unit=("unit",),
                partner=("promoter_campaign.promoter.email", "promoter.email", "promoter_email"),
                customer=("referral.id", "referral.email", "referral_email", "lead_email"),
                invoice=("event_id", "transaction_id", "charge_id"),
            ),
            _customer(
                "customer_since", "promoter_campaign", "uid",
                partner=("promoter_campaign.promoter.id", "promoter_campaign.promoter.email", "promoter.email", "promoter_email"),
                external=("uid",),
            ),
            _partner(
                "promoter_campaigns", "email", ident=("id", "promoter_id"),
                codes=("promoter_campaigns.ref_token", "default_ref_id", "ref_id", "referral_id"),
            ),
        ),
        frozenset({"pending", "approved", "false"}), frozenset({"true", "paid"}), _FILES,
    ),
    "partnerstack": Vendor(
        "partnerstack",
        (
            _commission(
                "reward_status", "transaction", amount=("amount", "reward_amount"),
                sale=("transaction.amount", "transaction_amount"), state=("reward_status", "status"),
                partner=("partnership.key", "partnership.email", "partner_key", "partner_email"),
                customer=("customer.key", "customer.email", "customer_key", "customer_email"),
                invoice=("transaction.key", "transaction_key"),
            ),
            _customer(
                "partnership_key", "provider_key", partner=("partnership_key", "partner_key", "partner_email"),
                external=("customer_key", "provider_key"),
            ),
            _partner("stats", "email", ident=("key", "partner_key", "partnership_key"), codes=("links.key", "partner_key")),
        ),
        frozenset({"hold", "pending", "approved", "scheduled"}), frozenset({"paid"}), _FILES,
    ),
    "tolt": Vendor(
        "tolt",
        (
            _commission(
                "revenue", "transaction_id", amount=("amount", "commission_amount"), sale=("revenue", "sale_amount"),
                state=("status",), partner=("partner.id", "partner.email", "partner_id", "partner_email"),
                customer=("customer.id", "customer.email", "customer_email"), invoice=("charge_id", "transaction_id"),
            ),
            _customer("partner", "customer_id", partner=("partner.id", "partner.email", "partner_id", "partner_email"), external=("customer_id",)),
            _partner("email", ident=("id", "partner_id"), codes=("links.value", "link_value", "referral_code")),
        ),
        frozenset({"pending", "approved", "unpaid"}), frozenset({"paid"}), _FILES,
    ),
}  # fmt: skip
