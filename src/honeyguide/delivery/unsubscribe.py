"""The person says stop: recorded at once, and nothing queued goes out any more."""

from datetime import datetime

from honeyguide import decisions
from honeyguide.core.errors import NotFound
from honeyguide.core.ids import content_id, digest
from honeyguide.db import Tx, audit
from honeyguide.delivery import tables
from honeyguide.delivery.closing import close
from honeyguide.delivery.consent import WITHDRAWN, ConsentRow, record_address
from honeyguide.delivery.tables import Message

STOPPED = "This person unsubscribed before the message went out."


async def find_message(tx: Tx, token: str) -> Message:
    """The message an unsubscribe link belongs to. Raises NotFound."""
    message = await tables.message_by_token(tx, digest(token))
    if message is None:
        raise NotFound("This unsubscribe link is not known.", "It may have been cut off when it was copied.")
    return message


async def withdraw(tx: Tx, token: str, now: datetime) -> Message:
    """Withdraw consent for the message's channel and stop what is queued. Saying it twice is saying it once.

    Waits for a send to this address that is under way; after this has committed no message goes out.
    """
    message = await find_message(tx, token)
    people = await tables.same_person(tx, message.record_id)
    await tables.lock_contact(tx, [tables.spelling(message.to_address)])
    addresses = {tables.spelling(message.to_address), *(record_address(r) for r in people)}
    await tables.add_consents(
        tx,
        [
            ConsentRow(
                id=content_id("unsubscribe", str(message.id), address, now.isoformat()),
                address=address,
                channel=message.channel,
                state=WITHDRAWN,
                source="unsubscribe",
                event_id=None,
                at=now,
            )
            for address in sorted(addresses)
        ],
    )
    stopped = await tables.queued_to(tx, message.to_address, people)
    await tables.mark_blocked(tx, list(stopped), STOPPED)
    for ask_id, number in stopped.values():
        await close(tx, ask_id, number, STOPPED, now)
    await decisions.mark_opted_out(tx, message.ask_id, now)
    await audit.write(tx, "person", "consent.withdrawn", f"message:{message.id}", {"channel": message.channel})
    return message
