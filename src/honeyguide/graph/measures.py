"""Counting over many edges: how many began in a window, who has most of something. Every one with its bound."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.graph.beliefs import BELIEVED
from honeyguide.graph.kinds import EDGE, HALF_LIFE_DAYS, partition
from honeyguide.graph.shapes import SIDES, stands

Score = Literal[
    "referrals", "introductions", "advocacy", "praise", "complaints", "use", "power use", "led", "influenced"
]
# What each score sums: the belief that is left in the person's edges of these kinds, on that side.
SCORES: dict[str, tuple[tuple[str, str], ...]] = {
    "referrals": (("referred", "out"),),
    "introductions": (("introduced", "out"),),
    "advocacy": (("champion_of", "out"), ("praised", "out"), ("referred", "out"), ("introduced", "out")),
    "praise": (("praised", "out"),),
    "complaints": (("complained_of", "out"),),
    "use": (("uses", "out"),),
    "power use": (("power_user_of", "out"),),
    "led": (("reports_to", "in"),),
    "influenced": (("influences", "out"),),
}


class Counted(Struct, frozen=True):
    """What happened to one kind of edge in a window: how many began, ended, and were seen (began or renewed) last in it."""

    kind: str
    began: int
    ended: int
    seen: int


class Ranked(Struct, frozen=True):
    """A persona's place: `score` is the sum of what is left of the beliefs, `n` the number of edges."""

    persona: int
    name: str
    title: str
    company: int | None
    score: float
    n: int


def _windowed(kind: str, near: str = "") -> str:
    code = f"and e.kind = {EDGE[kind]} " if partition(kind) == "edge_other" else ""
    where = f"e.workspace_id = $1 {f'and e.{near} = $4 ' if near else ''}{code}and e.confidence >= {BELIEVED}"
    return (
        f"select '{kind}'::text as kind, count(*) filter (where e.valid_from >= $2 and e.valid_from < $3) as began, "
        "count(*) filter (where e.valid_to >= $2 and e.valid_to < $3) as ended, "
        "count(*) filter (where e.last_seen_at >= $2 and e.last_seen_at < $3) as seen "
        f"from {partition(kind)} e where {where}"
    )


COUNTS = {kind: _windowed(kind) for kind in EDGE}
COUNTS_AROUND = {kind: {side: _windowed(kind, here) for side, (here, _) in SIDES.items()} for kind in EDGE}


async def counts_in_window(
    tx: Tx, kinds: Sequence[str], since: datetime, *, until: datetime | None = None, around: int | None = None
) -> list[Counted]:
    """How many edges of each kind began, ended and were last seen in [since, until), in the order asked.

    `around` counts the edges of one node only, on either side. Without it every edge of the kinds is read once: run that
    on the default pool where the workspace is big. Raises BadInput for kinds nobody knows.
    """
    unknown = sorted(set(kinds) - EDGE.keys())
    if unknown:
        raise BadInput(f"There is no edge kind {unknown[0]!r}.")
    end = until or clock.now()
    node = None if around is None else (await identity.resolve(tx, (around,)))[around]
    found = []
    for kind in dict.fromkeys(kinds):
        statements = (COUNTS[kind],) if node is None else COUNTS_AROUND[kind].values()
        rows = [
            await tx.row(sql, tx.workspace_id, since, end, *(() if node is None else (node,))) for sql in statements
        ]
        began, ended, seen = (sum(r[c] for r in rows if r is not None) for c in ("began", "ended", "seen"))
        found.append(Counted(kind, began, ended, seen))
    return found


def _left(kind: str, at: str) -> str:
    """What is left of an edge's belief, as `beliefs.faded` has it."""
    half_life = HALF_LIFE_DAYS.get(EDGE[kind])
    if half_life is None:
        return "e.confidence"
    age = f"greatest(extract(epoch from ({at}::timestamptz - e.last_seen_at))::float8, 0) / 86400"
    odds = "ln(e.confidence::float8 / (1 - e.confidence::float8))"
    return f"1 / (1 + exp(-({odds} * power(0.5, {age} / {half_life}))))"


def _summed(kind: str, side: str, source: str) -> str:
    near, _ = SIDES[side]
    return (
        f"select e.{near} as persona, {_left(kind, '$2')} as left_over from {partition(kind)} e "
        f"where e.workspace_id = $1 {source.format(near=near)}and {stands('e', '$2')}"
    )


def _top(score: str, source: str) -> str:
    """Edges, then sums, then the names of the few that are shown."""
    union = " union all ".join(_summed(kind, side, source) for kind, side in SCORES[score])
    return (
        f"with s as materialized (select persona, sum(left_over) as score, count(*) as n from ({union}) e "
        "group by persona order by 2 desc, 1 limit $3) "
        "select s.persona, s.score, s.n, n.name, n.title, n.company from s cross join lateral (select name, "
        "coalesce(props->>'title', '') as title, props->>'company' as company from node "
        "where workspace_id = $1 and id = s.persona offset 0) n"
    )


TOP = {score: _top(score, "") for score in SCORES}
TOP_AMONG = {score: _top(score, "and e.{near} = any($4::bigint[]) ") for score in SCORES}
STAFF = (
    f"select e.src from edge_works_at e where e.workspace_id = $1 and e.dst = $2 and {stands('e', '$3')} "
    "order by e.src limit $4"
)
_MOST_STAFF = 5_000


async def top_by(
    tx: Tx, score: Score, *, company: int | None = None, at: datetime | None = None, limit: int = 20
) -> list[Ranked]:
    """The personas with the highest score, highest first, then by id. With `company`: among its people (5,000 at most).

    Raises BadInput for a score that is not one of `SCORES`.
    """
    if score not in SCORES:
        raise BadInput(f"There is no score {score!r}.", f"There are {', '.join(get_args(Score))}.")
    when = at or clock.now()
    if company is None:
        rows = await tx.rows(TOP[score], tx.workspace_id, when, limit)
    else:
        firm = (await identity.resolve(tx, (company,)))[company]
        staff = [r["src"] for r in await tx.rows(STAFF, tx.workspace_id, firm, when, _MOST_STAFF)]
        rows = await tx.rows(TOP_AMONG[score], tx.workspace_id, when, limit, staff)
    ranked = [
        Ranked(r["persona"], r["name"], r["title"], int(r["company"]) if r["company"] else None, round(r["score"], 4), r["n"])
        for r in rows
    ]  # fmt: skip
    return sorted(ranked, key=lambda r: (-r.score, r.persona))
