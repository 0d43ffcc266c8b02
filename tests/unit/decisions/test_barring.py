"""What a program's terms forbid is no action of a decision: gifts to who may not take them, asks to who may not take part."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from honeyguide import decisions, programs
from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.db import Database, Tx
from honeyguide.decisions import tables
from honeyguide.decisions.tables import DecisionRow
from honeyguide.programs import versions
from honeyguide.programs.terms import Condition, Conditions
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW

PUBLIC = "Somebody who works for a public authority may not take a gift card."
GERMANS = 'Only those may take part where the company\'s country is "DE".'


async def decided(tx: Tx, **facts: Any) -> DecisionRow:
    """A delighted person of a company with these facts, and what was decided about them."""
    firm = await world.treated(tx, **facts)
    ana = await world.persona(tx, "ana", firm)
    when = await world.moment(tx, ana, firm)
    await decisions.decide(tx, NOW)
    return (await tables.last_looks(tx, [when]))[when]


def legal_of(row: DecisionRow) -> set[str]:
    """The keys of the legal actions."""
    return {a["action"] for a in row.legal_actions}


async def only_for_germans(tx: Tx) -> None:
    """The standard program, from now on for companies in Germany."""
    program = await programs.ensure_program(tx)
    now = clock.now()
    standing = await programs.terms_at(tx, program.id, now)
    file = structs.replace(standing.file, eligibility=Conditions(all=[Condition("country", "is", "DE")]))
    made = await versions.save_draft(tx, program, file, "dana@host.example", now)
    await versions.publish(tx, await programs.program(tx, program.id), made.version, "dana@host.example", now)
    await versions.confirm_publish(tx, await programs.program(tx, program.id), made.version, "sam@host.example", now)


@pytest.mark.parametrize("facts", [{"industry": "Government"}, {"public_sector": True}, {"domain": "town.gov.uk"}])
async def test_a_public_servant_is_never_offered_a_gift_card(
    db: Database, workspace: int, facts: dict[str, Any]
) -> None:
    async with db.tx(workspace) as tx:
        row = await decided(tx, segment="smb", **facts)
        refused = {b["action"]: b["reason"] for b in row.blocked}
        assert any(a.startswith("gift-card") for a in refused)
        assert {why for action, why in refused.items() if action.startswith("gift-card")} == {PUBLIC}
        legal = legal_of(row)
        assert any(a.startswith("account-credit") for a in legal)  # what goes to their company they may be offered
        assert not any(a.startswith("gift-card") for a in legal)
        assert set(row.distribution) == legal  # a chance is given to legal actions only, and they share all of it
        assert sum(row.distribution.values()) == pytest.approx(1)
        assert row.action in legal


async def test_others_are_offered_one(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        row = await decided(tx, segment="smb", industry="Bakery")
        assert any(a.startswith("gift-card") for a in legal_of(row))


async def test_who_may_not_take_part_is_not_asked_to(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await only_for_germans(tx)
        row = await decided(tx, segment="smb", country="FR")
        assert legal_of(row) == {"wait"}
        assert {b["reason"] for b in row.blocked} == {GERMANS}
        assert (await decisions.queue(tx)).total == 0


async def test_who_may_take_part_is(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await only_for_germans(tx)
        assert len((await decided(tx, segment="smb", country="DE")).legal_actions) > 1


async def test_an_ask_that_came_to_be_forbidden_is_neither_approved_nor_left_waiting(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        row = await decided(tx, segment="smb", country="FR")
        assert row.action != "wait"
        ask = UUID(str((await decisions.queue(tx)).rows[0].id))
        await only_for_germans(tx)
        with pytest.raises(Conflict) as refused:
            await decisions.approve(tx, ask, "ola@operator.example", now=NOW + timedelta(hours=1))
        assert refused.value.detail == GERMANS
