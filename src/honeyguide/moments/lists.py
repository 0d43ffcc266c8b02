"""Lists of moments for people: by kind, persona, company and state, newest first, with a position to read on from."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.moments import tables
from honeyguide.moments.reading import COLUMNS, StoredMoment, resolved

State = Literal["open", "over", "disputed"]
STATES: tuple[str, ...] = get_args(State)
_FROM = """
from moment m
join record r on r.workspace_id = m.workspace_id and r.id = m.record_id
left join record c on c.workspace_id = m.workspace_id and c.id = m.company_record_id
left join moment_label l on l.workspace_id = m.workspace_id and l.moment_id = m.id and l.true_moment = false
where m.workspace_id = $1 and m.occurred_at <= $2
  and ($3 = '' or m.kind = $3)
  and ($4::bigint[] is null or m.record_id = any($4))
  and ($5::bigint[] is null or m.company_record_id = any($5) or m.record_id = any($5))
  and ($6 = '' or ($6 = 'disputed' and l.moment_id is not null)
       or ($6 = 'open' and l.moment_id is null and m.window_ends_at > $2)
       or ($6 = 'over' and l.moment_id is null and m.window_ends_at <= $2))
"""


class Filter(Struct, frozen=True):
    """Which moments: empty or None is all. `persona` and `company` are entity ids."""

    kind: str = ""
    persona: int | None = None
    company: int | None = None
    state: str = ""


async def listed(
    tx: Tx, wanted: Filter, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[StoredMoment]:
    """Moments that have come by `now`, newest first; `after` reads on behind (time, id)."""
    at, ident = after or (None, None)
    rows = await tx.rows(
        f"""
        select {COLUMNS}, r.entity_id, r.kind as record_kind, c.entity_id as company_entity {_FROM}
          and ($7::timestamptz is null or (m.occurred_at, m.id) < ($7, $8::uuid))
        order by m.occurred_at desc, m.id desc limit $9
        """,
        *await _arguments(tx, wanted, now),
        at,
        ident,
        limit,
    )
    return await resolved(tx, rows, now)


async def count(tx: Tx, wanted: Filter, now: datetime) -> int:
    """How many there are."""
    found: int = await tx.value(f"select count(*) {_FROM}", *await _arguments(tx, wanted, now))
    return found


async def _arguments(tx: Tx, wanted: Filter, now: datetime) -> tuple[Any, ...]:
    entities = [i for i in (wanted.persona, wanted.company) if i is not None]
    records = await tables.siblings(tx, entities) if entities else {}
    persona, company = (None if i is None else records.get(i, []) for i in (wanted.persona, wanted.company))
    return (tx.workspace_id, now, wanted.kind, persona, company, wanted.state)
