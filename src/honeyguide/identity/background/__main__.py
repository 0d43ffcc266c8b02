"""The process of one pass: `python -m honeyguide.identity.background FOLDER` (see `exchange`), at low priority."""

import contextlib
import os
import sys
from pathlib import Path

from honeyguide.identity.background.passing import run


def main() -> int:
    """Run the job of the folder; the result is a file, the exit code tells whether it is there."""
    with contextlib.suppress(OSError):
        os.nice(10)  # the road goes first
    run(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
