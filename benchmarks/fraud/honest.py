"""Honest referrals of the fraud benchmark: most look like nothing, many look just like fraud by one column or another."""

from benchmarks.fraud.people import DAY, Maker, Person, Row

COLLEAGUES = ("office", "colleague")
"The kinds the bar on false holds of honest colleagues is about."


def real(m: Maker, advocate: Person, friend: Person, at: int, kind: str, group: int, ties: float = 0.6) -> Row:
    """A referral by somebody who knows a real person; some come back for their money, some had talked to sales before."""
    rng = m.rng
    row = Row(
        advocate=advocate, friend=friend, at=at, kind=kind, fraud=False, group=group, active=m.busy(),
        ties=1 + int(rng.expovariate(0.5)) if rng.random() < ties else 0, amount=m.price(),
        convert_after=m.delay(),
    )  # fmt: skip
    if rng.random() < 0.055:
        row.refund, row.refund_after = (
            (1.0 if rng.random() < 0.7 else rng.uniform(0.1, 0.6)),
            rng.randrange(2, 95) * DAY,
        )
    if rng.random() < 0.03:
        row.opened = at - rng.randrange(1, 60) * DAY
    if rng.random() < 0.02:
        row.customer_since = at - rng.randrange(60, 700) * DAY
    if rng.random() < 0.04:
        row.host = rng.choice(
            ("top-deals.com", "linkedin.com", "slack.com", "reddit.com", "news.ycombinator.com", "t.co")
        )
    m.rows.append(row)
    return row


def plain_pairs(m: Maker, count: int) -> None:
    """People of two companies who know each other; now and then one refers two or three."""
    while count > 0:
        advocate, group = m.person(), m.group()
        for _ in range(m.rng.choice((1, 1, 1, 1, 2, 3))):
            real(m, advocate, m.person(), m.when(), "plain", group)
            count -= 1


def offices(m: Maker, count: int) -> None:
    """Colleagues behind one address refer each other to new teams: shared machines, one card, the switchboard, team accounts.

    In some offices everybody does it in the same week, after a talk; some refer in circles, for another product.
    """
    rng = m.rng
    for _ in range(count):
        company, group = m.company(), m.group()
        people = [m.person(company, free=0.05) for _ in range(rng.randint(6, 45))]
        shared, team = m.token("d"), m.token("p")
        for one in people:
            if rng.random() < 0.15:
                one.devices.append(shared)
            if rng.random() < 0.05:
                one.payee = team
        start, rush = m.when(), rng.random() < 0.3
        for _ in range(max(3, len(people) * 2 // 3)):
            a, b = rng.sample(people, 2)
            at = start + rng.randrange(5 * DAY) if rush else m.when()
            real(m, a, b, at, "office", group, 0.75)
        if rng.random() < 0.25:
            _circle(m, rng.sample(people, 3), group, "office")


def _circle(m: Maker, people: list[Person], group: int, kind: str) -> None:
    at = m.when()
    for k, one in enumerate(people):
        real(m, one, people[(k + 1) % len(people)], at + k * 9 * DAY, kind, group, 0.75)


def colleagues(m: Maker, count: int) -> None:
    """Two who work for one employer in different places, or did: same domain or a sister's, seldom one network."""
    for _ in range(count):
        company, group = m.company(), m.group()
        sister = m.company(f"{company.name.split()[0]} {m.rng.choice(('Services', 'Austria', 'Digital', 'Labs'))}")
        a, b = m.person(company), m.person(company if m.rng.random() < 0.6 else sister)
        a.at_office, b.at_office = 0.3, 0.3
        if m.rng.random() < 0.3:
            b.employer = company.id
        real(m, a, b, m.when(), "colleague", group, 0.8)
        if m.rng.random() < 0.08:
            real(m, b, a, m.when(), "colleague", group, 0.8)


def families(m: Maker, count: int) -> None:
    """Two of one name and one home, each with a business: one address, often one machine, at times one bank account."""
    rng = m.rng
    for _ in range(count):
        a, group = m.person(free=0.4), m.group()
        b = m.person(name=f"{m.name().split()[0]} {a.name.split()[-1]}", free=0.4)
        home = m.token("n")
        for one in (a, b):
            one.ips, one.at_office = [home, *one.ips], 0.6
        if rng.random() < 0.35:
            b.devices = a.devices
        if rng.random() < 0.15:
            b.card = a.card
        if rng.random() < 0.15:
            b.payee = a.payee
        if rng.random() < 0.1:
            b.phone = a.phone
        real(m, a, b, m.when(), "family", group, 0.35)


def places(m: Maker, count: int, kind: str, members: tuple[int, int]) -> None:
    """A university or a coworking house: one network, some public machines, free mailboxes, rushes at its start of term."""
    rng = m.rng
    for _ in range(count):
        house, group = m.company(), m.group()
        public = [m.token("d") for _ in range(3)]
        people = []
        for _ in range(rng.randint(*members)):
            one = m.person(house if kind == "university" else None, free=0.35)
            one.ips = [house.ip, *one.ips]
            if kind == "university":
                one.card = m.token("k")
            if rng.random() < 0.2:
                one.devices = [rng.choice(public), *one.devices]
            people.append(one)
        start = m.when()
        for k in range(len(people) * 2 // 3):
            a, b = rng.sample(people, 2)
            at = start + rng.randrange(10 * DAY) if k % 2 else m.when()
            real(m, a, b, at, kind, group, 0.35)


def champions(m: Maker, count: int) -> None:
    """Popular people with many real referrals, in bursts after a talk or a post; nobody wrote down whom they know."""
    for _ in range(count):
        one, group = m.person(), m.group()
        posted = [m.when() for _ in range(m.rng.randint(1, 3))]
        for _ in range(m.rng.randint(15, 40)):
            at = m.rng.choice(posted) + round(m.rng.expovariate(1 / 3) * DAY) if m.rng.random() < 0.7 else m.when()
            row = real(m, one, m.person(), at, "champion", group, 0.3)
            if m.rng.random() < 0.4:
                row.host = m.rng.choice(("linkedin.com", "youtube.com", "substack.com", "t.co"))


def consultants(m: Maker, count: int) -> None:
    """Consultants refer their clients, and set some accounts up for them: on their own machine, with their own telephone."""
    rng = m.rng
    for _ in range(count):
        one, group = m.person(), m.group()
        for _ in range(rng.randint(4, 12)):
            client = m.person()
            row = real(m, one, client, m.when(), "consultant", group, 0.7)
            if rng.random() < 0.35:
                row.friend_on = (rng.choice(one.ips), one.devices[0])
            if rng.random() < 0.1:
                client.phone = one.phone


def everyone(m: Maker, size: float) -> None:
    """All honest stories, in the proportions of a program that goes well."""
    plain_pairs(m, round(1_100 * size))
    offices(m, round(36 * size))
    colleagues(m, round(400 * size))
    families(m, round(130 * size))
    places(m, round(7 * size) or 1, "coworking", (10, 40))
    places(m, round(4 * size) or 1, "university", (20, 60))
    champions(m, round(12 * size) or 1)
    consultants(m, round(25 * size) or 1)
