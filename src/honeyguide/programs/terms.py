"""What a program is made of: values only. Amounts are integer minor units of the offer's currency."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, field

Incentive = Literal[
    "commission", "renewal_credit", "beta_access", "gift_card", "co_marketing", "coupon", "account_credit", "donation",
    "points", "custom",
]  # fmt: skip
Op = Literal["is", "one_of", "at_least", "at_most"]
Compare = Literal["is", "is_not", "one_of", "none_of", "at_least", "at_most", "contains"]
Size = Literal["small", "medium", "large"]
Kind = Literal["refer_a_friend", "partner_commission", "deal_registration", "advocacy", "second_tier"]


class Condition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One comparison with a fact, or (without a fact) a nested clause: all of `all` and one of `any`.

    Facts are named in `conditions.py`. Text is compared without regard to case.
    """

    fact: str = ""
    op: Compare = "is"
    value: str | int | float | bool | list[str] | None = None
    all: "list[Condition]" = field(default_factory=list)
    any: "list[Condition]" = field(default_factory=list)


class Conditions(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """It holds when every condition of `all` and at least one of `any` (if there are some) holds."""

    all: list[Condition] = field(default_factory=list)
    any: list[Condition] = field(default_factory=list)
    default: bool = False


class Landing(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of the public landing page. `{advocate}` and `{company}` are the only places for names."""

    headline: str
    text: str
    button: str
    thanks: str
    privacy: str


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the whole program. `hold_days`: from a won deal until its reward may be approved.

    `budget_minor`: what it may cost in a calendar year; None: without a limit.
    """

    currency: str
    hold_days: int
    attribution_days: int
    destination: str
    landing: Landing
    accept: str
    library: str = ""
    kind: str = ""
    budget_minor: int | None = None


class Program(Struct, frozen=True):
    """A program of this workspace."""

    id: int
    slug: str
    name: str
    state: str
    terms: Terms
    version: int
    created_at: datetime


class Group(Struct, frozen=True):
    """A group of a program. `reason` says why somebody belongs to it; empty when nobody asked."""

    id: int
    program_id: int
    slug: str
    name: str
    conditions: Conditions
    position: int
    reason: str = ""


class Offer(Struct, frozen=True):
    """What an advocate of a group may be offered: an amount, or a share of the first year (`rate_bp`) up to a cap."""

    id: int
    group_id: int
    slug: str
    label: str
    incentive: Incentive
    amount_minor: int
    rate_bp: int
    currency: str
    cap_minor: int | None
    position: int
    size: Size = "medium"


class Advocate(Struct, frozen=True):
    """The account that accepts terms. `record_id` is the source's record, so a merge never moves money."""

    id: UUID
    record_id: int
    name: str
    email: str
    program_id: int
    group_id: int
    created_at: datetime
    terms_accepted_at: datetime | None


class Link(Struct, frozen=True):
    """A personal link. `code` is what stands in the address: /r/<code>."""

    id: UUID
    code: str
    advocate_id: UUID
    program_id: int
    group_id: int
    destination: str
    created_at: datetime
    disabled_at: datetime | None


class Protection(Struct, frozen=True):
    """A registration somebody accepted: whose company it is, from when until when."""

    id: UUID
    program_id: int
    advocate_id: UUID
    company: str
    domain: str
    since: datetime
    until: datetime
