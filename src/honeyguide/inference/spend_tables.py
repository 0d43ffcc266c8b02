"""SQL of what inference costs: the ledger per day and provider, and the limits of a workspace."""

from datetime import date, datetime

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.inference.contract import Usage
from honeyguide.inference.port import Tier


class Limits(Struct, frozen=True):
    """Limits per day; None where the workspace has none of its own."""

    tokens: int | None = None
    cost_micros: int | None = None
    cpu_ms: int | None = None
    actor: str = ""
    at: datetime | None = None


async def limits(tx: Tx, *, lock: bool = False) -> Limits:
    """The workspace's own limits. `lock`: nobody else reserves until the transaction ends."""
    if lock:
        await tx.run(
            "insert into inference_budget (workspace_id, actor, at) values ($1, '', $2) on conflict (workspace_id) do nothing",
            tx.workspace_id, _BEGINNING,
        )  # fmt: skip
        row = await tx.row(
            "select tokens, cost_micros, cpu_ms, actor, at from inference_budget where workspace_id = $1 for update",
            tx.workspace_id,
        )
    else:
        row = await tx.row(
            "select tokens, cost_micros, cpu_ms, actor, at from inference_budget where workspace_id = $1",
            tx.workspace_id,
        )
    if row is None:
        return Limits()
    return Limits(row["tokens"], row["cost_micros"], row["cpu_ms"], row["actor"], row["at"] if row["actor"] else None)


_BEGINNING = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


async def set_limits(tx: Tx, given: Limits, actor: str, at: datetime) -> None:
    """Replace the workspace's limits."""
    await tx.run(
        """
        insert into inference_budget (workspace_id, tokens, cost_micros, cpu_ms, actor, at) values ($1, $2, $3, $4, $5, $6)
        on conflict (workspace_id) do update set tokens = excluded.tokens, cost_micros = excluded.cost_micros,
          cpu_ms = excluded.cpu_ms, actor = excluded.actor, at = excluded.at
        """,
        tx.workspace_id, given.tokens, given.cost_micros, given.cpu_ms, actor, at,
    )  # fmt: skip


async def spent(tx: Tx, day: date, tiers: tuple[Tier, ...]) -> Usage:
    """What these tiers have cost on a day (UTC)."""
    row = await tx.row(
        """
        select coalesce(sum(tokens_in), 0)::bigint as tokens_in, coalesce(sum(tokens_out), 0)::bigint as tokens_out,
               coalesce(sum(cpu_ms), 0)::bigint as cpu_ms, coalesce(sum(cost_micros), 0)::bigint as cost_micros
        from inference_spend where workspace_id = $1 and day = $2 and tier = any($3::text[])
        """,
        tx.workspace_id, day, list(tiers),
    )  # fmt: skip
    if row is None:
        return Usage()
    return Usage(row["tokens_in"], row["tokens_out"], float(row["cpu_ms"]), row["cost_micros"])


async def add(
    tx: Tx, day: date, provider: str, tier: Tier, usage: Usage, *, calls: int = 0, items: int = 0, refused: int = 0
) -> None:
    """Add to a day's line of a provider; negative figures take back what was reserved."""
    await tx.run(
        """
        insert into inference_spend as s (workspace_id, day, provider, tier, tokens_in, tokens_out, cost_micros, cpu_ms, calls,
          items, refused) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (workspace_id, day, provider) do update set tokens_in = s.tokens_in + excluded.tokens_in,
          tokens_out = s.tokens_out + excluded.tokens_out, cost_micros = s.cost_micros + excluded.cost_micros,
          cpu_ms = s.cpu_ms + excluded.cpu_ms, calls = s.calls + excluded.calls, items = s.items + excluded.items,
          refused = s.refused + excluded.refused
        """,
        tx.workspace_id, day, provider, tier, usage.tokens_in, usage.tokens_out, usage.cost_micros, round(usage.cpu_ms),
        calls, items, refused,
    )  # fmt: skip


async def ledger(tx: Tx, since: date) -> list[Row]:
    """The lines from a day on, the newest day first."""
    return await tx.rows(
        """
        select day, provider, tier, tokens_in, tokens_out, cost_micros, cpu_ms, calls, items, refused from inference_spend
        where workspace_id = $1 and day >= $2 order by day desc, provider
        """,
        tx.workspace_id, since,
    )  # fmt: skip
