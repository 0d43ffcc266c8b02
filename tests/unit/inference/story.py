"""Events as short sentences, and the road they take, for the tests of inference and moments."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from honeyguide import graph, identity, inference, moments
from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def hour(n: float) -> datetime:
    """`n` hours after the story starts (2026-03-02 09:00 UTC, a Monday)."""
    return START + timedelta(hours=n)


def person(name: str, source: str = "zendesk", **traits: Any) -> RecordRef:
    """A person with an e-mail address of their own."""
    email = f"{name}@example.com"
    return RecordRef(
        "persona", source, name, (Identifier("email", email),), {"name": name.title(), "email": email} | traits
    )


def company(name: str, source: str = "zendesk", **traits: Any) -> RecordRef:
    """A company with a domain of its own."""
    domain = f"{name}.example"
    return RecordRef(
        "company", source, name, (Identifier("domain", domain),), {"name": name.title(), "domain": domain} | traits
    )


def event(
    kind: str, at: datetime, who: RecordRef | None = None, firm: RecordRef | None = None, *, source: str = "zendesk",
    text: str = "", tag: str = "", **props: Any,
) -> CanonicalEvent:  # fmt: skip
    """One event; its id follows from what it says (`tag` tells equal ones apart)."""
    named = props.get("ticket") or props.get("deal") or props.get("subscription") or props.get("invoice") or ""
    ident = content_id(
        kind,
        source,
        at.isoformat(),
        who.ext_id if who else "",
        firm.ext_id if firm else "",
        str(sorted(props.items())),
        text,
        tag,
    )
    return CanonicalEvent(
        event_id=UUID(int=ident.int), workspace_id=1, source_id=1, source=source, message_id=str(ident), kind=kind,
        name=kind, at=at, received_at=at, ref=f"{source.title()} #{named or str(ident)[:6]}", person=who, company=firm,
        props=props, text=text,
    )  # fmt: skip


async def walk(db: Database, workspace: int, events: Iterable[CanonicalEvent], *, batch: int = 500) -> None:
    """Take the events down the road in batches, then run the statistics until nothing is left to judge."""
    rest = list(events)
    while rest:
        now, rest = rest[:batch], rest[batch:]
        async with db.tx(workspace) as tx:
            known = await identity.step(tx, now)
            changes = await graph.step(tx, now, known)
            touched = await inference.step(tx, now, known, changes)
            await moments.step(tx, now, known, touched)
    await judge(db, workspace)


async def judge(db: Database, workspace: int) -> None:
    """Run the statistics until nothing is left."""
    for _ in range(100):
        async with db.tx(workspace) as tx:
            changed = await inference.statistics(tx, START)
            await moments.statistics(tx, changed)
            if (
                not await moments.settle(tx)
                and await tx.value("select count(*) from usage_month where workspace_id = $1", tx.workspace_id) == 0
            ):
                return
    raise AssertionError("the statistics never finish")


def shuffled(events: Sequence[CanonicalEvent], seed: int) -> list[CanonicalEvent]:
    """The same events in another order."""
    out = list(events)
    random.Random(seed).shuffle(out)
    return out


async def derived(db: Database, workspace: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything inference and moments derived, without the books of when it was recorded."""
    async with db.tx(workspace) as tx:
        live = await tx.rows(
            """select id, kind, src, dst, supports, confidence, valid_from, valid_to, last_seen_at, inferrer, source,
                      event_id, source_ref, quote, span_start, span_end, detail::text
               from assertion where workspace_id = $1 and retracted_at is null and inferrer <> 'record' order by id""",
            workspace,
        )
        edges = await tx.rows(
            """select kind, src, dst, confidence, valid_from, valid_to, last_seen_at, support, inferrer from edge
               where workspace_id = $1 order by kind, src, dst""",
            workspace,
        )
        felt = await tx.rows(
            """select id, kind, subject, record_id, company_record_id, strength, title, occurred_at, window_ends_at,
                      half_life_hours, event_id, evidence::text from moment where workspace_id = $1 order by id""",
            workspace,
        )
        wrong = await tx.rows("select * from incident where workspace_id = $1 order by subject", workspace)
        roles = await tx.rows(
            """select id, key, name, props::text, props_at::text, first_seen_at, updated_at from node
               where workspace_id = $1 and kind = 12 order by id""",
            workspace,
        )
        counted = await tx.rows(
            "select * from activity where workspace_id = $1 order by record_id, product, feature, day", workspace
        )
    return {
        "assertions": [tuple(r) for r in live],
        "edges": [tuple(r) for r in edges],
        "moments": [tuple(r) for r in felt],
        "incidents": [tuple(r)[1:] for r in wrong],
        "roles": [tuple(r) for r in roles],
        "activity": [tuple(r)[1:] for r in counted],
    }
