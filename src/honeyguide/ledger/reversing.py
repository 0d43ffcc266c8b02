"""Taking back: whole or in part, before or after the payout, under the permanent key of what says so."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Tx, audit
from honeyguide.ledger import reversal_rows, tables
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.accounts import Account, Draft, Line
from honeyguide.ledger.issuing import SYSTEM
from honeyguide.ledger.post import post_all
from honeyguide.ledger.rewards import MEMOS, locked, reward
from honeyguide.ledger.states import STANDS_IN, UNPAID, Reward

_MOST_KEY = 200
_VOID = "@void"  # keys that begin so are ours


class Reversal(Struct, frozen=True):
    """What was taken back of a reward under a key: `clawed_minor` of `taken_minor` is owed by the advocate.

    `repeated` when the key had been used before and nothing happened now.
    """

    reward: Reward
    key: str
    taken_minor: int
    clawed_minor: int
    repeated: bool


async def reverse_reward(
    tx: Tx, reward_id: UUID, minor: int | None, key: str, reason: str, actor: str, at: datetime
) -> Reversal:
    """Take back `minor` of a reward, or with None all that is left, in any state; never more than is left of it.

    Before the payout the money returns to where it came from. In a payout or after it, what was sent is not called
    back: the advocate owes it, and the next payout keeps it back. The same `key` again changes nothing; with another
    amount it raises Conflict. Raises BadInput without a reason or key or on an amount of nothing, NotFound.
    """
    if not reason.strip():
        raise BadInput("Taking back a reward needs a reason.", "The advocate will read it.")
    if not key.strip() or key.startswith("@") or len(key) > _MOST_KEY or (minor is not None and minor <= 0):
        raise BadInput(f"Taking back a reward needs a key of 1 to {_MOST_KEY} characters, and an amount over nothing.")
    found = await locked(tx, reward_id)
    known = await reversal_rows.by_key(tx, reward_id, key)
    if known is not None:
        if known["asked_minor"] != minor:
            raise Conflict(
                f"The key {key} took back something else of this reward.", "It is used once.", code="key_reused"
            )
        return Reversal(found, key, known["taken_minor"], known["clawed_minor"], repeated=True)
    return await _take(tx, found, minor, key, reason.strip(), actor, at, "reversed")


async def void_reward(tx: Tx, reward_id: UUID, actor: str, reason: str, now: datetime) -> Reward:
    """Take back the whole of a reward that is not in a payout or paid. A reward that is gone already stays as it is.

    Raises BadInput without a reason, Conflict when it is in a payout or paid (`reverse_reward` takes those back).
    """
    if not reason.strip():
        raise BadInput("Voiding a reward needs a reason.", "The advocate will read it.")
    found = await locked(tx, reward_id)
    if found.state in ("reversed", "expired", "capped") or await reversal_rows.by_key(tx, reward_id, _VOID):
        return found
    if found.state not in UNPAID:
        raise Conflict(
            "The reward cannot be voided.",
            "It was paid." if found.state == "paid" else "It is in a payout.",
            advice="" if found.state == "paid" else "Cancel the payout first.",
            code="not_voidable",
        )
    return (await _take(tx, found, None, _VOID, reason.strip(), actor, now, "reversed")).reward


async def expire(tx: Tx, found: Reward, now: datetime) -> None:
    """A locked, unpaid reward was not claimed in time: its money returns to where it came from."""
    await _take(tx, found, None, "@expired", "It was not claimed in time.", SYSTEM, now, "expired")


async def _take(
    tx: Tx, found: Reward, minor: int | None, key: str, reason: str, actor: str, at: datetime, final: str
) -> Reversal:
    taken = found.net_minor if minor is None else min(minor, found.net_minor)
    clawed = 0 if found.state in UNPAID else taken
    if taken:
        await post_all(tx, [await _back(tx, found, key, taken, clawed, final)], at)
    left = found.amount_minor - taken + clawed
    state = found.state
    if found.state in UNPAID and not left and (taken or minor is None):
        state = final
    elif found.state == "paid" and taken and taken == found.net_minor:
        state = "reversed"
    after = replace(
        found, state=state, amount_minor=left, reversed_minor=found.reversed_minor + taken,
        clawed_minor=found.clawed_minor + clawed,
    )  # fmt: skip
    await reversal_rows.insert(tx, found.id, key, minor, taken, clawed, reason, actor, at)
    await rows.save(tx, [after])
    await rows.insert_moves(tx, [rows.Step(found.id, found.state, state, actor, reason, at)])
    await audit.write(
        tx, actor, f"reward.{final}", f"reward:{found.id}",
        {"reason": reason, "key": key, "taken_minor": taken, "owed_minor": clawed},
    )  # fmt: skip
    return Reversal(await reward(tx, found.id), key, taken, clawed, repeated=False)


async def _back(tx: Tx, found: Reward, key: str, taken: int, clawed: int, final: str) -> Draft:
    """The issue transfer turned round for this much, out of the account the money stands in now, or out of what is owed."""
    name = f"reward:{found.id}:issue"
    issue = (await tables.transfers_by_key(tx, [name]))[name]
    out = Account("owed" if clawed else STANDS_IN[found.state], f"advocate:{found.advocate_id}", found.currency)
    lines = [Line(out, -taken)]
    lines += [
        Line(line.account, taken if line.amount_minor < 0 else -taken)
        for line in issue.lines
        if line.account.kind != "held"
    ]
    kind = "reward.owed" if clawed else f"reward.{final}"
    step = "void" if key == _VOID else f"back:{key}"
    whole = taken == found.issued_minor and not clawed
    return Draft(f"reward:{found.id}:{step}", kind, MEMOS[kind], tuple(lines), reversal_of=issue.id if whole else None)


async def owed(tx: Tx, advocate_id: UUID, currency: str) -> int:
    """What an advocate was paid and has to give back, in minor units (never below zero)."""
    return -await tables.balance_of(tx, Account("owed", f"advocate:{advocate_id}", currency))


async def open_dispute(tx: Tx, reward_id: UUID, key: str, reason: str, actor: str, at: datetime) -> Reward:
    """Somebody disputes what the reward is for: until that is closed it is neither approved nor paid, nor does it expire.

    The same key again changes nothing. Raises BadInput without a reason or key, NotFound.
    """
    if not reason.strip() or not key.strip():
        raise BadInput("A dispute needs a reason and a key.")
    found = await locked(tx, reward_id)
    if not await reversal_rows.insert_dispute(tx, reward_id, key, reason.strip(), actor, at):
        return found
    await rows.save(tx, [replace(found, disputed=True)])
    await rows.insert_moves(
        tx, [rows.Step(found.id, found.state, found.state, actor, f"Disputed: {reason.strip()}", at)]
    )
    await audit.write(tx, actor, "reward.disputed", f"reward:{reward_id}", {"reason": reason.strip(), "key": key})
    return await reward(tx, reward_id)


class Dispute(Struct, frozen=True):
    """A dispute of a reward; `outcome` is None while it is open. `key` is its permanent name."""

    key: str
    reason: str
    opened_by: str
    opened_at: datetime
    outcome: str | None
    closed_by: str | None
    closed_at: datetime | None


async def disputes(tx: Tx, reward_id: UUID) -> list[Dispute]:
    """Every dispute of a reward, oldest first, wherever it was opened. Raises NotFound without the reward."""
    await reward(tx, reward_id)
    return [Dispute(**dict(r)) for r in await reversal_rows.disputes(tx, reward_id)]


async def close_dispute(tx: Tx, reward_id: UUID, key: str, outcome: str, actor: str, at: datetime) -> Reward:
    """`won`: the sale stands and the reward goes on as it was. `lost`: what is left of it is taken back.

    The same outcome again changes nothing. Raises Conflict on the other one, BadInput on an unknown dispute or outcome.
    """
    if outcome not in ("won", "lost"):
        raise BadInput("A dispute is won or lost.")
    found = await locked(tx, reward_id)
    known = await reversal_rows.dispute(tx, reward_id, key)
    if known is None:
        raise BadInput(f"There is no dispute {key} of this reward.")
    if known["outcome"] is not None:
        if known["outcome"] != outcome:
            raise Conflict(f"The dispute was closed as {known['outcome']}.", code="dispute_closed")
        return found
    await reversal_rows.end_dispute(tx, reward_id, key, outcome, actor, at)
    calm = replace(found, disputed=await reversal_rows.disputed(tx, reward_id))
    await rows.save(tx, [calm])
    said = f"The dispute was {outcome}: {known['reason']}"
    await rows.insert_moves(tx, [rows.Step(found.id, found.state, found.state, actor, said, at)])
    await audit.write(tx, actor, "reward.dispute_closed", f"reward:{reward_id}", {"outcome": outcome, "key": key})
    if outcome == "lost":
        await _take(tx, calm, None, f"@dispute:{key}", said, actor, at, "reversed")
    return await reward(tx, reward_id)
