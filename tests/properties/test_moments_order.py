"""Every kind of moment is a function of the set of events and of the days that have passed: any order, any batching, replay."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide import graph, identity, inference, moments
from honeyguide.app import replay, road
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database, create_workspace
from honeyguide.demo import continue_story, generate
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import KINDS, anniversary, renewal
from honeyguide.moments.contract import read
from tests.demo_world import make_sources, put
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


async def test_a_replay_gives_the_same_after_days_have_passed(db: Database, workspace: int) -> None:
    end = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
    later = end + timedelta(days=60)
    ahead = takewhile(lambda e: e.at <= later, continue_story(11, end, 0.02))
    events = [e for e in (*generate(11, end, 0.02), *ahead) if e.door in ("stripe", "segment:hubspot")]
    sources = await make_sources(db, workspace)
    await put(db, workspace, sources, events, later)
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        for days in (90, 1, 0):
            await moments.day(tx, later - timedelta(days=days))
        made = await tx.value("select count(*) from moment where workspace_id = $1 and kind = 'anniversary'", workspace)
        due = await tx.rows("select record_id, due from moment_due where workspace_id = $1 order by 1", workspace)
    assert made > 0
    again = await replay.replay(db, workspace)
    assert again.before == again.after
    async with db.tx(workspace) as tx:
        assert due == await tx.rows(
            "select record_id, due from moment_due where workspace_id = $1 order by 1", workspace
        )


async def test_a_day_that_passes_beside_the_road_loses_nothing(db: Database, workspace: int) -> None:
    """The account is renewed in one transaction while the day moves on in another: the day waits for it."""
    firm = company("acme", "stripe")

    def bought(subscription: str) -> CanonicalEvent:
        return event(
            "subscription.started", hour(0), None, firm, source="stripe", subscription=subscription, amount_minor=9
        )

    async with db.tx(workspace) as tx:
        await moments.day(tx, hour(24))

    renewed = asyncio.Event()

    async def passing() -> None:
        await renewed.wait()
        async with db.tx(workspace) as tx:
            await moments.day(tx, hour(YEAR + 48))

    async def slow() -> None:
        async with db.tx(workspace) as tx:
            known = await identity.step(tx, [bought("s")])
            changes = await graph.step(tx, [bought("s")], known)
            touched = await inference.step(tx, [bought("s")], known, changes)
            await moments.step(tx, [bought("s")], known, touched)
            renewed.set()
            await asyncio.sleep(0.5)

    await asyncio.gather(slow(), passing())
    assert [m[1] for m in (await derived(db, workspace))["moments"]].count("anniversary") == 1


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["started", "renewed", "renewed", "expanded", "contracted", "paused", "resumed", "cancelled"]),
        st.integers(0, 60), st.integers(0, 3), st.sampled_from(["EUR", "USD"]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(TOLD, st.randoms(use_true_random=False), st.integers(0, 3_000))
def test_contracts_tell_one_story_in_any_order(
    told: list[tuple[str, int, int, str]], rng: Random, through: int
) -> None:
    firm = company("acme", "stripe")
    events = [
        event(
            f"subscription.{kind}", hour(month * 30 * DAY), None, firm, source="stripe", subscription="s", product="atlas",
            amount_minor=100 * size, currency=currency, seats=size,
        )
        for kind, month, size, currency in told
    ]  # fmt: skip
    facts = [s.fact for s in signals_of(events)]
    subject = Subject.of(1, "subscription", "stripe:s", facts)
    rng.shuffle(facts)
    again = Subject.of(1, "subscription", "stripe:s", facts + facts[:3])
    day = (hour(0) + timedelta(days=through)).date()
    contract, other = read(subject), read(again)
    assert renewal.detect(subject) == renewal.detect(again)
    assert (contract is None) == (other is None)
    if contract is None or other is None:
        return
    made = anniversary.of_account([contract], [], day) + renewal.upcoming(contract, day)
    assert made == anniversary.of_account([other], [], day) + renewal.upcoming(other, day)
    assert all(m.occurred_at.date() <= day for m in made), "nothing is told before its day"
    earlier = anniversary.of_account([contract], [], day - timedelta(days=200))
    assert earlier == [m for m in made if m.kind == "anniversary" and m.occurred_at.date() <= day - timedelta(days=200)]
    for m in (*made, *renewal.detect(subject)):
        assert 0 < m.strength <= 1
        assert m.window_ends_at > m.occurred_at
        assert m.evidence
