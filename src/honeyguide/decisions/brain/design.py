"""Features: where each coefficient lives, and log-odds of all actions at once.

The log-odds of a row and an action are a sum of a part of the situation, a part of the action and the pairs. The last two
depend on few distinct combinations, so they are worked out once per combination. Every sum runs slot by slot in a fixed
order and never through a matrix product: a row gives the same bits alone and among a hundred thousand others.
"""

import numpy as np

from honeyguide.decisions.brain.schema import Batch, Floats, Ints, Schema


class Design:
    """The layout of the coefficients of a schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.names: list[str] = []
        self.blocks: dict[str, slice] = {}
        self._dims = list(schema.context)
        self._action_dims = list(schema.actions)
        self.table: Ints = np.array(schema.table, dtype=np.int64).reshape(-1, len(self._action_dims))
        self._block("base", ["base"])
        for dim in self._dims:
            self._block(dim, self._words(dim))
        for name in schema.numbers:
            self._block(name, [name])
        for parts in schema.scaled:
            self._block("*".join(parts), _products([self._words(d) for d in parts[:-1]] + [[parts[-1]]]))
        for dim, words in schema.actions.items():
            self._block(dim, [f"{dim}:{w}" for w in words])
        for left, right in schema.pairs:
            theirs = [f"{right}:{w}" for w in schema.actions[right]]
            self._block(f"{left}*{right}", _products([self._words(left), theirs]))
        self._starts: Ints = np.array([self.blocks[d].start for d in self._dims], dtype=np.int64)
        self._number_places: Ints = np.array([self.blocks[n].start for n in schema.numbers], dtype=np.int64)
        self._scaled = [
            ([(self._dims.index(d), schema.size(d)) for d in parts[:-1]], schema.numbers.index(parts[-1]))
            for parts in schema.scaled
        ]
        self._pair_dims = sorted({left for left, _ in schema.pairs}, key=self._dims.index)

    @property
    def size(self) -> int:
        """How many coefficients."""
        return len(self.names)

    @property
    def n_actions(self) -> int:
        """How many actions."""
        return len(self.table)

    def _words(self, dim: str) -> list[str]:
        known = self.schema.context[dim]
        spare = [f"{dim}:?{n}" for n in range(self.schema.size(dim) - len(known))]
        return [f"{dim}:{w}" for w in known] + spare

    def _block(self, name: str, columns: list[str]) -> None:
        self.blocks[name] = slice(len(self.names), len(self.names) + len(columns))
        self.names += columns

    def group(self, batch: Batch) -> Ints:
        """The place of each row in the dimension prices hang on."""
        return self.column(batch, self.schema.group)

    def column(self, batch: Batch, dim: str) -> Ints:
        """A context dimension of the rows."""
        return batch.codes[:, self._dims.index(dim)]

    def number(self, batch: Batch, name: str) -> Floats:
        """A number of the rows."""
        return batch.numbers[:, self.schema.numbers.index(name)]

    def with_moment(
        self, batch: Batch, kind: tuple[str, Ints], size: tuple[str, Floats], past: tuple[str, ...]
    ) -> Batch:
        """The same people with another moment, and numbers of the past at zero."""
        codes, numbers = batch.codes.copy(), batch.numbers.copy()
        codes[:, self._dims.index(kind[0])] = kind[1]
        numbers[:, self.schema.numbers.index(size[0])] = size[1]
        for name in past:
            numbers[:, self.schema.numbers.index(name)] = 0.0
        return Batch(codes, numbers, batch.legal)

    def scaled(self, batch: Batch, name: str, factor: float) -> Batch:
        """The same situations with one number scaled."""
        numbers = batch.numbers.copy()
        numbers[:, self.schema.numbers.index(name)] *= factor
        return Batch(batch.codes, numbers, batch.legal)

    def situation(self, batch: Batch) -> tuple[Ints, Floats]:
        """The active coefficients of the situation part and their values, [rows, slots]."""
        always = 1 + len(self._dims)
        slots = always + len(self.schema.numbers) + len(self.schema.scaled)
        places, values = np.zeros((batch.rows, slots), np.int64), np.ones((batch.rows, slots))
        places[:, 1:always] = batch.codes + self._starts
        named = slice(always, always + len(self.schema.numbers))
        places[:, named], values[:, named] = self._number_places, batch.numbers
        for slot, (parts, number) in enumerate(self._scaled, named.stop):
            at = batch.codes[:, parts[0][0]]
            for column, size in parts[1:]:
                at = at * size + batch.codes[:, column]
            places[:, slot] = self.blocks["*".join(self.schema.scaled[slot - named.stop])].start + at
            values[:, slot] = batch.numbers[:, number]
        return places, values

    def of_actions(self, batch: Batch, actions: Ints) -> Ints:
        """The active coefficients of the action part of one action a row, [rows, slots]; their values are 1."""
        places = [self.blocks[d].start + self.table[actions, k] for k, d in enumerate(self._action_dims)]
        for left, right in self.schema.pairs:
            block = self.blocks[f"{left}*{right}"].start
            words = len(self.schema.actions[right])
            theirs = self.table[actions, self._action_dims.index(right)]
            places.append(block + self.column(batch, left) * words + theirs)
        return np.stack(places, axis=1)

    def dense(self, batch: Batch, actions: Ints | None) -> Floats:
        """The feature matrix of one action a row; without actions that of the situations alone."""
        out = np.zeros((batch.rows, self.size))
        rows = np.arange(batch.rows)[:, None]
        places, values = self.situation(batch)
        np.add.at(out, (rows, places), values)
        if actions is not None:
            np.add.at(out, (rows, self.of_actions(batch, actions)), 1.0)
        return out

    def log_odds(self, weights: Floats, batch: Batch) -> Floats:
        """Log-odds [rows, actions, draws] under each column of `weights` [coefficients, draws]."""
        table, which = self._combinations(weights, batch)
        return np.asarray(table[which] + self.state(weights, batch)[:, None, :])

    def log_odds_of(self, weights: Floats, batch: Batch, actions: Ints) -> Floats:
        """Log-odds [rows, draws] of one action a row."""
        places, total = self.of_actions(batch, actions), self.state(weights, batch)
        for slot in range(places.shape[1]):
            total += weights[places[:, slot]]
        return total

    def state(self, weights: Floats, batch: Batch) -> Floats:
        """The part of the situation in the log-odds, [rows, draws]."""
        places, values = self.situation(batch)
        always, numbers = 1 + len(self._dims), len(self.schema.numbers)
        state = np.zeros((batch.rows, weights.shape[1]))
        for slot in range(places.shape[1]):
            if slot < always:
                state += weights[places[:, slot]]
            elif slot < always + numbers:
                state += weights[self._number_places[slot - always]] * values[:, slot, None]
            else:
                state += weights[places[:, slot]] * values[:, slot, None]
        return state

    def _combinations(self, weights: Floats, batch: Batch) -> tuple[Floats, Ints]:
        key = np.zeros(batch.rows, np.int64)
        for dim in self._pair_dims:
            key = key * self.schema.size(dim) + self.column(batch, dim)
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        some = batch.take(first)
        table = np.zeros((len(first), self.n_actions, weights.shape[1]))
        every = np.repeat(np.arange(self.n_actions)[None, :], len(first), axis=0)
        for k, dim in enumerate(self._action_dims):
            table += weights[self.blocks[dim].start + self.table[every, k]]
        for left, right in self.schema.pairs:
            block = self.blocks[f"{left}*{right}"].start
            words = len(self.schema.actions[right])
            theirs = self.table[every, self._action_dims.index(right)]
            table += weights[block + self.column(some, left)[:, None] * words + theirs]
        return table, which


def _products(parts: list[list[str]]) -> list[str]:
    out = parts[0]
    for more in parts[1:]:
        out = [f"{a}*{b}" for a in out for b in more]
    return out
