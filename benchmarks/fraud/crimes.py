"""Fraud of the fraud benchmark. Every gang has a measure of care in [0, 1]: the careful know the common rules and pay to avoid them.

Care buys other machines, virtual cards, throw-away telephones, rented home networks instead of VPNs, aged domains, weeks
between sign-ups and a script that logs in. What it cannot buy for long is a second bank account for every identity, and
people whom anybody has met.
"""

from benchmarks.crm_words import ENDINGS, FREE
from benchmarks.fraud.honest import real
from benchmarks.fraud.people import DAY, DISPOSABLE, PLANS, Maker, Person, Row, plain


class Gang:
    """Whoever is behind a story: things they use again and again, and how careful they are."""

    def __init__(self, m: Maker, care: float | None = None) -> None:
        rng = m.rng
        self.m, self.id = m, m.group()
        self.care = rng.betavariate(1.7, 1.5) if care is None else care
        self.devices = [m.token("d") for _ in range(1 + round(3 * self.care))]
        self.cards = [m.token("k") for _ in range(1 + round(2 * self.care))]
        self.phones = [m.token("t") for _ in range(1 + round(2 * self.care))]
        self.payees = [m.token("p") for _ in range(1 + round(1.4 * self.care))]
        self.ip, self.domain = (
            m.token("n"),
            f"{plain(m.name().split()[-1])}-{rng.choice(('hq', 'ops', 'team', 'it'))}.{rng.choice(ENDINGS)}",
        )

    def mail(self, name: str) -> str:
        """Free mail, a catch-all domain of the gang's, one bought for it alone, a throw-away one, or a real firm's."""
        rng, careful = self.m.rng, self.care > 0.5
        pick = rng.random()
        if pick < (0.25 if careful else 0.42):
            return self.m.mailbox(name, rng.choice(FREE))
        if pick < (0.40 if careful else 0.68):
            return self.m.mailbox(name, self.domain)
        if pick < (0.42 if careful else 0.80):
            return self.m.mailbox(name, rng.choice(DISPOSABLE))
        return self.m.mailbox(name, self.m.company().domain)

    def fake(self, payee: bool = True) -> Person:
        """An identity the gang controls; each thing is shared with others of the gang, or bought for it."""
        m, rng = self.m, self.m.rng
        again = 0.9 - 0.5 * self.care
        company = m.company()
        m.persons += 1
        name = m.name()
        network = (
            m.token("n")
            if rng.random() < self.care
            else rng.choice((self.ip, rng.choice(m.vpns), rng.choice(m.carriers)))
        )
        return Person(
            m.persons, name, self.mail(name), company.id, company.id if rng.random() < 0.15 else None, [network],
            [rng.choice(self.devices) if rng.random() < again else m.token("d")],
            rng.choice(self.cards) if rng.random() < again - 0.1 else m.token("k"),
            rng.choice(self.phones) if rng.random() < again - 0.2 else m.token("t"),
            rng.choice(self.payees) if payee and rng.random() < again + 0.1 else m.token("p"), 0.8,
        )  # fmt: skip

    def gap(self) -> int:
        """How long the gang waits before the next one."""
        return round(self.m.rng.expovariate(1 / (0.5 + 14 * self.care**2)) * DAY)

    def refer(self, advocate: Person, friend: Person, at: int, kind: str) -> Row:
        """A referral that is none."""
        rng = self.m.rng
        scripted = rng.random() < self.care * 0.75
        row = Row(
            advocate=advocate, friend=friend, at=at, kind=kind, fraud=True, group=self.id,
            active=self.m.busy() if scripted else rng.choice((0, 0, 0, 1, 1, 2, 3, 5)),
            ties=1 if rng.random() < 0.05 else 0,
            amount=self.m.price() if rng.random() < 0.3 + 0.5 * self.care else 100 * rng.choice(PLANS),
            convert_after=self.m.delay() if rng.random() < 0.3 + 0.6 * self.care else rng.randrange(DAY),
        )  # fmt: skip
        if rng.random() < 0.22 - 0.15 * self.care:
            row.refund, row.refund_after = 1.0, rng.randrange(31, 60) * DAY
        if rng.random() < 0.03:
            row.opened = at - rng.randrange(1, 60) * DAY
        if rng.random() < 0.02:
            row.customer_since = at - rng.randrange(60, 700) * DAY
        self.m.rows.append(row)
        return row


def closed_rings(m: Maker, count: int) -> None:
    """Identities that refer each other in a circle, with a chord or two."""
    for _ in range(count):
        gang = Gang(m)
        people = [gang.fake() for _ in range(m.rng.randint(3, 8))]
        at = m.when()
        for k, one in enumerate(people):
            at += gang.gap()
            gang.refer(one, people[(k + 1) % len(people)], at, "closed_ring")
        for _ in range(len(people) // 3):
            a, b = m.rng.sample(people, 2)
            gang.refer(a, b, at + gang.gap(), "closed_ring")


def open_rings(m: Maker, count: int) -> None:
    """Controlled identities as a tree without any circle; the outermost are never advocates."""
    for _ in range(count):
        gang = Gang(m)
        people, at = [gang.fake()], m.when()
        for _ in range(m.rng.randint(4, 10)):
            at += gang.gap()
            friend = gang.fake()
            gang.refer(m.rng.choice(people), friend, at, "open_ring")
            people.append(friend)


def chains(m: Maker, count: int) -> None:
    """Each brings the next, and leaves."""
    for _ in range(count):
        gang = Gang(m)
        one, at = gang.fake(), m.when()
        for _ in range(m.rng.randint(4, 9)):
            at += gang.gap()
            following = gang.fake()
            gang.refer(one, following, at, "chain")
            one = following


def stars(m: Maker, count: int) -> None:
    """A real customer sells the code to a mill: the friends resemble each other, not the advocate."""
    for _ in range(count):
        gang, hub, at = Gang(m), m.person(), m.when()
        for _ in range(m.rng.randint(6, 18)):
            at += gang.gap() // 2
            gang.refer(hub, gang.fake(payee=False), at, "star")


def sleepers(m: Maker, count: int) -> None:
    """Months of honest referrals, then the same person's invented ones, some of them on the person's own things."""
    for _ in range(count):
        gang, one, at = Gang(m), m.person(), m.when(400)
        gang.devices, gang.cards, gang.phones = (
            [*gang.devices, *one.devices],
            [*gang.cards, one.card],
            [*gang.phones, one.phone],
        )
        for _ in range(m.rng.randint(3, 9)):
            real(m, one, m.person(), at, "before_sleeper", gang.id)
            at += round(m.rng.expovariate(1 / 22) * DAY)
        at += 20 * DAY
        for _ in range(m.rng.randint(4, 9)):
            at += gang.gap()
            gang.refer(one, gang.fake(payee=False), at, "sleeper")


def self_referrals(m: Maker, count: int) -> None:
    """One person as two: the mailbox with a tag or dots, the name turned round or shortened, a domain one letter off."""
    rng = m.rng
    for _ in range(count):
        one, gang = m.person(free=0.35), Gang(m)
        gang.devices, gang.cards, gang.phones, gang.payees = list(one.devices), [one.card], [one.phone], [one.payee]
        other = gang.fake()
        kept = rng.random()
        if kept < 0.75:
            other.name, other.email = _disguised(m, one)
        if kept > 0.6:
            other.devices = [rng.choice(one.devices)]
        gang.refer(one, other, m.when(), "self_referral")


def _disguised(m: Maker, one: Person) -> tuple[str, str]:
    rng = m.rng
    mailbox, domain = one.email.split("@")
    first, last = one.name.split()[0], one.name.split()[-1]
    ways = (
        (one.name, f"{mailbox}+{rng.choice(('new', 'b2b', '2', 'work'))}@{domain}"),
        (
            f"{first[0]}. {last}",
            f"{mailbox.replace('.', '') if '.' in mailbox else mailbox[0] + '.' + mailbox[1:]}@{domain}",
        ),
        (f"{last} {first}", f"{plain(last)}.{plain(first)}@{rng.choice(FREE)}"),
        (one.name, f"{mailbox}@{domain.replace('.', rng.choice(('-app.', '-inc.', 's.')), 1)}"),
        (
            f"{first} {last[: max(3, len(last) - 1)]}",
            f"{plain(first)}{plain(last)}{rng.randint(1, 99)}@{rng.choice(FREE)}",
        ),
        (f"{first} M. {last}", f"{mailbox}{rng.randint(1, 9)}@{domain}"),
    )
    return rng.choice(ways)


def shared_payees(m: Maker, count: int) -> None:
    """Advocates who seem strangers and are paid into one account."""
    for _ in range(count):
        gang, at = Gang(m), m.when()
        payee = m.token("p")
        for _ in range(m.rng.randint(4, 9)):
            at += gang.gap()
            one = m.person()
            one.payee = payee
            gang.refer(one, gang.fake(payee=False), at, "shared_payee")


def refund_farms(m: Maker, count: int) -> None:
    """Big orders that live just longer than the hold: the reward is paid, then the money goes back."""
    for _ in range(count):
        gang, one, at = Gang(m), m.person(), m.when(200)
        for _ in range(m.rng.randint(4, 9)):
            at += gang.gap()
            friend = gang.fake(payee=False) if m.rng.random() < 0.5 else m.person()
            row = gang.refer(one, friend, at, "refund_farm")
            row.amount = max(row.amount, m.price())
            if m.rng.random() < 0.85:
                row.refund, row.refund_after = 1.0, m.rng.randrange(31, 48) * DAY


def code_leaks(m: Maker, count: int) -> None:
    """A code on coupon sites: real customers whom the advocate never met, and who would have come anyway."""
    rng = m.rng
    sites = [
        f"{a}{b}.{rng.choice(ENDINGS)}" for a in ("best", "top", "my", "super") for b in ("coupons", "deals", "promo")
    ]
    for _ in range(count):
        one, group, at = m.person(), m.group(), m.when(200)
        posted = rng.sample(sites, 3)
        for _ in range(rng.randint(12, 35)):
            at += round(rng.expovariate(1 / 1.6) * DAY)
            row = Row(
                advocate=one, friend=m.person(free=0.25), at=at, kind="code_leak", fraud=True, group=group, active=m.busy(0.25),
                ties=1 if rng.random() < 0.08 else 0, amount=m.price(), convert_after=m.delay() // 2,
                host=rng.choice(posted) if rng.random() < 0.85 else None,
            )  # fmt: skip
            m.rows.append(row)


def insiders(m: Maker, count: int) -> None:
    """The vendor's own people let a relative refer the deals they are selling: opened before the click, paid to one of them."""
    rng = m.rng
    for _ in range(count):
        staff, gang = m.person(m.companies[0], free=0.0), Gang(m)
        straw = m.person(free=0.5)
        if rng.random() < 0.35:
            straw, straw.employer = staff, 1
        else:
            straw.payee = staff.payee
            straw.phone = staff.phone if rng.random() < 0.3 else straw.phone
            straw.devices = staff.devices if rng.random() < 0.4 else straw.devices
            real(m, staff, m.person(), m.when(), "staff", gang.id)
        for _ in range(rng.randint(3, 7)):
            row = gang.refer(straw, m.person(), m.when(), "insider")
            row.active, row.amount, row.refund = m.busy(), m.price(), 0.0
            if rng.random() < 0.8:
                row.opened = row.at - rng.randrange(1, 45) * DAY


def everyone(m: Maker, size: float) -> None:
    """All fraud: about one referral in five, far more than a program should have, so that every kind can be counted."""
    closed_rings(m, round(15 * size) or 1)
    open_rings(m, round(12 * size) or 1)
    chains(m, round(11 * size) or 1)
    stars(m, round(8 * size) or 1)
    sleepers(m, round(11 * size) or 1)
    self_referrals(m, round(75 * size) or 1)
    shared_payees(m, round(9 * size) or 1)
    refund_farms(m, round(9 * size) or 1)
    code_leaks(m, round(4 * size) or 1)
    insiders(m, round(8 * size) or 1)
