"""Messages: what is queued, sent, failed or was blocked, and why."""

import re
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from honeyguide.core.errors import NotFound
from honeyguide.db import Row
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import messages
from honeyguide.web.shapes import Named, Out

router = APIRouter()
_SECRET_LINKS = re.compile(r"/([pu])/hg[pu]_[A-Za-z0-9_-]+")


class MessageRow(Out):
    """A message in the list. `reminder`: 0 for an ask's own message, else the number of the reminder."""

    id: str
    ask_id: str
    reminder: int
    persona: Named
    channel: str
    to_address: str
    subject: str
    state: str
    blocked_reason: str | None
    failure: str | None
    created_at: datetime
    sent_at: datetime | None


class Delivered(Out):
    """What the built-in sink received."""

    received_at: datetime
    headers: dict[str, str]


class MessageOut(MessageRow):
    """A message as it went out."""

    html: str
    text: str
    delivered: Delivered | None


def _values(found: Row) -> dict[str, Any]:
    return {
        "id": str(found["id"]),
        "ask_id": str(found["ask_id"]),
        "reminder": found["follow_up"],
        "persona": Named(id=str(found["persona_id"]), name=found["persona_name"]),
        "channel": found["channel"],
        "to_address": found["to_address"],
        "subject": found["subject"],
        "state": found["state"],
        "blocked_reason": found["blocked_reason"],
        "failure": found["failure"],
        "created_at": found["created_at"],
        "sent_at": found["sent_at"],
    }


@router.get("/api/outbox", response_model=Listed[MessageRow], responses=CSV_ANSWER)
async def outbox(
    who: Annotated[Principal, needs("outbox.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[str, Query(pattern="^(queued|sent|failed|blocked)?$")] = "",
) -> Any:
    """Messages, newest first."""
    async with who.tx() as tx:
        found = await messages.messages(tx, state or None, page.key(tuple[datetime, UUID]), page.fetch)
        total = await messages.count_messages(tx, state or None)
    rows = [MessageRow(**_values(r)) for r in found]
    return page.answer(rows, lambda row: (row.created_at, row.id), total, "outbox")


@router.get("/api/outbox/{message_id}")
async def outbox_message(
    request: Request, message_id: UUID, who: Annotated[Principal, needs("outbox.read")]
) -> MessageOut:
    """One message with its text. Once real mail servers are set, the links only its receiver may use are masked."""
    async with who.tx() as tx:
        found = await messages.message(tx, message_id)
        if found is None:
            raise NotFound("There is no such message.")
        kept = await messages.received(tx, found["provider_ref"]) if found["provider_ref"] else None
    delivered = None
    if kept:
        headers = message_from_bytes(kept["raw"], policy=default)
        delivered = Delivered(
            received_at=kept["received_at"], headers={name: str(value) for name, value in headers.items()}
        )
    masked = bool(request.app.state.settings.smtp_url)
    return MessageOut(
        **_values(found), html=_shown(found["html"], masked), text=_shown(found["text"], masked), delivered=delivered
    )


def _shown(body: str, masked: bool) -> str:
    return _SECRET_LINKS.sub(r"/\1/...", body) if masked else body
