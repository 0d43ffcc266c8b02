"""What people say about edges: this is so, this is not so, it is that one. Written to the log, so that a replay says the same.

Nothing changes until the road has read the event; `facts` then makes it an assertion of `person:review`. The latest verdict
about an edge counts, and outweighs what all machines say together (`beliefs.weigh`). A verdict can be taken back: the one
before it then counts again.
"""
# ruff: noqa: PT028  # testify is no test

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import new_id
from honeyguide.core.terms import RecordRef
from honeyguide.db import Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.graph import tables
from honeyguide.graph.beliefs import PERSON, Assertion, standing
from honeyguide.graph.extensions import vocabulary
from honeyguide.graph.nodes import nodes
from honeyguide.graph.vocabulary import EdgeKind

Verdict = Literal["confirm", "refute", "correct", "withdraw"]
EVENTS: dict[str, str] = {
    "confirm": "edge.confirmed", "refute": "edge.refuted", "correct": "edge.corrected", "withdraw": "edge.withdrawn",
}  # fmt: skip


async def testify(
    tx: Tx, kind: int, src: int, dst: int, verdict: Verdict, actor: str, note: str = "", *,
    corrected_dst: int | None = None, of: UUID | None = None,
) -> UUID:  # fmt: skip
    """Say that an edge holds, does not, leads elsewhere (`corrected_dst`), or take such a verdict back; the event's id.

    `of`: the verdict that is withdrawn, by its event's id; without it the one that stands. It may be withdrawn before the
    road has read it: then give the `corrected_dst` of a correction again. Raises BadInput for verdicts that make no sense,
    NotFound for edges, nodes and verdicts that are not there.
    """
    if verdict not in EVENTS:
        raise BadInput(f"{verdict!r} is no verdict.", f"There are {', '.join(get_args(Verdict))}.")
    known = (await vocabulary(tx)).edge_name.get(kind)
    if known is None:
        raise NotFound(f"There is no edge kind {kind}.")
    entity = await identity.resolve(tx, [i for i in (src, dst, corrected_dst) if i is not None])
    src, dst = entity[src], entity[dst]
    corrected = None if corrected_dst is None else entity[corrected_dst]
    said = await _said(tx, [(kind, src, d) for d in (dst, corrected) if d is not None])
    if verdict == "withdraw":
        of, corrected = _withdrawn(said[kind, src, dst], of, corrected)
    else:
        of = None
        await _check(tx, kind, src, dst, corrected, correcting=verdict == "correct")
    ends = [i for i in (src, dst, corrected) if i is not None]
    source = await internal_source(tx)
    event = own_event(
        f"{EVENTS[verdict]}:{new_id()}", EVENTS[verdict], _after(a for found in said.values() for a in found),
        ref=f"Review of {actor[:200]}", others=await _records(tx, ends),
        props={
            "edge": known, "code": kind, "src": str(src), "dst": str(dst), "actor": actor[:200], "note": note[:2_000],
            "corrected_dst": None if corrected is None else str(corrected), "of": None if of is None else str(of),
        },
    )  # fmt: skip
    (outcome,) = await append(tx, source, [event])
    if outcome.event_id is None:
        raise NotFound("The log does not take this verdict.", "Somebody it is about may have been erased.")
    return outcome.event_id


async def _said(tx: Tx, keys: list[tuple[int, int, int]]) -> dict[tuple[int, int, int], list[Assertion]]:
    """What people said about these edges so far, as far as the road has read it."""
    members = await identity.members(tx, {i for _, src, dst in keys for i in (src, dst)})
    found: dict[tuple[int, int, int], list[Assertion]] = {}
    for key in keys:
        between = [(key[0], s, d) for s in members[key[1]] for d in members[key[2]]]
        found[key] = [a for a in await tables.assertions_between(tx, between) if a.inferrer == PERSON]
    return found


def _withdrawn(said: list[Assertion], of: UUID | None, corrected: int | None) -> tuple[UUID, int | None]:
    """Which verdict is taken back, and where it said the edge leads."""
    if of is None:
        stands = standing(said)
        if stands is None or stands.event_id is None:
            raise NotFound("Nobody has said anything about this edge that could be taken back.")
        of = stands.event_id
    told = next((a.detail.get("elsewhere") for a in said if a.event_id == of and a.detail.get("elsewhere")), None)
    return of, corrected if told is None else int(told)


async def _check(tx: Tx, kind: int, src: int, dst: int, corrected: int | None, *, correcting: bool) -> None:
    if correcting is (corrected is None) or corrected in (src, dst):
        raise BadInput("A correction, and only that, names another node the edge leads to.")
    if not await tables.edge_is_there(tx, (kind, src, dst)):
        raise NotFound("There is no such edge.")
    if corrected is not None:
        node = (await nodes(tx, (corrected,))).get(corrected)
        if node is None:
            raise NotFound("The node the edge should lead to is not there.")
        _fits((await vocabulary(tx)).edges, kind, node.kind)


def _fits(edges: dict[str, EdgeKind], code: int, target: str) -> None:
    edge = next(e for e in edges.values() if e.code == code)
    if edge.target and target not in edge.target:
        raise BadInput(f"{edge.name} leads to {' or '.join(edge.target)}, not to a {target}.")


async def _records(tx: Tx, ids: Iterable[int]) -> tuple[RecordRef, ...]:
    """The people and companies a verdict is about, by their records: erasing one of them empties the event, too."""
    found = []
    for ident in dict.fromkeys(ids):
        record = next((r for r in await identity.records_of(tx, ident) if r.id == ident), None)
        if record is not None:
            found.append(RecordRef(record.kind, record.source, record.ext_id))
    return tuple(found)


def _after(said: Iterable[Assertion]) -> datetime:
    """Now, or just after the latest verdict about the same edge: a clock that stood still must not undo an undo."""
    return max([clock.now(), *(a.valid_from + timedelta(microseconds=1) for a in said)])
