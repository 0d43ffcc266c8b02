"""`honeyguide up`: one supervised process tree. PostgreSQL, web, worker and the demo's driver live and die with it.

Each child is restarted when it dies, with growing pauses. Ctrl-C stops them in order, PostgreSQL last. After a
kill -9 of anything the next `up` finds a running server and uses it, or starts it on what the log preserved.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from honeyguide.app.lifeline import SUPERVISOR
from honeyguide.app.report import Report
from honeyguide.app.where import cluster_of
from honeyguide.core.errors import Unavailable
from honeyguide.db.embedded import Cluster
from honeyguide.settings import Settings

_PAUSES_S = (0.2, 1, 2, 5, 10, 30)
# The matrices are small: threads of the linear algebra only wait for each other and take the cores of the other children.
_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Child:
    """A part of the product in a process of its own."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name, self._arguments = name, arguments
        self._popen: subprocess.Popen[bytes] | None = None
        self._deaths, self._not_before, self._since = 0, 0.0, 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it only through us, in order."""
        environment = {**_THREADS, **os.environ, SUPERVISOR: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "honeyguide.cli", *self._arguments], env=environment, start_new_session=True
        )
        self._since = time.monotonic()

    def look(self, report: Report) -> bool:
        """Restart it when it died. Returns whether it finished its work for good (exit code 0)."""
        if self._popen is None:
            if time.monotonic() >= self._not_before:
                self.start()
            return False
        code = self._popen.poll()
        if code is None:
            if time.monotonic() - self._since > 60:
                self._deaths = 0
            return False
        self._popen = None
        if code == 0:
            return True
        pause = _PAUSES_S[min(self._deaths, len(_PAUSES_S) - 1)]
        self._deaths += 1
        self._not_before = time.monotonic() + pause
        report.note(f"{self.name} ended (exit {code}); starting it again in {pause:g} s")
        return False

    def stop(self, patience_s: float) -> None:
        """Ask it to end; kill it when it does not."""
        if self._popen is None or self._popen.poll() is not None:
            return
        self._popen.terminate()
        try:
            self._popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Supervisor:
    """Brings everything up, watches it, takes it down."""

    def __init__(self, settings: Settings, *, demo: bool, report: Report) -> None:
        self._settings, self._demo, self._report = settings, demo, report
        self._cluster: Cluster | None = None
        self._children: list[Child] = []
        self._stopping = False

    def run(self) -> int:
        """Bring up, watch until asked to stop. Returns the exit code."""
        self._settings.data.mkdir(parents=True, exist_ok=True)
        with _only_one(self._settings) as mine:
            if not mine:
                return self._already_running()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._ask_to_stop)
            try:
                self._bring_up()
                self._watch()
            finally:
                self._take_down()
        return 0

    def _ask_to_stop(self, *_: Any) -> None:
        self._stopping = True

    def _already_running(self) -> int:
        self._report.say(f"Honeyguide already runs here, at {self._settings.base_url}")
        with contextlib.suppress(Unavailable):
            self._report.links(_prepare(self._demo, only_links=True))
        return 0

    def _bring_up(self) -> None:
        settings, report = self._settings, self._report
        _free_port(settings.host, settings.port)
        with report.step("Starting PostgreSQL 18") as step:
            self._cluster = cluster_of(settings)
            if self._cluster:
                step.result("started" if self._cluster.start() else "already running")
            else:
                step.result("yours, by DATABASE_URL")
        with report.step("Schema, program and " + ("the demo company" if self._demo else "workspace")):
            links = _prepare(self._demo)
        self._children = [Child("web", ["serve"]), Child("worker", ["work"])]
        with report.step("Starting web and worker"):
            for child in self._children:
                child.start()
            self._wait_until_it_answers()
        report.ready(settings, links, self._demo)
        self._children.append(Child("reader", ["read"]))
        self._children[-1].start()
        # Weights come in their own time: nobody waits for them, and the child is done when they are here or cannot come.
        self._children.append(Child("model fetch", ["model", "fetch"]))
        self._children[-1].start()
        if self._demo:
            self._children.append(Child("demo company", ["demo", "run"]))
            self._children[-1].start()

    def _wait_until_it_answers(self, patience_s: float = 60.0) -> None:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not self._stopping:
            with contextlib.suppress(OSError), socket.create_connection((self._settings.host, self._settings.port), 1):
                return
            for child in self._children:
                child.look(self._report)
            time.sleep(0.1)
        if not self._stopping:
            raise Unavailable("The web process did not start.", advice="Its messages stand above.")

    def _watch(self) -> None:
        while not self._stopping:
            if self._cluster and not self._cluster.alive():
                self._report.note("PostgreSQL ended; starting it again")
                with contextlib.suppress(Unavailable):
                    self._cluster.start()
            self._children = [c for c in self._children if not c.look(self._report)]
            time.sleep(0.3)

    def _take_down(self) -> None:
        if self._children or self._cluster:
            self._report.say("\nStopping ...")
        for child in reversed(self._children):
            child.stop(12)
        if self._cluster:
            self._cluster.stop()
            self._report.say("Stopped. Everything is kept; `make up` or `honeyguide up` goes on from here.")


@contextlib.contextmanager
def _only_one(settings: Settings) -> Iterator[bool]:
    """Hold the data folder for this supervisor; False when another holds it. A killed holder's lock is gone with it."""
    file: IO[str]
    with (settings.data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _free_port(host: str, port: int, patience_s: float = 6.0) -> None:
    """Wait for the port: the web process of a killed supervisor needs a second to notice and end."""
    deadline = time.monotonic() + patience_s
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as e:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"Port {port} is taken by another program.", str(e),
                        advice=f"Choose another: HONEYGUIDE_PORT={port + 1} make up",
                    ) from e  # fmt: skip
        time.sleep(0.2)


def _prepare(demo: bool, *, only_links: bool = False) -> list[tuple[str, str]]:
    """Schema, first contents and sign-in links, by a process that ends: what it needs is not kept in memory."""
    arguments = ["prepare", *(["--demo"] if demo else []), *(["--only-links"] if only_links else [])]
    done = subprocess.run(
        [sys.executable, "-m", "honeyguide.cli", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unavailable("The store could not be prepared.", done.stderr.strip().removeprefix("honeyguide: "))
    return msgspec.json.decode(done.stdout, type=list[tuple[str, str]])


def is_supervised(settings: Settings) -> bool:
    """Whether a supervisor holds the data folder right now."""
    if not settings.data.exists():
        return False
    with _only_one(settings) as free:
        return not free
