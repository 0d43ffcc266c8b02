"""A 2xx survives killing the web process and PostgreSQL; and the harness that says so can see a loss."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import harness

pytestmark = pytest.mark.crash


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hg-crash-", ignore_cleanup_errors=True) as path:
        yield Path(path)


async def test_nothing_acknowledged_is_lost_or_doubled(folder: Path) -> None:
    found = await harness.run(folder, kills=20)
    print(f"{found.tally.kills} kills, {len(found.tally.acknowledged)} acknowledged, {found.tally.retries} retries, "
          f"{found.tally.duplicates} duplicates: {found.missing} missing, {found.twice} twice")  # fmt: skip
    assert found.tally.kills == 20
    assert len(found.tally.acknowledged) > 2_000
    assert found.tally.duplicates > 100
    assert found.tally.retries > 0  # the kills were felt
    assert (found.missing, found.twice, found.invented) == (0, 0, 0)


async def test_the_harness_sees_a_loss(folder: Path) -> None:
    """Negative control: a server that answers before the flush does lose, and the harness must notice."""
    found = await harness.run(folder, kills=8, synchronous_commit="off")
    print(f"{len(found.tally.acknowledged)} acknowledged with synchronous_commit=off: {found.missing} missing")
    assert found.missing > 0
