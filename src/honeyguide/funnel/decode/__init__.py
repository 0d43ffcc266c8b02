"""Decoders: one file per format, each turning a row of the log into canonical events.

The port is `Decoder`. A decoder never drops anything: what it has no name for becomes `custom`. It raises
Undecodable only for a body that is not of its format at all. It is pure: the same row gives the same events.
"""

from typing import Protocol

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import canonical, cloudevents, posthog, record, rows, segment
from honeyguide.funnel.decode.arrived import Arrived, LogRow
from honeyguide.funnel.events import Undecodable
from honeyguide.funnel.sources import Source


class Decoder(Protocol):
    """The port: events of one row. Raises Undecodable."""

    def __call__(self, arrived: Arrived, /) -> list[CanonicalEvent]: ...


DECODERS: dict[str, Decoder] = {
    "segment": segment.decode,
    "posthog": posthog.decode,
    "cloudevents": cloudevents.decode,
    "stripe": record.decode_as("stripe"),
    "zendesk": record.decode_as("zendesk"),
    "import": rows.decode,
    "canonical": canonical.decode,
    "webhook": record.decode_webhook,
    "record": record.decode,
    "redacted": lambda _: [],  # its content was taken out of the log
}


def decode(row: LogRow, source: Source) -> list[CanonicalEvent]:
    """The canonical events of one row of the log. Raises Undecodable with a reason code and a sentence."""
    decoder = DECODERS.get(row["format"])
    if decoder is None:
        raise Undecodable("unknown_format", f"No decoder reads the format {row['format']!r}.")
    return decoder(Arrived.of(row, source))
