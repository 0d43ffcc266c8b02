"""What happened live at the vendors, kept in a file: a vendor that was restarted knows what it knew before.

History is told anew from the story each time; what came after it happened at a time of its own, so it is written down.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from honeyguide.demo.event import DemoEvent

DIARY_FILE = "demo-vendors.jsonl"
KEPT = 20_000  # about two days at the usual pace; the oldest are forgotten first


class Diary:
    """Events of the vendors, one a line. A line that a kill tore is passed over."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._path, self._kept = folder / DIARY_FILE, kept

    def read(self) -> Iterator[DemoEvent]:
        """Everything written so far, in its order. The file is left whole, and no longer than it may be."""
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        found = [line for line in lines if _event(line) is not None][-self._kept :]
        if found:
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(b"".join(line + b"\n" for line in found))
            fresh.replace(self._path)
        return (event for event in map(_event, found) if event is not None)

    def write(self, event: DemoEvent) -> None:
        """Add one."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(event) + b"\n")

    def forget(self) -> None:
        """Another story begins."""
        self._path.unlink(missing_ok=True)


def _event(line: bytes) -> DemoEvent | None:
    with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode(line, type=DemoEvent)
    return None
