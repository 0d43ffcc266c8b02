"""What a fraud rule may look at: everything is fetched before, so rules are functions of values."""

from datetime import datetime

from msgspec import Struct


class OpenDeal(Struct, frozen=True):
    """A deal that was under way before the friend signed up."""

    deal: str
    ref: str
    since: datetime


class Bought(Struct, frozen=True):
    """A sign that the friend's company is a customer."""

    what: str
    since: datetime
    source: str


class Case(Struct, frozen=True, kw_only=True):
    """One sign-up, with what we know of friend and advocate at that moment. Entities are ids, None = unknown."""

    advocate_name: str
    advocate_email: str
    advocate_entity: int
    advocate_domain: str | None
    advocate_companies: tuple[int, ...]
    friend_email: str
    friend_entity: int | None
    friend_domain: str | None
    friend_company: int | None
    friend_company_name: str
    bought: tuple[Bought, ...] = ()
    open_deals: tuple[OpenDeal, ...] = ()
    sign_ups_by_visitor: int = 0
    sign_ups_by_advocate: int = 0
