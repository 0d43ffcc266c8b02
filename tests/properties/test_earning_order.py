"""Whatever order sign-ups, invoices, refunds and deals are told in: the same rewards to the cent."""

import asyncio
import random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from honeyguide.core.ids import new_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx, create_workspace
from tests.unit.outcomes.paying import invoice, nets, refund, under, who_got
from tests.unit.outcomes.town import AT, Town, days, deal, joins, person, tell, won
from tests.unit.programs.files import commission, program, rule

TOM, IDA = FRIENDS = ("tom@prospect.example", "ida@second.example")
MONEY = st.integers(1, 300_000)
# What each kind of rule looks at before it: payments of the customer, customers of the advocate, what all of them paid.
RULES = st.sampled_from([
    {"tiers": [{"from": 2, "rate_bp": 3000}]},
    {"recurring": {"months": 2}, "accelerator": {"customers": 2, "per": "month", "factor_bp": 15_000}},
    {"recurring": {"months": 12}, "tier_by": "revenue", "tiers": [{"from": 150_000, "rate_bp": 700}]},
    {"recurring": {"months": 1}, "parts": [{"share_bp": 3333, "due_days": 0}, {"share_bp": 6667, "due_days": 90}]},
])  # fmt: skip


def events_of(money: list[int]) -> list[CanonicalEvent]:
    """Two customers: invoices before and after the sign-up and after a year, refunds by another name, deals that change."""
    paid = [(TOM, "1", -2), (TOM, "2", 4), (TOM, "3", 35), (TOM, "4", 380), (IDA, "5", 6), (IDA, "6", 70)]
    made = [invoice(n, day, money[i], who, order=f"pi_{n}") for i, (who, n, day) in enumerate(paid)]
    made += [refund("", 40 + n, money[6 + n], f"re_{n}", order=f"pi_{2 + n}") for n in range(2)]
    for n, who in enumerate(FRIENDS):
        about: dict[str, Any] = {"number": who[:3], "who": person(who)}
        made.append(won(9 - n, money[8 + n], **about))
        made += [
            deal("stage_changed", 12 + k, props={"amount_minor": money[10 + 2 * n + k], "currency": "EUR", "stage": "s"}, **about)
            for k in range(2)
        ]  # fmt: skip
    return made


@settings(max_examples=4, phases=[Phase.generate])
@given(
    money=st.lists(MONEY, min_size=14, max_size=14), paying=RULES, winning=RULES, lot=st.randoms(use_true_random=False)
)
def test_any_order_gives_the_same_cents(
    dsn: str, money: list[int], paying: Any, winning: Any, lot: random.Random
) -> None:
    told: list[CanonicalEvent | str] = [*FRIENDS, *sorted(events_of(money), key=lambda e: e.at)]
    orders = [told, told[::-1], lot.sample(told, len(told))]
    asyncio.run(_check(dsn, orders, paying, winning))


async def _check(dsn: str, orders: list[list[CanonicalEvent | str]], paying: Any, winning: Any) -> None:
    rules = [
        {"slug": "i", "when": {"event": "invoice.paid"}, "offer": "share", **paying},
        rule(slug="w", **winning),
    ]
    db = await Database.open(dsn, size=1)
    try:
        workspace = await create_workspace(db, f"p-{new_id().hex[:20]}", "Property")
        async with db.tx(workspace) as tx:
            town = await under(tx, program(rules, [commission(2000)]))
            found = []
            for order in orders:
                await tx.run("savepoint before")
                found.append(await _tell(tx, town, order))
                await tx.run("rollback to savepoint before")
        assert all(one == found[0] for one in found), found
    finally:
        await db.close()


async def _tell(tx: Tx, town: Town, order: list[CanonicalEvent | str]) -> Any:
    for one in order:
        if isinstance(one, str):
            at = AT if one == FRIENDS[0] else days(1)
            await joins(tx, town, one, at, one.partition("@")[0].title())
        else:
            await tell(tx, [one])
    return await nets(tx), await who_got(tx)
