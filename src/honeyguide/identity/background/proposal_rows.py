"""The table `proposal`: its rows and their SQL. What two records say is read from the records themselves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.db import Row, Tx
from honeyguide.identity.background.exchange import Decision, Line
from honeyguide.identity.background.wording import shown

TABLES = ("proposal", "identity_model", "identity_pass", "identity_seen")
State = Literal["open", "accepted", "rejected", "auto", "stale"]


class Side(Struct, frozen=True):
    """One record of a pair, as its source knows it, and the entity it is of now."""

    id: int
    entity_id: int
    source: str
    ext_id: str
    traits: dict[str, Any]
    first_seen_at: datetime
    records: int


class Proposal(Struct, frozen=True):
    """Two records that may be one, why, and what became of it. `guard`: what kept the pass from joining them itself."""

    id: UUID
    kind: str
    state: State
    weight: float
    probability: float
    a: Side
    b: Side
    because: tuple[Line, ...]
    sentence: str
    guard: str
    money: bool
    actor: str
    reason: str
    model_version: int
    created_at: datetime
    decided_at: datetime | None


_COLUMNS = "id, kind, a, b, weight, probability, because, sentence, guard, money, state, actor, reason, model_version, created_at, decided_at"


def proposal_id(a: int, b: int) -> UUID:
    """The id of the question about two records: the same whenever it is asked."""
    return content_id("proposal", str(min(a, b)), str(max(a, b)))


async def write(tx: Tx, kind: str, decisions: Sequence[Decision], version: int, at: datetime) -> int:
    """Put decisions down. A question a person has answered stays answered; an open one is brought up to date."""
    if not decisions:
        return 0
    once = {proposal_id(d.a, d.b): d for d in decisions}
    rows = [
        (i, min(d.a, d.b), max(d.a, d.b), d.weight, d.probability, _stripped(d.because), d.sentence, d.guard, d.money, d.state)
        for i, d in sorted(once.items())
    ]  # fmt: skip
    return await tx.run(
        "insert into proposal as p (workspace_id, id, kind, a, b, weight, probability, because, sentence, guard, money, state, "
        "actor, reason, model_version, created_at, decided_at) "
        "select $1::int, n.id, $2::text, n.a, n.b, n.weight, n.probability, n.because, n.sentence, n.guard, n.money, n.state, "
        "case when n.state = 'auto' then 'background pass' else '' end, '', $3::int, $4::timestamptz, "
        "case when n.state = 'auto' then $4::timestamptz end "
        "from unnest($5::uuid[], $6::bigint[], $7::bigint[], $8::float8[], $9::float8[], $10::jsonb[], $11::text[], $12::text[], "
        "$13::bool[], $14::text[]) as n(id, a, b, weight, probability, because, sentence, guard, money, state) "
        "on conflict (workspace_id, id) do update set weight = excluded.weight, probability = excluded.probability, "
        "because = excluded.because, sentence = excluded.sentence, guard = excluded.guard, money = excluded.money, "
        "state = excluded.state, actor = excluded.actor, model_version = excluded.model_version, decided_at = excluded.decided_at "
        "where p.state in ('open', 'stale', 'auto')",
        tx.workspace_id, kind, version, at, *(list(column) for column in zip(*rows, strict=True)),
    )  # fmt: skip


def _stripped(lines: Sequence[Line]) -> dict[str, Any]:
    """The lines without what the records say."""
    told = [{"field": s.field, "verdict": s.verdict, "weight": s.weight, "sentence": s.sentence} for s in lines]
    return {"lines": told}


async def page(tx: Tx, state: str, kind: str | None, after: tuple[float, UUID] | None, limit: int) -> list[Proposal]:
    """Proposals of a state, the likeliest first."""
    rows = await tx.rows(
        f"select {_COLUMNS} from proposal where workspace_id = $1 and state = $2 and ($3::text is null or kind = $3) "
        "and ($4::float8 is null or (weight, id) < ($4::float8, $5::uuid)) order by weight desc, id desc limit $6",
        tx.workspace_id, state, kind, after[0] if after else None, after[1] if after else None, limit,
    )  # fmt: skip
    return await _whole(tx, rows)


async def count(tx: Tx, state: str, kind: str | None) -> int:
    """How many proposals of a state there are."""
    found: int = await tx.value(
        "select count(*) from proposal where workspace_id = $1 and state = $2 and ($3::text is null or kind = $3)",
        tx.workspace_id, state, kind,
    )  # fmt: skip
    return found


async def one(tx: Tx, ident: UUID, *, locked: bool = False) -> Proposal | None:
    """A proposal by its id; `locked` until the transaction ends, so that two people do not answer it at once."""
    held = " for update" if locked else ""
    rows = await tx.rows(
        f"select {_COLUMNS} from proposal where workspace_id = $1 and id = $2{held}", tx.workspace_id, ident
    )
    found = await _whole(tx, rows)
    return found[0] if found else None


async def decide(tx: Tx, ident: UUID, state: State, actor: str, reason: str, at: datetime) -> None:
    """Put an answer down."""
    await tx.run(
        "update proposal set state = $3, actor = $4, reason = $5, decided_at = $6 where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, state, actor, reason, at,
    )  # fmt: skip


async def close_stale(tx: Tx, at: datetime) -> int:
    """Close the open questions that answered themselves: both records are of one entity by now, or one of them is gone."""
    return await tx.run(
        "update proposal as p set state = 'stale', decided_at = $2 where p.workspace_id = $1 and p.state = 'open' and ("
        "not exists (select 1 from record r where r.workspace_id = p.workspace_id and r.id = p.a) "
        "or not exists (select 1 from record r where r.workspace_id = p.workspace_id and r.id = p.b) "
        "or exists (select 1 from record x join record y on y.workspace_id = x.workspace_id and y.entity_id = x.entity_id "
        "where x.workspace_id = p.workspace_id and x.id = p.a and y.id = p.b))",
        tx.workspace_id, at,
    )  # fmt: skip


async def close_unproposed(tx: Tx, kind: str, still: Collection[UUID], at: datetime) -> int:
    """Close open questions a complete pass no longer asks."""
    return await tx.run(
        "update proposal set state = 'stale', decided_at = $4 where workspace_id = $1 and kind = $2 and state = 'open' "
        "and not (id = any($3::uuid[]))",
        tx.workspace_id, kind, list(still), at,
    )  # fmt: skip


async def labels(tx: Tx, kind: str) -> list[tuple[float, bool]]:
    """Every answer of a person: the weight the question had, and whether it was accepted."""
    rows = await tx.rows(
        "select weight, state from proposal where workspace_id = $1 and kind = $2 and state in ('accepted', 'rejected') "
        "order by decided_at, id",
        tx.workspace_id, kind,
    )  # fmt: skip
    return [(r["weight"], r["state"] == "accepted") for r in rows]


async def _whole(tx: Tx, rows: Sequence[Row]) -> list[Proposal]:
    sides = await _sides(tx, {i for r in rows for i in (r["a"], r["b"])})
    found = []
    for r in rows:
        a, b = sides.get(r["a"]), sides.get(r["b"])
        if a is None or b is None:  # erased meanwhile; the next pass closes the question
            continue
        words_a, words_b = _words(a), _words(b)
        because = tuple(
            Line(s["field"], shown(s["field"], words_a), shown(s["field"], words_b), s["verdict"], s["weight"], s["sentence"])
            for s in r["because"]["lines"]
        )  # fmt: skip
        found.append(Proposal(**{**dict(r), "a": a, "b": b, "because": because}))
    return found


async def _sides(tx: Tx, ids: Collection[int]) -> dict[int, Side]:
    rows = await tx.rows(
        "select r.id, r.entity_id, r.source, r.ext_id, r.traits, r.first_seen_at, (select count(*) from record m "
        "where m.workspace_id = r.workspace_id and m.entity_id = r.entity_id) as records "
        "from record r where r.workspace_id = $1 and r.id = any($2::bigint[])",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {r["id"]: Side(**{**dict(r), "traits": {name: t["v"] for name, t in r["traits"].items()}}) for r in rows}


def _words(side: Side) -> Mapping[str, Any]:
    company = next((side.traits[n] for n in ("company", "company_name", "organization") if side.traits.get(n)), None)
    return side.traits | {"source": side.source, "company": company}
