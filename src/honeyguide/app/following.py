"""Reminders at work: what is due is weighed by what came of its ask, and goes the way an ask's own message goes."""

from datetime import datetime

from honeyguide import delivery, outcomes
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, Tx
from honeyguide.decisions import follow_up
from honeyguide.settings import Settings
from honeyguide.web import approve as approving

BATCH = 100


async def remind(db: Database, workspace_id: int, settings: Settings, now: datetime) -> int:
    """Queue or cancel the reminders that are due at `now`; returns how many were.

    Each is taken and its message written in one transaction, so it is sent once however often this is killed or repeated.
    """
    async with db.tx(workspace_id) as tx:
        due = await follow_up.due(tx, now, BATCH)
        if not due:
            return 0
        heard = await outcomes.heard(tx, {ask.id: one.asked_at for ask, one in due})
        ready = await follow_up.weigh(tx, due, heard, now)
    for one in ready:
        try:
            async with db.tx(workspace_id) as tx:
                await approving.remind(tx, one, base_url=settings.base_url, now=now)
        except HoneyguideError as problem:  # nothing of it was kept; it would fail again
            async with db.tx(workspace_id) as tx:
                await follow_up.cancel(tx, one.ask.id, one.row.number, problem.sentence(), now)
    return len(due)


async def overtaken(tx: Tx, message: delivery.Message) -> str | None:
    """What came of the ask between queueing and sending its reminder; None for messages that are no reminders."""
    if not message.follow_up:
        return None
    asked_at = await follow_up.asked_at(tx, message.ask_id)
    if asked_at is None:
        return follow_up.NOT_SENT
    return (await outcomes.heard(tx, {message.ask_id: asked_at})).get(message.ask_id)
