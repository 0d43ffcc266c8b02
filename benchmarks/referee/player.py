"""The brain at play: views become batches, decisions become asks, news becomes outcomes. Holds no truth.

This is the whole of what a program must do to use the decision core as a library: keep a little about every person,
ask for decisions, and tell outcomes when they come.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.referee import prior
from benchmarks.referee.adapter import NEVER, Bools, Floats, Ints, News, Setting, View
from honeyguide.decisions.brain import Ahead, Arrivals, Batch, Brain, Chooser, Config, Decided, joined, leaning
from honeyguide.decisions.brain.timing import rates_of

REFRESH = 2  # days from one snapshot of what was learned to the next
OWN_WORTH, FIRM_WORTH = 2.0, 4.0  # how many expected shares a willingness of 1 is worth, of a person and a company
LOOK = 14  # a moment is worth deciding about for so many days
QUIET = 30  # who had no moment for so many days is looked at as often


@dataclass
class Asked:
    """The asks of a day."""

    day: int
    first: int
    people: Ints
    actions: Ints
    batch: Batch


@dataclass
class Alone:
    """Situations of a day in which nobody was asked."""

    day: int
    people: Ints
    batch: Batch
    weight: Floats


class Player:
    """A `Policy` around a brain."""

    def __init__(self, setting: Setting, seed: int, config: Config | None = None) -> None:
        self.setting = setting
        self.brain = Brain(
            prior.schema_of(setting), prior.prices_of(setting), prior.beliefs_of(setting),
            config or prior.config_of(setting),
        )  # fmt: skip
        self._seed, self._no_kind = seed, len(setting.kinds)
        self._ready = False
        self._chooser: Chooser | None = None
        self.asked: list[Asked] = []
        self.alone: list[Alone] = []
        self._left: list[tuple[Batch, Floats, Floats]] = []
        self._shared: dict[int, int] = {}
        self._arrivals = Arrivals(setting.window)
        self._organic: dict[int, int] = {}
        self._qualified: dict[int, tuple[int, int]] = {}
        self._won: dict[int, tuple[int, float]] = {}
        self._open: dict[int, tuple[int, int]] = {}
        self.log: list[tuple[int, Batch, Decided]] = []
        self.keep_log = False

    def _start(self, view: View) -> None:
        n = len(view.company)
        self._decided, self._expected = np.full(n, NEVER), np.zeros(n)
        self._worn, self._counts = np.zeros(n), np.zeros((n, len(self.setting.kinds)))
        self._glow, self._unasked = np.zeros((n, len(self.setting.kinds))), np.zeros(n)
        self._least = np.zeros(n)
        self._seen, self._size, self._kind = np.full(n, NEVER), np.zeros(n), np.zeros(n, np.int64)
        self._ready = True

    def batch(self, view: View, who: Ints) -> Batch:
        """Situations of some people today."""
        age = view.day - view.last_moment[who]
        here = age <= LOOK
        fresh = np.where(here, view.last_size[who] * 0.5 ** (age / 6.0), 0.0)
        kind = np.where(here, view.last_kind[who], self._no_kind)
        codes = np.stack([view.segment[who], view.vertical[who], view.role[who], kind], axis=1)
        sour = 0.5 ** (np.minimum(view.day - view.last_incident[who], 365) / 10.0)
        own = leaning(view.hits[who].astype(float), self._expected[who], OWN_WORTH)
        firm = np.bincount(view.company, weights=self._expected)[view.company[who]] - self._expected[who]
        mates = leaning(view.neighbour_hits[who].astype(float), firm, FIRM_WORTH)
        stale = fresh * np.where(here, age, 0) / 6.0
        alone, firm_alone = self._told_unasked(view, who)
        known = [fresh, view.satisfaction[who], self._worn[who], own, mates, sour, stale, alone, firm_alone]
        numbers = np.concatenate([np.stack(known, axis=1), self._glow[who]], axis=1)
        return Batch(codes.astype(np.int64), numbers.astype(np.float64), view.legal[who])

    def _told_unasked(self, view: View, who: Ints) -> tuple[Floats, Floats]:
        """What people, and their colleagues, have shown of a willingness by recommending without having been asked."""
        there = np.maximum(view.day - view.joined, 0).astype(float)
        usual = there * (self._unasked.sum() + 1.0) / (there.sum() + 10_000.0)
        own = leaning(self._unasked[who], usual[who], OWN_WORTH)
        came = np.bincount(view.company, weights=self._unasked)[view.company[who]] - self._unasked[who]
        expected = np.bincount(view.company, weights=usual)[view.company[who]] - usual[who]
        return own, leaning(came, expected, FIRM_WORTH)

    def candidates(self, view: View) -> Ints:
        """Whom to decide about: everyone once per moment, the others once a month."""
        age = view.day - view.last_moment
        recent = (age <= LOOK) & (self._decided < view.last_moment)
        turn = (np.arange(len(age)) + view.day) % QUIET == 0
        may = view.eligible | (view.held & (view.joined <= view.day))
        return np.flatnonzero(may & (recent | (turn & (age > QUIET))))

    def _hopeful(self, view: View, who: Ints, batch: Batch) -> Bools:
        """Whom to decide about of those without a moment: an ask is worth half of what the stopping rule asked for lately."""
        assert self._chooser is not None
        quiet = np.flatnonzero(view.day - view.last_moment[who] > QUIET)
        hopeful = np.ones(len(who), bool)
        if len(quiet):
            hopeful[quiet] = self._chooser.score(batch.take(quiet)).value > 0.5 * self._least[who[quiet]]
        return hopeful

    def settle(self, made: Decided, batch: Batch) -> Ints:
        """The action of each row, -1 for none."""
        return made.action

    def _ahead(self, view: View, who: Ints) -> Ahead:
        days = np.maximum(view.day - view.joined, 1.0)
        pooled = np.zeros((len(self.setting.segments), self._no_kind))
        for s in range(len(self.setting.segments)):
            there = (view.segment == s) & (view.joined < view.day)
            pooled[s] = (self._counts[there].sum(axis=0) + 0.5) / (days[there].sum() + 180.0)
        rates = rates_of(self._counts[who], days[who], pooled[view.segment[who]], 180.0)
        left = np.maximum(float(self.setting.days) - days[who], 21.0)
        return Ahead(rates, left, (self.setting.year_cap - view.asks[who]).astype(float))

    def watch(self, view: View) -> None:
        """Keep count of what happens to people."""
        if not self._ready:
            self._start(view)
        np.add.at(self._counts, (view.fresh, view.fresh_kind), 1.0)
        self._worn *= 0.5 ** (1 / 45.0)
        self._warm(view)

    def note(self, view: View, people: Ints) -> None:
        """These people are asked."""
        self._worn[people] += 1.0

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Today's asks."""
        self.watch(view)
        if view.day % REFRESH == 0 or self._chooser is None:
            self._learn(view)
            self._chooser = Chooser(self.brain.snapshot(), self.brain.design)
        who = self.candidates(view)
        if len(who) == 0:
            return who, who
        batch = self.batch(view, who)
        hopeful = self._hopeful(view, who, batch)
        if not hopeful.all():
            left = np.flatnonzero(~hopeful)
            self.alone.append(Alone(view.day, who[left], batch.take(left), np.ones(len(left))))
            who, batch = who[hopeful], batch.take(np.flatnonzero(hopeful))
        if len(who) == 0:
            return who, who
        seeds = np.random.default_rng([self._seed, view.day]).integers(0, 2**63, len(who)).astype(np.uint64)
        made = self._chooser.decide(batch, self._ahead(view, who), self._seed * 1000 + view.day, seeds)
        if self.keep_log:
            self.log.append((view.day, batch, made))
        self._least[who] = made.least
        self._decided[who[~made.deferred]] = view.day
        return self._split(view, who, batch, made)

    def _split(self, view: View, who: Ints, batch: Batch, made: Decided) -> tuple[Ints, Ints]:
        held, action = view.held[who], self.settle(made, batch)
        go = (action >= 0) & ~held
        chance_alone = np.where(held, 1.0, made.distribution[:, -1])
        left = np.flatnonzero(~go & ~made.deferred & (chance_alone >= 0.2))
        self.alone.append(Alone(view.day, who[left], batch.take(left), np.minimum(1 / chance_alone[left], 5.0)))
        rows = np.flatnonzero(go)
        people, actions = who[rows], action[rows]
        self.asked.append(Asked(view.day, -1, people, actions, batch.take(rows)))
        self.note(view, people)
        if len(rows):
            chance = self.brain.chance(batch.take(rows), actions, without=("leaning", "company"))
            self._expected[people] += chance
        return people, actions

    def hear(self, news: News) -> None:
        """The news of a day."""
        first_ask = news.first_ask
        if self.asked and self.asked[-1].day == news.day:
            today = self.asked[-1]
            today.first = first_ask
            left = np.zeros(len(today.people))
            left[[ask - first_ask for ask, _ in news.opt_outs]] = 1.0
            self.brain.learn_opt_outs(today.batch, today.actions, left)
            self._open |= {
                first_ask + k: (int(g), int(a))
                for k, (g, a) in enumerate(zip(today.batch.codes[:, 0], today.actions, strict=True))
            }
        self._shared |= {ask: news.day for ask, _ in news.shares}
        self._organic |= dict.fromkeys(news.organic, news.day)
        np.add.at(self._unasked, np.array(news.organic, dtype=np.int64), 1.0)
        self._hear_later(news)

    def _hear_later(self, news: News) -> None:
        judged = [(*self._open[ask], good) for ask, _, good in news.qualified if ask >= 0]
        if judged:
            group, action, good = (np.array(c) for c in zip(*judged, strict=True))
            self.brain.learn_qualified(group, action, good.astype(float))
        for ask, _, qualifies in news.qualified:
            if qualifies and ask >= 0:
                self._qualified[ask] = (news.day, self._open[ask][0])
        for ask, _, delay, value in news.won:
            if ask >= 0:
                self._won[ask] = (delay, value)

    def _learn_alone(self, view: View) -> None:
        """What came of those who were left alone; who was asked meanwhile does not count."""
        ripe = [a for a in self.alone if a.day < view.day - self.setting.window]
        self.alone = self.alone[len(ripe) :]
        for one in ripe:
            kept = np.flatnonzero(view.last_ask[one.people] < one.day)
            since = [self._organic.get(int(p), NEVER) - one.day for p in one.people[kept]]
            came = (np.array(since) >= 0) & (np.array(since) <= self.setting.window)
            if len(kept):
                self._left.append((one.batch.take(kept), came.astype(float), one.weight[kept]))
        if self._left:
            batches, came_all, weights = zip(*self._left, strict=True)
            self.brain.learn_organic(joined(list(batches)), np.concatenate(came_all), np.concatenate(weights))
            self._left = []

    def _warm(self, view: View) -> None:
        """What is left of the moments before the last one."""
        self._glow *= 0.5 ** (1 / 6.0)
        new = view.last_moment == view.day
        old = np.flatnonzero(new & (self._seen > NEVER))
        self._glow[old, self._kind[old]] += self._size[old] * 0.5 ** ((view.day - self._seen[old]) / 6.0)
        self._seen[new], self._size[new], self._kind[new] = view.day, view.last_size[new], view.last_kind[new]

    def _learn(self, view: View) -> None:
        while self.asked and self.asked[0].day < view.day - self.setting.window:
            ripe = self.asked.pop(0)
            came = self._came(ripe)
            self.brain.learn_shares(ripe.batch, ripe.actions, (came >= 0).astype(float))
            self._arrivals.learn((came[came >= 0] - ripe.day).astype(float))
        self._watch_open(view.day)
        if view.day % 6 == 0:
            self._learn_alone(view)
        if view.day % 6 == 0 and self._qualified:
            ids = list(self._qualified)
            since = np.array([view.day - self._qualified[i][0] for i in ids], dtype=float)
            won = np.array([i in self._won for i in ids], dtype=float)
            age = np.where(won > 0, [self._won.get(i, (0, 0.0))[0] for i in ids], since)
            value = np.array([self._won.get(i, (0, 0.0))[1] for i in ids])
            self.brain.learn_wins(np.array([self._qualified[i][1] for i in ids]), np.maximum(age, 0.5), won, value)

    def _came(self, asked: Asked) -> Ints:
        """The day each ask's share was heard of, -1 for none."""
        return np.array([self._shared.get(asked.first + k, -1) for k in range(len(asked.people))], dtype=np.int64)

    def _watch_open(self, day: int) -> None:
        """What has come so far of asks whose window is open: they teach from their first day."""
        some = [a for a in self.asked if len(a.people)]
        if not some:
            return
        heard = self._arrivals.by(np.array([day - a.day for a in some]))
        self.brain.watch_shares(
            joined([a.batch for a in some]), np.concatenate([a.actions for a in some]),
            np.concatenate([(self._came(a) >= 0).astype(float) for a in some]),
            np.repeat(heard, [len(a.people) for a in some]),
        )  # fmt: skip
