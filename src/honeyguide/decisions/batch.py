"""Scores many personas at once, by the brain in force: the same model and formula as a single decision.

Situations come as columns: a code into a vocabulary per dimension, numbers as they are; what is not given counts as
unknown or zero. Only the actions that are asked about are valued, each in the same bits as among all others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct, structs

from honeyguide.decisions.brain import Batch, Chooser, Prices, Schema, Snapshot
from honeyguide.decisions.policy import Policy
from honeyguide.decisions.science import NONE, UNKNOWN
from honeyguide.decisions.science_choice import Ready, ready
from honeyguide.decisions.situation import Action
from honeyguide.programs import offer_key

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]
_ABSENT = {"kind": NONE, "vertical": "other"}
_ALIASES = {"moment": "kind"}


class Columns(Struct, frozen=True):
    """Personas of one group as columns. `codes[dimension]` holds places in `words[dimension]`; `numbers` the rest.

    Dimensions: moment, segment, vertical, seniority, stage; numbers: those of `science.NUMBERS`.
    """

    group: str
    words: Mapping[str, Sequence[str]]
    codes: Mapping[str, Codes]
    numbers: Mapping[str, Numbers]

    @property
    def size(self) -> int:
        """How many personas."""
        return len(next(iter(self.codes.values())))


class Scores(Struct, frozen=True):
    """Per persona the best action's place in the given ones, its value in minor units, and its P(share)."""

    best: Codes
    value: Numbers
    share: Numbers


def score(columns: Columns, actions: Sequence[Action], policy: Policy) -> Scores:
    """The most valuable of the actions for each persona at the expectation. Actions the brain does not know are passed over.

    Raises ValueError when it knows none of them.
    """
    brain = ready(policy.snapshot)
    places = [brain.places.of(columns.group, a) for a in actions]
    known = [(at, row) for at, row in enumerate(places) if row is not None]
    if not known:
        raise ValueError("the brain knows none of these actions")
    chooser = narrowed(brain, [row for _, row in known])
    found = chooser.score(batch_of(columns, brain.schema, len(known)))
    return Scores(np.array([at for at, _ in known], np.int64)[found.action], found.value, found.share)


def narrowed(brain: Ready, rows: Sequence[int]) -> Chooser:
    """The brain with only some rows of its action table: coefficients stand where they stood."""
    s, at = brain.snapshot, np.array(rows, np.int64)
    schema = structs.replace(s.schema, table=tuple(s.schema.table[r] for r in rows))
    p = s.prices
    prices = Prices(p.reward[at], p.commission[at], p.contact[at], p.margin, p.goodwill)
    some: Snapshot = structs.replace(s, schema=schema, prices=prices, quality=s.quality[at], manner=s.manner[at])
    return Chooser(some)


def batch_of(columns: Columns, schema: Schema, actions: int) -> Batch:
    """The columns as the brain's arrays; every action is taken as legal."""
    codes = np.empty((columns.size, len(schema.context)), np.int64)
    given = {_ALIASES.get(d, d): d for d in columns.codes}
    for at, dim in enumerate(schema.context):
        if dim == "group":
            codes[:, at] = schema.code(dim, offer_key(columns.group))
        elif dim in given:
            words = [schema.code(dim, w) for w in columns.words[given[dim]]]
            codes[:, at] = np.array(words, np.int64)[columns.codes[given[dim]]]
        else:
            codes[:, at] = schema.code(dim, _ABSENT.get(dim, UNKNOWN))
    numbers = np.zeros((columns.size, len(schema.numbers)))
    for at, name in enumerate(schema.numbers):
        if name in columns.numbers:
            numbers[:, at] = columns.numbers[name]
    return Batch(codes, numbers, np.ones((columns.size, actions), bool))
