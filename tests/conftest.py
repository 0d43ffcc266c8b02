"""One embedded PostgreSQL 18 per test process; a workspace of its own for every test.

Tests are isolated the way customers are: by row-level security. A test that needs an empty database asks for
`fresh_dsn`, a clone of the migrated template.
"""

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.settings import Settings
from tests.scratch import scratch

hypothesis_settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=40, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.register_profile(
    "nightly", deadline=None, max_examples=1_000, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
_numbers = itertools.count(1)


_SPREAD = 0.7  # the part of the run over which slow files are spread; the rest evens out what the workers have left


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files evenly among the others: a journey mostly waits, and what waits should not wait beside its like."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    slow = [
        path for path, tests in files.items() if any(t.get_closest_marker(m) for t in tests for m in ("slow", "crash"))
    ]
    rest = [path for path in files if path not in set(slow)]
    places = {path: (i + 0.5) / len(rest) for i, path in enumerate(rest)}
    places |= {path: i * _SPREAD / len(slow) for i, path in enumerate(slow)}
    items[:] = [item for path in sorted(files, key=lambda p: places[p]) for item in files[path]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server of this test process, on a data folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="hg-test-", dir=scratch(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        running = Cluster(Path(folder), os.environ.get("HONEYGUIDE_POSTGRES", "auto"))
        running.start()
        yield running
        running.kill()


@pytest.fixture(scope="session")
def dsn(cluster: Cluster) -> str:
    """The migrated database most tests share (DATABASE_URL when it is set: then any PostgreSQL 18)."""
    chosen = os.environ.get("HONEYGUIDE_TEST_DATABASE_URL") or cluster.dsn
    asyncio.run(migrate(chosen))
    return chosen


@pytest.fixture
def fresh_dsn(cluster: Cluster) -> str:
    """An empty database, not migrated."""
    name = f"fresh_{os.getpid()}_{next(_numbers)}"

    async def make() -> None:
        server = await asyncpg.connect(cluster.dsn, database="postgres")
        await server.execute(f"create database {name}")
        await server.close()

    asyncio.run(make())
    return cluster.dsn.replace("@/honeyguide?", f"@/{name}?")


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """The product's own door, as the application role."""
    opened = await Database.open(dsn, size=6)
    yield opened
    await opened.close()


def _slug() -> str:
    return f"t-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
async def workspace(db: Database) -> int:
    """A workspace no other test sees."""
    return await create_workspace(db, _slug(), "Test company")


@pytest.fixture
async def other_workspace(db: Database) -> int:
    """A second one, for isolation."""
    return await create_workspace(db, _slug(), "Other company")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings as a user would have them, with a data folder of the test's own."""
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_BASE_URL": "http://localhost:8600"})


@pytest.fixture
def shared_path() -> Callable[[str], Path]:
    """Payloads of other people's systems, beside the checkout; the test is skipped where they are absent."""

    def find(relative: str) -> Path:
        path = _SHARED / relative
        if not path.exists():
            pytest.skip(
                f"needs ../shared/{relative}: payloads of other people's systems, which a checkout does not carry"
            )
        return path

    return find


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """`at("2026-03-01")` or `at("2026-03-01T10:00")`: an aware time in UTC."""

    def parse(text: str) -> datetime:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    return parse
