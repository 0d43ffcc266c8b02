"""A draft replayed over what happened: pure. One fact after the other, in their order, with what the advocate had brought before.

The whole past is read, so that a customer's number and a payment's are right; only what happened in the window counts as
money. What is carried from batch to batch (`Carried`) is plain JSON, so a replay that is stopped goes on where it was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from honeyguide.core.money import money_text
from honeyguide.programs import PAYMENT, Earning, Fact, ProgramFile, SoFar, weigh
from honeyguide.programs.rules import Bounty

EXAMPLES = 1
MOST_SHOWN = 200


class Tally(Struct):
    """What an advocate brought: customers, how many in each period, revenue (minor units of the program's currency)."""

    customers: int = 0
    revenue_minor: int = 0
    periods: dict[str, int] = field(default_factory=dict)


class Customer(Struct):
    """What is known of a customer as to one advocate: which number they are, payments so far, the first, what was before."""

    number: int
    payments: int
    first_at: datetime
    periods: dict[str, int]


class Line(Struct):
    """An advocate before and after. `why`: the rules that made the difference, with what each gave."""

    name: str
    group: str
    before_minor: int = 0
    after_minor: int = 0
    whys: dict[str, int] = field(default_factory=dict)


class Noted(Struct):
    """Something that would have happened so many times; one example."""

    times: int = 0
    minor: int = 0
    example: str = ""


class Carried(Struct):
    """Everything a replay carries from one batch to the next."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    months: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    holds: dict[str, Noted] = field(default_factory=dict)
    refused: dict[str, Noted] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    facts: int = 0
    after: list[Any] | None = None


class Happened(Struct, frozen=True, kw_only=True):
    """A recorded fact with everything that decides what it earns. `before_minor`: what was given for it then.

    `held`: why fraud rules would have held or blocked it.
    """

    kind: str
    stage: str
    at: datetime
    advocate: str
    name: str
    group_slug: str
    group_name: str
    referral: str = ""
    share_bp: int = 10_000
    amount_minor: int | None = None
    currency: str | None = None
    offered: str = ""
    company: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    receivers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parent: bool = False
    before_minor: int = 0
    held: tuple[tuple[str, str], ...] = ()


def periods_of(at: datetime) -> dict[str, str]:
    """The calendar month, quarter and year of a time (UTC)."""
    return {"month": f"{at:%Y-%m}", "quarter": f"{at.year}-Q{(at.month + 2) // 3}", "year": f"{at.year}"}


def replay(file: ProgramFile, one: Happened, since: datetime, carried: Carried) -> None:
    """Take one fact in. Facts must come in their order."""
    number, so_far = _so_far(file, one, carried)
    if one.at >= since:
        carried.facts += 1
        _count(file, one, number, so_far, carried)
    if one.kind == PAYMENT or (one.kind == "stage" and one.stage == "won"):
        _remember(file, one, carried)


def _who(one: Happened) -> str:
    """Whose history a fact belongs to: an advocate's wins and what their customers paid are counted apart."""
    return f"{PAYMENT} {one.advocate}" if one.kind == PAYMENT else one.advocate


def _so_far(file: ProgramFile, one: Happened, carried: Carried) -> tuple[int, SoFar]:
    mine = carried.tallies.get(_who(one), Tally())
    known = carried.customers.get(f"{_who(one)} {one.referral}") if one.referral else None
    if known is not None:
        # A customer keeps the number it had when it came.
        return known.payments + 1, SoFar(
            customers=known.number - 1, revenue_minor=mine.revenue_minor, in_period=known.periods, parent=one.parent  # type: ignore[arg-type]
        )  # fmt: skip
    here = {p: mine.periods.get(key, 0) for p, key in periods_of(one.at).items()}
    return 1, SoFar(
        customers=mine.customers, revenue_minor=mine.revenue_minor, in_period=here, parent=one.parent  # type: ignore[arg-type]
    )  # fmt: skip


def _remember(file: ProgramFile, one: Happened, carried: Carried) -> None:
    mine = carried.tallies.setdefault(_who(one), Tally())
    key = f"{_who(one)} {one.referral}"
    known = carried.customers.get(key)
    if known is None:
        keys = periods_of(one.at)
        here = {p: mine.periods.get(k, 0) for p, k in keys.items()}
        mine.customers += 1
        for k in keys.values():
            mine.periods[k] = mine.periods.get(k, 0) + 1
        carried.customers[key] = Customer(mine.customers, 1, one.at, here)
    else:
        known.payments += 1
    if one.currency == file.terms.currency:
        mine.revenue_minor += max(one.amount_minor or 0, 0)


def _count(file: ProgramFile, one: Happened, number: int, so_far: SoFar, carried: Carried) -> None:
    customer = carried.customers.get(f"{_who(one)} {one.referral}")
    fact = Fact(
        kind=one.kind, stage=_stage(file, one), at=one.at, amount_minor=one.amount_minor, currency=one.currency,
        company=one.company, attributes=one.attributes, receivers=one.receivers, number=number,
        customer_since=customer.first_at if customer else None, offered=one.offered, share_bp=one.share_bp,
    )  # fmt: skip
    found = weigh(file, one.group_slug, fact, so_far)
    line = carried.lines.setdefault(one.advocate, Line(one.name, one.group_name))
    line.before_minor += one.before_minor
    for no in found.passed:
        if no.kind == "gift":
            _note(carried.refused, no.why, 0, one.name)
    blocked = any(verdict == "block" for verdict, _ in one.held)
    worth = sum(e.money.minor for e in found.earned if e.money.currency == file.terms.currency)
    for _, why in one.held if found.earned else ():
        _note(carried.holds, why, worth, one.name)
    for earning in () if blocked else found.earned:
        _give(file, one, earning, line, carried)


def _stage(file: ProgramFile, one: Happened) -> str:
    """An act is recorded under its bounty's name; rules speak of the act."""
    if one.kind != "act":
        return one.stage
    bounty: Bounty | None = next((b for b in file.bounties if b.slug == one.stage), None)
    return bounty.act if bounty else one.stage


def _give(file: ProgramFile, one: Happened, earning: Earning, line: Line, carried: Carried) -> None:
    currency, minor = file.terms.currency, earning.money.minor
    carried.kinds[earning.incentive] = carried.kinds.get(earning.incentive, 0) + 1
    if earning.money.currency != currency:
        carried.others[earning.money.currency] = carried.others.get(earning.money.currency, 0) + minor
        return
    minor = _within(file, one, earning, carried)
    if earning.role == "advocate":
        line.after_minor += minor
        line.whys[earning.how] = line.whys.get(earning.how, 0) + minor
    left = minor
    for part in reversed(earning.parts):
        taken = min(part.minor, left) if part.number > 1 else left
        left -= taken
        _due(carried, part.due, taken)
    _due(carried, one.at, left)


def _within(file: ProgramFile, one: Happened, earning: Earning, carried: Carried) -> int:
    """What caps and the year's budget leave of it: all or nothing, as the ledger refuses what does not fit."""
    minor = earning.money.minor
    limits = [(f"offer {one.advocate} {earning.role} {earning.offer_slug}", earning.cap_minor)]
    limits.append((f"budget {one.at.year}", file.terms.budget_minor))
    if any(most is not None and carried.spent.get(key, 0) + minor > most for key, most in limits):
        return 0
    for key, most in limits:
        if most is not None:
            carried.spent[key] = carried.spent.get(key, 0) + minor
    return minor


def _due(carried: Carried, at: datetime, minor: int) -> None:
    if minor:
        month = f"{at:%Y-%m}"
        carried.months[month] = carried.months.get(month, 0) + minor


def _note(where: dict[str, Noted], what: str, minor: int, example: str) -> None:
    found = where.setdefault(what, Noted())
    found.times += 1
    found.minor += minor
    found.example = found.example or example


class Moved(Struct, frozen=True):
    """An advocate who would have got more, or less."""

    id: str
    name: str
    group: str
    before_minor: int
    after_minor: int
    why: str


class Simulation(Struct, frozen=True, kw_only=True):
    """What a draft would have given over the months, in minor units of its currency. Nothing was posted.

    `liability`: by the month it would have become due. `others`: in other currencies, not added up with the rest.
    """

    currency: str
    facts: int
    before_minor: int
    cost_minor: int
    liability: dict[str, int]
    winners: tuple[Moved, ...]
    losers: tuple[Moved, ...]
    more: int
    less: int
    unchanged: int
    holds: dict[str, Noted]
    refused: dict[str, Noted]
    others: dict[str, int]
    gifts: dict[str, int]
    sentence: str


def told(file: ProgramFile, months: int, carried: Carried) -> Simulation:
    """What came of it."""
    currency = file.terms.currency
    moved = [
        Moved(i, x.name, x.group, x.before_minor, x.after_minor, _why(x, currency))
        for i, x in sorted(carried.lines.items())
    ]
    more = sorted(
        (m for m in moved if m.after_minor > m.before_minor), key=lambda m: (m.before_minor - m.after_minor, m.id)
    )
    less = sorted(
        (m for m in moved if m.after_minor < m.before_minor), key=lambda m: (m.after_minor - m.before_minor, m.id)
    )
    before, cost = sum(m.before_minor for m in moved), sum(carried.months.values())
    same = len(moved) - len(more) - len(less)
    return Simulation(
        currency=currency, facts=carried.facts, before_minor=before, cost_minor=cost, liability=dict(sorted(carried.months.items())),
        winners=tuple(more[:MOST_SHOWN]), losers=tuple(less[:MOST_SHOWN]), more=len(more), less=len(less), unchanged=same,
        holds=carried.holds, refused=carried.refused, others=dict(sorted(carried.others.items())),
        gifts=dict(sorted(carried.kinds.items())),
        sentence=(
            f"Over the last {months} months these rules would have cost {money_text(cost, currency)} instead of "
            f"{money_text(before, currency)}: {_counted(len(more), 'advocate earns', 'advocates earn')} more, {len(less)} less, {same} the same."
        ),
    )  # fmt: skip


def _why(line: Line, currency: str) -> str:
    most = sorted(line.whys.items(), key=lambda w: (-w[1], w[0]))[:2]
    return (
        "; ".join(f"{how}: {money_text(minor, currency)}" for how, minor in most) or "These rules give nothing for it."
    )


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
