"""Messages as the outbox shows them, and what the built-in sink received."""

from datetime import datetime
from uuid import UUID

from honeyguide.db import Row, Tx

_MESSAGES = (
    "select m.id, m.ask_id, m.channel, m.to_address, m.subject, m.state, m.blocked_reason, m.failure, m.created_at, "
    "m.sent_at, m.html, m.text, m.provider_ref, m.follow_up, coalesce(r.entity_id, m.record_id) as persona_id, "
    "coalesce(nullif(n.name, ''), m.to_address) as persona_name from message m "
    "left join record r on r.workspace_id = m.workspace_id and r.id = m.record_id "
    "left join node n on n.workspace_id = m.workspace_id and n.id = coalesce(r.entity_id, m.record_id) "
    "where m.workspace_id = $1"
)


async def messages(tx: Tx, state: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Messages, newest first."""
    at, ident = after or (None, None)
    return await tx.rows(
        f"{_MESSAGES} and ($2::text is null or m.state = $2) "
        "and ($3::timestamptz is null or (m.created_at, m.id) < ($3, $4)) "
        "order by m.created_at desc, m.id desc limit $5",
        tx.workspace_id, state, at, ident, limit,
    )  # fmt: skip


async def count_messages(tx: Tx, state: str | None) -> int:
    """How many messages there are (in a state)."""
    found: int = await tx.value(
        "select count(*) from message where workspace_id = $1 and ($2::text is null or state = $2)",
        tx.workspace_id,
        state,
    )
    return found


async def message(tx: Tx, message_id: UUID) -> Row | None:
    """One message."""
    return await tx.row(f"{_MESSAGES} and m.id = $2", tx.workspace_id, message_id)


async def received(tx: Tx, message_ref: str) -> Row | None:
    """What the sink received under a Message-ID."""
    return await tx.row(
        "select raw, received_at from sink_mail where workspace_id = $1 and message_ref = $2",
        tx.workspace_id,
        message_ref,
    )


async def in_app(tx: Tx, record_id: int) -> list[Row]:
    """In-app messages sent to the person of this record, newest first."""
    return await tx.rows(
        "select m.id, m.subject, m.text, m.sent_at, m.read_at from message m where m.workspace_id = $1 "
        "and m.channel = 'inapp' and m.state = 'sent' and (m.record_id = $2 or m.record_id in "
        "(select s.id from record s where s.workspace_id = $1 and s.entity_id in "
        "(select e.entity_id from record e where e.workspace_id = $1 and e.id = $2))) "
        "order by m.sent_at desc, m.id limit 20",
        tx.workspace_id,
        record_id,
    )
