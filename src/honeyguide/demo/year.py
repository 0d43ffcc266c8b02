"""How the people of a simulated year answer: a hidden truth about each advocate, and lots drawn from a seed.

Nobody in the product sees these numbers; it sees only what people do. Shapes follow what is known of such asks (the first
words of a moment count, weariness grows with every ask, half of the wins come late); the levels are invented.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log
from random import Random

from honeyguide.demo import firms, names, titles
from honeyguide.demo.cast import Cast, Person
from honeyguide.demo.firms import fold

_BASE = -1.35  # log-odds of sharing: about one in five
_MOMENT = {
    "support_success": 0.55, "purchase_euphoria": 0.45, "product_milestone": 0.30, "renewal": 0.25, "praise": 0.70,
    "survey_promoter": 0.65, "usage_spike": 0.10, "anniversary": 0.05, "job_change": 0.35,
}  # fmt: skip
_HALF_LIFE_DAYS = 3.0
_TASTE = {"commission": 0.25, "renewal_credit": 0.30, "beta_access": 0.15, "gift_card": 0.10}
_SIZE = {"small": -0.15, "medium": 0.0, "large": 0.12}
_TONE = {"executive": {"brief": 0.35, "formal": 0.15}, "vp": {"brief": 0.30}, "director": {"warm": 0.15}}
_WEAR = 0.55  # taken off per ask of the last ninety days
_LEAVES = 0.006  # of the asked, on the first ask; doubling with each recent one
_ORGANIC_A_DAY = 0.00035  # that somebody recommends unasked on a day, at average willingness
_QUALIFIES, _WINS = 0.55, 0.42


@dataclass(frozen=True)
class Asked:
    """An ask as it reached somebody. `recent`: asks of the last ninety days before it."""

    email: str
    moment: str
    age_days: float
    incentive: str
    size: str
    tone: str
    seniority: str
    recent: int


@dataclass(frozen=True)
class NewFriend:
    """Somebody an advocate tells: when they follow the link, and what becomes of them (days after sign-up; None: never)."""

    number: int
    name: str
    email: str
    title: str
    company: str
    domain: str
    industry: str
    country: str
    segment: str
    employees: int
    amount_minor: int
    currency: str
    comes_at: datetime
    qualifies_after: float | None
    wins_after: float | None
    loses_after: float | None


@dataclass
class World:
    """The truth of one year. Lots depend on who, and which ask of theirs it is, never on the order of asking."""

    seed: int
    cast: Cast
    taken: set[str] = field(default_factory=set)
    friends: int = 0

    def __post_init__(self) -> None:
        self.taken |= {c.domain for c in self.cast.companies}

    def willing(self, email: str) -> float:
        """How willing somebody is, in log-odds on top of the average."""
        return self._lots("willing", email).gauss(0, 0.7)

    def share(self, asked: Asked) -> float:
        """The chance that this ask is passed on."""
        taste = self._lots("taste", asked.email, asked.incentive).gauss(_TASTE.get(asked.incentive, 0.1), 0.45)
        fresh = 0.5 ** (asked.age_days / _HALF_LIFE_DAYS)
        z = _BASE + self.willing(asked.email) + taste + _SIZE.get(asked.size, 0.0)
        z += 2 * _MOMENT.get(asked.moment, 0.0) * fresh + _TONE.get(asked.seniority, {}).get(asked.tone, 0.0)
        return 1 / (1 + exp(-(z - _WEAR * asked.recent)))

    def shares(self, asked: Asked, ask: str) -> bool:
        """Do they?"""
        return self._lots("share", ask).random() < self.share(asked)

    def leaves(self, asked: Asked, ask: str) -> bool:
        """Have they had enough of us?"""
        return self._lots("leave", ask).random() < _LEAVES * 2.0**asked.recent

    def unasked(self, person: Person, day: datetime) -> bool:
        """Does this person recommend us today without having been asked?"""
        chance = _ORGANIC_A_DAY * exp(self.willing(person.email))
        return bool(self._lots("organic", person.email, f"{day:%Y%m%d}").random() < chance)

    def tells(self, who: str, at: datetime) -> list[NewFriend]:
        """The friends somebody tells who passes the link on: mostly one, sometimes two."""
        lots = self._lots("tells", who, f"{at:%Y%m%d}")
        return [self._friend(lots, at) for _ in range(2 if lots.random() < 0.2 else 1)]

    def _friend(self, rng: Random, at: datetime) -> NewFriend:
        self.friends += 1
        country, industry = firms.draw_country(rng), firms.draw_industry(rng)
        large = rng.random() < 0.3
        name, _, domain = firms.draw_firm(rng, country, industry, partner=False, taken=self.taken)
        first, last = names.draw_name(rng, country)
        employees = rng.randint(300, 2_400) if large else rng.randint(14, 160)
        qualifies = rng.random() < _QUALIFIES
        wins = qualifies and rng.random() < _WINS
        after = rng.uniform(3, 14)
        slow = rng.lognormvariate(log(55 if large else 24), 0.55)
        return NewFriend(
            self.friends, f"{first} {last}", f"{fold(first)}.{fold(last).replace(' ', '')}@{domain}",
            titles.write_title(rng, ("director" if large else "manager", "Operations"), "en"), name, domain, industry, country,
            "enterprise" if large else "smb", employees, max(4, employees // 5) * (5_900 if large else 3_900) * 12,
            firms.COUNTRIES[country][2], at + timedelta(hours=rng.uniform(1, 96)),
            after if qualifies else None, after + slow if wins else None, after + slow if qualifies and not wins else None,
        )  # fmt: skip

    def _lots(self, *parts: str) -> Random:
        return Random("\x1f".join((str(self.seed), *parts)))  # a simulation's lots
