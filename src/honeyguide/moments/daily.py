"""What a new day brings: moments that time makes, and the rates at which moments come."""

from datetime import datetime
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.moments import accounts, feedback


async def day(tx: Tx, now: datetime) -> list[UUID]:
    """The daily pass: once a day, or as often as anybody likes; the same day twice changes nothing.

    Anniversaries and renewals that are near by the day of `now` become moments, and rates per segment are counted anew.
    Days that were missed are made up for. Returns the ids of moments that are new or changed.
    """
    written = await accounts.pass_time(tx, now)
    await feedback.count_rates(tx, now)
    return written
