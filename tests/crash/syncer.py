"""A worker that does nothing but sync, to be killed: `python -m tests.crash.syncer DSN WORKSPACE`."""

import asyncio
import sys

from honeyguide.connectors.sync import sync_due
from honeyguide.db import Database
from tests.crash.settings import WORKER_SETTINGS


async def main(dsn: str, workspace: int) -> None:
    """Sync until killed."""
    db = await Database.open(dsn, size=3, require_safe=False)
    while True:
        if not await sync_due(db, workspace, WORKER_SETTINGS, lease_s=1.0):
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
