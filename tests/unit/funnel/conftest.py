from collections.abc import AsyncIterator

import pytest

from honeyguide.db import Database
from honeyguide.funnel import Committer
from honeyguide.web.doors import Doors


@pytest.fixture
async def committer(db: Database) -> AsyncIterator[Committer]:
    opened = Committer(db)
    yield opened
    await opened.close()


@pytest.fixture
def door(db: Database, committer: Committer) -> Doors:
    return Doors(db, committer)
