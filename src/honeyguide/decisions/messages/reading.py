"""Reads what the graph holds about people that a message may mention: edges, each with its best evidence."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from honeyguide import graph
from honeyguide.db import Tx
from honeyguide.decisions.messages.phrases import SURE
from honeyguide.decisions.situation import Detail
from honeyguide.graph.kinds import EDGE, partition

_KINDS = {
    "referred": "referred", "praised": "praised", "power_user_of": "power_user", "attended": "attended", "uses": "uses",
    "works_at": "works_at",
}  # fmt: skip


async def details_of(tx: Tx, people: Collection[int], now: datetime) -> dict[int, tuple[Detail, ...]]:
    """What may be said about each person: edges believed with more than .7 at `now`, the surest first.

    The belief is the edge's as it has faded by `now`; the evidence is its surest statement that still stands.
    """
    if not people:
        return {}
    found: dict[int, list[Detail]] = defaultdict(list)
    for kind, name in _KINDS.items():
        for row in await tx.rows(_edges(kind), tx.workspace_id, list(people), EDGE[kind], SURE, now):
            sure = graph.decayed(float(row["confidence"]), EDGE[kind], row["last_seen_at"], now)
            if sure > SURE and row["best"]:
                found[row["src"]].append(Detail(name, row["words"] or "", sure, row["best"]))
    return {
        person: tuple(sorted(some, key=lambda d: (-d.confidence, d.kind, d.words))) for person, some in found.items()
    }


def _edges(kind: str) -> str:
    return (
        "select e.src, e.confidence, e.last_seen_at, coalesce(n.name, '') as words, "
        "(select jsonb_build_object('source', a.source, 'record', a.source_ref, 'quote', a.quote, "
        "'inferrer', a.inferrer || '@' || a.inferrer_version, 'confidence', a.confidence, "
        "'event_id', coalesce(a.event_id::text, ''), 'at', to_jsonb(a.valid_from)) "
        "from record r join assertion a on a.workspace_id = r.workspace_id and a.src = r.id and a.kind = $3 "
        # What stands at the other end is a record (a colleague, a company) or a node of its own (a product, a feature).
        "left join record d on d.workspace_id = a.workspace_id and d.id = a.dst "
        "where r.workspace_id = $1 and r.entity_id = e.src and coalesce(d.entity_id, a.dst) = e.dst "
        "and a.supports and not a.ends and a.retracted_at is null "
        "and a.valid_from <= $5 order by a.confidence desc, a.valid_from desc, a.id limit 1) as best "
        f"from {partition(kind)} e left join node n on n.workspace_id = e.workspace_id and n.id = e.dst "
        "where e.workspace_id = $1 and e.src = any($2::bigint[]) and e.kind = $3 and e.confidence > $4 "
        "and e.valid_from <= $5 and (e.valid_to is null or e.valid_to > $5) order by e.src, e.dst"
    )
