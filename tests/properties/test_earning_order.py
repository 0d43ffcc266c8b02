"""Whatever order sign-ups, invoices, refunds and deals are told in: the same rewards to the cent."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from honeyguide.core.ids import new_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx, create_workspace
from tests.unit.outcomes.paying import invoice, nets, refund, under, who_got
from tests.unit.outcomes.town import AT, Town, days, deal, joins, person, tell, won
from tests.unit.programs.files import commission, program, rule

FRIENDS = ("tom@prospect.example", "ida@second.example")
MONEY = st.integers(1, 300_000)
FRIEND = st.sampled_from(FRIENDS)
INVOICES = st.lists(st.tuples(FRIEND, st.sampled_from(["in_1", "in_2", "in_3", "in_4"]), st.integers(-5, 60), MONEY), max_size=4, unique_by=lambda i: i[1])  # fmt: skip
REFUNDS = st.lists(st.tuples(st.sampled_from(["in_1", "in_2"]), st.integers(-5, 80), MONEY), max_size=2)
DEALS = st.lists(st.tuples(FRIEND, st.lists(st.tuples(st.integers(1, 60), MONEY), min_size=1, max_size=3, unique_by=lambda a: a[0])), max_size=2, unique_by=lambda d: d[0])  # fmt: skip
RULES = st.fixed_dictionaries(
    {},
    optional={
        "recurring": st.builds(lambda m: {"months": m}, st.integers(1, 3)),
        "tiers": st.just([{"from": 2, "rate_bp": 3000}]),
        "accelerator": st.just({"customers": 2, "per": "month", "factor_bp": 15_000}),
        "parts": st.just([{"share_bp": 3333, "due_days": 0}, {"share_bp": 6667, "due_days": 90}]),
    },
)  # fmt: skip


def events_of(invoices: Any, refunds: Any, deals: Any) -> list[CanonicalEvent]:
    made = [invoice(number, day, minor, who, order=f"pi_{number}") for who, number, day, minor in invoices]
    made += [refund("", day, minor, f"re_{n}", order=f"pi_{bill}") for n, (bill, day, minor) in enumerate(refunds)]
    for who, amounts in deals:
        (day, minor), *later = sorted(amounts)
        about: dict[str, Any] = {"number": who[:3], "who": person(who)}
        made.append(won(day, minor, **about))
        made += [
            deal("stage_changed", d, props={"amount_minor": m, "currency": "EUR", "stage": "s"}, **about)
            for d, m in later
        ]
    return made


@settings(max_examples=15)
@given(invoices=INVOICES, refunds=REFUNDS, deals=DEALS, paying=RULES, winning=RULES, data=st.data())
def test_any_order_gives_the_same_cents(
    dsn: str, invoices: Any, refunds: Any, deals: Any, paying: Any, winning: Any, data: st.DataObject
) -> None:
    told: list[CanonicalEvent | str] = [*events_of(invoices, refunds, deals), *FRIENDS]
    orders = [told, data.draw(st.permutations(told)), data.draw(st.permutations(told))]
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
