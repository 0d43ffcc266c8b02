"""What a GGUF file says about itself: only its header is read, nothing of the weights.

Source: the GGUF specification of ggml (magic, version 2 or 3, little-endian key-value pairs before the tensors).
"""

import struct
from pathlib import Path
from typing import BinaryIO, Literal

from msgspec import Struct

from honeyguide.core.errors import BadInput

_MAX_PAIRS, _MAX_TEXT, _MAX_ITEMS = 4_096, 1 << 20, 4_000_000
_SIZES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9


class About(Struct, frozen=True):
    """`kind`: a decision model answers typed questions itself; any other is read by the likelihood of label words."""

    architecture: str
    name: str
    licence: str
    context: int
    kind: Literal["likelihood", "decision"]


def about(path: Path) -> About:
    """Read a file's header. Raises BadInput when it is no GGUF file."""
    try:
        with path.open("rb") as file:
            values = _values(file)
    except (OSError, struct.error, UnicodeDecodeError, ValueError) as e:
        raise BadInput(f"{path.name} is no GGUF file.", str(e)) from e
    architecture = str(values.get("general.architecture", ""))
    decides = any(key.endswith(".decision.type") for key in values)
    return About(
        architecture, str(values.get("general.name", "")), str(values.get("general.license", "")),
        int(values.get(f"{architecture}.context_length", 0) or 0), "decision" if decides else "likelihood",
    )  # fmt: skip


def _values(file: BinaryIO) -> dict[str, str | int | float]:
    if file.read(4) != b"GGUF":
        raise ValueError("It does not begin with GGUF.")
    version, _, pairs = struct.unpack("<IQQ", file.read(20))
    if version not in (2, 3) or pairs > _MAX_PAIRS:
        raise ValueError(f"GGUF version {version} with {pairs} entries is not understood.")
    found: dict[str, str | int | float] = {}
    for _ in range(pairs):
        key = _text(file)
        value = _value(file, struct.unpack("<I", file.read(4))[0])
        if value is not None:
            found[key] = value
    return found


def _text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _MAX_TEXT:
        raise ValueError(f"An entry of {length} bytes is too long.")
    return file.read(length).decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> str | int | float | None:
    """A value; None for a list, which is skipped."""
    if kind == _TEXT:
        return _text(file)
    if kind == _LIST:
        inner, count = struct.unpack("<IQ", file.read(12))
        if count > _MAX_ITEMS or inner == _LIST:
            raise ValueError(f"A list of {count} entries is not understood.")
        if inner == _TEXT:
            for _ in range(count):
                _text(file)
        else:
            file.seek(count * struct.calcsize("<" + _SIZES[inner]), 1)
        return None
    if kind not in _SIZES:
        raise ValueError(f"A value of type {kind} is not understood.")
    form = "<" + _SIZES[kind]
    (value,) = struct.unpack(form, file.read(struct.calcsize(form)))
    return value if isinstance(value, int | float) else None
