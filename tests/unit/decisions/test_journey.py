"""Stages of the journey: the rules as values, and the facts as the database shows them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from honeyguide import decisions
from honeyguide.core.ids import content_id
from honeyguide.core.terms import Evidence
from honeyguide.db import Database, Tx
from honeyguide.decisions.journey import stage_for
from honeyguide.decisions.journey_facts import Facts, Seen
from tests.unit.decisions.world import NOW, company, edge, moment, persona, signal


def ago(days: float) -> Seen:
    return Seen(NOW - timedelta(days=days))


CASES = {
    "nothing known": (Facts(NOW), "onboarding"),
    "new": (Facts(NOW, since=ago(20)), "onboarding"),
    "a while": (Facts(NOW, since=ago(120)), "adoption"),
    "value beats new": (Facts(NOW, since=ago(20), value=Seen(NOW - timedelta(days=3), "praised us")), "value"),
    "value long ago": (Facts(NOW, since=ago(400), value=ago(200)), "adoption"),
    "contract turns soon": (Facts(NOW, since=ago(330), contract=ago(330)), "renewal"),
    "contract in mid-year": (Facts(NOW, since=ago(200), contract=ago(200)), "adoption"),
    "first months are no renewal": (Facts(NOW, since=ago(10), contract=ago(10)), "onboarding"),
    "renewed lately": (Facts(NOW, since=ago(380), contract=ago(380), renewed=ago(16)), "renewal"),
    "turned and not renewed": (Facts(NOW, since=ago(380), contract=ago(380)), "adoption"),
    "monthly renewals are none": (Facts(NOW, since=ago(150), contract=ago(150), renewed=ago(2)), "adoption"),
    "grew": (Facts(NOW, since=ago(360), contract=ago(360), expanded=ago(30)), "expansion"),
    "advocate": (Facts(NOW, since=ago(360), contract=ago(360), expanded=ago(30), referred=ago(100)), "advocacy"),
    "advocate long ago": (Facts(NOW, since=ago(500), referred=ago(400)), "adoption"),
    "cancelled": (Facts(NOW, since=ago(500), cancelled=ago(5), referred=ago(10)), "dormant"),
    "came back": (Facts(NOW, since=ago(500), cancelled=ago(100), contract=ago(20)), "adoption"),
    "silent": (Facts(NOW, since=ago(500), active=ago(120), uses=True), "dormant"),
    "silence without a record of use": (Facts(NOW, since=ago(500), active=ago(120)), "adoption"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_rules(name: str) -> None:
    facts, stage = CASES[name]
    found, why = stage_for(facts)
    assert found == stage
    assert why.endswith(".")
    assert why[0].isupper()


async def contract(tx: Tx, firm: int, kind: str, days: float, ref: str = "Stripe sub_1") -> None:
    """A contract's event, as the inference stage keeps it."""
    at = NOW - timedelta(days=days)
    await tx.run(
        "insert into signal (workspace_id, subject, event_id, kind, subject_kind, subject_key, at, source, ref, company_record_id, "
        "props, texts) values ($1, 7, $2, $3, 'subscription', 'sub_1', $4, 'stripe', $5, $6, '{}', '[]')",
        tx.workspace_id, content_id("event", kind, str(days)), kind, at, ref, firm,
    )  # fmt: skip


async def test_stages_come_from_the_records_that_show_them(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await company(tx, "acme")
        ana, ben = await persona(tx, "ana", firm), await persona(tx, "ben", firm)
        await contract(tx, firm, "subscription.started", 340)
        await edge(tx, "referred", ben, ana)
        await signal(tx, "referred", ben, ana)
        stages = await decisions.stages_of(tx, [ana, ben, 12345], NOW)
    assert stages.keys() == {ana, ben}
    assert stages[ana].stage == "renewal"
    assert "4 April 2026" in stages[ana].why or "3 April 2026" in stages[ana].why
    shown: Evidence = stages[ana].evidence[0]
    assert (shown.source, shown.record) == ("stripe", "Stripe sub_1")
    assert stages[ben].stage == "advocacy"
    assert "Ana Lima" in stages[ben].why
    assert stages[ben].evidence[0].record == "Zendesk #1"


async def test_a_cancellation_ends_it_and_a_later_start_begins_it_again(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await company(tx, "acme")
        ana = await persona(tx, "ana", firm)
        await contract(tx, firm, "subscription.started", 340)
        await contract(tx, firm, "subscription.cancelled", 40)
        assert (await decisions.stages_of(tx, [ana], NOW))[ana].stage == "dormant"
        before = NOW - timedelta(days=50)  # what is to come is not known
        assert (await decisions.stages_of(tx, [ana], before))[ana].stage != "dormant"
        await contract(tx, firm, "subscription.started", 10)
        assert (await decisions.stages_of(tx, [ana], NOW))[ana].stage != "dormant"


async def test_a_milestone_is_value_with_its_evidence(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await company(tx, "acme")
        ana = await persona(tx, "ana", firm)
        await moment(tx, ana, firm, kind="product_milestone", at=NOW - timedelta(days=9))
        found = (await decisions.stages_of(tx, [ana], NOW))[ana]
    assert found.stage == "value"
    assert found.evidence[0].record == "Zendesk #48211"


def test_facts_are_values() -> None:
    """Equal facts give equal stages: nothing is read from a clock."""
    facts: dict[str, Any] = {"since": ago(20)}
    later: datetime = NOW + timedelta(days=300)
    assert stage_for(Facts(NOW, **facts))[0] == "onboarding"
    assert stage_for(Facts(later, **facts))[0] == "adoption"
