"""The soak of benchmarks/soak.py, fifty times shorter: mixed senders, three kills, every count equal."""

import tempfile
from pathlib import Path

import pytest
from benchmarks import soak


@pytest.mark.crash
@pytest.mark.slow
async def test_every_count_is_equal_after_three_kills() -> None:
    with tempfile.TemporaryDirectory(prefix="hg-soak-", ignore_cleanup_errors=True) as folder:
        found = await soak.run(Path(folder), 20_000)
    soak.report(found)
    assert found["wrong"] == []
    assert [name for name, held in found["checks"].items() if not held] == []
    assert found["counted"]["accepted"] > 18_000
    assert min(found["counted"].values()) > 0, "every kind of input was there"
    assert found["server_peak_mb"] <= soak.MEMORY_MB
