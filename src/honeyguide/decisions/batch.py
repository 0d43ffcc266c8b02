"""Scores many personas at once, with the same models and the same formula as a single decision.

Situations come as columns: a code into a vocabulary per categorical feature, numbers as they are. The log-odds of a
factor are then a sum of table look-ups, so a million scores are a few array operations.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.decisions.policy import Params
from honeyguide.decisions.propensity import FACTORS, logit
from honeyguide.decisions.situation import Action
from honeyguide.decisions.value import net_value, price_of
from honeyguide.programs import Factor, offer_key

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]


class Columns(Struct, frozen=True):
    """Personas of one group as columns. `codes[dimension]` holds places in `words[dimension]`; `numbers` the rest."""

    group: str
    words: Mapping[str, Sequence[str]]
    codes: Mapping[str, Codes]
    numbers: Mapping[str, Numbers]

    @property
    def size(self) -> int:
        """How many personas."""
        return len(next(iter(self.codes.values())))


class Scores(Struct, frozen=True):
    """Per persona the best action's place, its value in minor units, and P(share) with its 5 % and 95 % quantiles."""

    best: Codes
    value: Numbers
    share: Numbers
    low: Numbers
    high: Numbers


def score(columns: Columns, actions: Sequence[Action], params: Params) -> Scores:
    """The most valuable action of each persona at the means of its factors."""
    prepared = [_Prepared(columns, action) for action in actions]
    values = np.empty((len(actions), columns.size))
    shares = np.empty((3, len(actions), columns.size))
    for line, (action, one) in enumerate(zip(actions, prepared, strict=True)):
        means = {}
        for name in FACTORS:
            eta, variance = one.log_odds(params.factors[name])
            means[name] = _sigmoid(eta / np.sqrt(1 + np.pi * variance / 8))
            if name == "share":
                spread = 1.6448536269514722 * np.sqrt(variance)
                shares[:, line] = means[name], _sigmoid(eta - spread), _sigmoid(eta + spread)
        values[line] = net_value(price_of(action, columns.group, params.economics), *(means[n] for n in FACTORS))
    best = values.argmax(axis=0)
    rows = np.arange(columns.size)
    return Scores(best, values[best, rows], *(part[best, rows] for part in shares))


class _Prepared:
    """The features of one action for every persona: constants, look-ups and numbers."""

    def __init__(self, columns: Columns, action: Action) -> None:
        self._columns = columns
        self._constant = {
            f"group:{offer_key(columns.group)}", f"offer:{offer_key(action.offer)}", f"tone:{action.tone}",
            f"channel:{action.channel}",
        }  # fmt: skip

    def log_odds(self, factor: Factor) -> tuple[Numbers, Numbers]:
        """Mean and variance of the log-odds per persona. Effects of one dimension are one look-up."""
        size = self._columns.size
        mean, variance = logit(factor.base), factor.base_sd**2
        tables: dict[str, tuple[Numbers, Numbers]] = {}
        eta, spread = np.zeros(size), np.zeros(size)
        for name in sorted(factor.effects):
            effect = factor.effects[name]
            parts = [p for p in name.split("*") if p not in self._constant]
            if not parts:
                mean, variance = mean + effect.mean, variance + effect.sd**2
            elif len(parts) == 1 and ":" in parts[0]:
                self._add_to_table(tables, parts[0], effect.mean, effect.sd**2)
            else:
                x = np.prod([self._values(p) for p in parts], axis=0)
                eta += x * effect.mean
                spread += (x * effect.sd) ** 2
        for dimension, (means, variances) in tables.items():
            codes = self._columns.codes[dimension]
            eta += means[codes]
            spread += variances[codes]
        return eta + mean, spread + variance

    def _add_to_table(
        self, tables: dict[str, tuple[Numbers, Numbers]], name: str, mean: float, variance: float
    ) -> None:
        dimension, word = name.split(":", 1)
        words = self._columns.words.get(dimension)
        if words is None or word not in words:
            return
        if dimension not in tables:
            tables[dimension] = np.zeros(len(words)), np.zeros(len(words))
        place = list(words).index(word)
        tables[dimension][0][place] += mean
        tables[dimension][1][place] += variance

    def _values(self, name: str) -> Numbers:
        dimension, _, word = name.partition(":")
        if not word:
            return self._columns.numbers.get(name, np.zeros(self._columns.size))
        words = list(self._columns.words.get(dimension, ()))
        if word not in words:
            return np.zeros(self._columns.size)
        found: Numbers = np.equal(self._columns.codes[dimension], words.index(word)).astype(np.float64)
        return found


def _sigmoid(x: Numbers) -> Numbers:
    out: Numbers = 1.0 / (1.0 + np.exp(-x))
    return out
