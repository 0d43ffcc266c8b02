"""Which record a record is: the message id under which one version of it enters the log, however it came."""

from collections.abc import Mapping
from typing import Any

import msgspec

from honeyguide.core.ids import content_id
from honeyguide.funnel.definitions.paths import path, truthy
from honeyguide.funnel.definitions.spec import StreamSpec

_sorted = msgspec.json.Encoder(order="deterministic")


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value).strip()


def record_id(stream: StreamSpec, record: Any) -> str:
    """The record's own id in its system; empty when it has none."""
    return _plain(path(stream.id)(record)) if stream.id else ""


def message_id(name: str, stream: StreamSpec, record: Mapping[str, Any]) -> str:
    """`stream:id:version`. A record without a version is versioned by its content, one without an id named by it."""
    ident = record_id(stream, record)
    version = _plain(path(stream.version)(record)) if stream.version else ""
    if is_deleted(stream, record):
        version += ":deleted"
    if not ident or not version:
        content = content_id(_sorted.encode(record)).hex
        ident, version = ident or content, version or content
    return f"{name}:{ident}:{version}"


def is_deleted(stream: StreamSpec, record: Any) -> bool:
    """Does the system say this record is gone, or has a full sync found it gone (`_gone`)?"""
    if isinstance(record, dict) and record.get("_gone") is True:
        return True
    return bool(stream.deleted) and truthy(path(stream.deleted)(record))
