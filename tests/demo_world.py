"""The demo company's events put into a workspace's log without HTTP: for tests of what is derived from them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from honeyguide import funnel
from honeyguide.db import Database
from honeyguide.demo import DemoEvent
from honeyguide.funnel import envelopes, hooks

SOURCES = {"segment:hubspot": ("segment", "hubspot"), "segment:product": ("segment", "product"),
           "zendesk": ("zendesk", "zendesk"), "stripe": ("stripe", "stripe")}  # fmt: skip


async def make_sources(db: Database, workspace: int) -> dict[str, funnel.Source]:
    """The demo's sources by door."""
    made = {}
    async with db.tx(workspace) as tx:
        for door, (kind, name) in SOURCES.items():
            made[door], _ = await funnel.create_source(
                tx, kind, name, "secret" if kind in ("zendesk", "stripe") else None,
                {"server_only": True} if name == "hubspot" else None,
            )  # fmt: skip
    return made


async def put(
    db: Database, workspace: int, sources: dict[str, funnel.Source], events: Sequence[DemoEvent], received: datetime
) -> int:
    """Append events in the given order; returns how many were new."""
    new = 0
    for start in range(0, len(events), 1_000):
        async with db.tx(workspace) as tx:
            for door, source in sources.items():
                inputs = [
                    i for e in events[start : start + 1_000] if e.door == door for i in payloads(e, source, received)
                ]
                outcomes = await funnel.append(tx, source, inputs) if inputs else []
                new += sum(o.verdict is funnel.Verdict.ACCEPTED for o in outcomes)
    return new


def payloads(event: DemoEvent, source: funnel.Source, received: datetime) -> list[funnel.NewEvent]:
    """What the door makes of one event."""
    body = msgspec.json.encode(event.payload)
    if event.door.startswith("segment:"):
        parsed = envelopes.segment_call(event.payload["type"], body, received).inputs
    else:
        parsed = hooks.heard(source, body, {}, received).inputs
    assert all(isinstance(i, funnel.NewEvent) for i in parsed)
    return [i for i in parsed if isinstance(i, funnel.NewEvent)]
