"""Reads who is around people: personal ties, jobs past and present, who is a customer, who referred or bought."""

from collections.abc import Collection, Sequence
from datetime import datetime

from honeyguide.db import Row, Tx
from honeyguide.decisions.journey_tables import CUSTOMER
from honeyguide.graph.kinds import EDGE, NODE

_TIES = ("reports_to", "colleague_of", "influences", "referred", "introduced")
_TIE_CODES = ", ".join(str(EDGE[k]) for k in _TIES)
_SIGNS = ", ".join(str(code) for code in CUSTOMER)
MOST_STAFF = 2_000  # people of one company that are looked at


async def ties(tx: Tx, ids: Collection[int], now: datetime) -> list[tuple[int, int]]:
    """Personal ties with one of these at an end, as (one of ids, the other); one between two of them comes from both sides."""
    rows = await tx.rows(
        "select e.src as here, e.dst as there from edge e where e.workspace_id = $1 and e.src = any($2::bigint[]) "
        f"and e.kind in ({_TIE_CODES}) and e.valid_from <= $3 and (e.valid_to is null or e.valid_to > $3) and e.confidence >= 0.5 "
        "union select e.dst, e.src from edge e where e.workspace_id = $1 and e.dst = any($2::bigint[]) "
        f"and e.kind in ({_TIE_CODES}) and e.valid_from <= $3 and (e.valid_to is null or e.valid_to > $3) and e.confidence >= 0.5 "
        "order by 1, 2",
        tx.workspace_id, sorted(ids), now,
    )  # fmt: skip
    return [(r["here"], r["there"]) for r in rows if r["here"] != r["there"]]


async def jobs(tx: Tx, personas: Collection[int], now: datetime) -> list[Row]:
    """Every job these people ever had: src, dst, stands."""
    return await tx.rows(
        "select w.src, w.dst, (w.valid_to is null or w.valid_to > $3) as stands from edge_works_at w where w.workspace_id = $1 "
        "and w.src = any($2::bigint[]) and w.valid_from <= $3 and w.confidence >= 0.5 order by w.src, w.dst",
        tx.workspace_id, sorted(personas), now,
    )  # fmt: skip


async def staff(tx: Tx, companies: Collection[int], now: datetime) -> list[Row]:
    """Who ever worked at these companies (at most MOST_STAFF of each, the latest first): src, dst, stands."""
    return await tx.rows(
        "select s.src, k.id as dst, s.stands from unnest($2::bigint[]) as k(id) cross join lateral (select w.src, "
        "(w.valid_to is null or w.valid_to > $3) as stands from edge_works_at w where w.workspace_id = $1 and w.dst = k.id "
        "and w.valid_from <= $3 and w.confidence >= 0.5 order by w.last_seen_at desc, w.src limit $4) s order by k.id, s.src",
        tx.workspace_id, sorted(companies), now, MOST_STAFF,
    )  # fmt: skip


async def customers(tx: Tx, ids: Collection[int], now: datetime) -> set[int]:
    """Which of these persons and companies ever were customers: a contract, a purchase, use, a ticket."""
    rows = await tx.rows(
        "select distinct e.src from edge e where e.workspace_id = $1 and e.src = any($2::bigint[]) "
        f"and e.kind in ({_SIGNS}) and e.valid_from <= $3 and e.confidence >= 0.5",
        tx.workspace_id, sorted(ids), now,
    )  # fmt: skip
    return {r["src"] for r in rows}


async def names(tx: Tx, companies: Collection[int]) -> dict[int, str]:
    """What companies are called, in small letters; those nobody named are absent."""
    rows = await tx.rows(
        "select n.id, lower(btrim(n.name)) as name from node n where n.workspace_id = $1 and n.id = any($2::bigint[]) "
        "and n.props ->> 'name' is not null and length(n.name) > 0",
        tx.workspace_id, sorted(companies),
    )  # fmt: skip
    return {r["id"]: r["name"] for r in rows}


async def outcomes(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, list[tuple[int, int, int]]]:
    """Of these people, those who referred somebody, came by a referral or bought themselves, with the edges that say so."""
    shape = "select e.{here} as who, e.kind, e.src, e.dst from edge e where e.workspace_id = $1 and e.{here} = any($2::bigint[]) "
    rows = await tx.rows(
        f"{shape.format(here='src')} and e.kind in ({EDGE['referred']}, {EDGE['bought']}) and e.valid_from <= $3 "
        f"and e.confidence >= 0.5 union all {shape.format(here='dst')} and e.kind in ({EDGE['referred']}) "
        "and e.valid_from <= $3 and e.confidence >= 0.5 order by 1, 2, 3, 4",
        tx.workspace_id, sorted(personas), now,
    )  # fmt: skip
    found: dict[int, list[tuple[int, int, int]]] = {}
    for r in rows:
        found.setdefault(r["who"], []).append((r["kind"], r["src"], r["dst"]))
    return found


async def all_personas(tx: Tx, after: int, limit: int) -> Sequence[int]:
    """Personas of the workspace in the order of their ids, a slice of them."""
    rows = await tx.rows(
        "select n.id from node n where n.workspace_id = $1 and n.kind = $2 and n.id > $3 order by n.id limit $4",
        tx.workspace_id, NODE["persona"], after, limit,
    )  # fmt: skip
    return [r["id"] for r in rows]
