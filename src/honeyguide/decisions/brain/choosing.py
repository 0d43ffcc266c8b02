"""Decide about many situations at once, and make any single one of these decisions again from what was logged."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.decisions.brain import thompson, timing
from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.schema import Batch, Bools, Floats, Ints
from honeyguide.decisions.brain.snapshot import Snapshot
from honeyguide.decisions.brain.worth import Worlds

_CELLS = 2_000_000  # numbers at work at once: bounds the memory of a large batch


class Ahead(Struct, frozen=True):
    """Moments that may come: `batch` holds `kinds` rows per situation, `rates` is [rows, kinds] a day.

    `days_left` and `asks_left` of the person's yearly cap say how scarce an ask is.
    """

    batch: Batch
    rates: Floats
    days_left: Floats
    asks_left: Floats


class Decided(Struct, frozen=True):
    """Decisions. `action` is -1 for waiting; `propensity` is exact; `deferred` ones are to be decided again tomorrow.

    `distribution` is [rows, actions + 1] and sums to 1, waiting last; a deferral counts as waiting. `least` is the value
    the stopping rule asked for, `value` and `share` the expectations of the action most likely to be taken.
    """

    action: Ints
    propensity: Floats
    distribution: Floats
    deferred: Bools
    least: Floats
    value: Floats
    share: Floats
    round_seed: int
    seeds: NDArray[np.uint64]


class Scores(Struct, frozen=True):
    """Per persona the best action, its expected value and the chance to share."""

    action: Ints
    value: Floats
    share: Floats


class Chooser:
    """A snapshot ready to decide."""

    def __init__(self, snapshot: Snapshot, design: Design | None = None) -> None:
        self.snapshot = snapshot
        self.design = design or Design(snapshot.schema)
        self._expected = Worlds(snapshot, self.design, None)
        self._drawn: tuple[int, Worlds] | None = None

    def decide(self, batch: Batch, least: Floats, round_seed: int, seeds: NDArray[np.uint64]) -> Decided:
        """One decision a row. A row's decision depends on the snapshot, the row, `least`, and the two seeds alone."""
        config, rows = self.snapshot.config, batch.rows
        worlds = self._worlds(round_seed)
        mean, chance = self._at_expectation(batch)
        wins = np.empty((rows, self.design.n_actions + 1))
        step = max(1, _CELLS // (self.design.n_actions * config.draws))
        for at in range(0, rows, step):
            part = batch.take(np.arange(at, min(at + step, rows)))
            values, _ = worlds.values(part)
            wins[at : at + step] = thompson.frequencies(values, part.legal, least[at : at + step])
        chosen = thompson.with_floor(wins, batch.legal, config.floor)
        lots = thompson.lots_of(seeds)
        deferred = lots < config.defer
        action, _ = thompson.pick(chosen, (lots - config.defer) / (1 - config.defer))
        action = np.where(deferred, thompson.WAIT, action)
        distribution = chosen * (1 - config.defer)
        distribution[:, -1] += config.defer
        every = np.arange(rows)
        likely = chosen[:, :-1].argmax(axis=1)
        return Decided(
            action, distribution[every, action], distribution, deferred, least, mean[every, likely],
            chance[every, likely], round_seed, seeds,
        )  # fmt: skip

    def least(self, ahead: Ahead) -> Floats:
        """The least value worth an ask now, per row, from the moments that may come."""
        config = self.snapshot.config
        best = self.score(ahead.batch).value.reshape(ahead.rates.shape)
        lock = timing.lock_days(config.gap, ahead.days_left, ahead.asks_left, self.snapshot.wear, config.wear_days)
        return timing.threshold(best, ahead.rates, lock * config.caution)

    def score(self, batch: Batch) -> Scores:
        """The best action of each row at the expectation: what rankings and dry runs use."""
        action, value = np.empty(batch.rows, np.int64), np.empty(batch.rows)
        share = np.empty(batch.rows)
        step = max(1, _CELLS // (8 * self.design.n_actions))
        for at in range(0, batch.rows, step):
            part = batch.take(np.arange(at, min(at + step, batch.rows)))
            mean, chance = self._at_expectation(part)
            mean = np.where(part.legal, mean, -np.inf)
            best, every = mean.argmax(axis=1), np.arange(part.rows)
            action[at : at + step] = best
            value[at : at + step], share[at : at + step] = mean[every, best], chance[every, best]
        return Scores(action, value, share)

    def _at_expectation(self, batch: Batch) -> tuple[Floats, Floats]:
        value, share = self._expected.values(batch)
        return value[:, :, 0], share[:, :, 0]

    def _worlds(self, seed: int) -> Worlds:
        if self._drawn is None or self._drawn[0] != seed:
            self._drawn = (seed, Worlds(self.snapshot, self.design, seed))
        return self._drawn[1]
