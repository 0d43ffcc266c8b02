"""`up` survives what people do to it: kill -9 of any part, twice at once, Ctrl-C."""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from honeyguide.db.embedded import Cluster
from tests.journeys.product import COMMAND, Product, eventually, running, up_log


def _children(product: Product) -> dict[str, int]:
    """Pids by command of the processes the supervisor started."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            ours = f"HONEYGUIDE_DATA={product.data}".encode() in environment
            if ours and "honeyguide.cli" in words and words[-2] in ("serve", "work"):
                found[words[-2]] = int(entry.name)
    return found


def _healthy(product: Product) -> bool:
    return httpx.get(f"{product.base}/health", timeout=5).status_code == 200


def _accepts(product: Product, key: str, message: str) -> bool:
    call = {
        "type": "track",
        "messageId": message,
        "userId": "u1",
        "event": "Feature Used",
        "properties": {"feature": "x"},
    }
    return httpx.post(f"{product.base}/v1/batch", json={"batch": [call]}, auth=(key, ""), timeout=10).status_code == 200


@pytest.mark.slow
@pytest.mark.crash
def test_any_part_may_be_killed(tmp_path: Path) -> None:
    with running(tmp_path) as product:
        key = product.source("segment", "product")
        assert _accepts(product, key, "before")
        for part in ("serve", "work"):
            before = eventually(lambda: c if len(c := _children(product)) == 2 else None, "both children")
            os.kill(before[part], signal.SIGKILL)
            eventually(lambda p=part, b=before: _children(product).get(p, b[p]) != b[p], f"a new {part}")  # type: ignore[misc]
            eventually(lambda: _healthy(product), "health")
        Cluster(product.data).kill()
        eventually(lambda: _accepts(product, key, "after PostgreSQL's death"), "an accepted event")

        again = subprocess.run(
            [*COMMAND, "up"], env=product._environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert again.returncode == 0
        assert "already runs here" in again.stdout
        assert re.search(r"/sign-in/hgl_", again.stdout)
        assert "PostgreSQL ended; starting it again" in up_log(product)
        listed = product.command("source", "list")
        assert re.search(r"product +segment +\w+ +2 accepted", listed), listed


@pytest.mark.slow
@pytest.mark.crash
def test_a_killed_supervisor_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with running(tmp_path) as product:
        key = product.source("segment", "product")
        assert _accepts(product, key, "before")
        orphans = _children(product)
        product.process.kill()
        product.process.wait()
        with running(tmp_path, data=product.data) as second:
            assert _accepts(second, key, "after")
            assert re.search(r"product +segment +\w+ +2 accepted", second.command("source", "list"))
            assert not set(orphans.values()) & set(_children(second).values())
        assert not Cluster(product.data).running()
