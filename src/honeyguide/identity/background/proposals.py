"""The review queue: what the pass asks, and what people answer. Answers are events of the log and labels of the model."""

from uuid import UUID

from honeyguide.core import clock
from honeyguide.core.errors import Conflict, NotFound
from honeyguide.db import Tx
from honeyguide.identity.background import proposal_rows
from honeyguide.identity.background.proposal_rows import Proposal
from honeyguide.identity.decisions import link, separate
from honeyguide.identity.records import members


async def proposals(
    tx: Tx, state: str = "open", kind: str | None = None, after: tuple[float, UUID] | None = None, limit: int = 50
) -> list[Proposal]:
    """Proposals of a state (open, accepted, rejected, auto, stale), the likeliest first; `after`: (weight, id) of the last seen."""
    return await proposal_rows.page(tx, state, kind, after, limit)


async def count_proposals(tx: Tx, state: str = "open", kind: str | None = None) -> int:
    """How many there are."""
    return await proposal_rows.count(tx, state, kind)


async def proposal(tx: Tx, ident: UUID) -> Proposal:
    """One proposal. Raises NotFound."""
    found = await proposal_rows.one(tx, ident)
    if found is None:
        raise NotFound("There is no such proposal in this workspace.")
    return found


async def accept(tx: Tx, ident: UUID, actor: str, reason: str = "") -> tuple[Proposal, UUID]:
    """Say that the two are one: the proposal, and the event that joins them (the road, or `carry`, takes it in).

    Raises NotFound, or Conflict when it was answered already.
    """
    found = await _open(tx, ident)
    event = await link(tx, [found.a.id, found.b.id], actor, reason or found.sentence)
    await proposal_rows.decide(tx, ident, "accepted", actor, reason, clock.now())
    return await proposal(tx, ident), event


async def reject(tx: Tx, ident: UUID, actor: str, reason: str = "") -> tuple[Proposal, UUID]:
    """Say that the two are not one, with all their records: the proposal, and the event that keeps them apart.

    Raises NotFound, or Conflict when it was answered already.
    """
    found = await _open(tx, ident)
    held = await members(tx, [found.a.entity_id, found.b.entity_id])
    mine, theirs = held[found.a.entity_id], held[found.b.entity_id]
    if found.a.entity_id == found.b.entity_id:  # joined meanwhile by something else: they are told apart by these two
        mine, theirs = [found.a.id], [found.b.id]
    event = await separate(tx, mine, theirs, actor, reason or "Not the same.")
    await proposal_rows.decide(tx, ident, "rejected", actor, reason, clock.now())
    return await proposal(tx, ident), event


async def _open(tx: Tx, ident: UUID) -> Proposal:
    found = await proposal_rows.one(tx, ident, locked=True)
    if found is None:
        raise NotFound("There is no such proposal in this workspace.")
    if found.state != "open":
        raise Conflict(
            f"This was answered already: {found.state}.", f"By {found.actor or 'the records themselves'}.",
            advice="Join or separate them on the page of the persona or company.",
        )  # fmt: skip
    return found
