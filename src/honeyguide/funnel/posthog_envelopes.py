"""PostHog's capture format into payloads for the log: one event, a list of them, or a batch. Items stay as they came."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.funnel.decode.fields import instant, mapping, number, text
from honeyguide.funnel.envelopes import Parsed
from honeyguide.funnel.events import Broken, Lane, NewEvent, corrected_time
from honeyguide.funnel.hook_envelopes import JSON_PROBLEMS

ITEM_BYTES = 1_000_000
REQUEST_BYTES = 2_000_000
# A people update names no event: it is told by which of these it carries.
_UPDATES = ("$set", "$set_once", "$unset", "$group_set")


class _Item(Struct):
    """The part of an event the log needs. Everything may be of any type: it came from outside."""

    event: Any = None
    distinct_id: Any = None
    uuid: Any = None
    timestamp: Any = None
    offset: Any = None
    sent_at: Any = None
    api_key: Any = None
    token: Any = None
    properties: Any = None
    dollar_token: Any = field(default=None, name="$token")
    dollar_id: Any = field(default=None, name="$distinct_id")
    dollar_set: Any = field(default=None, name="$set")
    dollar_set_once: Any = field(default=None, name="$set_once")

    def key(self) -> str:
        """The write key, wherever this client puts it."""
        inner = mapping(self.properties)
        places = (self.api_key, self.token, self.dollar_token, inner.get("token"), inner.get("api_key"))
        return next((found for place in places if (found := text(place))), "")

    def subject(self) -> str:
        """Whom it is about, as the client calls them."""
        inner = mapping(self.properties)
        places = (self.distinct_id, self.dollar_id, inner.get("distinct_id"), inner.get("$distinct_id"))
        return next((found for place in places if (found := text(place, 256))), "")

    def name(self) -> str:
        """What happened; a people update is called by what it does."""
        said = text(self.event, 200)
        if said:
            return said
        if self.dollar_set is not None or self.dollar_set_once is not None:
            return "$set"
        return next((n for n in _UPDATES if n in mapping(self.properties)), "")


class _Batch(Struct):
    batch: list[msgspec.Raw]
    api_key: Any = None
    token: Any = None
    sent_at: Any = None
    historical_migration: Any = None


_items = msgspec.json.Decoder(_Item)
_batches = msgspec.json.Decoder(_Batch)
_lists = msgspec.json.Decoder(list[msgspec.Raw])
_shapes = msgspec.json.Decoder(dict[str, msgspec.Raw])


def capture(body: bytes, received_at: datetime, sent_at: datetime | None = None) -> Parsed:
    """The events of a request whose body is plain JSON by now. `sent_at`: when the client says it sent it (`?_=`).

    Items that cannot be taken become dead letters. Raises BadInput when the body is none of the three forms.
    """
    try:
        if body.lstrip()[:1] == b"[":
            raws, key, lane = [bytes(raw) for raw in _lists.decode(body)], "", Lane.LIVE
        elif "batch" in _shapes.decode(body):
            found = _batches.decode(body)
            raws, key = [bytes(raw) for raw in found.batch], text(found.api_key) or text(found.token)
            lane = Lane.HISTORICAL if found.historical_migration is True else Lane.LIVE
            sent_at = instant(found.sent_at) or sent_at
        else:
            raws, key, lane = [body], "", Lane.LIVE
    except JSON_PROBLEMS as e:
        raise BadInput("The body is not what PostHog's clients send.", str(e), code="not_a_capture") from e
    inputs: list[NewEvent | Broken] = []
    for position, raw in enumerate(raws):
        one, its_key = _input(raw, position, received_at, sent_at, lane)
        inputs.append(one)
        key = key or its_key
    if len(inputs) == 1 and raws[0] is body and isinstance(inputs[0], Broken):
        raise BadInput("The body is not a PostHog event.", inputs[0].detail, code=inputs[0].reason)
    return Parsed(inputs, key)


def _input(
    body: bytes, position: int, received_at: datetime, sent_at: datetime | None, lane: Lane
) -> tuple[NewEvent | Broken, str]:
    if len(body) > ITEM_BYTES:
        detail = f"Item {position} has {len(body)} bytes; {ITEM_BYTES} are allowed."
        return Broken("too_large", detail, body, received_at), ""
    try:
        item = _items.decode(body)
    except JSON_PROBLEMS as e:
        return Broken("not_an_object", f"Item {position}: {e}", body, received_at), ""
    name = item.name()
    if not name:
        return Broken("no_event", f"Item {position} says no event.", body, received_at), item.key()
    sent_at = instant(item.sent_at) or sent_at
    ident = text(item.uuid, 256) or text(mapping(item.properties).get("$insert_id"), 256)
    at = _happened(item, received_at, sent_at, lane)
    event = NewEvent(
        "posthog", name, ident, body, received_at, at, sent_at, lane, position, subject=item.subject()
    )  # fmt: skip
    return event, item.key()


def _happened(item: _Item, received_at: datetime, sent_at: datetime | None, lane: Lane) -> datetime:
    """`timestamp` on the client's clock, else `offset`: how many milliseconds before sending it was."""
    at = instant(item.timestamp)
    if at is None and (ago := number(item.offset)) is not None and 0 <= ago < 10**12:
        return corrected_time(received_at - timedelta(milliseconds=ago), None, received_at)
    return corrected_time(at, sent_at if lane is Lane.LIVE else None, received_at)
