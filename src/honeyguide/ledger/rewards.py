"""Rewards on their way: approved by a second person, payable when the hold is over, looked at again, claimed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from honeyguide.core import clock
from honeyguide.core.errors import Conflict, Forbidden, NotFound
from honeyguide.db import Tx, audit
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.accounts import Account, Draft, Line
from honeyguide.ledger.issuing import SYSTEM
from honeyguide.ledger.post import post_all
from honeyguide.ledger.states import Reward, why_not_approve, why_not_person


def moves(rewards: Sequence[Reward], step: str, kind: str, source: str, target: str) -> list[Draft]:
    """One transfer per reward with money: its whole amount from one of the advocate's accounts to another."""
    return [
        Draft(
            f"reward:{r.id}:{step}",
            kind,
            MEMOS.get(kind, ""),
            (
                Line(Account(source, f"advocate:{r.advocate_id}", r.currency), -r.amount_minor),
                Line(Account(target, f"advocate:{r.advocate_id}", r.currency), r.amount_minor),
            ),
        )
        for r in rewards
        if r.amount_minor
    ]


# What stands beside a transfer. The books name accounts only: a reason, which may name a person, stands with the reward.
MEMOS = {
    "reward.approved": "A reward was approved.", "payout.requested": "A reward went into a payout.",
    "payout.paid": "A payout was paid.", "payout.cancelled": "A payout was cancelled.",
    "payout.refused": "A payment was refused.", "payout.returned": "A payment came back.",
    "reward.reversed": "A reward was taken back.", "reward.owed": "A reward that was paid was taken back: it is owed.",
    "reward.expired": "A reward was not claimed in time.", "reward.set_off": "A reward was set off against what is owed.",
}  # fmt: skip


async def reward(tx: Tx, reward_id: UUID) -> Reward:
    """One reward. Raises NotFound."""
    found = await rows.rewards_by_id(tx, [reward_id])
    if not found:
        raise NotFound("There is no such reward.")
    return found[0]


async def locked(tx: Tx, reward_id: UUID) -> Reward:
    """One reward, its row locked until the transaction ends. Raises NotFound."""
    found = await rows.rewards_by_id(tx, [reward_id], lock=True)
    if not found:
        raise NotFound("There is no such reward.")
    return found[0]


async def rewards(
    tx: Tx, state: str | None = None, after: str | None = None, limit: int = 50, *, advocate_id: UUID | None = None
) -> list[Reward]:
    """Rewards, newest first; `after` is the last one's id. The state `disputed` is any with an open dispute."""
    return await rows.rewards_page(tx, state, UUID(after) if after else None, limit, advocate_id)


async def rewards_of_conversion(tx: Tx, conversion_id: UUID) -> list[Reward]:
    """The rewards a conversion earned, oldest first."""
    return await rows.rewards_of_conversion(tx, conversion_id)


async def history(tx: Tx, reward_id: UUID, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """Every move of a reward with who and why, oldest first, from behind number `after`."""
    return await rows.moves_of(tx, reward_id, after, limit)


async def approve_reward(
    tx: Tx, reward_id: UUID, actor: str, now: datetime, *, reason: str = "", asked_by: str | None = None,
    keep_hold: bool = False,
) -> Reward:  # fmt: skip
    """Held or in review -> approved by `actor` (an operator's e-mail), and payable when no hold runs.

    `reason` lifts the hold and a review, never the second-person rule; with `keep_hold` the hold runs on. `asked_by`
    overrides who approved the ask when the reward does not know. Approving again what one approved oneself changes
    nothing. Raises Forbidden for the wrong person, Conflict in another state or on hold, NotFound.
    """
    found = await locked(tx, reward_id)
    if found.state in ("approved", "payable") and found.approved_by == actor:
        return found
    asked = replace(found, asked_by=asked_by) if asked_by and not found.asked_by else found
    if found.state in ("held", "review") and (person := why_not_person(asked, actor)):
        raise Forbidden("You cannot approve this reward.", person)
    if refusal := why_not_approve(asked, actor, now, reason, keep_hold=keep_hold):
        raise Conflict("The reward cannot be approved now.", refusal, code="not_approvable")
    waits = keep_hold and now < found.hold_until
    steps = [rows.Step(found.id, found.state, "approved", actor, reason.strip(), now)]
    if not waits:
        why = "The hold is over." if now >= found.hold_until else "A reason lifted the hold."
        steps.append(rows.Step(found.id, "approved", "payable", actor, why, now))
    await post_all(tx, moves([found], "approve", "reward.approved", "held", "available"), now)
    done = replace(found, state="approved" if waits else "payable", approved_by=actor, approved_at=now)
    await rows.save(tx, [done])
    await rows.insert_moves(tx, steps)
    await audit.write(tx, actor, "reward.approved", f"reward:{reward_id}", {"reason": reason.strip()})
    return await reward(tx, reward_id)


async def ask_for_review(tx: Tx, reward_id: UUID, review: str, now: datetime | None = None) -> None:
    """Note why a person must look before a reward is approved, or with an empty text that it is settled.

    Nothing happens once it is approved.
    """
    found = await locked(tx, reward_id)
    if found.state not in ("pending", "held", "review") or found.review == review:
        return
    state = "pending" if found.state == "pending" else "review" if review else "held"
    await rows.save(tx, [replace(found, state=state, review=review)])
    if state != found.state:
        await rows.insert_moves(tx, [rows.Step(found.id, found.state, state, SYSTEM, review, now or clock.now())])
    await audit.write(tx, SYSTEM, "reward.review", f"reward:{reward_id}", {"review": review})


async def condition_met(tx: Tx, reward_id: UUID, actor: str, reason: str, now: datetime) -> Reward:
    """The condition a pending reward waits for is met; a part that is not due yet goes on waiting. Repeats change nothing."""
    found = await locked(tx, reward_id)
    if found.state != "pending" or not found.pending_for:
        return found
    met = replace(found, pending_for="")
    await rows.save(tx, [met])
    await rows.insert_moves(tx, [rows.Step(found.id, "pending", "pending", actor, reason, now)])
    await audit.write(tx, actor, "reward.condition_met", f"reward:{reward_id}", {"reason": reason})
    if met.pending_until is None or met.pending_until <= now:
        await due(tx, [met], actor, now)
    return await reward(tx, reward_id)


async def claim_reward(tx: Tx, reward_id: UUID, actor: str, now: datetime) -> Reward:
    """The advocate claims it: it no longer expires. Claiming again changes nothing. Raises Conflict when it is too late."""
    found = await locked(tx, reward_id)
    if found.claimed_at is not None:
        return found
    if found.state in ("reversed", "expired", "capped"):
        raise Conflict("The reward cannot be claimed.", f"It is {found.state}.", code="not_claimable")
    await rows.save(tx, [replace(found, claimed_at=now)])
    await rows.insert_moves(tx, [rows.Step(found.id, found.state, found.state, actor, "Claimed.", now)])
    await audit.write(tx, actor, "reward.claimed", f"reward:{reward_id}")
    return await reward(tx, reward_id)


async def due(tx: Tx, found: Sequence[Reward], actor: str, now: datetime) -> None:
    """Locked pending rewards wait no more: their hold or review begins."""
    after = [replace(r, state="review" if r.review else "held") for r in found]
    await rows.save(tx, after)
    await rows.insert_moves(
        tx, [rows.Step(r.id, "pending", a.state, actor, "It is due.", now) for r, a in zip(found, after, strict=True)]
    )


async def ripen(tx: Tx, found: Sequence[Reward], now: datetime) -> list[Reward]:
    """Locked rewards; those that are approved and whose hold is over are payable from now on."""
    ripe = [r for r in found if r.state == "approved" and r.hold_until <= now and not r.disputed]
    if not ripe:
        return list(found)
    await rows.save(tx, [replace(r, state="payable") for r in ripe])
    await rows.insert_moves(
        tx, [rows.Step(r.id, "approved", "payable", SYSTEM, "The hold is over.", now) for r in ripe]
    )
    ids = {r.id for r in ripe}
    return [replace(r, state="payable") if r.id in ids else r for r in found]
