"""Counts and sums of rewards, payouts and transfers."""

from uuid import UUID

from honeyguide.db import Tx


async def count_rewards(tx: Tx, state: str | None) -> int:
    """How many rewards there are (in a state; `disputed` is any with an open dispute)."""
    found: int = await tx.value(
        "select count(*) from reward where workspace_id = $1 and ($2::text is null or state = $2 or ($2 = 'disputed' and disputed))",
        tx.workspace_id,
        state,
    )
    return found


async def count_payouts(tx: Tx) -> int:
    """How many payouts there are."""
    found: int = await tx.value("select count(*) from payout where workspace_id = $1", tx.workspace_id)
    return found


async def count_transfers(tx: Tx, account: int | None) -> int:
    """How many transfers there are (that touch an account)."""
    found: int = await tx.value(
        "select count(*) from transfer t where t.workspace_id = $1 and ($2::bigint is null or exists "
        "(select 1 from posting p where p.workspace_id = $1 and p.transfer_id = t.id and p.account_id = $2))",
        tx.workspace_id,
        account,
    )
    return found


async def count_moves(tx: Tx, reward_id: UUID) -> int:
    """How many moves a reward made."""
    found: int = await tx.value(
        "select count(*) from reward_move where workspace_id = $1 and reward_id = $2", tx.workspace_id, reward_id
    )
    return found


async def count_proposals(tx: Tx, state: str | None) -> int:
    """How many proposals there are (in a state)."""
    found: int = await tx.value(
        "select count(*) from ledger_proposal where workspace_id = $1 and ($2::text is null or state = $2)",
        tx.workspace_id,
        state,
    )
    return found


async def count_rates(tx: Tx) -> int:
    """How many rates of exchange are stored."""
    found: int = await tx.value("select count(*) from fx_rate where workspace_id = $1", tx.workspace_id)
    return found
