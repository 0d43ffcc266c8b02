"""The library on disk: a general layer, one per stage, per segment, and per both, and one per vertical laid over them.

A layer adds steps, changes inherited ones field by field, drops some, and may limit what all of them offer. So 168
cells come from about 40 short files, and each part of a step remembers which file it came from and why.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS, Segment, Stage, Vertical
from honeyguide.programs.playbooks.step import Channel, Layer, OfferChoice, Tone
from honeyguide.programs.terms import Incentive, Size

_FOLDER = files("honeyguide.programs.playbooks").joinpath("library")


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """Other values for some fields of an inherited step (`*`: of every inherited step)."""

    step: str
    because: str
    set: dict[str, Any]


class Drop(Struct, frozen=True, forbid_unknown_fields=True):
    """An inherited step that does not apply here."""

    step: str
    because: str


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every step of the cell. `instead` stands where a limit leaves a step without an offer."""

    because: str
    no_incentives: list[Incentive] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    first_tone: Tone | None = None
    no_tones: list[Tone] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    gap_days: int = 0
    instead: list[OfferChoice] = field(default_factory=list)


class LayerFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the library. `defaults` complete the steps this file adds."""

    goal: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    drop: list[Drop] = field(default_factory=list)
    limits: Limits | None = None


class Laid(Struct, frozen=True):
    """A file with its place: the name people read and how specific it is."""

    where: str
    layer: Layer
    content: LayerFile


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Where an expectation comes from, in one sentence, and whether anything was measured."""

    kind: str
    text: str


@cache
def sources() -> dict[str, Source]:
    """The sources expectations may name, by key."""
    found: dict[str, Source] = msgspec.convert(_read("sources.yaml"), dict[str, Source])
    return found


@cache
def layers(stage: str, segment: str, vertical: str) -> tuple[Laid, ...]:
    """The files of a cell, the most general first. `other` is the cell without a vertical's overlay."""
    paths: list[tuple[str, Layer]] = [
        ("general.yaml", "general"), (f"{stage}/stage.yaml", "stage"), (f"segments/{segment}.yaml", "segment"),
        (f"{stage}/{segment}.yaml", "segment"),
    ]  # fmt: skip
    if vertical != "other":
        paths.append((f"verticals/{vertical}.yaml", "vertical"))
        if vertical in _verticals_of(stage):
            paths.append((f"{stage}/vertical-{vertical}.yaml", "vertical"))
    return tuple(Laid(path, layer, parse_layer(path, _read(path))) for path, layer in paths)


def parse_layer(where: str, source: Any) -> LayerFile:
    """The content of a file, checked. Raises BadInput with what is wrong and where."""
    try:
        return msgspec.convert(source, LayerFile)
    except msgspec.ValidationError as e:
        raise BadInput(f"The playbook file {where} is not of the documented form.", f"{e}.") from e


def cells() -> list[tuple[Stage, Segment, Vertical]]:
    """Every cell of the grid in a fixed order."""
    return [(stage, segment, vertical) for stage in STAGES for segment in SEGMENTS for vertical in VERTICALS]


@cache
def _verticals_of(stage: str) -> frozenset[str]:
    names = [p.name for p in _FOLDER.joinpath(stage).iterdir()]
    return frozenset(n.removeprefix("vertical-").removesuffix(".yaml") for n in names if n.startswith("vertical-"))


@cache
def _read(path: str) -> Any:
    return yaml.load(_FOLDER.joinpath(*path.split("/")).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
