"""A CRM as it is: people who change jobs, marry, share phones and mailboxes, and five systems that write them down badly.

    records, person = generate(1_000_000, seed=1)

Not tuned to the guard: one person may have more addresses than its limits allow, fathers and sons share a name, a firm and a
phone, an assistant's mailbox stands under the names of several bosses, mailboxes are given to the next person of the same
initials, teams write under mailboxes no list of role inboxes knows, switchboards serve two to four hundred people.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from benchmarks.crm_words import (
    BUSINESS,
    COMMON,
    DIAL,
    ENDINGS,
    ENDS,
    FREE,
    LEGAL,
    MIDDLES,
    PLACES,
    STARTS,
    TEAMS,
    TITLES,
    WORDS,
)
from honeyguide.identity.background.nicknames import _TABLE

SOURCES = ("crm", "desk", "billing", "product", "events")


@dataclass
class Firm:
    name: str
    domain: str
    country: str
    city: str
    switchboard: str
    other_domain: str = ""
    people: list["Person"] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


@dataclass
class Person:
    number: int
    given: str
    short: tuple[str, ...]
    surname: str
    generation: str
    free: str
    jobs: list[tuple[Firm, str, str]]  # firm, address, title
    mobile: str
    direct: str
    maiden: str = ""


class World:
    """Draws firms, people and what the systems know of them. The same seed gives the same world."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._given = [
            ([n.capitalize() for n in full.split()], [n.capitalize() for n in short.split()])
            for full, _, short in (line.partition(":") for line in _TABLE.strip().splitlines())
        ]
        rare = {f"{a}{b}{c}" for a in STARTS for b in MIDDLES for c in ENDS}
        self._rare = sorted(rare)
        self._n = 0

    def surname(self) -> str:
        """A third carry one of 80 common names, the rest one of about 22,000."""
        rng = self.rng
        if rng.random() < 0.33:
            return COMMON[int(len(COMMON) * rng.random() ** 2)]
        return self._rare[int(len(self._rare) * rng.random() ** 1.6)]

    def firm(self) -> Firm:
        rng = self.rng
        base = f"{rng.choice(WORDS)}{rng.choice(MIDDLES) if rng.random() < 0.6 else ''}{rng.choice(ENDS) if rng.random() < 0.7 else ''}"
        business = rng.choice(BUSINESS)
        country = rng.choice(list(PLACES))
        self._n += 1
        label = f"{base}{business if rng.random() < 0.5 else ''}{self._n % 97 if rng.random() < 0.3 else ''}".lower()
        ending = rng.choice(ENDINGS)
        other = f"{label}-group.com" if rng.random() < 0.08 else ""
        unique = f"{label}{self._n}" if rng.random() < 0.75 else f"{label}{self._n % 5003}"
        return Firm(f"{base} {business} {rng.choice(LEGAL)}".strip(), f"{unique}.{ending}", country, rng.choice(PLACES[country]), self.phone(country), other)  # fmt: skip

    def phone(self, country: str) -> str:
        return f"+{DIAL[country]}{self.rng.randrange(10**8, 10**9)}"

    def address(self, given: str, surname: str, firm: Firm) -> str:
        """The firm's next free spelling of a name. A mailbox is sometimes given to the next of the same initials."""
        rng = self.rng
        g, s = _plain(given), _plain(surname)
        for local in rng.sample([f"{g}.{s}", f"{g[0]}.{s}", f"{g[0]}{s}", f"{g}{s[0]}", f"{s}.{g}", f"{g}_{s}"], 6):
            if local not in firm.taken or rng.random() < 0.02:
                firm.taken.add(local)
                return f"{local}@{firm.domain}"
        return f"{g}.{s}{rng.randrange(2, 9)}@{firm.domain}"

    def person(self, firms: list[Firm]) -> Person:
        rng = self.rng
        full, short = rng.choice(self._given)
        given, surname = rng.choice(full), self.surname()
        generation = ""
        home = firms[int(len(firms) * rng.random() ** 2.2)]
        if home.people and rng.random() < 0.03:  # family: same surname, sometimes the same name, often the same phone
            kin = rng.choice(home.people)
            surname = kin.surname
            if rng.random() < 0.25:
                given, generation = kin.given, "Jr"
                kin.generation = kin.generation or ("Sr" if rng.random() < 0.4 else "")
        later = [rng.choice(firms) for _ in range((rng.random() < 0.15) + (rng.random() < 0.03))]
        jobs = [(firm, self.address(given, surname, firm), rng.choice(TITLES)) for firm in [home, *later]]
        handle = rng.choice([f"{_plain(given)}.{_plain(surname)}", f"{_plain(given)[0]}{_plain(surname)}{rng.randrange(60, 100)}", f"{rng.choice(MIDDLES)}{rng.choice(ENDS)}{rng.randrange(1, 9999)}", f"{_plain(surname)}{rng.randrange(1, 999)}"])  # fmt: skip
        found = Person(
            self._n, given, tuple(short), surname, generation, f"{handle}@{rng.choice(FREE)}", jobs,
            self.phone(home.country), self.phone(home.country), self.surname() if rng.random() < 0.04 else "",
        )  # fmt: skip
        if generation:
            found.direct = rng.choice(home.people).direct
        self._n += 1
        for firm, _, _ in jobs:
            firm.people.append(found)
        return found

    def typo(self, text: str) -> str:
        if len(text) < 4:
            return text
        i, kind = self.rng.randrange(1, len(text) - 1), self.rng.randrange(4)
        if kind == 0:
            return text[:i] + text[i + 1 :]
        if kind == 1:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        if kind == 2:
            return text[:i] + text[i] + text[i:]
        return text[:i] + self.rng.choice("aeiourstn") + text[i + 1 :]

    def record(self, who: Person, source: str) -> dict[str, Any]:
        """What one system knows of a person: at one of their jobs, with what that kind of system asks for."""
        rng = self.rng
        firm, address, title = who.jobs[min(int(rng.random() * len(who.jobs) * 1.2), len(who.jobs) - 1)]
        row: dict[str, Any] = {
            "source": source, "name": self.name(who), "email": None, "phone": None, "title": None, "company": None,
            "domain": None, "country": None, "city": None, "person": who.number,
        }  # fmt: skip
        row["email"] = self.mail(who, firm, address, source)
        row["phone"] = self.number(who, firm, source)
        if rng.random() < {"crm": 0.8, "desk": 0.1, "billing": 0.1, "product": 0.2, "events": 0.7}[source]:
            row["title"] = title if rng.random() < 0.9 else rng.choice(TITLES)
        if rng.random() < {"crm": 0.95, "desk": 0.3, "billing": 0.8, "product": 0.2, "events": 0.85}[source]:
            row["company"] = self.typo(firm.name) if rng.random() < 0.03 else firm.name if rng.random() < 0.8 else firm.name.rsplit(" ", 1)[0]  # fmt: skip
        if rng.random() < 0.75:
            row["country"] = firm.country
            row["city"] = firm.city if rng.random() < 0.7 else None
        return row

    def records(self, who: Person) -> list[dict[str, Any]]:
        """All records of a person. CRM, desk and product know an address once, so their duplicates differ in it."""
        rng = self.rng
        found: list[dict[str, Any]] = []
        for source in rng.sample(SOURCES, rng.choices((1, 2, 3, 4), (0.45, 0.3, 0.17, 0.08))[0]):
            more = {"crm": 0.14, "desk": 0.06, "billing": 0.25, "product": 0.05, "events": 0.45}[source]
            held: set[str] = set()
            while True:
                row = self.record(who, source)
                if source in ("billing", "events") or row["email"] is None or row["email"] not in held:
                    found.append(row)
                    held.add(row["email"] or "")
                if rng.random() > more or len(found) > 15:
                    break
            if source == "events" and rng.random() < 0.1:
                found.append(dict(found[-1]))  # a list that was imported twice
        return found

    def name(self, who: Person) -> str | None:
        rng = self.rng
        roll = rng.random()
        given, surname = who.given, who.maiden if who.maiden and rng.random() < 0.4 else who.surname
        if roll < 0.03:
            return None
        if who.short and roll < 0.17:
            # A fifth of the pet forms are ones no table knows.
            given = (
                rng.choice(who.short) if rng.random() < 0.8 else f"{given[: rng.randrange(2, 5)]}{rng.choice('yioe')}"
            )
        elif roll < 0.20:
            given = f"{given[0]}."
        if rng.random() < 0.03:
            given = self.typo(given)
        if rng.random() < 0.04:
            surname = self.typo(surname)
        surname = f"{surname} {who.generation}" if who.generation and rng.random() < 0.7 else surname
        if roll > 0.985:
            return f"{surname} {given}"
        if roll > 0.96:
            return f"{surname}, {given}"
        text = f"{given} {surname}"
        return text.upper() if roll > 0.94 else text.lower() if roll > 0.91 else text

    def mail(self, who: Person, firm: Firm, address: str, source: str) -> str | None:
        rng = self.rng
        roll = rng.random()
        if roll < {"crm": 0.12, "desk": 0.02, "billing": 0.08, "product": 0.01, "events": 0.2}[source]:
            return None
        if rng.random() < (0.07 if source in ("desk", "billing") else 0.02):
            return f"{rng.choice(TEAMS)}@{firm.domain}"
        if rng.random() < 0.012 and firm.people:
            boss = rng.choice(firm.people[:3])  # the assistant's or the boss's own address, entered for somebody else
            return next((a for f, a, _ in boss.jobs if f is firm), address)
        if rng.random() < {"crm": 0.06, "desk": 0.12, "billing": 0.08, "product": 0.25, "events": 0.22}[source]:
            return who.free
        if firm.other_domain and rng.random() < 0.3:
            address = f"{address.split('@', maxsplit=1)[0]}@{firm.other_domain}"
        local, host = address.split("@")
        return f"{self.typo(local)}@{host}" if rng.random() < 0.015 else address

    def number(self, who: Person, firm: Firm, source: str) -> str | None:
        rng = self.rng
        if rng.random() < {"crm": 0.35, "desk": 0.75, "billing": 0.55, "product": 0.9, "events": 0.45}[source]:
            return None
        roll = rng.random()
        number = firm.switchboard if roll < 0.38 else who.mobile if roll < 0.72 else who.direct
        if rng.random() < 0.02:
            i = rng.randrange(4, len(number))
            number = number[:i] + str(rng.randrange(10)) + number[i + 1 :]
        return number if rng.random() < 0.7 else "0" + number[3:]


def generate(size: int, seed: int) -> tuple[list[dict[str, Any]], list[int]]:
    """`size` records as five systems hold them, and the person behind each. Firms follow a power law."""
    world = World(seed)
    rng = world.rng
    firms = [world.firm() for _ in range(max(40, size // 22))]
    rows: list[dict[str, Any]] = []
    while len(rows) < size:
        rows += world.records(world.person(firms))
    rng.shuffle(rows)
    return rows[:size], [r.pop("person") for r in rows[:size]]


def _plain(text: str) -> str:
    return text.lower().translate(str.maketrans("äöüéèñ", "aoueen")).replace("ß", "ss").replace(" ", "") or "x"
