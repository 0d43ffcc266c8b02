"""The whole product as a user starts it: `honeyguide up` in a process of its own, on a data folder of its own."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.scratch import scratch

T = TypeVar("T")
COMMAND = [sys.executable, "-m", "honeyguide.cli"]


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(find: Callable[[], T | None], what: str, patience_s: float = 90.0) -> T:
    """Ask again until there is an answer. Fails with what was waited for."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            found = find()
            if found:
                return found
        time.sleep(0.25)
    raise AssertionError(f"waited {patience_s:.0f} s in vain for {what}")


class Product:
    """A running installation."""

    def __init__(self, folder: Path, port: int, process: "subprocess.Popen[str]", environment: dict[str, str]) -> None:
        self.folder, self.port, self.process, self._environment = folder, port, process, environment
        self.data = Path(environment["HONEYGUIDE_DATA"])
        self.base = f"http://127.0.0.1:{port}"

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run `honeyguide ...` beside it; returns what it printed."""
        done = subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, env=self._environment, check=False, timeout=120
        )
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def source(self, kind: str, name: str, secret: str | None = None, *options: str) -> str:
        """A new source's key."""
        extra = ["--secret", secret] if secret else []
        found = re.search(r"hgw_[\w-]+", self.command("source", "create", kind, name, *extra, *options))
        assert found
        return found.group()

    def api(self, *scopes: str, name: str = "test") -> httpx.Client:
        """A client with an API key."""
        key = self.command("key", "create", name, *(x for s in scopes for x in ("--scope", s))).strip()
        return httpx.Client(base_url=self.base, headers={"authorization": f"Bearer {key}"}, timeout=30)

    def send(self, key: str, *calls: dict[str, Any]) -> None:
        """Segment calls in one batch."""
        done = httpx.post(f"{self.base}/v1/batch", json={"batch": list(calls)}, auth=(key, ""), timeout=30)
        assert done.status_code == 200, done.text


@contextlib.contextmanager
def running(folder: Path, *options: str, data: Path | None = None) -> Iterator[Product]:
    """`honeyguide up`, until it answers; stopped with Ctrl-C at the end, and checked to have stopped cleanly.

    `data`: the data folder of an earlier one; else it has a new one, which is thrown away.
    """
    if data is not None:
        with _started(folder, data, *options) as product:
            yield product
        return
    with tempfile.TemporaryDirectory(prefix="hg-up-", dir=scratch(), ignore_cleanup_errors=True) as fresh:
        Path(fresh).chmod(0o755)  # as root, the server has an account of its own
        with _started(folder, Path(fresh), *options) as product:
            yield product


@contextlib.contextmanager
def _started(folder: Path, data: Path, *options: str) -> Iterator[Product]:
    port, sink = free_port(), free_port()
    environment = {
        **os.environ, "HONEYGUIDE_DATA": str(data), "HONEYGUIDE_PORT": str(port),
        "HONEYGUIDE_SINK_PORT": str(sink), "HONEYGUIDE_MODEL": "none", "HONEYGUIDE_BASE_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    log = (folder / "up.log").open("w")
    process = subprocess.Popen(
        [*COMMAND, "up", *options],
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
    )
    product = Product(folder, port, process, environment)
    try:
        eventually(lambda: process.poll() is not None or _answers(product), f"`up` to answer; see {folder}/up.log")
        assert process.poll() is None, (folder / "up.log").read_text()
        yield product
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        killed_on_purpose = process.returncode == -signal.SIGKILL
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        log.close()
    assert code == 0 or killed_on_purpose, (folder / "up.log").read_text()


def _answers(product: Product) -> bool:
    return httpx.get(f"{product.base}/health", timeout=5).status_code == 200


def up_log(product: Product) -> str:
    """What `up` has printed so far."""
    return (product.folder / "up.log").read_text()
