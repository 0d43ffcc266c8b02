"""The tables of delivery (consent, message, sink_mail) and the SQL that reads and writes them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core import normalise
from honeyguide.db import Row, Tx
from honeyguide.delivery.budget import YEAR, Contacts
from honeyguide.delivery.consent import ConsentRow, current_state, record_address

OWNED = ("consent", "message", "sink_mail")


class Message(Struct, frozen=True):
    """A message as stored. Times are aware UTC. `follow_up`: 0 for an ask's own message, else the reminder's number."""

    id: UUID
    ask_id: UUID
    record_id: int
    company_record_id: int | None
    channel: str
    to_address: str
    subject: str
    html: str
    text: str
    state: str
    blocked_reason: str | None
    failure: str | None
    created_at: datetime
    sent_at: datetime | None
    follow_up: int = 0


_MESSAGE = ", ".join(Message.__struct_fields__)


def spelling(address: str) -> str:
    """The one spelling consent is kept under."""
    return normalise.email(address) or address.strip().lower()


def _message(row: Row) -> Message:
    return Message(**dict(row))


async def add_consents(tx: Tx, rows: Sequence[ConsentRow]) -> int:
    """Keep statements; the same one twice is one. Returns how many were new."""
    return await tx.run(
        "insert into consent (workspace_id, id, address, channel, state, source, event_id, at) "
        "select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], "
        "$8::timestamptz[]) on conflict (workspace_id, id) do nothing",
        tx.workspace_id,
        [r.id for r in rows],
        [r.address for r in rows],
        [r.channel for r in rows],
        [r.state for r in rows],
        [r.source for r in rows],
        [r.event_id for r in rows],
        [r.at for r in rows],
    )


async def consent_rows(tx: Tx, addresses: Iterable[str]) -> list[ConsentRow]:
    """The statements that can decide: per address, channel and kind of statement only the latest."""
    found = await tx.rows(
        "select distinct on (address, channel, source like 'trait:%') "
        "id, address, channel, state, source, event_id, at from consent "
        "where workspace_id = $1 and address = any($2::text[]) "
        "order by address, channel, source like 'trait:%', at desc, state desc",  # 'withdrawn' sorts after 'granted'
        tx.workspace_id,
        [spelling(a) for a in addresses],
    )
    return [ConsentRow(**dict(r)) for r in found]


async def consent_of(tx: Tx, addresses: Iterable[str]) -> dict[str, dict[str, str]]:
    """Per address and channel what holds now, `granted` or `withdrawn`; absent when nobody ever said.

    Addresses are e-mail addresses or `record:<id>`; they come back in the spelling consent is kept under.
    """
    grouped: dict[tuple[str, str], list[ConsentRow]] = defaultdict(list)
    for row in await consent_rows(tx, addresses):
        grouped[row.address, row.channel].append(row)
    known: dict[str, dict[str, str]] = {}
    for (address, channel), rows in grouped.items():
        state = current_state(rows)
        if state:
            known.setdefault(address, {})[channel] = state
    return known


async def same_person(tx: Tx, record_id: int | None) -> list[int]:
    """Every record that is the same person or company as this one (at least itself)."""
    if record_id is None:
        return []
    found = await tx.rows(
        "select id from record where workspace_id = $1 and entity_id in "
        "(select entity_id from record where workspace_id = $1 and id = $2)",
        tx.workspace_id,
        record_id,
    )
    return sorted({r["id"] for r in found} | {record_id})


async def person_consents(tx: Tx, to_address: str, records: Iterable[int]) -> list[ConsentRow]:
    """Everything said about writing to this person: under the address and under each of their records."""
    return await consent_rows(tx, [to_address, *(record_address(r) for r in records)])


async def lock_contact(tx: Tx, names: Iterable[str]) -> None:
    """Hold the contact locks of these names until the transaction ends; in one order, so nobody waits in a circle."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended(name, 0)) from "
        "(select unnest($1::text[]) as name order by 1) as names",
        sorted({f"contact:{tx.workspace_id}:{name}" for name in names}),
    )


async def contacts_of(
    tx: Tx, people: Sequence[int], colleagues: Sequence[int], now: datetime, *, apart_from: UUID | None = None
) -> Contacts:
    """What the contact budget counts: messages queued or sent to these records.

    For the days in between, the messages of the ask `apart_from` are left out: its reminders keep days of their own.
    """
    row = await tx.row(
        "select max(created_at) filter (where $4::uuid is null or ask_id <> $4) as last_to_persona, "
        "count(*) filter (where created_at > $3) as within_year "
        "from message where workspace_id = $1 and record_id = any($2::bigint[]) and state in ('queued', 'sent')",
        tx.workspace_id,
        list(people),
        now - YEAR,
        apart_from,
    )
    company = await tx.value(
        "select max(created_at) from message where workspace_id = $1 and company_record_id = any($2::bigint[]) "
        "and state in ('queued', 'sent') and ($3::uuid is null or ask_id <> $3)",
        tx.workspace_id,
        list(colleagues),
        apart_from,
    )
    if row is None:
        return Contacts(last_to_company=company)
    return Contacts(row["last_to_persona"], company, row["within_year"])


async def message_of(tx: Tx, ask_id: UUID, channel: str, follow_up: int = 0) -> Message | None:
    """The message of an ask on a channel, or a reminder of it."""
    row = await tx.row(
        f"select {_MESSAGE} from message where workspace_id = $1 and ask_id = $2 and channel = $3 and follow_up = $4",
        tx.workspace_id,
        ask_id,
        channel,
        follow_up,
    )
    return _message(row) if row else None


async def add_message(tx: Tx, message: Message, unsubscribe_digest: bytes) -> None:
    """Write a message; one that was blocked before is replaced, one that was queued or sent never is."""
    values: list[Any] = [getattr(message, f) for f in Message.__struct_fields__]
    places = ", ".join(f"${n}" for n in range(3, 3 + len(values)))
    await tx.run(
        f"insert into message (workspace_id, unsubscribe_digest, {_MESSAGE}) values ($1, $2, {places}) "
        "on conflict (workspace_id, ask_id, channel, follow_up) do update set "
        "id = excluded.id, unsubscribe_digest = excluded.unsubscribe_digest, to_address = excluded.to_address, "
        "subject = excluded.subject, html = excluded.html, text = excluded.text, state = excluded.state, "
        "blocked_reason = excluded.blocked_reason, failure = excluded.failure, created_at = excluded.created_at "
        "where message.workspace_id = $1 and message.state = 'blocked'",
        tx.workspace_id,
        unsubscribe_digest,
        *values,
    )


async def message_for_sending(tx: Tx, message_id: UUID) -> Message | None:
    """The message, locked for this transaction."""
    row = await tx.row(
        f"select {_MESSAGE} from message where workspace_id = $1 and id = $2 for update", tx.workspace_id, message_id
    )
    return _message(row) if row else None


async def message_by_token(tx: Tx, digest: bytes) -> Message | None:
    """The message an unsubscribe token was made for."""
    row = await tx.row(
        f"select {_MESSAGE} from message where workspace_id = $1 and unsubscribe_digest = $2", tx.workspace_id, digest
    )
    return _message(row) if row else None


async def mark_sent(tx: Tx, message_id: UUID, provider_ref: str, at: datetime) -> None:
    """The channel took it."""
    await tx.run(
        "update message set state = 'sent', sent_at = $3, provider_ref = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id,
        message_id,
        at,
        provider_ref,
    )


async def mark_blocked(tx: Tx, message_ids: Sequence[UUID], reason: str) -> None:
    """It may not go any more."""
    await tx.run(
        "update message set state = 'blocked', blocked_reason = $3 where workspace_id = $1 and id = any($2::uuid[]) "
        "and state = 'queued'",
        tx.workspace_id,
        list(message_ids),
        reason,
    )


async def mark_failed(tx: Tx, message_id: UUID, failure: str) -> None:
    """It cannot be delivered."""
    await tx.run(
        "update message set state = 'failed', failure = $3 where workspace_id = $1 and id = $2",
        tx.workspace_id,
        message_id,
        failure,
    )


async def queued_to(tx: Tx, to_address: str, records: Sequence[int]) -> dict[UUID, tuple[UUID, int]]:
    """Messages to this person that have not gone yet, each with its ask and the number of the reminder."""
    found = await tx.rows(
        "select id, ask_id, follow_up from message where workspace_id = $1 and state = 'queued' "
        "and (record_id = any($2::bigint[]) or lower(to_address) = lower($3))",
        tx.workspace_id,
        list(records),
        to_address,
    )
    return {r["id"]: (r["ask_id"], r["follow_up"]) for r in found}


async def keep_sink_mail(tx: Tx, message_ref: str, envelope: tuple[str, str, str], raw: bytes, at: datetime) -> bool:
    """Store a mail the built-in sink received: (sender, recipient, subject) and its bytes. False when it was there."""
    sender, recipient, subject = envelope
    return bool(
        await tx.run(
            "insert into sink_mail (workspace_id, message_ref, sender, recipient, subject, raw, received_at) "
            "values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace_id, message_ref) do nothing",
            tx.workspace_id,
            message_ref,
            sender,
            recipient,
            subject,
            raw,
            at,
        )
    )
