"""The neutral format of a matching model: what is compared, at which levels, with which weights; no dialect, no library.

A saved Splink model holds SQL of the engine it was trained on and does not load on another. This one says what a level
means (`exact`, `jaro_winkler` at least .9, ...); `dialects` turns it into the conditions of DuckDB or Spark.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput

Verdict = Literal["agree", "close", "differ"]
TESTS = frozenset(
    {"exact", "swapped", "jaro_winkler", "levenshtein", "overlap", "initial", "prefix", "present", "longer", "within", "all", "any", "not", "else"}
)  # fmt: skip
_HIGHEST_PRIOR = 1e-4  # in the smallest workspace too, strangers are strangers
_FLOOR = 1e-9  # a probability of zero would make one field a veto


class Test(Struct, frozen=True, omit_defaults=True):
    """A condition on two records. `column` names a prepared column; `at` is the bound of a similarity, distance or length.

    `all`, `any` and `not` combine `tests`; `else` holds always.
    """

    kind: str
    column: str = ""
    other: str = ""
    at: float = 0.0
    tests: tuple["Test", ...] = ()


class Level(Struct, frozen=True, omit_defaults=True):
    """One degree of agreement. m: how often true matches are at it; u: how often strangers are.

    `frequency`: the column whose rare values weigh more than common ones when two records agree on it;
    below the share `rarest` rarity adds nothing more.
    `fixed`: training leaves it alone (a level that hangs on another field, or too rare to be estimated).
    """

    test: Test
    verdict: Verdict
    m: float
    u: float
    name: str = ""
    frequency: str = ""
    rarest: float = 1e-7
    fixed: bool = False

    @property
    def weight(self) -> float:
        """log2(m / u): what this level adds to the match weight (Fellegi and Sunter, JASA 64:1183, 1969)."""
        return math.log2(max(self.m, _FLOOR) / max(self.u, _FLOOR))


class Comparison(Struct, frozen=True, omit_defaults=True):
    """A field and its levels, best first, the last one `else`. Records that lack one of `needs` are not compared on it."""

    field: str
    needs: tuple[str, ...]
    levels: tuple[Level, ...]


class Block(Struct, frozen=True, omit_defaults=True):
    """Records with equal `on` (SQL every dialect reads) are candidates, if at most `cap` share the value.

    A larger block is cut by `refine`; what is still larger than the cap proposes nothing.
    """

    on: tuple[str, ...]
    cap: int = 50
    refine: tuple[str, ...] = ()


class Lesson(Struct, frozen=True):
    """How a workspace's own records teach m: records with equal `on` are mostly one, so they show how `fields` then agree.

    Fields that hang on the block itself (the employer on the address) must be learnt from another one.
    `certain`: nearly all of them are one (the plain shares are taken); else a mixture (expectation maximisation).
    """

    on: tuple[str, ...]
    fields: tuple[str, ...]
    certain: bool = False


class Model(Struct, frozen=True, omit_defaults=True):
    """A matching model. `prior`: the probability that two records drawn at random are one.

    `partners`: how many others a record has on average. Where it is given (shipped weights), the prior follows from the
    number of records, because two of few are one more often than two of a million.
    """

    kind: str
    version: str
    trained_on: str
    prior: float
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    lessons: tuple[Lesson, ...] = ()
    certain: tuple[tuple[str, ...], ...] = ()
    partners: float = 0.0
    format: int = 1

    def weight_of(self, levels: Iterable[int | None]) -> float:
        """The match weight (log2 odds) of a pair, by the index of its level per comparison (None: missing)."""
        total = math.log2(self.prior / (1 - self.prior))
        for comparison, level in zip(self.comparisons, levels, strict=True):
            total += 0.0 if level is None else comparison.levels[level].weight
        return total


def sized(model: Model, records: int) -> Model:
    """The model with the prior of this many records."""
    if not model.partners:
        return model
    return msgspec.structs.replace(model, prior=min(_HIGHEST_PRIOR, model.partners / max(records, 1)))


def probability(weight: float) -> float:
    """The probability of a match weight: 2^w / (1 + 2^w)."""
    if weight > 60:
        return 1.0
    odds: float = 2.0**weight
    return odds / (1 + odds)


def weight_at(chance: float) -> float:
    """The match weight of a probability: log2(p / (1 - p))."""
    return math.log2(chance / (1 - chance))


def encode(model: Model) -> bytes:
    """The model as JSON."""
    return msgspec.json.format(msgspec.json.encode(model), indent=1)


def decode(text: bytes | str) -> Model:
    """A model from JSON. Raises BadInput when it is none, or promises what cannot be computed."""
    try:
        found = msgspec.json.decode(text, type=Model)
    except msgspec.MsgspecError as problem:
        raise BadInput("This is no matching model.", str(problem)) from problem
    if problems := list(_problems(found)):
        raise BadInput("This matching model cannot be used.", "; ".join(problems))
    return found


def shipped(kind: str) -> Model:
    """The weights a young workspace starts with: `persona` or `company`."""
    return decode((Path(__file__).parent / "weights" / f"{kind}.json").read_bytes())


def _problems(model: Model) -> Iterator[str]:
    if not 0 < model.prior < 1:
        yield "the prior is no probability"
    if model.format != 1:
        yield f"format {model.format} is newer than this release"
    if len({c.field for c in model.comparisons}) != len(model.comparisons):
        yield "a field is compared twice"
    for comparison in model.comparisons:
        if not comparison.levels or comparison.levels[-1].test.kind != "else":
            yield f"{comparison.field}: the last level is not `else`"
        for level in comparison.levels:
            if not (0 <= level.m <= 1 and 0 <= level.u <= 1):
                yield f"{comparison.field}: m and u are probabilities"
            yield from (f"{comparison.field}: unknown test {t}" for t in _kinds(level.test) if t not in TESTS)
    if not model.blocks:
        yield "without blocks nothing is compared"


def _kinds(test: Test) -> Iterator[str]:
    yield test.kind
    for inner in test.tests:
        yield from _kinds(inner)


def with_weights(model: Model, m: dict[tuple[str, int], float], u: dict[tuple[str, int], float]) -> Model:
    """The model with other weights at (field, level index), where given."""
    comparisons = tuple(
        msgspec.structs.replace(
            c,
            levels=tuple(
                msgspec.structs.replace(level, m=m.get((c.field, i), level.m), u=u.get((c.field, i), level.u))
                for i, level in enumerate(c.levels)
            ),
        )
        for c in model.comparisons
    )
    return msgspec.structs.replace(model, comparisons=comparisons)
