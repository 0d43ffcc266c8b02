"""Events already in our vocabulary: what Honeyguide itself writes to the log."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.vocabulary import KINDS
from honeyguide.funnel.events import Undecodable


class _Body(Struct, frozen=True):
    kind: str
    at: datetime
    name: str = ""
    ref: str = ""
    person: RecordRef | None = None
    company: RecordRef | None = None
    others: tuple[RecordRef, ...] = ()
    props: dict[str, Any] = field(default_factory=dict)
    text: str = ""


_decoder = msgspec.json.Decoder(_Body)


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The event as it was written. Raises Undecodable when it is not of our form."""
    try:
        body = _decoder.decode(arrived.body)
    except msgspec.MsgspecError as e:
        raise Undecodable("not_canonical", str(e)) from e
    if body.kind not in KINDS:
        raise Undecodable("unknown_kind", f"There is no kind {body.kind!r} in the vocabulary.")
    ref = body.ref or f"{arrived.label} {arrived.message_id}"
    return [
        arrived.event(
            body.kind, body.name or body.kind, ref, at=body.at, person=body.person, company=body.company,
            others=body.others, props=body.props, text=body.text,
        )
    ]  # fmt: skip
