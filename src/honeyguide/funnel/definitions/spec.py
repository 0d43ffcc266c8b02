"""What a definition may say: how to fetch a system's records and webhooks, and what they mean in our vocabulary.

A definition is data (one YAML file, docs/reference/connectors.md). Paths in it are JMESPath.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

ValueType = Literal[
    "any", "text", "integer", "number", "money", "minor", "boolean", "time", "rating", "slug", "date", "currency",
]  # fmt: skip
Transport = Literal["http", "sql", "mcp", "file", "bulk"]


class ValueSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A value: from a path, a constant, a template or the first of several, then typed and translated.

    `money` is an amount in major units of `currency` (a code, or the path of one) and becomes integer minor units.
    """

    path: str = ""
    type: ValueType = "any"
    value: Any = None
    template: str = ""
    first: "list[str | ValueSpec]" = field(default_factory=list)
    map: dict[str, Any] = field(default_factory=dict)
    default: Any = None
    currency: str = ""


Value = str | ValueSpec | None


class PersonSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Who a record is about: the source's own id, identifiers, traits, and objects whose other scalars are kept.

    `emails` are further addresses of the same person: they identify, and `email` stays the address.
    """

    id: Value = None
    email: Value = None
    emails: Value = None
    anonymous_id: Value = None
    external: dict[str, Value] = field(default_factory=dict)
    traits: dict[str, Value] = field(default_factory=dict)
    keep: str | list[str] = ""


class CompanySpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Which company a record is about, and the id of its parent in the same source. `domains` are further ones."""

    id: Value = None
    domain: Value = None
    domains: Value = None
    name: Value = None
    parent: Value = None
    external: dict[str, Value] = field(default_factory=dict)
    traits: dict[str, Value] = field(default_factory=dict)
    keep: str | list[str] = ""


class OtherSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Another record an event speaks of (those a merge retired): by its id, once per element of `each`."""

    id: Value
    kind: Literal["persona", "company"] = "persona"
    each: str = ""


class KindSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind that depends on the record: the text at `path`, translated."""

    path: str
    map: dict[str, str]
    default: str = ""


class EventSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """An event a record tells when `when` holds. `kind` may be `auto`: the vocabulary's kind of its name.

    `otherwise`: only when no event before it was told.
    """

    kind: str | KindSpec
    name: Value = None
    when: str = ""
    otherwise: bool = False
    each: str = ""
    at: Value = None
    props: dict[str, Value] = field(default_factory=dict)
    properties: str = ""
    keep: str | list[str] = ""
    person: PersonSpec | None = None
    company: CompanySpec | None = None
    others: list[OtherSpec] | None = None
    ref: str = ""
    text: str = ""


class RefuseSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A record that tells nothing: it becomes a dead letter with this reason (a code) and sentence."""

    when: str
    reason: str
    say: str


class MapSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """What one shape of record means."""

    events: list[EventSpec]
    refuse: list[RefuseSpec] = field(default_factory=list)
    time: Value = None
    each: str = ""
    person: PersonSpec | None = None
    company: CompanySpec | None = None
    others: list[OtherSpec] = field(default_factory=list)
    ref: str = ""
    text: str = ""


class RequestSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One request. Strings are templates over config, cursor, since, page and id."""

    path: str = ""
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    sql: str = ""
    tool: str = ""
    resource: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    files: str = ""


class PagingSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """How the next page is found. `capped`: true where the list ends at a limit of the system; it is asked for again from
    the newest record on.
    """

    kind: Literal["none", "cursor", "link", "url", "offset", "page"] = "none"
    next: str = ""
    param: str = ""
    json: str = ""
    more: str = ""
    capped: str = ""
    start: int = 0
    size: int = 0
    limit_param: str = ""


class CursorSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """How a sync goes on where the last one ended: the newest `field` seen, less the overlap, asked for again."""

    field: str
    format: Literal["iso", "epoch", "epoch_ms", "text"] = msgspec.field(default="iso", name="as")
    param: str = ""
    overlap_s: int = 120
    initial: str = ""


class ChildSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A sub-request per record; its records are merged into the record under the child's name."""

    path: str
    records: str = ""
    when: str = ""
    method: Literal["GET", "POST"] = "GET"
    json: Any = None


class StreamSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of record of a system."""

    request: RequestSpec = field(default_factory=RequestSpec)
    transport: Transport = "http"
    paging: PagingSpec = field(default_factory=PagingSpec)
    records: str = "@"
    id: str = "id"
    version: str = ""
    cursor: CursorSpec | None = None
    deleted: str = ""
    tombstones: bool = False
    children: dict[str, ChildSpec] = field(default_factory=dict)
    map: str = ""
    optional: bool = False
    every_s: int = 300
    hook: str = ""
    one: "RequestSpec | None" = None  # fetches a single record by {id}


class RouteSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Which map reads a webhook's item. With `stream`, what stands at `record` is a record of that stream.

    With `format`, the item is a payload of a format that has a decoder of its own.
    """

    map: str = ""
    format: Literal["", "segment"] = ""
    when: str = ""
    stream: str = ""
    record: str = "@"
    refetch: Value = None


class WebhookSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """How a system's webhooks are verified, split, named and read. `generic` schemes are set per source."""

    routes: list[RouteSpec] = field(default_factory=list)
    verify: str = ""
    items: str = ""
    id: str = ""
    time: str = ""
    kind: str = ""


class ConfigField(Struct, frozen=True, forbid_unknown_fields=True):
    """A question to the operator who connects the system."""

    label: str
    required: bool = False
    secret: bool = False
    default: str = ""
    help: str = ""


class HttpSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The address of an HTTP API and how hard it may be asked."""

    base: str = ""
    per_second: float = 5.0
    headers: dict[str, str] = field(default_factory=dict)


class Definition(Struct, frozen=True, forbid_unknown_fields=True):
    """A connector: everything Honeyguide needs to know about a system."""

    connector: str
    label: str
    version: int = 1
    about: str = ""
    group: str = "other"
    config: dict[str, ConfigField] = field(default_factory=dict)
    auth: dict[str, Any] = field(default_factory=lambda: {"kind": "none"})
    http: HttpSpec = field(default_factory=HttpSpec)
    currency: str = "USD"
    streams: dict[str, StreamSpec] = field(default_factory=dict)
    webhook: WebhookSpec | None = None
    maps: dict[str, MapSpec] = field(default_factory=dict)

    def map_of(self, stream: str) -> MapSpec | None:
        """The map that reads a stream's records."""
        found = self.streams.get(stream)
        return self.maps.get((found.map if found else "") or stream)
