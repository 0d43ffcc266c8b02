"""Sending what is due, one message per transaction: consent is asked again right there."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from honeyguide import decisions
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError
from honeyguide.db import Database, Tx, outbox, workspace
from honeyguide.delivery import tables
from honeyguide.delivery.channel import Channel, Letter
from honeyguide.delivery.closing import close
from honeyguide.delivery.consent import may_write
from honeyguide.delivery.queue import TOPIC
from honeyguide.delivery.quiet import hours_of, next_allowed, zone
from honeyguide.delivery.tables import Message

Overtaken = Callable[[Tx, Message], Awaitable[str | None]]


class _Promise(msgspec.Struct):
    message: UUID
    unsubscribe_url: str
    timezone: str


async def _nothing(tx: Tx, message: Message) -> str | None:
    return None


async def send_due(
    db: Database, workspace_id: int, channel: Channel, now: datetime | None = None, limit: int = 50,
    *, overtaken: Overtaken = _nothing,
) -> int:  # fmt: skip
    """Send what is due on this channel; returns how many messages went out.

    `overtaken` says, in the sending transaction, what has come in between so that a message may not go any more.

    A crash between the channel's yes and our commit sends the letter again under the same id: the channel's other
    side knows it by that id. A failure that may pass is tried again later (honeyguide.db.outbox).
    """
    at = now or clock.now()
    async with db.tx(workspace_id) as tx:
        claimed = await outbox.take(tx, f"{TOPIC}.{channel.name}", limit, at)
    sent = 0
    for entry in claimed:
        promise = msgspec.convert(entry.payload, _Promise)
        async with db.tx(workspace_id) as tx:
            sent += await _send_one(tx, channel, entry, promise, at, overtaken)
    return sent


async def _send_one(
    tx: Tx, channel: Channel, entry: outbox.Entry, promise: _Promise, now: datetime, overtaken: Overtaken
) -> bool:
    message = await tables.message_for_sending(tx, promise.message)
    if message is None or message.state != "queued":
        await outbox.done(tx, entry.id, {"skipped": message.state if message else "gone"})
        return False
    if refused := await _refused(tx, message, overtaken, now):
        await tables.mark_blocked(tx, [message.id], refused)
        await outbox.done(tx, entry.id, {"blocked": refused})
        return False
    due = next_allowed(now, zone(promise.timezone), hours_of((await workspace(tx)).settings))
    if due > now:  # the worker was late and it is evening there now
        await outbox.done(tx, entry.id, {"postponed": due.isoformat()})
        await outbox.put(tx, entry.topic, f"{promise.message}@{due.isoformat()}", entry.payload, due)
        return False
    letter = Letter(
        id=str(message.id),
        workspace_id=tx.workspace_id,
        to=message.to_address,
        subject=message.subject,
        text=message.text,
        html=message.html,
        headers={
            "List-Unsubscribe": f"<{promise.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    try:
        reference = await channel.send(letter)
    except HoneyguideError as problem:
        final = isinstance(problem, BadInput)
        if final:
            await outbox.done(tx, entry.id, {"failed": problem.sentence()})
        if final or not await outbox.retry(tx, entry, problem.sentence(), now):
            await tables.mark_failed(tx, message.id, problem.sentence())
            await close(tx, message.ask_id, message.follow_up, _failed(message, problem), now)
        return False
    await tables.mark_sent(tx, message.id, reference, now)
    if message.follow_up:
        await decisions.follow_up.mark_sent(tx, message.ask_id, message.follow_up, now)
    else:
        await decisions.mark_sent(tx, message.ask_id, now)
    await outbox.done(tx, entry.id, {"reference": reference})
    return True


async def _refused(tx: Tx, message: Message, overtaken: Overtaken, now: datetime) -> str | None:
    """Why a message may not be sent any more; its ask or reminder is closed with that. None when it may."""
    # Before the contact lock, in the order a release takes them: a stop that waits must not close a circle.
    called_back = await decisions.held_back(tx, message.ask_id)
    if called_back and not message.follow_up:
        await decisions.give_back(tx, message.ask_id, called_back)
        return called_back
    people = await tables.same_person(tx, message.record_id)
    await tables.lock_contact(tx, [tables.spelling(message.to_address)])
    said = await tables.person_consents(tx, message.to_address, people)
    refused = called_back or may_write(said, message.channel) or await overtaken(tx, message)
    if refused:
        await close(tx, message.ask_id, message.follow_up, refused, now)
    return refused


def _failed(message: Message, problem: HoneyguideError) -> str:
    """A reminder's reason names nobody, and a channel's words may hold the address; the message keeps them."""
    return "Its message could not be delivered." if message.follow_up else problem.sentence()
