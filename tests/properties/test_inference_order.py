"""Derived beliefs and moments are a function of the set of events, whatever their order and batching."""

from datetime import timedelta

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, create_workspace
from tests.unit.inference.story import company, derived, event, hour, person, shuffled, walk


def a_busy_quarter() -> list[CanonicalEvent]:
    """Tickets with every turn, titles that change, purchases won and lost, and a lot of use."""
    acme, globex = company("acme"), company("globex")
    out: list[CanonicalEvent] = []
    for n in range(8):
        who = person(f"p{n}")
        firm = (acme, globex)[n % 2]
        out += [
            event("persona.identified", hour(n), person(f"p{n}", title="Engineering Manager"), firm),
            event(
                "persona.identified", hour(900 + n), person(f"p{n}", title=("VP Engineering", "Wizard")[n % 2]), firm
            ),
            event("ticket.opened", hour(10 + n), who, firm, ticket=str(n), priority="urgent", text="It is unusable."),
            event("ticket.solved", hour(12 + n), who, firm, ticket=str(n)),
            event(
                "ticket.rated", hour(13 + n), who, firm, ticket=str(n), score=1 + n % 5, comment="Excellent support!"
            ),
        ]
        if n % 3 == 0:
            out.append(event("ticket.escalated", hour(11 + n), who, firm, ticket=str(n)))
        if n == 4:
            out.append(event("ticket.opened", hour(200), who, firm, ticket=str(n)))
            out.append(event("ticket.rated", hour(13 + n), who, firm, ticket=str(n), score=2, tag="again"))
        out += [
            event(
                "feature.used",
                hour(24 * d + n),
                who,
                firm,
                source="product",
                product="atlas",
                feature=f"f{d % 3}",
                n=1 + n * d,
            )
            for d in range(n + 1)
        ]
    # Two records of one person: their use adds up once an event has shown that they are one.
    twin = person("p7", source="product")
    out += [
        event("feature.used", hour(24 * d + 5), twin, source="product", product="atlas", feature="f9", n=3)
        for d in range(6)
    ]
    out += [
        event(
            "deal.won",
            hour(50),
            None,
            acme,
            source="hubspot",
            deal="1",
            amount_minor=90_000,
            currency="EUR",
            name="Atlas",
        ),
        event(
            "deal.won", hour(60), person("p2"), globex, source="hubspot", deal="2", amount_minor=50_000, currency="EUR"
        ),
        event("deal.lost", hour(70), person("p2"), globex, source="hubspot", deal="2"),
        event(
            "subscription.started",
            hour(55),
            None,
            acme,
            source="stripe",
            subscription="s",
            amount_minor=900,
            currency="EUR",
        ),
        event("subscription.cancelled", hour(56), None, acme, source="stripe", subscription="s"),
        event(
            "subscription.started",
            hour(55),
            None,
            globex,
            source="stripe",
            subscription="t",
            amount_minor=900,
            currency="EUR",
        ),
        event(
            "usage.milestone",
            hour(80),
            person("p3"),
            globex,
            source="product",
            product="atlas",
            milestone="100 reports",
        ),
        event(
            "usage.milestone",
            hour(90),
            person("p3"),
            globex,
            source="product",
            product="atlas",
            milestone="100 reports",
        ),
        event("invoice.payment_failed", hour(95), None, acme, source="stripe", invoice="i1"),
        event("invoice.paid", hour(99), None, acme, source="stripe", invoice="i1"),
        event("invoice.payment_failed", hour(95), None, globex, source="stripe", invoice="i2"),
    ]
    return out


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 7), (3, 500), (4, 13)])
async def test_any_order_and_batching_gives_the_same(db: Database, workspace: int, seed: int, batch: int) -> None:
    events = sorted(a_busy_quarter(), key=lambda e: e.at)
    await walk(db, workspace, events)
    expected = await derived(db, workspace)
    assert all(expected.values()), "the story must derive something of everything"
    again = await create_workspace(db, f"again-{workspace}", "Again")
    await walk(db, again, shuffled(events, seed), batch=batch)
    found = await derived(db, again)
    for name, rows in expected.items():
        assert found[name] == rows, name


async def test_what_loses_its_ground_goes(db: Database, workspace: int) -> None:
    who, firm = person("ana"), company("acme")
    happy = [
        event("ticket.opened", hour(0), who, firm, ticket="1", priority="high"),
        event("ticket.solved", hour(2), who, firm, ticket="1"),
        event("ticket.rated", hour(3), who, firm, ticket="1", score=5, comment="You saved us!"),
    ]
    await walk(db, workspace, happy)
    before = await derived(db, workspace)
    assert [m[1] for m in before["moments"]] == ["support_success"]
    await walk(
        db, workspace, [event("ticket.rated", hour(4), who, firm, ticket="1", score=1, comment="It broke again.")]
    )
    after = await derived(db, workspace)
    assert after["moments"] == []
    assert [i[1] for i in after["incidents"]] == ["low_rating"]
    assert not any(e[0] == 15 for e in after["edges"]), "resolved_for has only contradictions left"


async def test_statistics_between_batches_leave_no_trace(db: Database, workspace: int) -> None:
    """Judging a month early, when somebody looked like a power user, changes nothing in the end."""
    heavy, others = person("heavy"), [person(f"o{n}") for n in range(12)]
    early = [
        event("feature.used", hour(24 * d), heavy, product="atlas", feature=f"f{d % 2}", n=9, source="product")
        for d in range(6)
    ] + [event("feature.used", hour(1), o, product="atlas", feature="f1", source="product") for o in others]
    late = [
        event(
            "feature.used",
            hour(24 * d) + timedelta(minutes=n),
            o,
            product="atlas",
            feature=f"f{d % 2}",
            n=40,
            source="product",
        )
        for n, o in enumerate(others)
        for d in range(9)
    ]
    await walk(db, workspace, early)
    powerful = [a for a in (await derived(db, workspace))["assertions"] if a[9] == "statistic:usage"]
    assert len(powerful) == 1
    await walk(db, workspace, late, batch=20)
    stepwise = await derived(db, workspace)
    at_once = await create_workspace(db, f"once-{workspace}", "Once")
    await walk(db, at_once, late + early)
    assert stepwise == await derived(db, at_once)
    assert not [
        a for a in stepwise["assertions"] if a[9] == "statistic:usage" and "rank 1 of" in a[12] and a[2] == heavy.id
    ]
