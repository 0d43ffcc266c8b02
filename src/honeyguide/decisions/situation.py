"""Everything a decision looks at, as values: who, which moment, what speaks against it, what could be offered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from honeyguide.programs import Group, Offer
from honeyguide.programs.playbooks import Step

WAIT = "wait"
CHANNELS = ("email", "inapp")
TONES = ("brief", "warm", "partner", "enthusiastic", "formal")
LENGTHS = ("short", "full")
SIZES = ("small", "medium", "large")
SENIORITIES = ("executive", "vp", "director", "manager", "individual")


class Action(Struct, frozen=True):
    """One thing that can be done about a moment: a step's offer in a tone and a length over a channel, or to wait.

    `step` is the playbook step that suggests it (not part of the key: the first of several steps that do).
    """

    offer: str
    offer_id: int
    channel: str
    tone: str
    label: str
    incentive: str
    amount_minor: int
    rate_bp: int
    cap_minor: int | None
    currency: str
    step: str = ""
    size: str = "medium"
    length: str = "short"

    @property
    def key(self) -> str:
        """The name the action is logged under: offer/tone/length/channel."""
        return f"{self.offer}/{self.tone}/{self.length}/{self.channel}" if self.offer else WAIT


WAITING = Action("", 0, "", "", "Wait", "", 0, 0, None, "")


class Person(Struct, frozen=True):
    """A persona as the graph knows it. `email` is empty when unknown, consent None when nobody ever said."""

    id: int
    record_id: int
    name: str = ""
    email: str = ""
    title: str = ""
    seniority: str = ""
    consent_email: bool | None = None
    consent_inapp: bool | None = None
    departed: bool = False
    quiet: bool = False
    first_seen_at: datetime | None = None


class Firm(Struct, frozen=True):
    """A company as the graph knows it, with the facts program conditions speak of."""

    id: int
    record_id: int
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False


class Signal(Struct, frozen=True):
    """Something the graph holds about the person: how much of it, and its best evidence."""

    name: str
    amount: float
    evidence: dict[str, Any]


class Detail(Struct, frozen=True):
    """Something a message may say about the person: an edge, the name at its end, our belief in it, its best evidence."""

    kind: str
    words: str
    confidence: float
    evidence: dict[str, Any]


class Contacts(Struct, frozen=True):
    """What the contact budget counts, from our own asks: open ones, approved ones and sent ones. Days, the year's count and
    `worn` count reminders too; `ever`, `misses` and `leaning` are of asks alone.

    `opted_out_at`: the person stopped our messages from one of them. `stopped`: why delivery last refused an approved one.
    `misses`: sent ones whose days are over without a referral; `leaning`: what all whose days are over brought, against what was expected of them. `worn`: sent ones, each halving in 45 days. `year_began`: the first of those within the last 365 days.
    """

    open_ask: bool = False
    open_at_company: str = ""
    last_to_person: datetime | None = None
    last_to_company: datetime | None = None
    within_year: int = 0
    ever: int = 0
    opted_out_at: datetime | None = None
    stopped: str = ""
    stopped_at: datetime | None = None
    misses: int = 0
    leaning: float = 0.0
    worn: float = 0.0
    year_began: datetime | None = None


class Happening(Struct, frozen=True):
    """The moment. `evidence` are Evidence values as dicts, as the moments stage wrote them."""

    id: UUID
    kind: str
    title: str
    strength: float
    occurred_at: datetime
    window_ends_at: datetime
    half_life_hours: float
    evidence: list[dict[str, Any]]


class Neighbours(Struct, frozen=True):
    """People near somebody (colleagues, introductions): how many are known, and how many of them referred or bought."""

    hits: int = 0
    seen: int = 0


class Situation(Struct, frozen=True):
    """One moment with everything that bears on the decision, as known at `now`.

    `stage`, `segment` and `vertical` are the dimensions playbooks are written for. `rates` are the moments a day to be
    expected for the person, by kind; `glow` is what is left of the person's earlier moments.
    """

    workspace_id: int
    workspace: str
    now: datetime
    moment: Happening
    person: Person | None
    firm: Firm | None
    group: Group
    offers: tuple[Offer, ...]
    contacts: Contacts = Contacts()
    incident: str = ""
    signals: tuple[Signal, ...] = ()
    details: tuple[Detail, ...] = ()
    looks: int = 0
    last_blocked: tuple[tuple[str, str], ...] = ()
    settled: bool = False
    stage: str = ""
    segment: str = ""
    vertical: str = ""
    rates: tuple[tuple[str, float], ...] = ()
    neighbours: Neighbours = Neighbours()
    glow: float = 0.0
    challenger: float = 0.0
    lift: float = 0.0
    steps: tuple[Step, ...] = ()
    stops: tuple[tuple[str, str], ...] = ()
    ineligible: str = ""
    not_given: tuple[tuple[str, str], ...] = ()

    # `looks` counts earlier looks at the moment; `settled` means the last of them had a choice and asked, or it was today.
    # `steps` are the playbook's steps for it, most specific first, `lift` the first one's expected lift in
    # log-odds, `stops` why some of them may not ask now.
    # `ineligible`: why the person may not take part in the program; `not_given`: offers the program may not make them, and why.
    # `challenger` is the nightly model's log-odds of a share against its average, 0 without one.

    @property
    def cluster(self) -> str:
        """What the holdout is drawn by: the company, because colleagues talk; a person without one stands alone."""
        if self.firm:
            return f"company:{self.firm.id}"
        return f"persona:{self.person.id}" if self.person else f"moment:{self.moment.id}"
