"""Referrals as far as they are known, and what lies around one of them. Pure: the store and the benchmark fill it alike."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from honeyguide.outcomes.fraud.case import Shared
from honeyguide.outcomes.fraud.shared_device import is_office

MarkKind = Literal["payee", "card", "device", "phone", "mailbox", "network"]
HARD: frozenset[str] = frozenset({"payee", "card", "device", "phone", "mailbox"})
MOST_REFERRALS = 250  # around one referral: more is a hub, and its nearest say enough
MOST_PER_STEP = 60  # of one person or mark


class Mark(Struct, frozen=True, order=True):
    """Something a person used that others may use too; `digest` is a keyed hash, never the thing itself."""

    kind: MarkKind
    digest: str

    @property
    def node(self) -> str:
        """Its name in a graph of people and things."""
        return f"{self.kind}:{self.digest}"


class Party(Struct, frozen=True, kw_only=True):
    """One side of a referral. `person` is the same text wherever the same person is meant; `company` is the employer."""

    person: str
    email: str = ""
    name: str = ""
    company: str | None = None
    marks: tuple[Mark, ...] = ()


class Known(Struct, frozen=True, kw_only=True):
    """A referral. Times in seconds; `taken_back` is None until something was bought; `ties`: what was on record between the two
    before (None = nobody looked); `active_days`: days of use within thirty days of the sign-up; `host`: the site they came from;
    `open_deal`: sales were talking to the friend's company before; `employer_known`: some source names the friend's employer.
    """

    id: str
    advocate: Party
    friend: Party
    at: float
    amount_minor: int = 0
    taken_back: bool | None = None
    ties: int | None = None
    active_days: int | None = None
    clicked_at: float | None = None
    price_minor: int = 0
    won_at: float | None = None
    open_deal: bool = False
    employer_known: bool | None = None
    host: str = ""
    verdict: str = ""  # what a reviewer said of it: fraud, honest, or nothing


class Usual(Struct, frozen=True):
    """What wins of the program are like in the middle: their price in minor units, and days from sign-up to win."""

    price_minor: float
    days: float


class Surroundings:
    """An index of referrals that grows one by one; what lies around a referral is read in time bounded by the limits above."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.referrals: dict[str, Known] = {}
        self.of_person: dict[str, list[str]] = defaultdict(list)
        self.by_advocate: dict[str, list[str]] = defaultdict(list)
        self.users: dict[Mark, dict[str, str | None]] = defaultdict(dict)
        self.marks: dict[str, set[Mark]] = defaultdict(set)
        self.company: dict[str, str | None] = {}
        self.usual: Usual | None = None
        self._office: dict[Mark, tuple[int, bool]] = {}
        for one in known:
            self.add(one)

    def add(self, known: Known) -> None:
        """Take a referral in, or what is newly known about one."""
        fresh = known.id not in self.referrals
        self.referrals[known.id] = known
        for party in (known.advocate, known.friend):
            self.company[party.person] = party.company or self.company.get(party.person)
            for mark in party.marks:
                self.users[mark][party.person] = self.company[party.person]
                self.marks[party.person].add(mark)
                self._office.pop(mark, None)
            if fresh and known.id not in self.of_person[party.person]:
                self.of_person[party.person].append(known.id)
        if fresh:
            self.by_advocate[known.advocate.person].append(known.id)

    def saw(self, mark: Mark, person: str, company: str | None) -> None:
        """Note that somebody uses a mark, whose referrals are not looked at."""
        self.users[mark].setdefault(person, company)
        self.marks[person].add(mark)

    def shared(self, mark: Mark, colleagues: bool = False) -> Shared:
        """Who uses it, in numbers."""
        users = self.users.get(mark, {})
        companies = Counter(c for c in users.values() if c)
        return Shared(mark.kind, len(users), max(companies.values(), default=0), colleagues)

    def is_office(self, mark: Mark) -> bool:
        """Is it an office's or a crowd's, so that sharing it ties nobody? Where money goes to never is."""
        if mark.kind in ("payee", "card", "mailbox", "phone"):
            return False
        size = len(self.users.get(mark, ()))
        cached = self._office.get(mark)
        if cached is None or cached[0] != size:
            cached = self._office[mark] = (size, is_office(self.shared(mark)))
        return cached[1]

    def common(self, one: str, other: str) -> list[Mark]:
        """What two people both use, offices left out."""
        both = self.marks.get(one, set()) & self.marks.get(other, set())
        return sorted(m for m in both if not self.is_office(m))

    def around(self, referral_id: str, hops: int = 3) -> list[Known]:
        """The referrals within some steps over people and hard links, the nearest first and at most `MOST_REFERRALS`."""
        start = self.referrals[referral_id]
        found = {referral_id: start}
        people = {start.advocate.person, start.friend.person}
        edge = sorted(people)
        for _ in range(hops):
            following: set[str] = set()
            for person in edge:
                for ident in self.of_person[person][-MOST_PER_STEP:]:
                    found.setdefault(ident, self.referrals[ident])
                    following |= {self.referrals[ident].advocate.person, self.referrals[ident].friend.person}
                for mark in self.marks.get(person, ()):
                    if mark.kind in HARD and not self.is_office(mark):
                        following |= set(sorted(self.users[mark])[:MOST_PER_STEP])
            edge = sorted(following - people)
            people |= following
            if len(found) >= MOST_REFERRALS or not edge:
                break
        return list(found.values())[:MOST_REFERRALS]
