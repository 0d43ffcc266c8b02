"""The tables enrichment_cache and enrichment_day."""

from datetime import date, datetime
from typing import Any

from honeyguide.db import Tx


async def cached(tx: Tx, provider: str, subject: bytes, at: datetime) -> Any:
    """A provider's answer that is still fresh, None without one."""
    return await tx.value(
        "select answer from enrichment_cache where workspace_id = $1 and provider = $2 and subject = $3 and expires_at > $4",
        tx.workspace_id, provider, subject, at,
    )  # fmt: skip


async def keep(tx: Tx, provider: str, subject: bytes, answer: Any, at: datetime, until: datetime) -> None:
    """Remember an answer."""
    await tx.run(
        "insert into enrichment_cache (workspace_id, provider, subject, answer, at, expires_at) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, provider, subject) do update set answer = excluded.answer, at = excluded.at, "
        "expires_at = excluded.expires_at",
        tx.workspace_id, provider, subject, answer, at, until,
    )  # fmt: skip


async def take_call(tx: Tx, provider: str, day: date, limit: int) -> bool:
    """Spend one call of the day's budget; False when it is spent. Commits before the call: a crash never asks for free."""
    if limit <= 0:
        return False
    found = await tx.value(
        "insert into enrichment_day (workspace_id, provider, day, calls) values ($1, $2, $3, 1) "
        "on conflict (workspace_id, provider, day) do update set calls = enrichment_day.calls + 1 "
        "where enrichment_day.calls < $4 returning calls",
        tx.workspace_id, provider, day, limit,
    )  # fmt: skip
    return found is not None
