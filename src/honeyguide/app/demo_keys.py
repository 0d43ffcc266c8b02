"""The demo company's own keys, kept in the data folder (mode 0600)."""

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from honeyguide.core.errors import NotFound
from honeyguide.settings import Settings


class DemoKeys(Struct):
    """Write keys (of connections: hook keys) by source, signing secrets by source, API keys by role.

    `vendors_port` is where the demo's vendors listen, `token` what they want to see.
    """

    write_keys: dict[str, str]
    secrets: dict[str, str]
    api_keys: dict[str, str]
    vendors_port: int = 0
    token: str = ""


def _path(settings: Settings) -> Path:
    return settings.data / "demo-keys.json"


def load_keys(settings: Settings) -> DemoKeys:
    """The demo's keys. Raises NotFound where no demo company was opened."""
    with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode(_path(settings).read_bytes(), type=DemoKeys)
    raise NotFound("There is no demo company in this data folder.", advice="Start it with `honeyguide up --demo`.")


def keep_keys(settings: Settings, keys: DemoKeys) -> None:
    """Write them for this account only."""
    handle = os.open(_path(settings), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(keys))
