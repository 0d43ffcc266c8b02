"""Definitions: what Honeyguide needs to know about a system, as data (docs/reference/connectors.md).

`parse_definition` reads one from YAML and checks it as a whole; `library` holds those of this release;
`definition_of` is what a source is read by. Applying the maps to records is `funnel.decode.maps`.
"""

from honeyguide.funnel.definitions.keys import is_deleted, message_id, record_id
from honeyguide.funnel.definitions.parse import (
    convert_definition,
    definition_of,
    library,
    library_names,
    parse_definition,
)
from honeyguide.funnel.definitions.paths import path, plain_text, template, truthy
from honeyguide.funnel.definitions.spec import Definition, MapSpec, StreamSpec, WebhookSpec

__all__ = [
    "Definition", "MapSpec", "StreamSpec", "WebhookSpec", "convert_definition", "definition_of", "is_deleted", "library",
    "library_names", "message_id", "parse_definition", "path", "plain_text", "record_id", "template", "truthy",
]  # fmt: skip
