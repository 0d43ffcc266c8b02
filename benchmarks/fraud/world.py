"""A referral world with known truth: what a program has written down after eighteen months, and, apart from it, what really was.

Written apart from the product's fraud rules and before its judge was scored on it; nothing of `honeyguide` is read here.

What makes it hard: nothing is fraud by one column. Offices share a network, machines, a card, the switchboard and at times a
payee; families share a name, a home and a bank account; consultants sign clients up on their own machine; champions bring
fifteen people in a week; some honest circles exist; honest people use VPNs, buy and do not begin, come back for their money.
Half of the gangs are careful: other machines, virtual cards, home networks, weeks between sign-ups, scripted use, real
domains. Friends of a star resemble each other, not the advocate; a chain and a tree have no circle; a sleeper's honest months
count as honest. Fields go missing: a third of the payees, a quarter of the devices, two fifths of the employers.

What makes it easier than life: one referral in five is fraud (in life far fewer, so precision would be lower at the same
rates); all eighteen months are known when a referral is judged, with refunds and use; tokens are equal or not, never nearly;
gangs do not buy each other's accounts; companies, people and languages are few.

How hard, by measurement (seeds 111 to 113): the best single column, with the best bound somebody who knows the truth can
choose, reaches an F1 of .59; boosted trees on some seventy features of pairs, siblings and components, trained on the truth
of eight other worlds, reach precision .99 at recall .965 (sleepers .84) and hold none to .03 % of honest colleagues.
"""

import random
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from benchmarks.fraud import crimes, honest
from benchmarks.fraud.people import DAY, MONTHS, START, Maker, Person, Row


class Referrals(Struct, kw_only=True):
    """What is written down, a list a column, all of one length, in order of sign-up. Times are seconds since 1970; None = not known.

    Networks, devices, telephones, cards and payees are digests: equal or not. A payee is where somebody is paid rewards, a card
    what somebody pays with. `active_days` are the days of use within thirty days of the sign-up; `ties` what was on record
    between the two before (meetings, mails, a shared employer); `host` the site the click came from; `deal_opened_at` when
    sales had opened a deal with the friend's company; `customer_since` when that company had become a customer, if it had
    before. Company 1 is the vendor itself. Domains are those of the mailboxes.
    """

    as_of: int
    own_company: int
    own_domains: tuple[str, ...]
    referral: list[int]
    advocate: list[int]
    friend: list[int]
    clicked_at: list[int | None]
    signed_up_at: list[int]
    converted_at: list[int | None]
    refunded_at: list[int | None]
    advocate_name: list[str]
    friend_name: list[str]
    advocate_email: list[str]
    friend_email: list[str]
    advocate_domain: list[str]
    friend_domain: list[str]
    advocate_company: list[int | None]
    friend_company: list[int | None]
    advocate_employer: list[int | None]
    friend_employer: list[int | None]
    advocate_ip: list[str | None]
    friend_ip: list[str | None]
    advocate_device: list[str | None]
    friend_device: list[str | None]
    advocate_phone: list[str | None]
    friend_phone: list[str | None]
    advocate_card: list[str | None]
    friend_card: list[str | None]
    advocate_payee: list[str | None]
    friend_payee: list[str | None]
    amount_minor: list[int]
    reward_minor: list[int]
    refunded_minor: list[int]
    active_days: list[int | None]
    ties: list[int | None]
    host: list[str | None]
    deal_opened_at: list[int | None]
    customer_since: list[int | None]

    def __len__(self) -> int:
        return len(self.referral)


class Truth(Struct, frozen=True):
    """What really was, by referral id: fraud or not, of which kind, in which story."""

    fraud: dict[int, bool]
    kind: dict[int, str]
    story: dict[int, int]

    def __len__(self) -> int:
        return len(self.fraud)


class _Known(Struct):
    """What is on record of a person, the same on every referral: some things were never asked."""

    company: int | None
    employer: int | None
    phone: str | None
    card: str | None
    payee: str | None


def make(seed: int, size: float = 1.0) -> tuple[Referrals, Truth]:
    """A world of about 3,900 referrals (times `size`) and its truth. The same seed makes the same world."""
    m = Maker(random.Random(f"fraud world {seed}"))
    m.carriers = [m.token("n") for _ in range(30)]
    m.vpns = [m.token("n") for _ in range(25)]
    m.company("Beeline Software")
    honest.everyone(m, size)
    crimes.everyone(m, size)
    m.rng.shuffle(m.rows)
    m.rows.sort(key=lambda row: row.at)
    names = _numbers(m)
    as_of = START + (MONTHS * 30 + 120) * DAY
    known = _on_record(m)
    lines = [_line(m, number, row, names, known, as_of) for number, row in enumerate(m.rows, 1)]
    columns: dict[str, list[Any]] = {name: [line[name] for line in lines] for name in lines[0]}
    own = m.companies[0]
    world = Referrals(as_of=as_of, own_company=own.id, own_domains=(own.domain,), **columns)
    rows = list(enumerate(m.rows, 1))
    return world, Truth({n: r.fraud for n, r in rows}, {n: r.kind for n, r in rows}, {n: r.group for n, r in rows})


def _people(rows: Iterable[Row]) -> dict[int, Person]:
    return {one.id: one for row in rows for one in (row.advocate, row.friend)}


def _numbers(m: Maker) -> dict[int, int]:
    """Numbers of persons, dealt anew: an id must not tell who was made in which story."""
    ids = sorted(_people(m.rows))
    dealt = list(range(1, len(ids) + 1))
    m.rng.shuffle(dealt)
    return dict(zip(ids, dealt, strict=True))


def _on_record(m: Maker) -> dict[int, _Known]:
    rng = m.rng
    dealt = [*range(2, len(m.companies) + 1)]
    rng.shuffle(dealt)
    company = dict(enumerate([1, *dealt], 1))
    out = {}
    for number, one in sorted(_people(m.rows).items()):
        # an unemployed identity says nothing, and of many who are employed nobody has asked
        out[number] = _Known(
            company[one.company] if one.company and rng.random() < 0.92 else None,
            company[one.employer] if one.employer and rng.random() < 0.6 else None,
            one.phone if rng.random() < 0.6 else None,
            one.card if rng.random() < 0.8 else None,
            one.payee if rng.random() < 0.7 else None,
        )
    return out


def _seen(m: Maker, one: Person, device_known: float = 0.75) -> tuple[str | None, str | None]:
    """The network and machine of one visit."""
    rng = m.rng
    ip = one.ips[0] if rng.random() < one.at_office else rng.choice(one.ips)
    return (ip if rng.random() < 0.95 else None, rng.choice(one.devices) if rng.random() < device_known else None)


def _line(
    m: Maker, number: int, row: Row, names: dict[int, int], known: dict[int, _Known], as_of: int
) -> dict[str, Any]:
    rng, a, b = m.rng, row.advocate, row.friend
    of_a, of_b = known[a.id], known[b.id]
    (ip_a, device_a), (ip_b, device_b) = _seen(m, a), _seen(m, b)
    ip_b, device_b = row.friend_on[0] or ip_b, row.friend_on[1] or device_b
    converted = row.at + row.convert_after if rng.random() < 0.9 or row.refund else None
    refunded = converted + row.refund_after if converted and row.refund else None
    if refunded and refunded > as_of:
        refunded = None
    amount = row.amount if converted else 0
    return {
        "referral": number, "advocate": names[a.id], "friend": names[b.id],
        "clicked_at": row.at - round(rng.expovariate(1 / 3) * DAY / 4) if rng.random() < 0.85 else None,
        "signed_up_at": row.at, "converted_at": converted, "refunded_at": refunded,
        "advocate_name": a.name, "friend_name": b.name, "advocate_email": a.email, "friend_email": b.email,
        "advocate_domain": a.email.split("@")[1], "friend_domain": b.email.split("@")[1],
        "advocate_company": of_a.company, "friend_company": of_b.company,
        "advocate_employer": of_a.employer, "friend_employer": of_b.employer,
        "advocate_ip": ip_a, "friend_ip": ip_b, "advocate_device": device_a, "friend_device": device_b,
        "advocate_phone": of_a.phone, "friend_phone": of_b.phone, "advocate_card": of_a.card, "friend_card": of_b.card,
        "advocate_payee": of_a.payee, "friend_payee": of_b.payee if rng.random() < 0.5 else None,
        "amount_minor": amount, "reward_minor": min(amount // 10, 50_000),
        "refunded_minor": round(amount * row.refund) if refunded else 0,
        "active_days": row.active if rng.random() < 0.85 else None, "ties": row.ties if rng.random() < 0.75 else None,
        "host": (row.host if rng.random() < 0.45 else None),
        "deal_opened_at": row.opened, "customer_since": row.customer_since,
    }  # fmt: skip
