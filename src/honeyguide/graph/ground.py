"""What an edge rests on most: its surest statement, for readers who show one line per edge."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from honeyguide import identity
from honeyguide.db import Tx
from honeyguide.graph.beliefs import EdgeKey


class Ground(Struct, frozen=True):
    """The surest live assertion for an edge, with its words. `quote` is empty where a record states it without words."""

    quote: str
    source: str
    source_ref: str
    inferrer: str
    confidence: float
    event_id: str
    at: datetime


SUREST = """
select k.n, a.quote, a.source, a.source_ref, a.inferrer, a.confidence, a.event_id, a.last_seen_at, a.id
from unnest($2::int[], $3::smallint[], $4::bigint[], $5::bigint[]) as k(n, kind, src, dst) cross join lateral (
  select a.id, a.quote, a.source, a.source_ref, a.inferrer, a.confidence, a.event_id, a.last_seen_at from assertion a
  where a.workspace_id = $1 and a.src = k.src and a.kind = k.kind and a.dst = k.dst and a.retracted_at is null
  and a.supports and not a.ends order by a.confidence desc, a.last_seen_at desc, a.id limit 1 offset 0) a
"""


async def grounds(tx: Tx, edges: Iterable[EdgeKey]) -> dict[EdgeKey, Ground]:
    """The ground of each edge (code, src, dst; entity or node ids). Edges nothing states are absent."""
    keys = sorted(set(edges))
    if not keys:
        return {}
    members = await identity.members(tx, {i for _, src, dst in keys for i in (src, dst)})
    pairs = [(n, k, s, d) for n, (k, src, dst) in enumerate(keys) for s in members[src] for d in members[dst]]
    rows = await tx.rows(
        SUREST, tx.workspace_id, [p[0] for p in pairs], [p[1] for p in pairs], [p[2] for p in pairs], [p[3] for p in pairs]
    )  # fmt: skip
    found: dict[EdgeKey, Ground] = {}
    for r in sorted(rows, key=lambda one: (one["confidence"], one["last_seen_at"], one["id"])):
        found[keys[r["n"]]] = Ground(
            r["quote"], r["source"], r["source_ref"], r["inferrer"], r["confidence"], str(r["event_id"] or ""),
            r["last_seen_at"],
        )  # fmt: skip
    return found
