"""The table of readiness, and what the parts of the score are read from."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE, NODE

TABLES = ("readiness",)
COLUMNS = (
    "persona", "company", "score", "low", "high", "stage", "segment", "vertical", "amounts", "points", "barred", "at",
)  # fmt: skip
_STORE = (
    "insert into readiness (workspace_id, persona, company, score, low, high, stage, segment, vertical, amounts, points, "
    "barred, at) select $1::int, n.persona, n.company, n.score, n.low, n.high, n.stage, n.segment, n.vertical, "
    "string_to_array(n.amounts, ' ')::real[], string_to_array(n.points, ' ')::real[], n.barred, $13::timestamptz "
    "from unnest($2::bigint[], $3::bigint[], $4::real[], $5::real[], $6::real[], $7::text[], $8::text[], $9::text[], "
    "$10::text[], $11::text[], $12::text[]) as n (persona, company, score, low, high, stage, segment, vertical, amounts, "
    "points, barred) on conflict (workspace_id, persona) do update set company = excluded.company, score = excluded.score, "
    "low = excluded.low, high = excluded.high, stage = excluded.stage, segment = excluded.segment, "
    "vertical = excluded.vertical, amounts = excluded.amounts, points = excluded.points, barred = excluded.barred, "
    "at = excluded.at where (readiness.company, readiness.score, readiness.low, readiness.high, readiness.stage, "
    "readiness.segment, readiness.vertical, readiness.amounts, readiness.points, readiness.barred) is distinct from "
    "(excluded.company, excluded.score, excluded.low, excluded.high, excluded.stage, excluded.segment, excluded.vertical, "
    "excluded.amounts, excluded.points, excluded.barred)"
)


class Line(Struct, frozen=True):
    """A row as it is stored; `amounts` and `points` in the orders of readiness_parts."""

    persona: int
    company: int | None
    score: float
    low: float
    high: float
    stage: str
    segment: str
    vertical: str
    amounts: tuple[float, ...]
    points: tuple[float, ...]
    barred: str


class Filters(Struct, frozen=True):
    """Which advocates: stage, segment, vertical, words in the person's or company's name, the least score, a segment of the graph."""

    stage: str = ""
    segment: str = ""
    vertical: str = ""
    q: str = ""
    least: float = 0.0
    company: int | None = None


async def people(tx: Tx, personas: Collection[int]) -> list[Row]:
    """Persons and what their node says: id, props, first_seen_at."""
    return await tx.rows(
        "select n.id, n.name, n.props, n.first_seen_at from node n where n.workspace_id = $1 and n.id = any($2::bigint[]) "
        "and n.kind = $3 order by n.id",
        tx.workspace_id, list(personas), NODE["persona"],
    )  # fmt: skip


async def staff(tx: Tx, company: int, now: datetime) -> set[int]:
    """Who works at a company."""
    rows = await tx.rows(
        "select w.src from edge_works_at w where w.workspace_id = $1 and w.dst = $2 and (w.valid_to is null or w.valid_to > $3)",
        tx.workspace_id, company, now,
    )  # fmt: skip
    return {r["src"] for r in rows}


async def firms(tx: Tx, companies: Collection[int]) -> dict[int, Row]:
    """Companies with their properties."""
    rows = await tx.rows(
        "select n.id, n.name, n.props from node n where n.workspace_id = $1 and n.id = any($2::bigint[])",
        tx.workspace_id, sorted(companies),
    )  # fmt: skip
    return {r["id"]: r for r in rows}


async def departed(tx: Tx, personas: Collection[int], now: datetime) -> set[int]:
    """People who had a job and hold none we know of."""
    rows = await tx.rows(
        "select w.src from edge_works_at w where w.workspace_id = $1 and w.src = any($2::bigint[]) and w.valid_from <= $3 "
        "group by w.src having bool_and(w.valid_to is not null and w.valid_to <= $3)",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip
    return {r["src"] for r in rows}


async def said(tx: Tx, personas: Collection[int], now: datetime) -> list[Row]:
    """Praise, complaints and power use per edge: src, kind, dst, confidence, last_seen_at."""
    return await tx.rows(
        "select e.src, e.kind, e.dst, e.confidence::float8 as confidence, "
        "extract(epoch from $3::timestamptz - least(e.last_seen_at, $3))::float8 / 86400 as days from edge e "
        "where e.workspace_id = $1 and e.src = any($2::bigint[]) "
        f"and e.kind in ({EDGE['praised']}, {EDGE['complained_of']}, {EDGE['power_user_of']}) and e.valid_from <= $3 "
        "and (e.valid_to is null or e.valid_to > $3) order by e.src, e.kind, e.dst",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip


async def ratings(tx: Tx, personas: Collection[int], now: datetime) -> list[Row]:
    """Support ratings of the cases people opened: src, ticket, score (1 to 5 as the source says it), days ago, name."""
    return await tx.rows(
        "select e.src, n.id as ticket, n.name, n.props ->> 'score' as score, "
        "extract(epoch from $3::timestamptz - least(coalesce((n.props ->> 'rated_at')::timestamptz, e.last_seen_at), $3))::float8 "
        "/ 86400 as days from edge_opened e join node n on n.workspace_id = e.workspace_id and n.id = e.dst "
        "where e.workspace_id = $1 and e.src = any($2::bigint[]) and e.valid_from <= $3 and n.props ->> 'score' is not null "
        "order by e.src, n.id",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip


async def influence(tx: Tx, personas: Collection[int]) -> dict[int, float]:
    """Influence as the graph publishes it."""
    rows = await tx.rows(
        "select i.persona, i.score from influence i where i.workspace_id = $1 and i.persona = any($2::bigint[])",
        tx.workspace_id, list(personas),
    )  # fmt: skip
    return {r["persona"]: r["score"] for r in rows}


async def asked(tx: Tx, personas: Collection[int], now: datetime) -> list[Row]:
    """Our asks to these people, and our reminders: entity_id, days ago, whether the person stopped us by it."""
    return await tx.rows(
        "select r.entity_id, extract(epoch from $3::timestamptz - c.at)::float8 / 86400 as days, "
        "coalesce(a.not_now_reason = 'opted_out', false) as stopped from record r join ask a on a.workspace_id = r.workspace_id "
        "and a.record_id = r.id cross join lateral (select coalesce(a.decided_at, a.created_at) as at union all "
        "select f.changed_at from ask_follow_up f where f.workspace_id = a.workspace_id and f.ask_id = a.id "
        "and f.state in ('queued', 'sent') and f.changed_at <= $3) c "
        "where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) and a.created_at <= $3 "
        "and (a.state in ('approved', 'sent') or a.not_now_reason = 'opted_out') order by r.entity_id, a.created_at, a.id, c.at",
        tx.workspace_id, list(personas), now,
    )  # fmt: skip


async def store(tx: Tx, lines: Sequence[Line], at: datetime) -> None:
    """Write rows; what did not change keeps its time."""
    ordered = sorted(lines, key=lambda one: one.persona)
    await tx.run(
        _STORE, tx.workspace_id, [x.persona for x in ordered], [x.company for x in ordered], [x.score for x in ordered],
        [x.low for x in ordered], [x.high for x in ordered], [x.stage for x in ordered], [x.segment for x in ordered],
        [x.vertical for x in ordered], [" ".join(f"{v:.6g}" for v in x.amounts) for x in ordered],
        [" ".join(f"{v:.4f}" for v in x.points) for x in ordered], [x.barred for x in ordered], at,
    )  # fmt: skip


async def forget(tx: Tx, personas: Collection[int]) -> set[int]:
    """Remove the rows of these personas; returns those that had one."""
    rows = await tx.rows(
        "delete from readiness where workspace_id = $1 and persona = any($2::bigint[]) returning persona",
        tx.workspace_id, sorted(personas),
    )  # fmt: skip
    return {r["persona"] for r in rows}


async def held(tx: Tx, personas: Collection[int]) -> dict[int, tuple[float, str]]:
    """Score and stage of those of these personas that have a row."""
    rows = await tx.rows(
        "select r.persona, r.score, r.stage from readiness r where r.workspace_id = $1 and r.persona = any($2::bigint[])",
        tx.workspace_id, list(personas),
    )  # fmt: skip
    return {r["persona"]: (r["score"], r["stage"]) for r in rows}


async def strangers(tx: Tx) -> list[int]:
    """Personas with a row whom the graph does not hold any more."""
    rows = await tx.rows(
        "select r.persona from readiness r where r.workspace_id = $1 and not exists (select 1 from node n "
        "where n.workspace_id = r.workspace_id and n.id = r.persona)",
        tx.workspace_id,
    )  # fmt: skip
    return [r["persona"] for r in rows]


async def rows_of(tx: Tx, personas: Collection[int]) -> list[Row]:
    """The stored rows of these personas."""
    return await tx.rows(
        "select r.persona, r.company, r.score, r.low, r.high, r.stage, r.segment, r.vertical, r.amounts, r.points, r.barred, r.at "
        "from readiness r where r.workspace_id = $1 and r.persona = any($2::bigint[])",
        tx.workspace_id, sorted(personas),
    )  # fmt: skip


_WHERE = (
    "from readiness r join node n on n.workspace_id = r.workspace_id and n.id = r.persona "
    "left join node c on c.workspace_id = r.workspace_id and c.id = r.company where r.workspace_id = $1 "
    "and ($2 = '' or r.stage = $2) and ($3 = '' or r.segment = $3) and ($4 = '' or r.vertical = $4) and r.score >= $5 "
    "and ($6 = '' or strpos(lower(n.name), $6) > 0 or strpos(lower(c.name), $6) > 0) and ($7::bigint is null or r.company = $7)"
)


async def top(tx: Tx, filters: Filters, after: tuple[float, int] | None, limit: int) -> list[Row]:
    """Advocates by readiness, the highest first; `after`: (score, persona) of the last one of the page before."""
    score, persona = after if after is not None else (None, None)
    return await tx.rows(
        "select r.persona, r.company, r.score, r.low, r.high, r.stage, r.segment, r.vertical, r.amounts, r.points, r.barred, r.at, "
        f"n.name, n.props, c.name as company_name {_WHERE} and ($8::real is null or (-r.score, r.persona) > (-$8::real, $9::bigint)) "
        "order by r.score desc, r.persona limit $10",
        tx.workspace_id, *_arguments(filters), score, persona, limit,
    )  # fmt: skip


async def how_many(tx: Tx, filters: Filters) -> int:
    """How many advocates the filters leave."""
    found: int = await tx.value(f"select count(*) {_WHERE}", tx.workspace_id, *_arguments(filters))
    return found


def _arguments(filters: Filters) -> list[object]:
    return [
        filters.stage, filters.segment, filters.vertical, filters.least, filters.q.strip().lower(), filters.company,
    ]  # fmt: skip
