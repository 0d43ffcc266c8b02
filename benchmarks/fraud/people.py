"""Who lives in the fraud benchmark's world: companies, people, what they use, and how a referral between two is written down.

Everything random comes from one seeded generator. Devices, networks, cards, telephones and payees are opaque tokens, as a
product that keeps only digests would see them.
"""

import random
import unicodedata

from msgspec import Struct, field

from benchmarks.crm_words import BUSINESS, COMMON, ENDINGS, ENDS, FREE, MIDDLES, STARTS, WORDS

DAY = 86_400
START = 1_735_689_600  # 2025-01-01
MONTHS = 18
FIRST = (
    "Anna", "Jonas", "Marie", "Lukas", "Sofia", "Peter", "Laura", "Max", "Julia", "David", "Elena", "Thomas", "Sarah", "Paul",
    "Jürgen", "Björn", "Zoë", "Chloé", "François", "Matthias", "Katarzyna", "Piotr", "Ming", "Priya", "Omar", "Fatima", "John",
    "Robert", "William", "Elizabeth", "Catherine", "Michael", "Alexander", "Stefan", "Giulia", "Marco", "Lucía", "Jesús", "Ana",
    "Martin", "Nina", "Oscar", "Petra", "Simon", "Tanja", "Ulrich", "Vera", "Walter", "Yusuf", "Daniel", "Emma", "Felix", "Greta",
)  # fmt: skip
PLANS = (19, 29, 49, 99)
DISPOSABLE = (
    "mailinator.com",
    "guerrillamail.com",
    "10minutemail.com",
    "yopmail.com",
    "trashmail.com",
    "temp-mail.org",
)
RELAYS = ("privaterelay.appleid.com", "duck.com", "mozmail.com")


class Company(Struct):
    """An employer; `ip` is the one address its office shows to the world, `phone` its switchboard, `card` its credit card."""

    id: int
    name: str
    domain: str
    ip: str
    phone: str
    card: str


class Person(Struct):
    """A person, or what passes for one. Any of the tokens may be shared, for good reasons or bad."""

    id: int
    name: str
    email: str
    company: int | None
    employer: int | None
    ips: list[str]
    devices: list[str]
    card: str
    phone: str
    payee: str
    at_office: float = 0.7
    "How often this person's first address (the office) is the one that is seen."


class Row(Struct, kw_only=True):
    """One referral as it really was, before anything is forgotten."""

    advocate: Person
    friend: Person
    at: int
    kind: str
    fraud: bool
    group: int
    active: int
    ties: int
    amount: int
    refund: float = 0.0
    refund_after: int = 0
    convert_after: int = 0
    host: str | None = None
    opened: int | None = None
    customer_since: int | None = None
    friend_on: tuple[str | None, str | None] = (None, None)
    "Network and device of the friend's sign-up, where they are not the friend's own."


class Maker(Struct):
    """Makes people and companies, and writes down rows."""

    rng: random.Random
    rows: list[Row] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)
    vpns: list[str] = field(default_factory=list)
    persons: int = 0
    groups: int = 0

    def token(self, kind: str) -> str:
        """An opaque token nobody else has."""
        return f"{kind}{self.rng.getrandbits(48):012x}"

    def company(self, name: str | None = None) -> Company:
        """A company nobody has seen."""
        rng = self.rng
        name = name or f"{rng.choice(WORDS)}{rng.choice(MIDDLES)}{rng.choice(ENDS)} {rng.choice(BUSINESS)}"
        domain = f"{plain(name.split()[0])}{rng.choice(('', '-' + plain(name.split()[-1])))}.{rng.choice(ENDINGS)}"
        made = Company(len(self.companies) + 1, name, domain, self.token("n"), self.token("t"), self.token("k"))
        self.companies.append(made)
        return made

    def name(self) -> str:
        """First and last name; some last names are common, most are not."""
        rng = self.rng
        last = rng.choice(COMMON) if rng.random() < 0.3 else rng.choice(STARTS) + rng.choice(MIDDLES) + rng.choice(ENDS)
        return f"{rng.choice(FIRST)} {last}"

    def mailbox(self, name: str, domain: str) -> str:
        """An address people with that name would have."""
        first, last = plain(name.split(maxsplit=1)[0]), plain(name.rsplit(maxsplit=1)[-1])
        shapes = (
            f"{first}.{last}",
            f"{first[0]}.{last}",
            f"{first}{last}",
            f"{first[0]}{last}",
            f"{last}.{first}",
            first,
        )
        free = domain in FREE
        text = self.rng.choice(shapes[:5] if free else shapes)
        return f"{text}{self.rng.choice(('', self.rng.randint(1, 99), self.rng.randint(1960, 2004))) if free else ''}@{domain}"

    def person(self, company: Company | None = None, name: str | None = None, free: float = 0.12) -> Person:
        """An honest person with things of their own, at an office if employed."""
        rng = self.rng
        company = company or self.company()
        name = name or self.name()
        self.persons += 1
        domain = rng.choice(FREE) if rng.random() < free else company.domain
        if rng.random() < 0.012:
            domain = rng.choice(RELAYS)
        carrier = rng.choice(self.carriers) if rng.random() < 0.5 else self.token("n")
        ips = [company.ip, self.token("n"), carrier]
        if rng.random() < 0.08:
            ips.append(rng.choice(self.vpns))
        devices = [self.token("d")] + [self.token("d")] * (rng.random() < 0.4)
        return Person(
            self.persons, name, self.mailbox(name, domain), company.id, company.id, ips, devices,
            company.card if rng.random() < 0.25 else self.token("k"), company.phone if rng.random() < 0.12 else self.token("t"),
            self.token("p"),
        )  # fmt: skip

    def when(self, margin_days: int = 120) -> int:
        """A moment of the eighteen months, leaving time for what follows."""
        return START + self.rng.randrange((MONTHS * 30 - margin_days) * DAY)

    def delay(self) -> int:
        """From sign-up to the first payment: many at once, others after a trial."""
        return round(self.rng.expovariate(1 / self.rng.choice((1, 4, 15))) * DAY)

    def group(self) -> int:
        """The number of a story: a ring, an office, a champion."""
        self.groups += 1
        return self.groups

    def busy(self, low: float = 0.1) -> int:
        """Days of use within the first thirty of somebody who means it; a few have bought and not begun."""
        if self.rng.random() < low:
            return self.rng.randrange(3)
        return min(30, max(1, round(self.rng.lognormvariate(2.1, 0.6))))

    def price(self) -> int:
        """What a customer pays, in cents: the small plans, or a wide spread."""
        if self.rng.random() < 0.3:
            return 100 * self.rng.choice(PLANS)
        return 100 * max(20, round(self.rng.lognormvariate(6.6, 1.1)))


def plain(text: str) -> str:
    """Letters as an address has them: ü becomes ue, é becomes e."""
    for mark, letters in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ß", "ss")):
        text = text.lower().replace(mark, letters)
    folded = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())
