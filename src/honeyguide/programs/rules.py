"""What a program's file may say besides groups and offers: what makes a reward due, for whom, how much, how often.

Values only; amounts are integer minor units, shares basis points. `earnings` turns them into money.
"""

from typing import Literal

from msgspec import Struct, field

from honeyguide.programs.terms import Conditions, Kind

Who = Literal["advocate", "friend", "parent"]
Period = Literal["month", "quarter", "year"]
Model = Literal["first", "last", "position", "split"]
Act = Literal["review", "case_study", "reference_call", "speaking", "content", "introduction", "other"]

KINDS: dict[Kind, str] = {
    "refer_a_friend": "Refer a friend", "partner_commission": "Partner commission", "deal_registration": "Deal registration",
    "advocacy": "Advocacy", "second_tier": "Partners who bring partners",
}  # fmt: skip
WHOLE = 10_000


class Trigger(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What makes a reward due: a stage of the referral, an act of the advocate, or an event; exactly one of them."""

    stage: str | None = None
    act: str | None = None
    event: str | None = None
    conditions: Conditions = field(default_factory=Conditions)


class Recurring(Struct, frozen=True, forbid_unknown_fields=True):
    """Earned again with every payment of the customer, for so many months from the first one."""

    months: int


class Tier(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"start": "from"}):
    """From here on another rate or amount. `start` is a customer's number (1 is the first) or revenue in minor units."""

    start: int
    rate_bp: int | None = None
    amount_minor: int | None = None


class Accelerator(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From the customer number `customers` of a calendar period on, what is earned is multiplied by `factor_bp` / 10,000."""

    customers: int
    per: Period = "quarter"
    factor_bp: int = 15_000


class PartRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a reward: which share of it, and how many days after it was earned it becomes due."""

    share_bp: int
    due_days: int


class EarnRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule of a group. Without `recurring` a customer earns it once. `instead`: the offer given where the first may
    not be taken. `tier_by` revenue: each part of a customer's money at its own tier. `yearly_parts`: one part for every
    year of the contract.
    """

    slug: str
    when: Trigger
    offer: str
    who: Who = "advocate"
    recurring: Recurring | None = None
    tiers: list[Tier] = field(default_factory=list)
    tier_by: Literal["customers", "revenue"] = "customers"
    accelerator: Accelerator | None = None
    parts: list[PartRule] = field(default_factory=list)
    yearly_parts: bool = False
    expires_days: int | None = None
    instead: str | None = None


class Attribution(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is credited when several had a part in it."""

    model: Model = "last"
    window_days: int | None = None
    company_match: bool = True


class GiftPolicy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What people may be given. `limits_minor`: the most one gift to a person may be worth, per country (ISO 3166, `*`
    for elsewhere), in the program's currency. `public_sector`: `refuse` whatever is for a person, or `allow`.
    `no_gifts_industries`: industries whose staff are given nothing for themselves. `employers`: domains that told us not to.
    """

    public_sector: Literal["refuse", "allow"] = "refuse"
    limits_minor: dict[str, int] = field(default_factory=dict)
    no_gifts_countries: list[str] = field(default_factory=list)
    no_gifts_industries: list[str] = field(default_factory=list)
    employers: list[str] = field(default_factory=list)


class Application(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How somebody becomes an advocate: `open` to everybody eligible, or by `application`. Who meets `auto_approve` is in
    at once; the others wait for a person, who chooses one of `reasons` to say no.
    """

    mode: Literal["open", "application"] = "open"
    auto_approve: Conditions | None = None
    questions: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class Bounty(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An act that is asked for. The act's rule in the group says what it earns; `per_advocate` how often, `total` in all."""

    slug: str
    name: str
    act: Act
    proof: Literal["link", "text", "none"] = "link"
    about: str = ""
    per_advocate: int = 1
    total: int | None = None


class Registration(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Deal registration: the stages a deal goes through, how long a registered one is protected, when it lapses unworked."""

    protection_days: int = 90
    expires_days: int = 180
    stages: list[str] = field(default_factory=lambda: ["registered", "accepted", "qualified", "proposal", "won"])
    needs_review: bool = True


class SecondTier(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Partners bring partners: for how many months after joining somebody's parent earns on what they earn."""

    months: int = 24
