"""A year of one of our own worlds: what happens to people, what an ask is truly worth, and what comes of it later.

The score counts each ask by its expectation given everything true at that moment, so that luck does not blur a
comparison; what happens to people (shares, opt-outs, wins that become customers) is drawn, and drawn from the same
numbers for every policy. A policy sees what was drawn, never what was to expect.
"""

from collections import defaultdict

import numpy as np

from benchmarks.referee import book
from benchmarks.referee.adapter import NEVER, Floats, Ints, News, Policy, Tally, View
from benchmarks.referee.nature import DAYS, HALF_LIFE, Calendar, People, Taste, Truth, calendar_of, people_of, truth_of
from benchmarks.referee.oracle import Oracle

TOLD_DAYS = 60  # who has just told a colleague has nobody new to tell for so long
KAPPAS = (1.0, 1.25)


class Season:
    """The state of a world under a policy."""

    setting = book.SETTING

    def __init__(self, truth: Truth, people: People, calendar: Calendar) -> None:
        self.truth, self.people, self.calendar = truth, people, calendar
        n = people.slots
        self.delight = np.zeros((n, 6))
        self.sour, self.fatigue = np.zeros(n), np.zeros(n)
        self.incident, self.told = np.full(n, NEVER), np.full(n, NEVER)
        self.last_ask, self.asks, self.hits = np.full(n, NEVER), np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.last_kind, self.last_size = np.full(n, -1), np.zeros(n)
        self.last_moment, self.joined = np.full(n, NEVER), people.joined.copy()
        self.company_hits = np.zeros(int(people.company.max()) + 1, np.int64)
        self.out, self.last_hurt = np.zeros(n, bool), np.full(n, NEVER)
        self.next_slot, self.next_ask, self.day = people.start, 0, -1
        self.legal = book.legal_actions(people.segment, people.email)
        self._later: dict[int, list[tuple[str, tuple[int, ...], float]]] = defaultdict(list)
        self._decay = 0.5 ** (1 / truth.half_life)
        self._set_taste(truth.tastes[0][1])
        self._set_quality()

    def _set_taste(self, taste: Taste) -> None:
        p, (inc, size, tone, channel) = self.people, book.ACTIONS.T
        self.liking: Floats = (
            taste.segment_incentive[p.segment][:, inc]
            + taste.vertical_incentive[p.vertical][:, inc]
            + p.personal[:, inc]
            + taste.role_tone[p.role][:, tone]
            + taste.role_channel[p.role][:, channel]
            + taste.large[inc] * (size == 2)
        )
        self.tone_fit: Floats = taste.role_tone[p.role][:, tone]

    def _set_quality(self) -> None:
        t, p = self.truth, self.people
        inc, size = book.ACTIONS[:, 0], book.ACTIONS[:, 1]
        role = np.array([0.25, 0.1, -0.05, 0.0, 0.0])[p.role]
        eta = t.qualify_segment[p.segment][:, None] + role[:, None] + t.qualify_incentive[inc, size][None, :]
        self.qualify: Floats = 1 / (1 + np.exp(-eta))
        self.organic_qualify: Floats = 1 / (
            1 + np.exp(-(t.qualify_segment[p.segment] + role + t.qualify_incentive[0, 0]))
        )
        self.win_value: Floats = t.win[p.segment] * book.MARGIN[p.segment]
        self.organic_base: Floats = t.organic / DAYS * np.exp(0.9 * p.willing)

    def organic_rate(self, day: int) -> Floats:
        """Chance per person to recommend today without having been asked."""
        free = (self.joined <= day) & (day - self.told >= TOLD_DAYS) & ~self.out
        rate: Floats = free * self.organic_base * (1 + 2 * (day - self.last_moment <= 14))
        return rate

    def p_share(self, who: Ints, actions: Ints | None = None) -> Floats:
        """The true chance to share because of an ask, for all actions or for one each."""
        t = self.truth
        role = self.people.role[who]
        state = (
            t.base
            + self.people.willing[who]
            + (np.minimum(self.delight[who], 2.5) * t.kind_role[:, role].T).sum(axis=1)
            - 0.8 * self.sour[who]
            - t.fatigue * self.fatigue[who]
        )
        eta = state[:, None] + self.liking[who] if actions is None else state + self.liking[who, actions]
        if not t.asked_adds:
            return np.zeros(eta.shape)
        if t.saturating:
            return np.asarray(0.3 * (1 - np.exp(-np.exp(0.8 * eta + 0.9) / 0.3)))
        return np.asarray(1 / (1 + np.exp(-eta)))

    def p_opt_out(self, who: Ints, actions: Ints | None = None) -> Floats:
        """The true chance to be lost by an ask."""
        t = self.truth
        state = t.opt_base + t.opt_fatigue * self.fatigue[who] + 0.8 * self.sour[who]
        state = state - 0.3 * np.minimum(self.delight[who].sum(axis=1), 2.0)
        fit = self.tone_fit[who] if actions is None else self.tone_fit[who, actions]
        eta = state[:, None] - 0.4 * fit if actions is None else state - 0.4 * fit
        return np.asarray(1 / (1 + np.exp(-eta)))

    def worth(self, who: Ints, actions: Ints | None, day: int) -> tuple[Floats, Floats, Floats]:
        """Expected net value, chance to share (organic claims included) and chance to opt out."""
        organic = 1 - (1 - self.organic_rate(day)[who]) ** book.WINDOW
        p, q, opt = self.p_share(who, actions), self.qualify[who], self.p_opt_out(who, actions)
        margin, goodwill = self.win_value[who], book.GOODWILL[self.people.segment[who]]
        reward, commission, contact = book.A_REWARD, book.A_COMMISSION, book.A_CONTACT
        if actions is None:
            organic, margin, goodwill = organic[:, None], margin[:, None], goodwill[:, None]
        else:
            q, reward, commission, contact = (
                q[np.arange(len(who)), actions],
                reward[actions],
                commission[actions],
                contact[actions],
            )
        share = 1 - (1 - p) * (1 - organic)
        return share * (q * margin * (1 - commission) - reward) - contact - opt * goodwill, share, opt

    def displaced(self, who: Ints, share: Floats, day: int) -> Floats:
        """Organic value a share (and the window it stands in) takes away: what the oracle must subtract."""
        lost = self.organic_rate(day)[who] * self.organic_qualify[who] * self.win_value[who]
        days = book.WINDOW + share * (TOLD_DAYS - book.WINDOW) if share.ndim == 1 else None
        if days is None:
            return np.asarray(lost[:, None] * (book.WINDOW + share * (TOLD_DAYS - book.WINDOW)))
        return np.asarray(lost * days)

    def view(self, day: int) -> View:
        """What can be seen today."""
        p, fresh = self.people, self.calendar.moment_person[day]
        here = self.joined[fresh] <= day
        sizes = self.calendar.moment_size[day]
        eligible = (
            (self.joined <= day)
            & ~self.out
            & (day - self.last_ask >= book.GAP_DAYS)
            & (self.asks < book.YEAR_CAP)
            & (self.incident < day)
        )
        return View(
            day, eligible, self.legal, p.company, p.segment, p.vertical, p.role, p.satisfaction, self.joined,
            self.last_kind, self.last_size, self.last_moment, self.last_hurt, self.last_ask, self.asks, self.hits,
            self.company_hits[p.company] - self.hits, fresh[here], self.calendar.moment_kind[day][here], sizes[here],
        )  # fmt: skip

    def dawn(self, day: int) -> None:
        """Nature's part of a day."""
        for start, taste in self.truth.tastes[1:]:
            if day == start:
                self._set_taste(taste)
        self.delight *= self._decay
        self.fatigue *= 0.5 ** (1 / HALF_LIFE)
        self.sour *= 0.5 ** (1 / 14)
        who, kind = self.calendar.moment_person[day], self.calendar.moment_kind[day]
        size = self.calendar.moment_size[day]
        np.add.at(self.delight, (who, kind), size)
        self.last_kind[who], self.last_size[who], self.last_moment[who] = kind, size, day
        hurt, until = self.calendar.incident_until[day]
        self.incident[hurt] = np.maximum(self.incident[hurt], until)
        self.sour[hurt] += 1.0
        self.last_hurt[hurt] = day

    def morning(self, day: int) -> View:
        """Nature's part of the day, and what can be seen of it."""
        self.day = day
        self.dawn(day)
        return self.view(day)

    def evening(self, who: Ints, actions: Ints) -> tuple[News, Tally]:
        """Today's asks happen, and what is due comes to light."""
        lot = np.random.default_rng([self.truth.seed, self.day, 5]).random((4, self.people.slots))
        news = News(self.day, self.next_ask)
        value, qualified = self._ask(who, actions, self.day, lot, news)
        more, others = self._organic(self.day, lot, news)
        self._due(self.day, news)
        return news, Tally(value + more, qualified + others)

    def oracles(self) -> list[Policy]:
        """What knows everything true of this world, with a few thresholds."""
        return [Oracle(self, kappa) for kappa in KAPPAS]

    def _ask(self, who: Ints, actions: Ints, day: int, lot: Floats, news: News) -> tuple[float, float]:
        if len(who) == 0:
            return 0.0, 0.0
        value, share, opt = self.worth(who, actions, day)
        qualified = float((share * self.qualify[who, actions]).sum())
        shares, leaves = lot[0, who] < share, lot[1, who] < opt
        delay = np.minimum(-2.5 * np.log(1 - lot[2, who]), book.WINDOW - 1).astype(np.int64)
        for k in np.flatnonzero(shares):
            self._later[day + int(delay[k])].append(
                ("share", (self.next_ask + int(k), int(who[k]), int(actions[k])), 0.0)
            )
        for k in np.flatnonzero(leaves):
            news.opt_outs.append((self.next_ask + int(k), int(who[k])))
        self.told[who] = np.where(shares, day, np.maximum(self.told[who], day - TOLD_DAYS + book.WINDOW))
        self.out[who[leaves]] = True
        self.last_ask[who] = day
        self.asks[who] += 1
        self.fatigue[who] += 1
        self.next_ask += len(who)
        return float(value.sum()), qualified

    def _organic(self, day: int, lot: Floats, news: News) -> tuple[float, float]:
        rate = self.organic_rate(day)
        for person in np.flatnonzero(lot[3] < rate):
            self.told[person] = day
            news.organic.append(int(person))
            self._later[day + 5].append(("qualify", (-1, int(person), -1), 0.0))
        good = rate * self.organic_qualify
        return float((good * self.win_value).sum()), float(good.sum())

    def _due(self, day: int, news: News) -> None:
        for n, (what, (ask, person, action), amount) in enumerate(self._later.pop(day, [])):
            rng = np.random.default_rng([self.truth.seed, day, n, 7])
            if what == "share":
                news.shares.append((ask, person))
                self.hits[person] += 1
                self.company_hits[self.people.company[person]] += 1
                self._later[day + 3 + int(rng.integers(6))].append(("qualify", (ask, person, action), 0.0))
            elif what == "qualify":
                self._qualify(ask, person, action, day, rng, news)
            else:
                news.won.append((ask, person, action, amount))
                self._joins(person, day, rng)

    def _qualify(self, ask: int, person: int, action: int, day: int, rng: np.random.Generator, news: News) -> None:
        chance = self.organic_qualify[person] if action < 0 else self.qualify[person, action]
        good = bool(rng.random() < chance)
        news.qualified.append((ask, person, good))
        segment = self.people.segment[person]
        if good and rng.random() < self.truth.win[segment]:
            delay = max(1, int(self.truth.delay_days[segment] * rng.lognormal(0.0, 0.7)))
            value = float(book.MARGIN[segment] * rng.lognormal(-0.08, 0.4))
            self._later[day + delay].append(("win", (ask, person, delay), value))

    def _joins(self, person: int, day: int, rng: np.random.Generator) -> None:
        if self.next_slot >= self.people.slots or rng.random() > 0.7:
            return
        self.joined[self.next_slot] = day + 1
        self.next_slot += 1


def season(name: str, seed: int, size: int = 5_000) -> Season:
    """A fresh year of a world."""
    truth = truth_of(name, seed)
    people = people_of(truth, size)
    return Season(truth, people, calendar_of(truth, people))
