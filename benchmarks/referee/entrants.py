"""Worlds and policies by name: our own, and anybody's as `module:name` or `path/to/file.py:name`."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.referee import learners, rivals
from benchmarks.referee.adapter import Policy, Setting, World
from benchmarks.referee.nature import EXTRA, WORLDS
from benchmarks.referee.player import Player
from benchmarks.referee.season import season

MakeWorld = Callable[[int, int], World]
"""Seed and number of customers to a world."""
MakePolicy = Callable[[Setting, int], Policy]
"""What everybody knows and a seed to a policy."""

POLICIES: dict[str, MakePolicy] = {
    "nobody": rivals.Nobody,
    "static": rivals.Static,
    "segment": rivals.BySegment,
    "trigger": rivals.Trigger,
    "lints": learners.LinTS,
    "trigger-ts": learners.TriggerTS,
    "brain": Player,
}
ORACLE = "oracle"


def world_maker(name: str) -> MakeWorld:
    """The maker of a world of ours or of somebody else's."""
    if name in (*WORLDS, *EXTRA):
        return lambda seed, size: season(name, seed, size)
    found: MakeWorld = _named(name)
    return found


def policy_maker(name: str) -> MakePolicy:
    """The maker of a policy of ours or of somebody else's."""
    if name in POLICIES:
        return POLICIES[name]
    found: MakePolicy = _named(name)
    return found


def _named(name: str) -> Any:
    place, _, what = name.rpartition(":")
    if not place:
        raise SystemExit(
            f"There is no '{name}'. Names: {', '.join((*WORLDS, *EXTRA, *POLICIES, ORACLE))}, or module:name."
        )
    if not place.endswith(".py"):
        return getattr(importlib.import_module(place), what)
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise SystemExit(f"'{place}' cannot be read as Python.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, what)
