"""From an approved ask to a queued message, or to a blocked one with its reason, in the caller's transaction."""

from datetime import datetime
from uuid import UUID

from honeyguide.core.errors import BadInput
from honeyguide.core.ids import digest, new_id, new_token
from honeyguide.db import Tx, audit, outbox, workspace
from honeyguide.delivery import tables
from honeyguide.delivery.budget import Limits, over_budget
from honeyguide.delivery.closing import close
from honeyguide.delivery.compose import AskMessage, Composed, compose
from honeyguide.delivery.consent import may_write
from honeyguide.delivery.quiet import hours_of, next_allowed, zone
from honeyguide.delivery.tables import Message

__all__ = ["TOPIC", "Message", "queue_message", "refusal"]

TOPIC = "message"
_DEFAULT = Limits()


async def queue_message(
    tx: Tx, ask: AskMessage, *, base_url: str, actor: str, now: datetime, limits: Limits = _DEFAULT
) -> Message:
    """Check consent and contact budget under locks, write the message, promise its sending.

    A message that may not go comes back (and stays) `blocked` with `blocked_reason`; in quiet hours it is queued for
    the next morning of the person. Asking twice gives the first message, unless that one was blocked.
    """
    refused = await refusal(tx, ask, now, limits)
    ask_id = UUID(ask.ask_id)
    before = await tables.message_of(tx, ask_id, ask.channel, ask.follow_up)
    if before and before.state != "blocked":
        return before
    token = new_token("hgu")
    unsubscribe_url = f"{base_url}/u/{token}"
    composed, blocked = _composed(ask, unsubscribe_url)
    blocked = blocked or refused
    message = Message(
        id=new_id(),
        ask_id=ask_id,
        record_id=ask.record_id,
        company_record_id=ask.company_record_id,
        channel=ask.channel,
        to_address=ask.to_address,
        subject=composed.subject,
        html=composed.html,
        text=composed.text,
        state="blocked" if blocked else "queued",
        blocked_reason=blocked,
        failure=None,
        created_at=now,
        sent_at=None,
        follow_up=ask.follow_up,
    )
    await tables.add_message(tx, message, digest(token))
    if blocked is None:
        await _promise(tx, message, ask, (token, unsubscribe_url), now)
    else:
        await close(tx, ask_id, ask.follow_up, blocked, now)
    await audit.write(
        tx, actor, "message.blocked" if blocked else "message.queued", f"ask:{ask.ask_id}",
        {"message": str(message.id), "channel": ask.channel} | ({"reminder": ask.follow_up} if ask.follow_up else {}) | ({"reason": blocked} if blocked else {}),
    )  # fmt: skip
    return message


def _composed(ask: AskMessage, unsubscribe_url: str) -> tuple[Composed, str | None]:
    try:
        return compose(ask, unsubscribe_url), None
    except BadInput as problem:  # kept beside its ask, so a person can mend the text and approve again
        return Composed(subject=ask.subject[:200], text=ask.body, html=""), problem.sentence()


async def refusal(tx: Tx, ask: AskMessage, now: datetime, limits: Limits = _DEFAULT) -> str | None:
    """Why this message may not go at `now`, in plain words, or None. Holds the person's and company's contact locks
    until the transaction ends, so the answer stays true for what this transaction writes.
    """
    people = await tables.same_person(tx, ask.record_id)
    colleagues = await tables.same_person(tx, ask.company_record_id)
    names = [tables.spelling(ask.to_address), f"person:{people[0]}"]
    await tables.lock_contact(tx, names + [f"company:{c}" for c in colleagues[:1]])
    if ask.channel == "email" and "@" not in ask.to_address:
        return "No e-mail address is known for this person."
    said = await tables.person_consents(tx, ask.to_address, people)
    apart_from = UUID(ask.ask_id) if ask.follow_up else None
    counted = await tables.contacts_of(tx, people, colleagues, now, apart_from=apart_from)
    return may_write(said, ask.channel) or over_budget(counted, limits, now)


async def _promise(tx: Tx, message: Message, ask: AskMessage, unsubscribe: tuple[str, str], now: datetime) -> None:
    token, url = unsubscribe
    place = await workspace(tx)
    local = zone(ask.timezone, place.timezone)
    await tx.register("unsubscribe", digest(token))
    await outbox.put(
        tx,
        f"{TOPIC}.{message.channel}",
        str(message.id),
        {"message": str(message.id), "unsubscribe_url": url, "timezone": local.key},
        next_allowed(now, local, hours_of(place.settings)),
    )
