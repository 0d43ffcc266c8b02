"""Weights of a local model for tests, where there are any; they are too large to be committed."""

import os
from pathlib import Path

import pytest

from honeyguide.inference.models.fetch import sha256_of
from honeyguide.inference.models.known import DEFAULT

_ROOT = Path(__file__).resolve().parents[3]
_PLACES = (_ROOT / ".honeyguide" / "models" / f"{DEFAULT.name}.gguf", _ROOT.parent / "shared" / "models" / f"{DEFAULT.name}.gguf")  # fmt: skip


def default_weights() -> Path:
    """The default weights; skips where they are absent."""
    named = os.environ.get("HONEYGUIDE_TEST_WEIGHTS")
    for path in (Path(named),) if named else _PLACES:
        if path.is_file():
            assert sha256_of(path) == DEFAULT.sha256, f"{path} is not {DEFAULT.name}"
            return path
    pytest.skip(
        f"needs the weights {DEFAULT.name} (93 MB): `honeyguide model add` here, or HONEYGUIDE_TEST_WEIGHTS=FILE.gguf"
    )
