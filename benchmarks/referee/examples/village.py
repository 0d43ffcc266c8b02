"""A foreign world: three segments of one size, two kinds of moments, four actions, other rules. Knows the adapter only.

Run: python -m benchmarks.referee --world benchmarks.referee.examples.village:Village --policy brain,trigger --seeds 1-3
"""

import numpy as np

from benchmarks.referee.adapter import NEVER, Ints, News, Policy, Setting, Tally, View

MONEY = np.array([0.0, 30.0])
SETTING = Setting(
    ("north", "south", "harbour"), ("any",), ("owner", "clerk"), ("festival", "good_catch"), ("thanks", "coins"), ("one",),
    ("plain", "merry"), ("letter",), np.array([(i, 0, t, 0) for i in range(2) for t in range(2)]), MONEY.repeat(2),
    np.zeros(4), np.full(4, 2.0), np.full(3, 900.0), np.full(3, 200.0), np.full(3, 0.4), np.full(3, 5.0), 0.6, 14, 12, 7, 200,
)  # fmt: skip


class Village:
    """Merry words please owners, coins please the harbour; a festival is worth twice a good catch. A share qualifies at once."""

    setting = SETTING

    def __init__(self, seed: int, size: int) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.segment, self.role, self.firm = rng.integers(0, 3, size), rng.integers(0, 2, size), np.arange(size) // 2
        self.kind, self.moment, self.asked = np.full(size, -1), np.full(size, NEVER), np.full(size, NEVER)
        self.asks, self.hits, self.number, self.zeros = np.zeros(size, int), np.zeros(size, int), 0, np.zeros(size, int)

    def morning(self, day: int) -> View:
        """Some have a moment."""
        self.day, new = day, np.flatnonzero(self.rng.random(len(self.kind)) < 0.02)
        kinds = self.rng.integers(0, 2, len(new))
        self.kind[new], self.moment[new] = kinds, day
        free = (day - self.asked >= SETTING.gap_days) & (self.asks < SETTING.year_cap)
        mates = np.bincount(self.firm, weights=self.hits)[self.firm].astype(np.int64) - self.hits
        none, ones = np.full(len(free), NEVER), np.ones(len(free))
        return View(day, free, np.ones((len(free), 4), bool), self.firm, self.segment, self.zeros, self.role, ones * 0,
                    self.zeros, self.kind, ones, self.moment, none, self.asked, self.asks, self.hits, mates,
                    new, kinds, np.ones(len(new)))  # fmt: skip

    def evening(self, who: Ints, actions: Ints) -> tuple[News, Tally]:
        """A share has a chance of up to a quarter while the moment is three days old; 60 % qualify, 40 % of those buy."""
        fresh = np.where(self.day - self.moment[who] <= 3, np.where(self.kind[who] == 0, 0.1, 0.05), 0.004)
        coins, merry = SETTING.actions[actions, 0] == 1, SETTING.actions[actions, 2] == 1
        p = fresh * (1 + 1.0 * (coins & (self.segment[who] == 2))) * np.where(merry == (self.role[who] == 0), 1.2, 0.8)
        news, shared = News(self.day, self.number), self.rng.random(len(who)) < p
        for k in np.flatnonzero(shared):
            ask, person, good = self.number + int(k), int(who[k]), bool(self.rng.random() < 0.6)
            news.shares.append((ask, person))
            news.qualified.append((ask, person, good))
            if good and self.rng.random() < 0.4:
                news.won.append((ask, person, 1, 900.0))
        self.asked[who], self.number = self.day, self.number + len(who)
        self.asks[who] += 1
        self.hits[who] += shared
        net = p * (0.6 * 0.4 * 900.0 - SETTING.reward[actions]) - SETTING.contact[actions]
        return news, Tally(float(net.sum()), float((p * 0.6).sum()))

    def oracles(self) -> list[Policy]:
        """None: the village reports money and asks, not capture."""
        return []
