"""Payloads nobody has sent yet: whatever is missing, null, of another type or new in one, the definitions keep their
promise. A row always tells something, of our vocabulary, the same each time, and never of the future; who it is about
does not change because something else is missing.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source
from honeyguide.funnel.decode.vocabulary import KINDS
from honeyguide.funnel.definitions import definition_of, path
from tests.contracts import hull, test_definition_hubspot, test_definition_intercom, test_definition_salesforce
from tests.contracts.mutate import mutations
from tests.contracts.rows import NOW, read, row_of, source_of

Sample = tuple[Source, str, str, dict[str, Any]]
_NOTICE = {
    "eventId": 1, "subscriptionId": 2, "portalId": 3, "occurredAt": 1_790_000_000_000, "subscriptionType": "contact.associationChange", "objectId": 501,
    "fromObjectId": 501, "toObjectId": 900, "associationType": "CONTACT_TO_COMPANY", "associationRemoved": False, "propertyName": "email",
    "propertyValue": "ines@kranich.example", "mergedObjectIds": [1, 2], "primaryObjectId": 501,
}  # fmt: skip
_CHANGE = {
    "schema": "s", "payload": {"ChangeEventHeader": {"entityName": "Contact", "recordIds": ["0035e1", "0035e2"], "changeType": "UPDATE", "commitTimestamp": 1_790_000_000_000,
                                                     "transactionKey": "k", "sequenceNumber": 1}, "Email": "ines@kranich.example", "Name": {"FirstName": "Ines", "LastName": "Roth"}},
}  # fmt: skip
OWN: list[Sample] = [
    (source_of("hubspot"), "record", "contacts", test_definition_hubspot.CONTACT),
    (source_of("hubspot"), "record", "deals", test_definition_hubspot.DEAL),
    (source_of("hubspot"), "webhook", "contact.associationChange", _NOTICE),
    (source_of("hubspot"), "webhook", "company.merge", _NOTICE | {"subscriptionType": "company.merge"}),
    (source_of("hubspot"), "webhook", "deal.propertyChange", _NOTICE | {"subscriptionType": "deal.propertyChange", "propertyName": "dealstage"}),
    (source_of("hubspot"), "webhook", "ticket.propertyChange", _NOTICE | {"subscriptionType": "ticket.propertyChange", "propertyName": "closed_date"}),
    (source_of("salesforce"), "record", "contacts", test_definition_salesforce.CONTACT),
    (source_of("salesforce"), "record", "contacts_bulk", test_definition_salesforce.BULK),
    (source_of("salesforce"), "record", "opportunities", test_definition_salesforce.DEAL | {"OpportunityHistories": {"records": test_definition_salesforce.HISTORY}}),
    (source_of("salesforce"), "webhook", "Contact.UPDATE", _CHANGE),
    (source_of("intercom"), "record", "conversations", test_definition_intercom.CONVERSATION | {"parts": test_definition_intercom.PARTS}),
]  # fmt: skip
_IDENTITIES = {
    "id",
    "Id",
    "vid",
    "canonical-vid",
    "companyId",
    "objectId",
    "recordIds",
    "contacts",
    "user",
    "contact",
    "item",
    "data",
    "payload",
}


def _published() -> list[Sample]:
    """The rows of the published cases."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "hull-connectors"
    found: list[Sample] = []
    for connector in ("hubspot", "intercom", "salesforce"):
        file = folder / connector / "cases.jsonl"
        for case in hull.cases_of(file.read_text(), connector) if file.exists() else []:
            source = source_of(connector, overrides=hull.overrides_of(case))
            definition = definition_of(source)
            assert definition is not None
            for name, pages in hull.recording_of(case, definition).pages.items():
                body = msgspec.json.decode(pages[0][1])
                if name == "webhook":
                    found.append((source, "webhook", str(body.get("topic") or body.get("subscriptionType")), body))
                else:
                    found += [
                        (source, "record", name, r) for r in (path(definition.streams[name].records)(body) or [])[:1]
                    ]
            found += [
                (source, "record", r["kind"], msgspec.json.decode(r["body"])) for r in hull.more_of(case, definition)
            ]
    return found


def _read(sample: Sample) -> list[CanonicalEvent]:
    source, fmt, kind, body = sample
    return read([row_of(fmt, kind, "m", body)], source)


@pytest.mark.parametrize("sample", [*OWN, *_published()], ids=lambda s: f"{s[0].kind}-{s[1]}-{s[2]}")
def test_a_payload_nobody_sent_is_still_told(sample: Sample) -> None:
    source, fmt, kind, body = sample
    assert _read(sample)
    for mutated in mutations(body):
        made = _read((source, fmt, kind, mutated))
        assert made, mutated
        assert {e.kind for e in made} <= set(KINDS)
        assert all(e.at <= NOW for e in made)
        assert made == _read((source, fmt, kind, mutated))
        assert b"\\u0000" not in msgspec.json.encode([e.props for e in made])


@pytest.mark.parametrize("sample", OWN, ids=lambda s: f"{s[0].kind}-{s[1]}-{s[2]}")
def test_what_is_new_in_a_payload_changes_nothing_that_was_told(sample: Sample) -> None:
    source, fmt, kind, body = sample
    more = body | {"unheard_of": {"deep": [1, {"a": None}]}, "another_new_one": None}
    before, after = _read(sample), _read((source, fmt, kind, more))
    assert [(e.kind, e.name, e.at, e.ref, e.person and e.person.ext_id, e.company and e.company.ext_id) for e in before] == [
        (e.kind, e.name, e.at, e.ref, e.person and e.person.ext_id, e.company and e.company.ext_id) for e in after
    ]  # fmt: skip


@pytest.mark.parametrize("sample", OWN[:2] + OWN[6:9], ids=lambda s: f"{s[0].kind}-{s[2]}")
def test_a_record_without_its_optional_fields_is_about_the_same(sample: Sample) -> None:
    source, fmt, kind, body = sample
    whole = {(r.kind, r.ext_id) for e in _read(sample) for r in e.records()}
    for name in body.keys() - _IDENTITIES:
        made = _read((source, fmt, kind, {k: v for k, v in body.items() if k != name}))
        assert {
            (r.kind, r.ext_id)
            for e in made
            for r in e.records()
            if not r.ext_id.startswith(("domain:", "name:", "email:"))
        } <= whole
