"""The names a brain works with, and situations as arrays: one row a situation, one column an action."""

import hashlib

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SPARE = 2  # places per dimension for words that came after the schema was made


class Schema(Struct, frozen=True):
    """What describes a situation and an action.

    `context`: dimensions of a situation and their words; `numbers`: named numbers; `actions`: dimensions of an action and
    their words; `table`: one row an action, its place in each dimension. `pairs` join a context dimension with an action
    dimension, `scaled` join one or two context dimensions with a number. `group` is the dimension prices hang on.
    """

    context: dict[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    actions: dict[str, tuple[str, ...]]
    table: tuple[tuple[int, ...], ...]
    pairs: tuple[tuple[str, str], ...]
    scaled: tuple[tuple[str, ...], ...]
    group: str

    def size(self, dimension: str) -> int:
        """How many places a context dimension has, the spare ones for unknown words included."""
        return len(self.context[dimension]) + SPARE

    def code(self, dimension: str, word: str) -> int:
        """The place of a word; an unknown word gets one of the spare places by its digest, the same on every machine."""
        words = self.context[dimension]
        if word in words:
            return words.index(word)
        return len(words) + hashlib.blake2b(word.encode(), digest_size=2).digest()[0] % SPARE


class Batch(Struct, frozen=True):
    """Situations as arrays. `codes` in the order of `Schema.context`, `numbers` in that of `Schema.numbers`."""

    codes: Ints
    numbers: Floats
    legal: Bools

    @property
    def rows(self) -> int:
        """How many situations."""
        return len(self.codes)

    def take(self, rows: Ints) -> "Batch":
        """Some of the situations."""
        return Batch(self.codes[rows], self.numbers[rows], self.legal[rows])


def joined(batches: "list[Batch]") -> Batch:
    """Several batches as one."""
    return Batch(
        np.concatenate([b.codes for b in batches]),
        np.concatenate([b.numbers for b in batches]),
        np.concatenate([b.legal for b in batches]),
    )
