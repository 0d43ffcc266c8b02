"""Where servers that are thrown away keep their data."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # a folder of our own is made in it
_ROOM = 6 << 30


def scratch() -> str | None:
    """A folder in memory where there is one with room, else None for the usual place of temporary files.

    A commit waits for the disk, and most of what a test of the store did was waiting. What a kill leaves behind is the
    same in both; only losing power differs, which no test here does.
    """
    return str(_MEMORY) if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None
