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


class Shared(Struct, frozen=True):
    """Something both friend and advocate used. `people` used it in all, `of_one_company` of them work for one employer."""

    kind: str
    people: int
    of_one_company: int
    both_colleagues: bool = False


class Payee(Struct, frozen=True):
    """Where an advocate is paid: who else is paid there, of how many employers they are, and whether the friend is."""

    others: tuple[str, ...]
    companies: int
    friend: bool = False


class Takings(Struct, frozen=True):
    """Wins and how many of them were taken back: of this advocate, and of the whole program."""

    won: int = 0
    taken_back: int = 0
    program_won: int = 0
    program_taken_back: int = 0


class Visits(Struct, frozen=True):
    """Who followed the code within `days`: visitors, the sites they came from, employers of those who signed up."""

    visitors: int = 0
    days: float = 1.0
    hosts: tuple[tuple[str, int], ...] = ()
    companies: int = 0


class Pace(Struct, frozen=True):
    """Sign-ups through an advocate: within the last day, and in the days before it."""

    last_day: int = 0
    before: int = 0
    days_before: float = 0.0


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
    friend_name: str = ""
    bought: tuple[Bought, ...] = ()
    open_deals: tuple[OpenDeal, ...] = ()
    sign_ups_by_visitor: int = 0
    sign_ups_by_advocate: int = 0
    pace: Pace = Pace()
    shared: tuple[Shared, ...] = ()
    payee: Payee | None = None
    takings: Takings = Takings()
    visits: Visits = Visits()
    own_domains: tuple[str, ...] = ()
    advocate_is_ours: bool = False
    friend_is_ours: bool = False
