"""The truth of a simulated company: who its customers are, what pleases them, what it costs to wear them out.

Written from the descriptions of what a policy must face, before any policy was tuned; constants are inventions, only the
shapes of fatigue, delay and dose follow public data. Every seed of `mixed` is another company.
"""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.referee import book
from benchmarks.referee.adapter import Bools, Floats, Ints

WORLDS = ("mixed", "textbook", "flipped", "drift", "moments", "fatigue", "gaming", "null")
EXTRA = ("claimed", "shy", "other")
"""Worlds of our own: `claimed`, where those who are asked share what they would have shared anyway and only the reward is
new; `shy`, where moments are rare and shares too; `other`, where responses have another form (a saturating product)."""
DAYS = 365
HALF_LIFE = 45.0


@dataclass
class Taste:
    """Log-odds of sharing by what is offered and said."""

    segment_incentive: Floats
    vertical_incentive: Floats
    role_tone: Floats
    role_channel: Floats
    large: Floats


@dataclass
class Truth:
    """The numbers of one world."""

    name: str
    seed: int
    base: float = -4.4
    kind_role: Floats = field(default_factory=lambda: np.zeros((6, 5)))
    half_life: Floats = field(default_factory=lambda: np.full(6, 6.0))
    kind_rate: Floats = field(default_factory=lambda: np.ones((4, 6)))
    fatigue: float = 0.45
    opt_base: float = -5.7
    opt_fatigue: float = 0.35
    willing_sd: float = 0.7
    personal_sd: float = 0.35
    organic: float = 0.05
    qualify_segment: Floats = field(default_factory=lambda: np.zeros(4))
    qualify_incentive: Floats = field(default_factory=lambda: np.zeros((5, 3)))
    win: Floats = field(default_factory=lambda: book.CRM_WIN.copy())
    delay_days: Floats = field(default_factory=lambda: np.array([45.0, 90.0, 55.0, 30.0]))
    asked_adds: bool = True
    saturating: bool = False
    tastes: list[tuple[int, Taste]] = field(default_factory=list)


def _taste(rng: np.random.Generator, book_low: float, book_high: float, noise: float) -> Taste:
    def blend(table: Floats) -> Floats:
        out: Floats = rng.uniform(book_low, book_high) * table + noise * rng.standard_normal(table.shape)
        return out

    return Taste(
        blend(book.BOOK_SEGMENT_INCENTIVE),
        0.7 * noise * rng.standard_normal((5, 5)),
        blend(book.BOOK_ROLE_TONE),
        0.6 * noise * rng.standard_normal((5, 2)),
        rng.uniform(0.05, 0.45, 5),
    )


_BLEND = {  # how much of the rule book is true, from and to, and how much else there is
    "textbook": (0.9, 1.1, 0.12),
    "flipped": (-1.0, -0.8, 0.2),
    "moments": (-0.1, 0.4, 0.15),
    "gaming": (0.0, 0.6, 0.35),
    "fatigue": (0.0, 0.9, 0.4),
}


def truth_of(name: str, seed: int) -> Truth:
    """Draw the truth of a world. The same name and seed give the same truth."""
    rng = np.random.default_rng([seed, sum(map(ord, name)), 11])
    low, high, noise = _BLEND.get(name, (-0.2, 1.0, 0.5))
    truth = Truth(name, seed, base=rng.uniform(-4.7, -4.1))
    truth.tastes = [(0, _taste(rng, low, high, noise))]
    kind = np.repeat(book.BOOK_KIND[:, None], 5, axis=1)
    strength = 1.6 if name == "moments" else 1.0
    blend = rng.uniform(0.9, 1.1) if name == "textbook" else rng.uniform(0.3, 1.1)
    truth.kind_role = strength * (blend * kind + (0.2 if name == "textbook" else 0.55) * rng.standard_normal((6, 5)))
    truth.half_life = rng.uniform(2.5, 10.0, 6)
    truth.kind_rate = rng.gamma(4.0, 0.25, (4, 6)) * np.array([0.8, 1.6, 1.5, 0.9, 0.8, 1.5])
    truth.fatigue = rng.uniform(0.3, 0.6)
    truth.qualify_segment = rng.normal(-0.1, 0.25, 4)
    junk = rng.uniform(0.5, 1.5)
    truth.qualify_incentive = junk * np.array(
        [[0.5, 0.5, 0.5], [0, 0, -0.2], [0, -0.3, -0.6], [0, -0.1, -0.2], [0.3, 0.3, 0.3]]
    )
    truth.win = np.clip(book.CRM_WIN * np.exp(rng.normal(0, 0.2, 4)), 0.03, 0.6)
    _particular(truth, rng)
    return truth


def _particular(truth: Truth, rng: np.random.Generator) -> None:
    name = truth.name
    if name == "drift":
        truth.tastes.append((int(rng.integers(150, 210)), _taste(rng, -0.6, 0.6, 0.5)))
    elif name == "fatigue":
        truth.fatigue, truth.opt_base, truth.opt_fatigue = rng.uniform(0.9, 1.2), -5.0, 0.6
    elif name == "gaming":
        truth.tastes[0][1].segment_incentive[:, 1:4] += 0.8
        truth.tastes[0][1].large += 0.5
        truth.qualify_incentive[1:4] -= np.array([[0.0, 1.2, 2.2], [0.0, 2.0, 3.0], [0.0, 1.0, 1.8]])
    elif name == "null":
        truth.base -= 4.0
    elif name == "claimed":
        truth.asked_adds, truth.organic = False, 0.35
    elif name == "shy":
        truth.base -= 0.5
        truth.kind_rate *= 0.45
    elif name == "other":
        truth.saturating = True


@dataclass
class People:
    """The customers; slots from `start` on are empty until a referred customer joins."""

    company: Ints
    segment: Ints
    vertical: Ints
    role: Ints
    willing: Floats
    personal: Floats
    satisfaction: Floats
    email: Bools
    joined: Ints
    start: int

    @property
    def slots(self) -> int:
        """Places, filled or not."""
        return len(self.company)


def people_of(truth: Truth, size: int) -> People:
    """Draw the customers of a world."""
    rng = np.random.default_rng([truth.seed, 23])
    slots = int(size * 1.25)
    head = rng.choice([1, 2, 3, 4, 6, 9], size=slots, p=[0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
    company = np.repeat(np.arange(slots), head)[:slots]
    company[size:] = company[size - 1] + 1 + np.arange(slots - size)
    firms = int(company.max()) + 1
    firm_segment = rng.choice(4, size=firms, p=[0.08, 0.17, 0.30, 0.45])
    firm_vertical = rng.choice(5, size=firms, p=[0.35, 0.15, 0.15, 0.2, 0.15])
    mood = rng.standard_normal(firms)
    willing = truth.willing_sd * (0.5 * mood[company] + np.sqrt(0.75) * rng.standard_normal(slots))
    joined = np.where(np.arange(slots) < size, 0, 10**6)
    return People(
        company=company,
        segment=firm_segment[company],
        vertical=firm_vertical[company],
        role=rng.choice(5, size=slots, p=[0.12, 0.28, 0.35, 0.17, 0.08]),
        willing=willing,
        personal=truth.personal_sd * rng.standard_normal((slots, 5)),
        satisfaction=0.6 * willing / truth.willing_sd + 0.8 * rng.standard_normal(slots),
        email=rng.random(slots) < 0.95,
        joined=joined,
        start=size,
    )


@dataclass
class Calendar:
    """What happens to people whatever a policy does: moments and incidents."""

    moment_person: list[Ints]
    moment_kind: list[Ints]
    moment_size: list[Floats]
    incident_until: list[tuple[Ints, Ints]]
    activity: Floats


def calendar_of(truth: Truth, people: People) -> Calendar:
    """Draw a year of moments and incidents for every slot."""
    rng = np.random.default_rng([truth.seed, 37])
    activity = rng.gamma(3.0, 1 / 3.0, people.slots)
    found = Calendar([], [], [], [], activity)
    resolved: dict[int, list[int]] = {}
    for day in range(DAYS):
        chance = truth.kind_rate[people.segment] * activity[:, None] / DAYS
        who, kind = np.nonzero(rng.random(chance.shape) < chance)
        back = np.array(resolved.pop(day, []), dtype=np.int64)
        who, kind = np.concatenate([who, back]), np.concatenate([kind, np.ones(len(back), np.int64)])
        found.moment_person.append(who)
        found.moment_kind.append(kind)
        found.moment_size.append(rng.beta(2.0, 2.0, len(who)) * 2.0)
        hurt = np.flatnonzero(rng.random(people.slots) < 0.8 / DAYS)
        until = day + np.ceil(rng.lognormal(2.0, 0.6, len(hurt))).astype(np.int64)
        found.incident_until.append((hurt, until))
        mended = rng.random(len(hurt)) < 0.6
        for person, end in zip(hurt[mended], until[mended], strict=True):
            resolved.setdefault(int(end), []).append(int(person))
    return found
