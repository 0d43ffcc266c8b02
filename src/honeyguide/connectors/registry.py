"""The transports there are: ours in one visible tuple, other people's by the entry-point group `honeyguide.connectors`.

An entry point names a `Plugin`: transports, and definitions as YAML text.
"""

import logging
from functools import lru_cache
from importlib.metadata import entry_points

from msgspec import Struct

from honeyguide.connectors.bulk import BULK
from honeyguide.connectors.files import FILES
from honeyguide.connectors.mcp import MCP
from honeyguide.connectors.port import Transport
from honeyguide.connectors.rest import REST
from honeyguide.connectors.sql import SQL
from honeyguide.core.errors import BadInput
from honeyguide.funnel.definitions import Definition, StreamSpec, library, parse_definition

GROUP = "honeyguide.connectors"
BUILT_IN: tuple[Transport, ...] = (REST, SQL, MCP, FILES, BULK)
_log = logging.getLogger(__name__)


class Plugin(Struct, frozen=True):
    """What another package brings: transports (chosen by `hook: NAME` in a stream) and definitions (YAML texts)."""

    transports: tuple[Transport, ...] = ()
    definitions: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def plugins() -> tuple[Plugin, ...]:
    """Those installed beside Honeyguide. One that cannot be loaded is left out and named in the log."""
    found = []
    for entry in entry_points(group=GROUP):
        try:
            loaded = entry.load()
        except Exception:  # noqa: BLE001  # somebody else's package must not stop ours
            _log.exception("the connector package %s cannot be loaded", entry.name)
            continue
        if isinstance(loaded, Plugin):
            found.append(loaded)
        else:
            _log.error("the connector package %s names no Plugin", entry.name)
    return tuple(found)


def transports() -> dict[str, Transport]:
    """Every transport by its name; ours cannot be replaced."""
    theirs = {t.name: t for plugin in plugins() for t in plugin.transports}
    return theirs | {t.name: t for t in BUILT_IN}


def transport_of(spec: StreamSpec) -> Transport:
    """The transport of a stream. Raises BadInput when it is not installed."""
    name = spec.hook or spec.transport
    found = transports().get(name)
    if found is None:
        raise BadInput(
            f"There is no transport {name!r}.", f"There are: {', '.join(sorted(transports()))}.",
            advice="Install the package that brings it.",
        )  # fmt: skip
    return found


def definitions() -> dict[str, Definition]:
    """Every definition that can be connected: the library's, and those of installed packages."""
    theirs = {}
    for plugin in plugins():
        for text in plugin.definitions:
            made = parse_definition(text, "a definition of an installed package")
            theirs[made.connector] = made
    return theirs | library()
