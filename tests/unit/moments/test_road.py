"""Moments and incidents in the database: who they belong to when they are read, and what vetoes a company."""

from datetime import timedelta

import pytest

from honeyguide import moments
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.inference import role_id, roles_of
from tests.unit.inference.story import company, event, hour, judge, person, walk

ACME, GLOBEX = company("acme"), company("globex")


def happy(name: str, firm: object = ACME, ticket: str = "1") -> list[CanonicalEvent]:
    who = person(name)
    return [
        event("ticket.opened", hour(0), who, ACME if firm is ACME else GLOBEX, ticket=ticket, priority="urgent"),
        event("ticket.solved", hour(2), who, ACME if firm is ACME else GLOBEX, ticket=ticket),
        event(
            "ticket.rated",
            hour(3),
            who,
            ACME if firm is ACME else GLOBEX,
            ticket=ticket,
            score=5,
            comment="You saved us!",
        ),
    ]


async def test_open_moments_have_their_window(db: Database, workspace: int) -> None:
    await walk(db, workspace, happy("ana"))
    async with db.tx(workspace) as tx:
        assert await moments.open(tx, hour(2), 10) == []
        (moment,) = await moments.open(tx, hour(4), 10)
        assert moment.kind == "support_success"
        assert (moment.persona, moment.company) == (person("ana").id, ACME.id)
        assert moment.evidence[0]["quote"] == "You saved us!"
        assert moment.strength > moment.strength_now > 0.9 * moment.strength
        assert await moments.open(tx, hour(4), 10, after=(moment.window_ends_at, moment.id)) == []
        assert await moments.open(tx, moment.window_ends_at, 10) == []
        assert [m.id for m in await moments.of_entity(tx, person("ana").id)] == [moment.id]
        assert [m.id for m in await moments.of_entity(tx, ACME.id)] == [moment.id]
        assert (await moments.by_ids(tx, [moment.id], hour(4)))[moment.id] == moment


async def test_a_company_speaks_through_its_most_senior_known_person(db: Database, workspace: int) -> None:
    won = event("deal.won", hour(1), None, ACME, source="hubspot", deal="1", name="Atlas")
    await walk(db, workspace, [won])
    async with db.tx(workspace) as tx:
        (moment,) = await moments.open(tx, hour(2), 10)
    assert (moment.persona, moment.company, moment.persona_because) == (
        None,
        ACME.id,
        "nobody of this company is known",
    )

    await walk(db, workspace, [event("persona.identified", hour(1), person("bo"), ACME)])
    async with db.tx(workspace) as tx:
        (moment,) = await moments.open(tx, hour(2), 10)
    assert (moment.persona, moment.persona_because) == (person("bo").id, "known to work there")

    await walk(db, workspace, [event("persona.identified", hour(1), person("cy", title="VP Sales"), ACME)])
    await walk(db, workspace, [event("persona.identified", hour(1), person("di", title="Sales Manager"), ACME)])
    async with db.tx(workspace) as tx:
        (moment,) = await moments.open(tx, hour(2), 10)
        roles = await roles_of(tx, [person(n).id for n in ("bo", "cy", "di")], hour(2))
    assert (moment.persona, moment.persona_because) == (person("cy").id, "most senior known")
    assert {p: (r.seniority, r.level, r.department) for p, r in roles.items()} == {
        person("cy").id: ("vp", 4, "sales"), person("di").id: ("manager", 2, "sales"),
    }  # fmt: skip


async def test_the_edges_a_happy_customer_gains(db: Database, workspace: int) -> None:
    await walk(
        db, workspace, [event("persona.identified", hour(0), person("ana", title="Head of CX"), ACME), *happy("ana")]
    )
    ana = person("ana").id
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select kind, src, dst, confidence, inferrer from edge where workspace_id = $1 and inferrer <> 'record' order by kind",
            workspace,
        )
    found = [(r["kind"], round(r["confidence"], 2), r["inferrer"]) for r in rows]
    assert found == [(2, 0.93, "rule:titles"), (15, 0.95, "rule:support"), (16, 0.9, "rule:praise")]
    assert (rows[0]["src"], rows[0]["dst"]) == (ana, role_id("director", "customer_success"))
    assert rows[1]["dst"] == rows[2]["src"] == ana


@pytest.mark.parametrize("through", ["company", "colleague"])
async def test_one_open_escalation_vetoes_the_whole_account(db: Database, workspace: int, through: str) -> None:
    firm = ACME if through == "company" else None
    await walk(
        db,
        workspace,
        [
            event("persona.identified", hour(0), person("bo"), ACME),
            event("persona.identified", hour(0), person("cy"), GLOBEX),
            event("ticket.opened", hour(1), person("bo"), firm, ticket="9"),
            event("ticket.escalated", hour(2), person("bo"), firm, ticket="9"),
        ],
    )
    async with db.tx(workspace) as tx:
        found = await moments.incidents(tx, [ACME.id, GLOBEX.id], now=hour(3))
        assert found == {ACME.id: "Zendesk #9 is escalated and still open (since 2026-03-02)."}
        assert await moments.incidents(tx, [ACME.id], now=hour(1)) == {}
        assert await moments.incidents(tx, [ACME.id], now=hour(24 * 200)) == {}
        (row,) = (await moments.incident_rows(tx, [ACME.id], now=hour(3)))[ACME.id]
        assert (row["kind"], row["ref"]) == ("escalated", "Zendesk #9")
    await walk(db, workspace, [event("ticket.solved", hour(4), person("bo"), firm, ticket="9")])
    async with db.tx(workspace) as tx:
        assert await moments.incidents(tx, [ACME.id], now=hour(5)) == {}


async def test_another_workspace_sees_nothing(db: Database, workspace: int, other_workspace: int) -> None:
    await walk(
        db,
        workspace,
        [*happy("ana"), event("invoice.payment_failed", hour(1), None, ACME, source="stripe", invoice="1")],
    )
    async with db.tx(other_workspace) as tx:
        assert await moments.open(tx, hour(4), 10) == []
        assert await moments.incidents(tx, [ACME.id], now=hour(4)) == {}
        for table in ("signal", "title_seen", "activity", "usage_month", "moment", "incident"):
            assert await tx.value(f"select count(*) from {table}") == 0, table


async def test_a_power_user_is_noticed_once(db: Database, workspace: int) -> None:
    heavy = person("heavy", source="product")
    use = [
        event("feature.used", hour(24 * d), heavy, ACME, source="product", product="atlas", feature=f"f{d % 3}", n=20)
        for d in range(40)
    ] + [
        event(
            "feature.used",
            hour(n),
            person(f"o{n}", source="product"),
            ACME,
            source="product",
            product="atlas",
            feature="f1",
        )
        for n in range(20)
    ]
    await walk(db, workspace, use)
    await judge(db, workspace)
    async with db.tx(workspace) as tx:
        found = {m.title: m for m in await moments.of_entity(tx, heavy.id)}
        edge = await tx.row("select * from edge where workspace_id = $1 and kind = 9", workspace)
    assert set(found) == {
        "First month as a power user of Atlas", "Used Atlas for the 10th time", "Used Atlas for the 100th time",
    }  # fmt: skip
    first = found["First month as a power user of Atlas"]
    assert first.occurred_at == hour(24 * 4)
    assert first.evidence[0]["record"] == "use of atlas in 2026-03: 30 active days, 3 features, 600 uses, rank 1 of 21"
    assert edge is not None
    assert edge["src"] == heavy.id
    assert edge["last_seen_at"] - hour(24 * 39) < timedelta(days=1)


async def test_two_records_of_one_person_count_together_and_apart_again(db: Database, workspace: int) -> None:
    """Use under two log-ins adds up once an address has joined them."""
    from_app, from_mobile = person("ana", source="product"), person("ana", source="mobile")
    bare = type(from_mobile)("persona", "mobile", "ana")
    use = [
        event("feature.used", hour(n), from_app, None, source="product", product="atlas", feature="x", n=3)
        for n in range(2)
    ]
    use += [
        event("feature.used", hour(n), bare, None, source="mobile", product="atlas", feature="x", n=3) for n in range(2)
    ]
    await walk(db, workspace, use)
    async with db.tx(workspace) as tx:
        assert await moments.of_entity(tx, from_app.id) == []
    await walk(db, workspace, [event("persona.identified", hour(9), from_mobile, None, source="mobile")])
    async with db.tx(workspace) as tx:
        entity = await tx.value(
            "select entity_id from record where workspace_id = $1 and id = $2", workspace, from_app.id
        )
        (moment,) = await moments.of_entity(tx, entity)
    assert moment.title == "Used Atlas for the 10th time"
