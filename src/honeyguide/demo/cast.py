"""The cast: Tidewater's customers and their people, drawn once from a seed. Everything later refers to them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from honeyguide.demo import firms, names, titles
from honeyguide.demo.firms import fold

HISTORY = timedelta(days=364)
ARCS = ("healthy", "growing", "troubled", "churning", "new", "prospect")
_ARC_WEIGHTS = {"healthy": 46, "growing": 22, "troubled": 9, "churning": 6, "new": 17}
_PLANS = {
    "smb": ("starter", "team", "team"),
    "enterprise": ("business", "enterprise", "enterprise"),
    "partner": ("partner",),
}
_SEAT_MINOR = {"starter": 2_900, "team": 3_900, "business": 4_900, "enterprise": 5_900, "partner": 3_500}
_FREE_MAIL = ("gmail.com", "gmail.com", "outlook.com", "gmx.net", "web.de", "orange.fr", "libero.it", "yahoo.com")
_ROLE_BOXES = ("info", "office", "dispatch", "service", "billing", "accounts", "support")


@dataclass(slots=True, eq=False)
class Person:
    """One human being. A second HubSpot id, a private address or a job change stay the same person."""

    key: int
    company: "Company"
    first: str
    last: str
    email: str
    post: tuple[str, str]
    title: str
    language: str
    temper: str
    activity: str
    since: datetime
    consent: bool
    phone: str = ""
    private_email: str = ""
    duplicate: bool = False
    until: datetime | None = None
    came_from: "Person | None" = None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.first} {self.last}"

    @property
    def hubspot(self) -> str:
        """The contact id in the CRM: it stays the same when the person changes jobs."""
        return self.came_from.hubspot if self.came_from else str(5_100_251 + self.key * 37)

    @property
    def zendesk(self) -> int:
        """The end-user id in the helpdesk."""
        return 21_730_044_000 + self.key * 113

    @property
    def product_id(self) -> str:
        """The sign-in id inside the product."""
        return f"u_{48_200 + self.key * 7}"

    def works_at(self, at: datetime) -> bool:
        """Is this person with the company at that time?"""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True, eq=False)
class Company:
    """One customer (or prospect), with the hidden story that drives everything it does."""

    key: int
    name: str
    everyday: str
    domain: str
    industry: str
    country: str
    city: str
    segment: str
    employees: int
    arc: str
    customer_since: datetime
    plan: str
    seats: int
    products: tuple[str, ...]
    owner: str
    trouble_from: datetime | None = None
    churns_at: datetime | None = None
    people: list[Person] = field(default_factory=list)

    @property
    def currency(self) -> str:
        """What the company is invoiced in."""
        return firms.COUNTRIES[self.country][2]

    @property
    def timezone(self) -> str:
        """Where its office is."""
        return firms.COUNTRIES[self.country][1]

    @property
    def hubspot(self) -> str:
        """The company id in the CRM."""
        return str(90_417 + self.key * 61)

    @property
    def account(self) -> str:
        """The account id inside the product."""
        return f"acct_{3_100 + self.key * 3}"

    @property
    def stripe(self) -> str:
        """The customer id in billing."""
        return f"cus_TW{self.key * 7919 + 104_729:08d}"

    @property
    def zendesk(self) -> int:
        """The organisation id in the helpdesk."""
        return 36_120_500_000 + self.key * 17

    @property
    def seat_minor(self) -> int:
        """Price of one seat a month, in minor units."""
        return _SEAT_MINOR[self.plan]

    def troubled(self, at: datetime) -> bool:
        """Is the relationship strained at that time?"""
        return self.trouble_from is not None and at >= self.trouble_from

    def active(self, at: datetime) -> bool:
        """Is it a paying customer at that time?"""
        return self.arc != "prospect" and self.customer_since <= at and (self.churns_at is None or at < self.churns_at)

    def staff(self, at: datetime) -> list[Person]:
        """Who works there at that time."""
        return [p for p in self.people if p.works_at(at)]


@dataclass(slots=True, eq=False)
class Cast:
    """Everybody, and the time line they live on."""

    seed: int
    start: datetime
    end: datetime
    companies: list[Company]
    people: list[Person]


_OWNERS = ("Nadia Petrov", "Ben Osei", "Clara Jansson", "Luis Ferrer", "Imogen Tate", "Ravi Menon")


def draw_cast(seed: int, end: datetime, scale: float = 1.0) -> Cast:
    """About 400 customers and 2,000 people at scale 1 (never fewer than 40 companies)."""
    start = end - HISTORY
    count = max(40, round(400 * scale))
    taken: set[str] = set()
    companies = [_company(Random(f"{seed}:company:{k}"), k, start, end, taken, "") for k in range(count)]
    companies += [
        _company(Random(f"{seed}:prospect:{k}"), k, start, end, taken, "prospect")
        for k in range(count, count + max(3, count // 14))
    ]
    people: list[Person] = []
    for company in companies:
        _staff(Random(f"{seed}:staff:{company.key}"), company, people, start, end)
    _job_changes(Random(f"{seed}:moves"), companies, people, start, end)
    return Cast(seed, start, end, companies, people)


def _company(rng: Random, key: int, start: datetime, end: datetime, taken: set[str], arc: str) -> Company:
    country, industry = firms.draw_country(rng), firms.draw_industry(rng)
    segment = rng.choices(("smb", "enterprise", "partner"), (62, 28, 10))[0]
    name, everyday, domain = firms.draw_firm(rng, country, industry, partner=segment == "partner", taken=taken)
    arc = arc or rng.choices(list(_ARC_WEIGHTS), list(_ARC_WEIGHTS.values()))[0]
    employees = {
        "smb": lambda: rng.randint(9, 190),
        "enterprise": lambda: rng.randint(260, 6_400),
        "partner": lambda: rng.randint(12, 320),
    }[segment]()
    plan = rng.choice(_PLANS[segment])
    seats = max(3, min(rng.randint(240, 520), round(employees * rng.uniform(0.12, 0.5))))
    since = (
        start + timedelta(days=rng.uniform(20, 350)) if arc == "new" else start - timedelta(days=rng.uniform(30, 1_400))
    )
    products = ["dispatch"]
    if segment == "enterprise" or rng.random() < 0.45:
        products.append("routes")
    if rng.random() < (0.3 if arc == "growing" else 0.12):
        products.append("copilot")
    company = Company(
        key, name, everyday, domain, industry if segment != "partner" else "Software consulting", country,
        rng.choice(firms.COUNTRIES[country][4]), segment, employees, arc, since, plan, seats, tuple(products), rng.choice(_OWNERS),
    )  # fmt: skip
    if arc == "troubled":
        company.trouble_from = start + timedelta(days=rng.uniform(200, 352))
    elif arc == "churning":
        company.churns_at = start + timedelta(days=rng.uniform(90, 380))
        company.trouble_from = company.churns_at - timedelta(days=rng.uniform(40, 90))
    return company


def _staff(rng: Random, company: Company, people: list[Person], start: datetime, end: datetime) -> None:
    size = {"smb": (2, 5), "enterprise": (5, 10), "partner": (3, 6)}[company.segment]
    number = 1 + rng.randint(0, 1) if company.arc == "prospect" else rng.randint(*size)
    pattern = rng.choice(
        ("first.last", "first.last", "first.last", "flast", "first", "first_last", "last.first", "firstl")
    )
    used: set[str] = set()
    for position in range(number):
        post = titles.draw_post(rng, company.segment, position)
        person = _person(rng, len(people), company, post, pattern, used)
        joined_late = position > 1 and rng.random() < 0.18
        since = max(start, company.customer_since - timedelta(days=rng.uniform(3, 60)))
        person.since = (
            min(since + timedelta(days=rng.uniform(20, 250)), end - timedelta(days=15)) if joined_late else since
        )
        people.append(person)
        company.people.append(person)


def _person(rng: Random, key: int, company: Company, post: tuple[str, str], pattern: str, used: set[str]) -> Person:
    first, last = names.draw_name(rng, company.country)
    while _local(pattern, first, last) in used:
        first, last = names.draw_name(rng, company.country)
    local = _local(pattern, first, last)
    used.add(local)
    native = company.country in firms.NATIVE_ENGLISH
    language = firms.LANGUAGES.get(company.country, "en") if rng.random() < 0.55 else "en"
    tempers = (
        ("terse", "chatty", "formal", "plain", "warm", "plain")
        if native
        else ("learner", "learner", "terse", "formal", "plain", "warm")
    )
    weights = {"owner": (1, 2, 4, 3), "vp": (0, 1, 5, 4)}.get(post[0], (5, 5, 3, 1))
    if post[1] == "Finance":
        weights = (0, 1, 3, 6)
    elif post[1] == "Dispatch":
        weights = (7, 4, 2, 0)
    prefix = firms.COUNTRIES[company.country][3]
    return Person(
        key=key, company=company, first=first, last=last, email=f"{local}@{company.domain}", post=post,
        title=titles.write_title(rng, post, firms.LANGUAGES.get(company.country, "en")) if rng.random() < 0.96 else "",
        language=language, temper=rng.choice(tempers),
        activity=rng.choices(("power", "regular", "casual", "none"), weights)[0],
        since=company.customer_since, consent=rng.random() < 0.88,
        phone=f"{prefix} {rng.randint(1000, 9999)}" if rng.random() < 0.45 else "",
        private_email=_private(rng, first, last, key) if rng.random() < 0.05 else "",
        duplicate=rng.random() < 0.035,
    )  # fmt: skip


def _local(pattern: str, first: str, last: str) -> str:
    f, surname = fold(first).replace(" ", ""), fold(last).replace(" ", "").replace("-", "")
    return {
        "first.last": f"{f}.{surname}", "flast": f"{f[0]}{surname}", "first": f, "first_last": f"{f}_{surname}",
        "last.first": f"{surname}.{f}", "firstl": f"{f}{surname[0]}",
    }[pattern]  # fmt: skip


def _private(rng: Random, first: str, last: str, key: int) -> str:
    # The number makes it most unlikely that the mailbox exists; nothing is ever sent to it either (no consent).
    return f"{fold(first)}.{fold(last).replace(' ', '')}.tidewater{key:04d}@{rng.choice(_FREE_MAIL)}"


def role_inbox(rng: Random, company: Company) -> str:
    """The shared mailbox that some of a company's tickets come from."""
    return f"{rng.choice(_ROLE_BOXES[:4])}@{company.domain}"


def billing_inbox(company: Company) -> str:
    """Where invoices go."""
    return f"{'billing' if company.key % 2 else 'accounts'}@{company.domain}"


def _job_changes(rng: Random, companies: list[Company], people: list[Person], start: datetime, end: datetime) -> None:
    """A few per cent leave within the year; half of them turn up at another customer some weeks later."""
    leavers = [
        p for p in people if p.company.arc != "prospect" and p is not p.company.people[0] and rng.random() < 0.045
    ]
    hosts = [c for c in companies if c.arc in ("healthy", "growing")]
    for leaver in leavers:
        earliest = max(leaver.since, start) + timedelta(days=30)
        latest = end - timedelta(days=8)
        if earliest >= latest:
            continue
        leaver.until = earliest + (latest - earliest) * rng.random()
        back = leaver.until + timedelta(days=rng.uniform(10, 60))
        host = rng.choice(hosts)
        if rng.random() < 0.5 or back >= latest or host is leaver.company:
            continue
        local = _local("first.last", leaver.first, leaver.last)
        if any(p.email.startswith(f"{local}@") for p in host.people):
            continue
        post = titles.promoted(rng, leaver.post) if rng.random() < 0.5 else leaver.post
        arrived = Person(
            key=len(people), company=host, first=leaver.first, last=leaver.last, email=f"{local}@{host.domain}",
            post=post, title=titles.write_title(rng, post, "en"), language=leaver.language, temper=leaver.temper,
            activity="power" if leaver.activity == "power" else "regular", since=back, consent=True,
            phone=leaver.phone, private_email=leaver.private_email, came_from=leaver,
        )  # fmt: skip
        people.append(arrived)
        host.people.append(arrived)
