"""What a message that does not go means for its ask: the ask is closed, or the reminder is cancelled."""

from datetime import datetime
from uuid import UUID

from honeyguide import decisions
from honeyguide.db import Tx


async def close(tx: Tx, ask_id: UUID, follow_up: int, reason: str, now: datetime) -> None:
    """Tell decisions that this message may not go, or could not."""
    if follow_up:
        await decisions.follow_up.cancel(tx, ask_id, follow_up, reason, now)
    else:
        await decisions.mark_blocked(tx, ask_id, reason)
