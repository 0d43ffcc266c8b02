"""Readiness along the real road: it follows events a moment behind, feeds segments, and goes with an erased person."""

from datetime import timedelta

from honeyguide import decisions, funnel
from honeyguide.app import keeping, replay, road
from honeyguide.app.erasure import erase
from honeyguide.core import clock
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Database
from honeyguide.graph import segments

FIRM = RecordRef("company", "crm", "c1", (Identifier("domain", "acme.example"),), {"name": "Acme", "employees": 2000})


def person(name: str) -> RecordRef:
    mail = f"{name}@acme.example"
    traits = {"name": f"{name.title()} Silva", "email": mail, "title": "VP Operations", "consent_email": True}
    return RecordRef("persona", "crm", name, (Identifier("email", mail),), traits)


async def tell(db: Database, workspace: int, *events: funnel.NewEvent) -> None:
    async with db.tx(workspace) as tx:
        await funnel.append(tx, await funnel.internal_source(tx), list(events))
    await road.catch_up(db, workspace)


async def kept(db: Database, workspace: int) -> None:
    while await keeping.keep(db, workspace):
        pass


async def scores(db: Database, workspace: int) -> dict[str, float]:
    async with db.tx(workspace) as tx:
        found, _ = await decisions.top(tx)
    return {a.name: a.score for a in found}


async def test_readiness_follows_events_and_segments_follow_readiness(db: Database, workspace: int) -> None:
    now = clock.now()
    started = {"subscription": "s1", "amount_minor": 1_000, "currency": "EUR", "product": "core"}
    rated = {"ticket": "7", "subject": "Export", "score": 5}
    await tell(db, workspace, *(
        funnel.own_event(f"seen {n}", "persona.identified", now - timedelta(days=90), ref=f"CRM {n}", person=person(n), company=FIRM)
        for n in ("ana", "ben")
    ))  # fmt: skip
    await kept(db, workspace)
    assert await scores(db, workspace) == {}  # nothing says that Acme is a customer
    await tell(db, workspace, funnel.own_event(
        "started", "subscription.started", now - timedelta(days=80), ref="Stripe s1", person=person("ana"), company=FIRM, props=started,
    ))  # fmt: skip
    await kept(db, workspace)
    before = await scores(db, workspace)
    assert before.keys() == {"Ana Silva", "Ben Silva"}  # the whole company, not only who signed
    async with db.tx(workspace) as tx:
        above = {"type": "score", "name": "readiness", "at_least": before["Ana Silva"] + 1}
        ready = await segments.create(tx, "Readier than today", above, "me")
        assert ready.members == 0
    await tell(
        db, workspace,
        funnel.own_event("opened", "ticket.opened", now - timedelta(hours=3), ref="Desk #7", person=person("ana"), company=FIRM,
                         props=rated, text="It is slow."),
        funnel.own_event("solved", "ticket.solved", now - timedelta(hours=2), ref="Desk #7", person=person("ana"), company=FIRM,
                         props=rated),
        funnel.own_event("rated", "ticket.rated", now - timedelta(hours=1), ref="Desk #7", person=person("ana"), company=FIRM,
                         props=rated, text="Brilliant, thank you!"),
    )  # fmt: skip
    await kept(db, workspace)
    after = await scores(db, workspace)
    assert after["Ana Silva"] > before["Ana Silva"] + 1
    assert abs(after["Ben Silva"] - before["Ben Silva"]) < 0.01
    async with db.tx(workspace) as tx:
        assert [m.name for m in await segments.members(tx, ready.id)] == ["Ana Silva"]
    await keeping.keep_day(db, workspace)
    assert (await scores(db, workspace)).keys() == after.keys()


async def test_a_replay_and_an_erasure_leave_nothing_behind(db: Database, workspace: int) -> None:
    now = clock.now()
    for n in ("ana", "ben"):
        await tell(db, workspace, funnel.own_event(
            f"used {n}", "feature.used", now - timedelta(days=3), ref=f"use {n}", person=person(n), company=FIRM,
            props={"product": "core", "feature": "export"},
        ))  # fmt: skip
    await kept(db, workspace)
    before = await scores(db, workspace)
    assert before.keys() == {"Ana Silva", "Ben Silva"}
    await erase(db, workspace, [("email", "ana@acme.example")], "dpo", "asked")
    replayed = await replay.replay(db, workspace)
    assert replayed.events > 0
    async with db.tx(workspace) as tx:
        for table in ("readiness", "persona_score"):
            assert await tx.value(f"select count(*) from {table} where workspace_id = $1", workspace) == 0
    await kept(db, workspace)
    assert (await scores(db, workspace)).keys() == {"Ben Silva"}
