"""Sending what is due, one message per transaction: consent is asked again right there."""

from datetime import datetime
from uuid import UUID

import msgspec

from honeyguide import decisions
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError
from honeyguide.db import Database, Tx, outbox, workspace
from honeyguide.delivery import tables
from honeyguide.delivery.channel import Channel, Letter
from honeyguide.delivery.consent import may_write
from honeyguide.delivery.queue import TOPIC
from honeyguide.delivery.quiet import hours_of, next_allowed, zone


class _Promise(msgspec.Struct):
    message: UUID
    unsubscribe_url: str
    timezone: str


async def send_due(
    db: Database, workspace_id: int, channel: Channel, now: datetime | None = None, limit: int = 50
) -> int:
    """Send what is due on this channel; returns how many messages went out.

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
            sent += await _send_one(tx, channel, entry, promise, at)
    return sent


async def _send_one(tx: Tx, channel: Channel, entry: outbox.Entry, promise: _Promise, now: datetime) -> bool:
    message = await tables.message_for_sending(tx, promise.message)
    if message is None or message.state != "queued":
        await outbox.done(tx, entry.id, {"skipped": message.state if message else "gone"})
        return False
    # Before the contact lock, in the order a release takes them: a stop that waits must not close a circle.
    if called_back := await decisions.held_back(tx, message.ask_id):
        await tables.mark_blocked(tx, [message.id], called_back)
        await decisions.give_back(tx, message.ask_id, called_back)
        await outbox.done(tx, entry.id, {"blocked": called_back})
        return False
    people = await tables.same_person(tx, message.record_id)
    await tables.lock_contact(tx, [tables.spelling(message.to_address)])
    refused = may_write(await tables.person_consents(tx, message.to_address, people), message.channel)
    if refused:
        await tables.mark_blocked(tx, [message.id], refused)
        await decisions.mark_blocked(tx, message.ask_id, refused)
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
            await decisions.mark_blocked(tx, message.ask_id, problem.sentence())
        return False
    await tables.mark_sent(tx, message.id, reference, now)
    await decisions.mark_sent(tx, message.ask_id)
    await outbox.done(tx, entry.id, {"reference": reference})
    return True
