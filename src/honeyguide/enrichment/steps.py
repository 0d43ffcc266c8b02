"""The consumer: records the road has met are enriched, and what is found enters the log as events of its own source."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from honeyguide.core import normalise
from honeyguide.core.errors import Unavailable
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database, Row, Tx, cursors
from honeyguide.enrichment.consent import Consent, consent_of
from honeyguide.enrichment.port import Enricher, Finding, Known
from honeyguide.funnel import PutAside, append, ensure_source, open_reader, own_event
from honeyguide.funnel.events import Lane, NewEvent

SOURCE, CONSUMER, AFTER = "enrichment", "enrichment", "road"
BATCH = 50
_LANE = {lane.code: lane for lane in Lane}


async def enrich_due(db: Database, workspace_id: int, enrichers: Sequence[Enricher]) -> int:
    """Enrich the records of the next rows of the log the road has read. Returns how many rows were looked at.

    Nobody is asked inside a transaction. Findings commit with the consumer's cursor; when another worker has moved it
    meanwhile, nothing is written twice: an event's id says what was found about whom by which enricher.
    """
    async with db.tx(workspace_id) as tx:
        consent = await consent_of(tx)
        if not (consent.companies or consent.persons):
            return 0  # its place in the log stays: a later yes begins with what came before it
        await cursors.begin(tx, CONSUMER)
        held = await _places(tx)
        rows = await cursors.read(tx, held, BATCH, AFTER)
        subjects = await _subjects(tx, rows, consent)
    if not rows:
        return 0
    found = [(record, await _ask(enrichers, record, consent)) for record in subjects]
    async with db.tx(workspace_id) as tx:
        if (await cursors.lease(tx, CONSUMER))[rows[-1]["lane"]]["last_seq"] != held[rows[-1]["lane"]]["last_seq"]:
            return 0
        events = [event for record, said in found for event in _events(record, said, rows[-1])]
        if events:
            await append(tx, await ensure_source(tx, "internal", SOURCE), events)
        last = rows[-1]
        await cursors.move(tx, CONSUMER, last["lane"], last["at_xid"], last["seq"], len(rows))
    return len(rows)


async def _places(tx: Tx) -> dict[int, Any]:
    places = await cursors.position(tx, CONSUMER)
    return {lane: {"last_xid": str(xid), "last_seq": seq} for lane, (xid, seq) in places.items()}


async def _subjects(tx: Tx, rows: Sequence[Row], consent: Consent) -> list[RecordRef]:
    """The records of these rows that may be enriched, each once, without those enrichment itself speaks of."""
    reader = await open_reader(tx)
    found: dict[int, RecordRef] = {}
    for row in rows:
        if reader.sources[row["source_id"]].name == SOURCE:
            continue
        try:
            events = reader.events(row)
        except PutAside:
            continue
        for event in events:
            found |= {r.id: r for r in _speaking(event) if consent.allows(r.kind)}
    return list(found.values())


def _speaking(event: CanonicalEvent) -> list[RecordRef]:
    return [r for r in (event.person, event.company) if r is not None and _anchor(r) is not None]


def _anchor(record: RecordRef) -> Identifier | None:
    """What ties an answer to the record: the person's address or the company's domain."""
    ns = "email" if record.kind == "persona" else "domain"
    return next((i for i in record.identifiers if i.ns == ns), None)


async def _ask(enrichers: Sequence[Enricher], record: RecordRef, consent: Consent) -> dict[str, list[Finding]]:
    known = _known(record)
    said: dict[str, list[Finding]] = {}
    for enricher in enrichers:
        try:
            found = await enricher.enrich("persona" if record.kind == "persona" else "company", known)
        except Unavailable:
            continue  # the next event of this record asks again
        if found and consent.allows(record.kind):
            said[enricher.name] = found
    return said


def _known(record: RecordRef) -> Known:
    def text(name: str) -> str:
        value = record.traits.get(name)
        return value if isinstance(value, str) else ""

    of = {i.ns: i.value for i in record.identifiers}
    return Known(
        of.get("email", text("email")), of.get("domain", text("domain")), text("phone") or of.get("phone", ""),
        text("title"), text("name"), record.traits,
    )  # fmt: skip


def _events(record: RecordRef, said: dict[str, list[Finding]], row: Row) -> list[NewEvent]:
    """One event an enricher: the values as traits, and each with its confidence, source and licence."""
    anchor = _anchor(record)
    if anchor is None:
        return []
    made = []
    for name, found in said.items():
        plain = msgspec.to_builtins(found)
        mark = blake2b(msgspec.json.encode(plain), digest_size=8).hexdigest()
        traits: dict[str, Any] = {f.field: f.value for f in found}
        about = RecordRef(record.kind, SOURCE, f"{anchor.ns}:{anchor.value}", (anchor,), traits)
        event = (
            own_event(
                f"{name}:{anchor.ns}:{anchor.value}:{mark}", f"{record.kind}.identified", row["event_time"],
                received_at=row["received_at"], ref=f"Enrichment {name} of {anchor.value}",
                person=about if record.kind == "persona" else None, company=about if record.kind == "company" else None,
                others=_managers(found) if record.kind == "persona" else (),
                props={"enricher": name, "findings": plain},
            )
        )  # fmt: skip
        made.append(msgspec.structs.replace(event, lane=_LANE[row["lane"]]))
    return made


def _managers(found: Sequence[Finding]) -> tuple[RecordRef, ...]:
    """The people a finding names by their address: identity must know them before an edge can end in them."""
    addresses = [normalise.email(str(f.value)) for f in found if f.field == "manager_email"]
    return tuple(RecordRef("persona", SOURCE, f"email:{a}", (Identifier("email", a),), {}) for a in addresses if a)
