"""Forms several routes share. Outputs have no defaults: what a field means never depends on its absence."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from honeyguide.core.errors import NotFound

_PLAIN = r"^[^\x00]*$"
_LARGEST = 2**63 - 1


def _in_reach(at: datetime) -> datetime:
    """Refuse moments no event can be of: arithmetic with them leaves the calendar."""
    if not 1900 <= at.year <= 2200:
        raise ValueError("a moment from 1900 to 2200")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
EntityId = Annotated[str, Path(pattern=r"^[0-9]{1,19}$", description="A 63-bit id, as a string.")]
Search = Annotated[str, Query(max_length=200, pattern=_PLAIN)]
Words = Annotated[str, StringConstraints(max_length=2_000, pattern=_PLAIN)]
LongWords = Annotated[str, StringConstraints(max_length=20_000, pattern=_PLAIN)]


class Out(BaseModel):
    """The base of every answer."""

    model_config = ConfigDict(extra="forbid")


class In(BaseModel):
    """The base of every request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Evidence(Out):
    """Why we believe something."""

    source: str
    record: str
    quote: str
    inferrer: str
    confidence: float
    event_id: str
    at: str


class Named(Out):
    """Something with an id and a name."""

    id: str
    name: str


class CompanyName(Out):
    """A company, with its segment where known."""

    id: str
    name: str
    segment: str | None


class Node(Out):
    """A node of the graph."""

    id: str
    kind: str
    name: str
    detail: str


class Edge(Out):
    """An edge of the graph, as believed at the time asked for."""

    kind: str
    src: str
    dst: str
    confidence: float
    valid_from: datetime
    valid_to: datetime | None
    inferrer: str


class AsOf(Out):
    """What was asked: valid when, as known when; null means now."""

    valid_at: datetime | None
    recorded_at: datetime | None


class Neighbourhood(Out):
    """What surrounds an entity."""

    centre: str
    nodes: list[Node]
    edges: list[Edge]
    truncated: bool
    as_of: AsOf


def number(entity_id: str) -> int:
    """An entity id as a number. Raises NotFound for one that cannot exist."""
    value = int(entity_id)
    if value > _LARGEST:
        raise NotFound("There is no such thing here.")
    return value


def evidence(found: Any) -> Evidence:
    """Evidence from a stored dict, a Struct or a row: what is missing is empty."""
    values = found if isinstance(found, dict) else {n: getattr(found, n, None) for n in Evidence.model_fields}
    return Evidence(
        source=str(values.get("source") or ""),
        record=str(values.get("record") or ""),
        quote=str(values.get("quote") or ""),
        inferrer=str(values.get("inferrer") or ""),
        confidence=float(values.get("confidence") or 0.0),
        event_id=str(values.get("event_id") or ""),
        at=str(values.get("at") or ""),
    )
