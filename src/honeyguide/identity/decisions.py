"""What people decide: these are one, these are two. Written to the log, so that a replay decides the same.

Nothing changes until the road has read the event. A link joins whatever limits and money say, because a person said
it; a separation is never joined across by anything but a later link over the same pair.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Row, Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.identity import guard_rows
from honeyguide.identity.assembly import Pair, pair
from honeyguide.identity.evidence import LINKED, SEPARATED, Decision
from honeyguide.identity.records import members

# A decision about more pairs than this is no decision of a person.
_MOST_PAIRS = 2_500
_PAIRS_PER_EVENT = 500


async def link(tx: Tx, record_ids: Iterable[int], actor: str, reason: str) -> UUID:
    """Say that these records are one person (or company); the event's id. It also lifts separations between their entities.

    Raises BadInput for fewer than two records or records of different kinds, NotFound for ids that are no records.
    """
    ids = list(dict.fromkeys(record_ids))
    if len(ids) < 2:
        raise BadInput("A link needs two different records.")
    rows = await _records(tx, ids)
    pairs = {pair(ids[0], other) for other in ids[1:]}
    held = await members(tx, {r["entity_id"] for r in rows})
    inside = {r for records in held.values() for r in records}
    standing = await guard_rows.decisions_about(tx, inside)
    for p, decision in guard_rows.effective(standing).items():
        if decision.verdict == "separated" and inside.issuperset(p):
            pairs.add(p)
    return await _append(tx, LINKED, pairs, standing, actor, reason)


async def separate(tx: Tx, record_ids_a: Iterable[int], record_ids_b: Iterable[int], actor: str, reason: str) -> UUID:
    """Say that the first records are another person (or company) than the second ones; the event's id.

    Raises BadInput when a side is empty, both share a record or kinds differ, NotFound for ids that are no records.
    """
    a, b = sorted(set(record_ids_a)), sorted(set(record_ids_b))
    if not a or not b or set(a) & set(b):
        raise BadInput("A separation needs two groups of records that share none.")
    await _records(tx, [*a, *b])
    pairs = {pair(x, y) for x, y in product(a, b)}
    return await _append(tx, SEPARATED, pairs, await guard_rows.decisions_about(tx, a), actor, reason)


async def link_pairs(tx: Tx, pairs: Iterable[Pair], actor: str, reason: str) -> list[UUID]:
    """Say of many pairs of records that each is one person (or company), a few hundred per event; the events' ids.

    For what decides in bulk and has looked at separations and money itself: a separation of the same pair stands.
    """
    wanted = sorted({pair(a, b) for a, b in pairs})
    events = []
    for start in range(0, len(wanted), _PAIRS_PER_EVENT):
        some = set(wanted[start : start + _PAIRS_PER_EVENT])
        standing = await guard_rows.decisions_about(tx, {r for p in some for r in p})
        some -= {p for p, d in guard_rows.effective(standing).items() if d.verdict == "separated"}
        if some:
            events.append(await _append(tx, LINKED, some, standing, actor, reason))
    return events


async def _records(tx: Tx, ids: Sequence[int]) -> list[Row]:
    found = await tx.rows(
        "select id, kind, entity_id from record where workspace_id = $1 and id = any($2::bigint[])",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    if len(found) < len(ids):
        raise NotFound("There is no such record in this workspace.")
    if len({r["kind"] for r in found}) > 1:
        raise BadInput("A person and a company cannot be one.")
    return found


async def _append(tx: Tx, kind: str, pairs: set[Pair], standing: Sequence[Decision], actor: str, reason: str) -> UUID:
    if len(pairs) > _MOST_PAIRS:
        raise BadInput(
            f"This decides about {len(pairs)} pairs of records at once.", f"At most {_MOST_PAIRS} are taken."
        )
    source = await internal_source(tx)
    event = own_event(
        f"{kind}:{new_id()}", kind, _after(standing, pairs), ref=f"Decision of {actor}",
        props={"pairs": [[str(a), str(b)] for a, b in sorted(pairs)], "actor": actor[:200], "reason": reason[:2_000]},
    )  # fmt: skip
    (outcome,) = await append(tx, source, [event])
    if outcome.event_id is None:
        raise RuntimeError("a decision did not reach the log")
    return outcome.event_id


def _after(standing: Sequence[Decision], pairs: set[Pair]) -> datetime:
    """Now, or just after the latest decision about the same pairs: a clock that stood still must not undo an undo."""
    earlier = [d.at for d in standing if (d.a, d.b) in pairs]
    return max([clock.now(), *(at + timedelta(microseconds=1) for at in earlier)])
