"""Counts and sums of rewards, payouts and transfers."""

from honeyguide.db import Tx


async def count_rewards(tx: Tx, state: str | None) -> int:
    """How many rewards there are (in a state)."""
    found: int = await tx.value(
        "select count(*) from reward where workspace_id = $1 and ($2::text is null or state = $2)",
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
