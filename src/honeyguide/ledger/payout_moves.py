"""Rewards into a payout, out of it and through it: what is owed is kept back, what came back is payable again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from honeyguide.core.errors import Conflict
from honeyguide.db import Tx, audit
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import Account, Draft, Line
from honeyguide.ledger.post import post_all
from honeyguide.ledger.rewards import MEMOS, ripen
from honeyguide.ledger.states import STANDS_IN, Reward, why_not_payable


def check_payable(chosen: Sequence[Reward], now: datetime) -> None:
    """Raises Conflict with the reason when one of them cannot be put into a payout now."""
    for found in chosen:
        if why := why_not_payable(found, now):
            raise Conflict(
                f"The reward '{found.label}' of {found.advocate_name or found.advocate_id} cannot be paid out.",
                why,
                code="not_payable",
            )


async def into_payout(tx: Tx, chosen: Sequence[Reward], payout_id: UUID, actor: str, now: datetime) -> list[Reward]:
    """Put locked, payable rewards into a payout: available -> in_payout; what their advocates owe is kept back first.

    Returns them as they stand; the payout pays `pay_minor` of each. Raises Conflict when one is not payable, or
    nothing is left to pay; then nothing was posted.
    """
    check_payable(chosen, now)
    ripe = await ripen(tx, chosen, now)
    debts = await _debts(tx, ripe)
    after, drafts = [], []
    for found in ripe:
        owner = (found.advocate_id, found.currency)
        kept = min(found.amount_minor, debts.get(owner, 0))
        debts[owner] = debts.get(owner, 0) - kept
        after.append(replace(found, state="in_payout", payout_id=payout_id, netted_minor=kept))
        changes = {"available": -found.amount_minor, "in_payout": found.amount_minor - kept, "owed": kept}
        drafts.append(_draft(found, f"payout:{payout_id}", "payout.requested", changes))
    if not any(r.pay_minor for r in after):
        raise Conflict(
            "There is nothing to pay.", "These rewards are eaten by what their advocates owe.",
            advice="Settle what is owed instead.", code="nothing_to_pay",
        )  # fmt: skip
    await post_all(tx, drafts, now)
    await rows.save(tx, after)
    await rows.insert_moves(tx, [rows.Step(r.id, "payable", "in_payout", actor, "", now) for r in after])
    return after


async def pay_out(tx: Tx, inside: Sequence[Reward], payout_id: UUID, actor: str, proof: str, now: datetime) -> None:
    """The payout of these locked rewards was paid: in_payout -> paid. One that was taken back meanwhile is `reversed`."""
    paying = [r for r in inside if r.state == "in_payout"]
    drafts = [
        _draft(r, f"paid:{payout_id}", "payout.paid", {"in_payout": -r.pay_minor, "paid": r.pay_minor})
        for r in paying
        if r.pay_minor
    ]
    await post_all(tx, drafts, now)
    after = [replace(r, state="reversed" if r.issued_minor and not r.net_minor else "paid") for r in paying]
    await rows.save(tx, after)
    steps = [rows.Step(r.id, "in_payout", "paid", actor, proof, now) for r in paying]
    steps += [
        rows.Step(r.id, "paid", "reversed", actor, "It was taken back while it was in the payout.", now)
        for r in after
        if r.state == "reversed"
    ]
    await rows.insert_moves(tx, steps)


async def leave_payout(
    tx: Tx, inside: Sequence[Reward], payout_id: UUID, kind: str, actor: str, reason: str, now: datetime
) -> None:
    """The payout of these locked rewards came to nothing (cancelled, failed, sent back): their money is available again.

    What was kept back is owed again, and what was taken back of them meanwhile is settled at once. `kind` names the
    transfer (`payout.cancelled`).
    """
    debts = await _debts(tx, inside)
    after, drafts = [], []
    for found in inside:
        owner = (found.advocate_id, found.currency)
        settled = min(found.clawed_minor, debts.get(owner, 0) + found.netted_minor)
        debts[owner] = debts.get(owner, 0) + found.netted_minor - settled
        left = found.amount_minor - settled
        state = "payable" if left else "reversed"
        after.append(
            replace(
                found, state=state, payout_id=None, amount_minor=left, netted_minor=0,
                clawed_minor=found.clawed_minor - settled,
            )
        )  # fmt: skip
        # Taken back after it was paid: the money stands in `paid` all the same.
        changes = {
            STANDS_IN.get(found.state, "paid"): -found.pay_minor,
            "available": left,
            "owed": settled - found.netted_minor,
        }
        drafts.append(_draft(found, f"left:{payout_id}", kind, changes))
    await post_all(tx, drafts, now)
    await rows.save(tx, after)
    pairs = zip(inside, after, strict=True)
    await rows.insert_moves(tx, [rows.Step(r.id, r.state, a.state, actor, reason, now) for r, a in pairs])


async def settle_owed(tx: Tx, advocate_id: UUID, currency: str, actor: str, now: datetime) -> list[Reward]:
    """Set off payable rewards that are wholly eaten by what their advocate owes: no payout is made for them.

    Returns the rewards that are settled; a reward that is larger than the rest of the debt waits for its payout.
    """
    waiting = await rows.payable_of(tx, advocate_id, currency)
    debt = (await _debts(tx, waiting)).get((advocate_id, currency), 0)
    settled: list[Reward] = []
    for found in waiting:
        if found.amount_minor > debt:
            break
        debt -= found.amount_minor
        settled.append(found)
    drafts = [
        _draft(r, "set_off", "reward.set_off", {"available": -r.amount_minor, "owed": r.amount_minor}) for r in settled
    ]
    await post_all(tx, drafts, now)
    await rows.save(tx, [replace(r, state="paid", netted_minor=r.amount_minor) for r in settled])
    await rows.insert_moves(
        tx, [rows.Step(r.id, "payable", "paid", actor, "Set off against what is owed.", now) for r in settled]
    )
    for one in settled:
        await audit.write(tx, actor, "reward.set_off", f"reward:{one.id}", {"minor": one.amount_minor})
    return await rows.rewards_by_id(tx, [r.id for r in settled])


def _draft(found: Reward, step: str, kind: str, changes: dict[str, int]) -> Draft:
    """A transfer of a reward between its advocate's accounts; what does not change is left out."""
    owner = f"advocate:{found.advocate_id}"
    lines = tuple(Line(Account(name, owner, found.currency), minor) for name, minor in changes.items() if minor)
    return Draft(f"reward:{found.id}:{step}", kind, MEMOS.get(kind, ""), lines)


async def _debts(tx: Tx, found: Sequence[Reward]) -> dict[tuple[UUID, str], int]:
    """What the advocates of these rewards owe, under the locks of all their accounts that money may move between."""
    owners = sorted({(r.advocate_id, r.currency) for r in found}, key=str)
    wanted = [
        Account(kind, f"advocate:{advocate}", currency)
        for advocate, currency in owners
        for kind in ("available", "in_payout", "owed", "paid")
    ]
    standings = await tables.lock_accounts(tx, sorted(wanted))
    return {
        (advocate, currency): -standing.balance_minor
        for advocate, currency in owners
        if (standing := standings.get(Account("owed", f"advocate:{advocate}", currency)))
    }
