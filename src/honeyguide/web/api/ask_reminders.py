"""The reminders of an ask: what an approval covers, what became of each, and the switch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter

from honeyguide.core import clock
from honeyguide.decisions import follow_up
from honeyguide.decisions.follow_up_tables import FollowUpRow
from honeyguide.decisions.follow_up_words import told
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import asks as reads
from honeyguide.web.shapes import In, Out

router = APIRouter()


class ReminderOut(Out):
    """One reminder: what it is, when it is due (null until the message before it has gone), and what became of it."""

    number: int
    after_days: int
    tone: str
    channel: str
    state: Literal["planned", "off", "queued", "sent", "cancelled"]
    reason: str
    due_at: datetime | None
    changed_at: datetime


class RemindersOut(Out):
    """The reminders an approval covers, in a sentence and one by one; none where the step of the ask names none.

    `may_switch`: there is something to switch off (`on` true) or on again.
    """

    on: bool
    may_switch: bool
    sentence: str
    reminders: list[ReminderOut]


class RemindersIn(In):
    """Switch the reminders of an ask off, or on again."""

    on: bool


@router.put("/api/asks/{ask_id}/follow-ups")
async def switchreminders_out(
    ask_id: UUID, body: RemindersIn, who: Annotated[Principal, needs("asks.decide")]
) -> RemindersOut:
    """Switch the reminders of an ask off, or on again: before it is approved, and as long as one waits."""
    async with who.tx() as tx:
        rows = await follow_up.switch(tx, ask_id, body.on, who.actor, clock.now())
        return reminders_out(rows, await reads.state_of(tx, ask_id))


def reminders_out(rows: Sequence[FollowUpRow], state: str) -> RemindersOut:
    """The reminders of an ask in this state, as the console shows them."""
    waits = [r for r in rows if r.state in ("planned", "off")]
    return RemindersOut(
        on=any(r.state not in ("off", "cancelled") for r in rows),
        may_switch=bool(waits) and state in ("suggested", "approved", "sent"),
        sentence=told(rows),
        reminders=[ReminderOut(**{n: getattr(r, n) for n in ReminderOut.model_fields}) for r in rows],
    )
