"""What HubSpot, Salesforce and Intercom say of one woman makes one person, in any order; of two, two."""

import itertools
from typing import Any

import msgspec
import pytest

from honeyguide import identity
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from tests.contracts.rows import read, row_of, source_of

INES = "Ines Roth"
SAID: dict[str, tuple[str, str, dict[str, Any]]] = {
    # By e-mail at first: HubSpot knows the private address too, and the id of her twin in Salesforce.
    "hubspot": ("record", "contacts", {"id": "501", "updatedAt": "2026-02-03T00:00:00Z", "properties": {
        "email": "ines@kranich.example", "firstname": "Ines", "lastname": "Roth", "hs_additional_emails": "ines@roth.example",
        "salesforcecontactid": "0035e00000AbCdEAAV", "associatedcompanyid": "900"}}),
    "salesforce": ("record", "contacts", {"Id": "0035e00000AbCdEAAV", "Email": "i.roth@old-firm.example", "Name": INES, "SystemModstamp": "2026-02-01T00:00:00Z"}),
    "salesforce lead": ("record", "leads", {"Id": "00Q5e1", "Email": None, "Name": INES, "ConvertedContactId": "0035e00000AbCdEAAV", "SystemModstamp": "2026-01-01T00:00:00Z"}),
    "intercom": ("webhook", "contact.user.updated", {"topic": "contact.user.updated", "created_at": 1_770_000_000,
                 "data": {"item": {"type": "contact", "id": "c1", "email": "ines@roth.example", "name": INES}}}),
}  # fmt: skip


def _events(names: tuple[str, ...]) -> list[CanonicalEvent]:
    made = []
    for name in names:
        fmt, kind, body = SAID[name]
        events = read([row_of(fmt, kind, name, body)], source_of(name.partition(" ")[0]))
        made += [msgspec.structs.replace(e, workspace_id=1) for e in events]
    return made


@pytest.mark.parametrize("order", list(itertools.permutations(SAID))[::5])
async def test_one_person(db: Database, workspace: int, order: tuple[str, ...]) -> None:
    async with db.tx(workspace) as tx:
        for name in order:  # one batch each, as they might come in
            await identity.step(tx, _events((name,)))
        ids = [identity.record_id(e.person) for e in _events(order) if e.person is not None]
        assert len(set(ids)) == 4
        entities = set((await identity.resolve(tx, ids)).values())
    assert len(entities) == 1


async def test_two_persons(db: Database, workspace: int) -> None:
    """The same name and firm join nobody."""
    other = {"Id": "0035e00000OtherX", "Email": "ines.roth@elsewhere.example", "Name": INES, "AccountId": "0015e1"}
    async with db.tx(workspace) as tx:
        events = _events(("hubspot",)) + read([row_of("record", "contacts", "other", other)], source_of("salesforce"))
        await identity.step(tx, events)
        ids = [identity.record_id(e.person) for e in events if e.person is not None]
        assert len(set((await identity.resolve(tx, ids)).values())) == 2
