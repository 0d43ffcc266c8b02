"""Every kind of moment is a function of the set of events and of the days that have passed: any order, any batching, replay."""

from collections.abc import Iterator

import pytest

from honeyguide import moments
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database, create_workspace
from honeyguide.moments import KINDS
from tests.unit.inference.story import company, derived, event, hour, person, shuffled, walk

DAY, YEAR = 24.0, 24 * 365.0
LAST = hour(3 * YEAR)
WORDS = (
    "Dispatch is fantastic, we love it.", "Oh great, another outage of Dispatch.", "Dispatch is unusable, it lost my week.",
    "We hereby cancel our contract at the end of the quarter.",
)  # fmt: skip


def a_long_story() -> list[CanonicalEvent]:
    """Eight people of three firms over two years: what makes every kind, and what takes it away again from some of them."""
    firms = [company(n, "hubspot") for n in ("acme", "globex", "initech")]
    return [e for n in range(8) for e in (*_told(n, firms), *_used(n, firms[n % 3]))] + list(_bought(firms))


def _told(n: int, firms: list[RecordRef]) -> Iterator[CanonicalEvent]:
    who, firm, desk = person(f"p{n}", "hubspot"), firms[n % 3], person(f"p{n}", "zendesk")
    yield event("persona.identified", hour(n), who, firm, source="hubspot")
    yield event(
        "survey.answered", hour(30 * DAY + n), who, firm, source="hubspot", survey="nps", score=10 - n % 3, scale_max=10
    )
    if n % 4 == 1:
        yield event(
            "survey.answered", hour(31 * DAY + n), who, firm, source="hubspot", survey="nps", score=2, scale_max=10
        )
    yield event(
        "sales_email.received", hour((90 + 5 * n) * DAY), who, firm, source="hubspot", email=f"m{n}", text=WORDS[n % 4]
    )
    yield event("ticket.opened", hour(200 * DAY + n), desk, firm, ticket=f"t{n}")
    yield event("ticket.solved", hour(201 * DAY + n), desk, firm, ticket=f"t{n}")
    yield event("ticket.rated", hour(202 * DAY + n), desk, firm, ticket=f"t{n}", score=5 - n % 2)
    if n % 2 == 0:
        yield event("persona.departed", hour(300 * DAY + n), who, firm, source="hubspot")
        after = firms[(n + 1) % 3]
        yield event("persona.identified", hour(320 * DAY + n), who, after, source="hubspot")
        yield event("persona.identified", hour(350 * DAY + n), who, after, source="hubspot")
    if n == 5:
        yield event("persona.departed", hour(310 * DAY), who, firm, source="hubspot")


def _used(n: int, firm: RecordRef) -> Iterator[CanonicalEvent]:
    who = person(f"p{n}", "product")
    for week in range(9):
        for day in (0, 2):
            for feature in ("board", "map"):
                at = hour((7 * week + day) * DAY + n)
                yield event(
                    "feature.used", at, who, firm, source="product", product="dispatch", product_name="Dispatch",
                    feature=feature, n=2,
                )  # fmt: skip
    for day in range(5):
        for feature in ("board", "map")[: 1 + n % 2]:
            at = hour((63 + day) * DAY + n)
            yield event(
                "feature.used", at, who, firm, source="product", product="dispatch", feature=feature, n=5 + n + day
            )


def _bought(firms: list[RecordRef]) -> Iterator[CanonicalEvent]:
    for n, firm in enumerate(firms):
        for kind, at in (("started", n), ("renewed", YEAR + n), ("cancelled", (1.5 + n) * YEAR)):
            yield event(
                f"subscription.{kind}", hour(at), None, firm, source="stripe", subscription=f"s{n}", product="dispatch",
                amount_minor=9_000 - (1_000 if n == 2 and kind == "renewed" else 0), currency="EUR",
            )  # fmt: skip
    yield event("churn.risk_raised", hour(40 * DAY), None, firms[1], source="gainsight", level="high")
    yield event("dispute.opened", hour(41 * DAY), None, firms[2], source="stripe", dispute="d")


async def lived(db: Database, workspace: int, events: list[CanonicalEvent], batch: int, days: list[float]) -> None:
    """Take the events down the road; in between time passes, on these days (hours after the start)."""
    cuts = [len(events) * (i + 1) // (len(days) + 1) for i in range(len(days))]
    for start, end, at in zip([0, *cuts], [*cuts, len(events)], [*days, None], strict=True):
        await walk(db, workspace, events[start:end], batch=batch)
        if at is not None:
            async with db.tx(workspace) as tx:
                await moments.day(tx, hour(at))
    async with db.tx(workspace) as tx:
        await moments.day(tx, LAST)
    await walk(db, workspace, [])


@pytest.mark.parametrize(("seed", "batch", "days"), [(1, 9, [0.0, YEAR]), (2, 500, []), (3, 40, [2 * YEAR, YEAR, 4.0])])
async def test_any_order_batching_and_daily_passes_give_the_same(
    db: Database, workspace: int, seed: int, batch: int, days: list[float]
) -> None:
    events = sorted(a_long_story(), key=lambda e: e.at)
    await lived(db, workspace, events, 200, [YEAR])
    expected = await derived(db, workspace)
    found = {m[1] for m in expected["moments"]}
    assert found >= set(KINDS) - {"product_milestone"}, "the story must make every kind"
    again = await create_workspace(db, f"order-{workspace}-{seed}", "Again")
    await lived(db, again, shuffled(events, seed), batch, days)
    other = await derived(db, again)
    for name in ("moments", "incidents"):
        assert other[name] == expected[name], name
