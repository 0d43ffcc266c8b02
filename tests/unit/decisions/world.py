"""A small world in the database: people, companies, moments and what stands in the way, as lower stages would write it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from honeyguide.core.ids import content_id, entity_id, seed_of
from honeyguide.db import Tx
from honeyguide.decisions.brain import lots_of
from honeyguide.decisions.holdout import arm_of, salt_of
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.inference import ROLES

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


async def company(tx: Tx, key: str, **props: Any) -> int:
    """A company with its record and node; returns its id."""
    return await _entity(tx, "company", key, {"name": key.title(), **props})


async def persona(tx: Tx, key: str, employer: int | None = None, **props: Any) -> int:
    """A person with consent and an address, working at a company."""
    given = {"name": f"{key.title()} Lima", "email": f"{key}@firm.example", "title": "VP Operations",
             "consent_email": True, **props}  # fmt: skip
    ident = await _entity(tx, "persona", key, {k: v for k, v in given.items() if v is not None})
    if employer is not None:
        await edge(tx, "works_at", ident, employer)
    role = next(i for i, name in ROLES.items() if name.startswith("vp/"))
    await edge(tx, "holds_role", ident, role)
    return ident


async def _entity(tx: Tx, kind: str, key: str, props: dict[str, Any]) -> int:
    ident = entity_id(kind, "test", key)
    first = NOW - timedelta(days=400)
    await tx.run(
        "insert into record (workspace_id, id, kind, source, ext_id, entity_id, traits, first_seen_at, last_seen_at) "
        "values ($1, $2, $3, 'test', $4, $2, '{}', $5, $6)",
        tx.workspace_id, ident, kind, key, first, NOW,
    )  # fmt: skip
    await tx.run(
        "insert into node (workspace_id, id, kind, key, name, props, first_seen_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.workspace_id, ident, NODE[kind], f"test:{key}", str(props.get("name", "")), props, first, NOW,
    )  # fmt: skip
    return ident


async def edge(tx: Tx, kind: str, src: int, dst: int, *, ended: datetime | None = None) -> None:
    """An edge the graph believes."""
    await tx.run(
        "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, valid_to, last_seen_at, support, inferrer, recorded_at) "
        "values ($1, $2, $3, $4, 0.98, $5, $6, $7, 1, 'record', $7)",
        tx.workspace_id, EDGE[kind], src, dst, NOW - timedelta(days=300), ended, NOW,
    )  # fmt: skip


async def signal(tx: Tx, kind: str, src: int, dst: int, quote: str = "", confidence: float = 0.9) -> None:
    """An assertion with its evidence."""
    await tx.run(
        "insert into assertion (workspace_id, id, kind, src, dst, confidence, valid_from, last_seen_at, inferrer, "
        "inferrer_version, subject, source, source_ref, quote, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $7, 'praise', '1', $4, 'zendesk', 'Zendesk #1', $8, $7)",
        tx.workspace_id, content_id("assertion", kind, str(src), str(dst), quote), EDGE[kind], src, dst, confidence,
        NOW - timedelta(days=3), quote,
    )  # fmt: skip


async def moment(
    tx: Tx, record: int, firm: int | None = None, *, kind: str = "support_success", strength: float = 0.8,
    at: datetime | None = None, window_h: float = 120.0, key: str = "", natural: bool = False,
) -> UUID:  # fmt: skip
    """A moment, a day old unless said otherwise.

    One decision in twenty is put off by lot, which would fail every twentieth test: unless `natural`, the id is one whose
    first decision draws a lot from the middle.
    """
    at = at or NOW - timedelta(days=1)
    ident = content_id("moment", kind, str(record), key or at.isoformat())
    n = 0
    while not natural and not 0.1 <= _first_lot(tx.workspace_id, ident) <= 0.6:
        ident = content_id("moment", kind, str(record), key or at.isoformat(), str(n := n + 1))
    evidence = [{
        "source": "zendesk", "record": "Zendesk #48211", "quote": "Great help!", "inferrer": "rule:support@1",
        "confidence": 0.95, "event_id": str(ident), "at": at.isoformat(),
    }]  # fmt: skip
    await tx.run(
        "insert into moment (workspace_id, id, kind, subject, record_id, company_record_id, strength, title, occurred_at, "
        "window_ends_at, half_life_hours, detector_version, event_id, evidence) "
        "values ($1, $2, $3, $4, $5, $6, $7, 'Rated 5/5 on an urgent ticket', $8, $9, $10, '1', $2, $11)",
        tx.workspace_id, ident, kind, record, record, firm, strength, at, at + timedelta(hours=window_h), window_h / 4,
        evidence,
    )  # fmt: skip
    return ident


def _first_lot(workspace_id: int, moment: UUID) -> float:
    seed = seed_of(content_id("decision", str(workspace_id), str(moment), "1"))
    return float(lots_of(np.array([seed], np.uint64))[0])


async def incident(tx: Tx, firm: int, reason: str = "Zendesk #9 is escalated and still open.") -> None:
    """Something that forbids asking anybody of a company."""
    await tx.run(
        "insert into incident (workspace_id, subject, kind, record_id, company_record_id, reason, source, ref, event_id, since, ends_at) "
        "values ($1, $2, 'escalated', null, $2, $3, 'zendesk', 'Zendesk #9', $4, $5, $6)",
        tx.workspace_id, firm, reason, content_id("incident", str(firm)), NOW - timedelta(hours=5), NOW + timedelta(days=60),
    )  # fmt: skip


async def treated(tx: Tx, prefix: str = "firm", **props: Any) -> int:
    """A company that is not held out in this workspace."""
    return await _in_arm(tx, "treated", prefix, props)


async def held_out(tx: Tx, prefix: str = "quiet", **props: Any) -> int:
    """A company that is."""
    return await _in_arm(tx, "holdout", prefix, props)


async def _in_arm(tx: Tx, arm: str, prefix: str, props: dict[str, Any]) -> int:
    for n in range(2000):
        ident = entity_id("company", "test", f"{prefix} {n}")
        if arm_of(salt_of(tx.workspace_id), f"company:{ident}", 500) == arm:
            return await company(tx, f"{prefix} {n}", **props)
    raise AssertionError("no company of this arm among 2000")
