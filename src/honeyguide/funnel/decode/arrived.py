"""A row of the log on its way to the vocabulary: what every decoder is given, and how it makes its events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Row
from honeyguide.funnel.events import Undecodable
from honeyguide.funnel.sources import Source
from honeyguide.funnel.trust import moves_money

_LABELS = {
    "hubspot": "HubSpot", "zendesk": "Zendesk", "stripe": "Stripe", "salesforce": "Salesforce", "github": "GitHub",
    "intercom": "Intercom", "shopify": "Shopify", "product": "Product", "segment": "Segment", "honeyguide": "Honeyguide",
}  # fmt: skip
LogRow = Row | Mapping[str, Any]
_json = msgspec.json.Decoder()


class Arrived(Struct, frozen=True):
    """One row of the log with its source."""

    event_id: UUID
    source: Source
    slug: str
    label: str
    kind: str
    message_id: str
    at: datetime
    received_at: datetime
    body: bytes
    moves_money: bool = False

    @staticmethod
    def of(row: LogRow, source: Source) -> "Arrived":
        """From a row as consumers read it."""
        slug = source.slug
        return Arrived(
            row["event_id"], source, slug, _LABELS.get(slug, source.name), row["kind"], row["message_id"],
            row["event_time"], row["received_at"], bytes(row["body"]), moves_money(source, row["format"]),
        )  # fmt: skip

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Undecodable when it is none."""
        try:
            found = _json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
            raise Undecodable("not_json", str(e)) from e
        if not isinstance(found, dict):
            raise Undecodable("not_an_object", f"The body is a JSON {type(found).__name__}, not an object.")
        return found

    def event(
        self,
        kind: str,
        name: str,
        ref: str,
        *,
        at: datetime | None = None,
        person: RecordRef | None = None,
        company: RecordRef | None = None,
        others: tuple[RecordRef, ...] = (),
        props: dict[str, Any] | None = None,
        text: str = "",
    ) -> CanonicalEvent:
        """A canonical event of this row. All events of one row share the row's event id."""
        return CanonicalEvent(
            self.event_id, self.source.workspace_id, self.source.id, self.slug, self.message_id, kind, name,
            at or self.at, self.received_at, ref, person, company, others, props or {}, text,
            self.moves_money,
        )  # fmt: skip
