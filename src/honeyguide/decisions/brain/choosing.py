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
    """What may come for each person: `rates` [rows, kinds] of moments a day, and the days and asks left of the yearly cap."""

    rates: Floats
    days_left: Floats
    asks_left: Floats

    def take(self, rows: Ints) -> "Ahead":
        """Some of the people."""
        return Ahead(self.rates[rows], self.days_left[rows], self.asks_left[rows])


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

    def decide(self, batch: Batch, ahead: Ahead, round_seed: int, seeds: NDArray[np.uint64]) -> Decided:
        """One decision a row. A row's decision depends on the snapshot, the row and the two seeds alone."""
        config, rows = self.snapshot.config, batch.rows
        mean, chance, wins, least = self._judge(batch, ahead, round_seed)
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

    def _judge(self, batch: Batch, ahead: Ahead, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Expected values and chances to share, win frequencies, and the least value of the stopping rule."""
        rows, actions, draws = batch.rows, self.design.n_actions, self.snapshot.config.draws
        mean, chance = np.empty((rows, actions)), np.empty((rows, actions))
        wins, least = np.empty((rows, actions + 1)), np.empty(rows)
        worlds, step = self._worlds(seed), max(1, _CELLS // (actions * draws))
        for at in range(0, rows, step):
            here = slice(at, min(at + step, rows))
            part = batch.take(np.arange(here.start, here.stop))
            mean[here], chance[here] = self._at_expectation(part)
            least[here], drawn = self._least(part, ahead.take(np.arange(here.start, here.stop)), worlds)
            likely = np.where(part.legal, mean[here], -np.inf).argmax(axis=1)
            hurdle = self.snapshot.config.hurdle * self._expected.cost_of(part, likely)
            wins[here] = thompson.frequencies(worlds.values(part)[0], likely, part.legal, np.maximum(drawn, hurdle))
        return mean, chance, wins, least

    def _least(self, batch: Batch, ahead: Ahead, worlds: Worlds) -> tuple[Floats, Floats]:
        """The least value worth an ask now, expected [rows] and in each drawn world [rows, draws].

        In a drawn world it is the expected one times how much better the moments to come are there: what all asks have
        in common must not make an ask now look better than one later.
        """
        config, kinds, sizes = self.snapshot.config, ahead.rates.shape[1], len(self.snapshot.config.sizes)
        each = kinds * sizes
        size = np.tile(np.array([s for s, _ in config.sizes]), kinds * batch.rows)
        kind = np.tile(np.repeat(np.arange(kinds), sizes), batch.rows)
        people = batch.take(np.repeat(np.arange(batch.rows), each))
        later = self.design.with_moment(people, (config.kind, kind), (config.moment, size), config.past)
        later = self.design.scaled(later, config.worn, config.rested)
        rates = np.repeat(ahead.rates, sizes, axis=1) * np.tile(np.array([p for _, p in config.sizes]), kinds)
        best = self.score(later)
        value = best.value.reshape(batch.rows, each)
        lock = timing.lock_days(config.gap, ahead.days_left, ahead.asks_left, self.snapshot.wear, config.wear_days)
        least = timing.threshold(value, rates, lock * self.snapshot.caution)
        drawn = np.maximum(worlds.values_of(later, best.action), 0.0).reshape(batch.rows, each, -1)
        better, usual = np.zeros((batch.rows, drawn.shape[2])), np.zeros(batch.rows)
        for k in range(each):
            better += rates[:, k, None] * drawn[:, k]
            usual += rates[:, k] * np.maximum(value[:, k], 0.0)
        ratio = np.divide(better, usual[:, None], out=np.ones_like(better), where=usual[:, None] > 0)
        return least, least[:, None] * ratio

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
