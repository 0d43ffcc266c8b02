"""Reading around the graph: evidence and history of an edge, search, counts, and the digest of its state."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide import identity
from honeyguide.db import Tx
from honeyguide.graph.beliefs import PERSON, Assertion, standing
from honeyguide.graph.extensions import edge_names, node_names
from honeyguide.graph.kinds import NODE, NODE_NAME


class Testimony(Struct, frozen=True):
    """One assertion about an edge, for people: who says it, from what, how surely, and whether it still stands.

    `counts` is False for a person's verdict that a later one or its withdrawal has overtaken.
    """

    source: str
    record: str
    quote: str
    inferrer: str
    inferrer_version: str
    confidence: float
    event_id: str
    at: str
    supports: bool
    ends: bool
    seen: int
    valid_from: datetime
    valid_to: datetime | None
    last_seen_at: datetime
    retracted_at: datetime | None
    detail: dict[str, Any]
    counts: bool = True


class Version(Struct, frozen=True):
    """What was believed about an edge between two moments (`retired_at` None: it still is)."""

    confidence: float
    valid_from: datetime
    valid_to: datetime | None
    inferrer: str
    recorded_at: datetime
    retired_at: datetime | None


class Found(Struct, frozen=True):
    """A persona or company a search found."""

    id: int
    kind: str
    name: str
    detail: str


async def evidence(tx: Tx, kind: int, src: int, dst: int, limit: int = 200) -> list[Testimony]:
    """Every assertion about an edge, live ones first, newest first. `src` and `dst` are entity or node ids."""
    members = await identity.members(tx, (src, dst))
    rows = await tx.rows(
        "select source, source_ref, quote, inferrer, inferrer_version, confidence, event_id, supports, ends, seen, valid_from, "
        "valid_to, last_seen_at, retracted_at, detail from assertion "
        "where workspace_id = $1 and kind = $2 and src = any($3::bigint[]) and dst = any($4::bigint[]) "
        "order by retracted_at nulls first, last_seen_at desc, id limit $5",
        tx.workspace_id, kind, members[src], members[dst], limit,
    )  # fmt: skip
    verdict = standing(
        Assertion(
            kind, src, dst, r["confidence"], r["valid_from"], r["inferrer"], "", src, r["source"], r["supports"],
            event_id=r["event_id"], detail=r["detail"],
        )
        for r in rows if r["inferrer"] == PERSON and r["retracted_at"] is None
    )  # fmt: skip
    return [
        Testimony(
            source=r["source"], record=r["source_ref"], quote=r["quote"], inferrer=r["inferrer"],
            inferrer_version=r["inferrer_version"], confidence=r["confidence"],
            event_id=str(r["event_id"] or ""), at=r["last_seen_at"].isoformat(), supports=r["supports"], ends=r["ends"],
            seen=r["seen"], valid_from=r["valid_from"], valid_to=r["valid_to"], last_seen_at=r["last_seen_at"],
            retracted_at=r["retracted_at"], detail=r["detail"],
            counts=r["inferrer"] != PERSON or (verdict is not None and r["event_id"] == verdict.event_id),
        )
        for r in rows
    ]  # fmt: skip


async def history(tx: Tx, kind: int, src: int, dst: int) -> list[Version]:
    """Every version of an edge, newest first: the current one and those retired."""
    rows = await tx.rows(
        "select confidence, valid_from, valid_to, inferrer, recorded_at, null::timestamptz as retired_at from edge "
        "where workspace_id = $1 and kind = $2 and src = $3 and dst = $4 "
        "union all select confidence, valid_from, valid_to, inferrer, recorded_at, retired_at from edge_history "
        "where workspace_id = $1 and kind = $2 and src = $3 and dst = $4 order by recorded_at desc",
        tx.workspace_id, kind, src, dst,
    )  # fmt: skip
    return [Version(**{**dict(r), "confidence": round(r["confidence"], 4)}) for r in rows]


async def search(tx: Tx, q: str, limit: int = 20) -> list[Found]:
    """Personas and companies whose name or e-mail contains the words, best match first (at most `limit`)."""
    text = q.strip()
    if not text:
        return []
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = await tx.rows(
        "select id, kind, name, coalesce(props->>'title', props->>'domain', props->>'email', '') as detail from node "
        "where workspace_id = $1 and kind = any($2::smallint[]) and (name ilike $3 or props->>'email' ilike $3) "
        "order by position(lower($4) in lower(name)) = 1 desc, length(name), name, id limit $5",
        tx.workspace_id, [NODE["persona"], NODE["company"]], pattern, text, limit,
    )  # fmt: skip
    return [Found(r["id"], NODE_NAME[r["kind"]], r["name"], r["detail"]) for r in rows]


async def counts(tx: Tx) -> dict[str, dict[str, int]]:
    """How many nodes and current edges there are, per kind: `{"nodes": {"persona": 3}, "edges": {"uses": 5}}`."""
    nodes = await tx.rows("select kind, count(*) as n from node where workspace_id = $1 group by kind", tx.workspace_id)
    edges = await tx.rows("select kind, count(*) as n from edge where workspace_id = $1 group by kind", tx.workspace_id)
    node_name = await node_names(tx, (r["kind"] for r in nodes))
    edge_name = await edge_names(tx, (r["kind"] for r in edges))
    return {
        "nodes": {node_name.get(r["kind"], "other"): r["n"] for r in nodes},
        "edges": {edge_name.get(r["kind"], "other"): r["n"] for r in edges},
    }


async def digest(tx: Tx) -> dict[str, str]:
    """A digest per table of what follows from events and replacements alone.

    Left out because they tell the order of arrival: recorded_at, edge_history, retracted assertions.
    """
    node = await tx.value(
        "select coalesce(md5(string_agg(md5(row(id, kind, key, name, props::text, props_at::text, "
        "extract(epoch from first_seen_at), extract(epoch from updated_at))::text), '' order by id)), '') "
        "from node where workspace_id = $1",
        tx.workspace_id,
    )  # fmt: skip
    assertion = await tx.value(
        "select coalesce(md5(string_agg(md5(row(id, kind, src, dst, supports, ends, confidence, extract(epoch from valid_from), "
        "extract(epoch from valid_to), extract(epoch from last_seen_at), seen, inferrer, inferrer_version, subject, source, "
        "stream, event_id, source_ref, quote, span_start, span_end, detail::text)::text), '' order by id)), '') "
        "from assertion where workspace_id = $1 and retracted_at is null",
        tx.workspace_id,
    )  # fmt: skip
    edge = await tx.value(
        "select coalesce(md5(string_agg(md5(row(kind, src, dst, confidence, extract(epoch from valid_from), "
        "extract(epoch from valid_to), earlier, extract(epoch from last_seen_at), support, inferrer, props::text)::text), '' "
        "order by kind, src, dst)), '') from edge where workspace_id = $1",
        tx.workspace_id,
    )  # fmt: skip
    return {"node": node, "assertion": assertion, "edge": edge}
