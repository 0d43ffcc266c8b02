"""The adapter: what any world must give and any policy must do. Nothing here knows the brain or our own worlds.

A world owns the truth and the clock; a policy gets arrays and gives actions back. The referee stands between them: it
refuses asks that are not allowed, hands out copies that cannot be written to, keeps the score, and holds the same
companies back from every policy when told to.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -(10**6)
"""The day of what has not happened yet."""


@dataclass(frozen=True)
class RuleBook:
    """What the marketing books say, in log-odds of sharing. It may be wrong, and a world may have none."""

    segment_incentive: Floats
    role_tone: Floats
    kind: Floats
    large: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What everybody in a world knows before the first day: names, actions, prices, rules.

    `actions` has one row an action: incentive, size, tone, channel (places in the names). `reward` is due on a share,
    `commission` a part of a won deal, `contact` the cost of a message, all per action; `margin` is what a won deal is
    worth, `goodwill` what an advocate who leaves was worth, `win` and `win_days` the CRM's past, all per segment.
    The first incentive is the plain one (a thank-you): what comes unasked is taken to qualify as it does.
    """

    segments: tuple[str, ...]
    verticals: tuple[str, ...]
    roles: tuple[str, ...]
    kinds: tuple[str, ...]
    incentives: tuple[str, ...]
    sizes: tuple[str, ...]
    tones: tuple[str, ...]
    channels: tuple[str, ...]
    actions: Ints
    reward: Floats
    commission: Floats
    contact: Floats
    margin: Floats
    goodwill: Floats
    win: Floats
    win_days: Floats
    qualify: float = 0.45
    gap_days: int = 21
    year_cap: int = 8
    window: int = 14
    days: int = 365
    book: RuleBook | None = None


@dataclass
class View:
    """What a policy sees in the morning. Arrays run over all persons' places; some places fill later.

    `eligible`: who may be asked today; `legal` [persons, actions]: with what. `last_*` are days (`NEVER`) of the last
    moment, incident and ask; `last_size` is the strength of the last moment (about 1), `hits` shares heard of so far,
    `neighbour_hits` those of colleagues. `fresh`, `fresh_kind`, `fresh_size` are the moments of today, one a row.
    A world that has no such thing gives zeros.
    """

    day: int
    eligible: Bools
    legal: Bools
    company: Ints
    segment: Ints
    vertical: Ints
    role: Ints
    satisfaction: Floats
    joined: Ints
    last_kind: Ints
    last_size: Floats
    last_moment: Ints
    last_incident: Ints
    last_ask: Ints
    asks: Ints
    hits: Ints
    neighbour_hits: Ints
    fresh: Ints
    fresh_kind: Ints
    fresh_size: Floats
    held: Bools = field(default_factory=lambda: np.zeros(0, bool))
    """Companies nobody may ask, if the referee holds any back: what they do unasked is news all the same."""


@dataclass
class News:
    """What came to light on a day. Asks carry running numbers: today's start at `first_ask`, in the order asked."""

    day: int
    first_ask: int = 0
    shares: list[tuple[int, int]] = field(default_factory=list)
    """(ask, person)"""
    organic: list[int] = field(default_factory=list)
    """Persons who recommended without having been asked lately."""
    qualified: list[tuple[int, int, bool]] = field(default_factory=list)
    """(ask or -1, person, did it qualify)"""
    won: list[tuple[int, int, int, float]] = field(default_factory=list)
    """(ask or -1, person, days since it qualified, value)"""
    opt_outs: list[tuple[int, int]] = field(default_factory=list)
    """(ask, person)"""


@dataclass(frozen=True)
class Tally:
    """A day's score, which no policy sees: net value and qualified referrals to be expected given the truth."""

    value: float
    qualified: float


class Policy(Protocol):
    """Anything that plays."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Persons to ask today and the action of each; persons eligible and distinct, actions legal."""
        ...

    def hear(self, news: News) -> None:
        """The news of the day."""
        ...


class World(Protocol):
    """Anything that can be played in, for `setting.days` days; each method is called once a day, in this order."""

    setting: Setting

    def morning(self, day: int) -> View:
        """Move to a day and show it."""
        ...

    def evening(self, who: Ints, actions: Ints) -> tuple[News, Tally]:
        """Let these asks happen; the news of the day and its score."""
        ...

    def oracles(self) -> list[Policy]:
        """Policies that may look at the truth of this very world; each gets a world of its own, the best one counts."""
        ...


@dataclass
class Score:
    """What a policy's time in a world came to, per day."""

    value: Floats
    qualified: Floats
    asks: Floats
    opt_outs: int = 0


class Foul(ValueError):
    """A policy asked someone it may not ask, or with an action that is not legal."""


def play(world: World, policy: Policy, *, holdout: float = 0.0, seed: int = 0, days: int | None = None) -> Score:
    """Let a policy play a world to its end. `holdout` of the companies are kept from it, the same ones for every policy."""
    days = min(days or world.setting.days, world.setting.days)
    score = Score(np.zeros(days), np.zeros(days), np.zeros(days))
    held: Bools | None = None
    for day in range(days):
        view = world.morning(day)
        if held is None:
            lot = np.random.default_rng([seed, 99]).random(int(view.company.max()) + 1)
            held = (lot < holdout)[view.company]
        view = _sealed(replace(view, eligible=view.eligible & ~held, held=held))
        who, actions = policy.act(view)
        _check(view, who, actions)
        news, tally = world.evening(who, actions)
        score.value[day], score.qualified[day], score.asks[day] = tally.value, tally.qualified, len(who)
        score.opt_outs += len(news.opt_outs)
        policy.hear(news)
    return score


def _sealed(view: View) -> View:
    """Copies a policy cannot write to: a world may show its own arrays without fear."""
    copies = {}
    for one in fields(view):
        value = getattr(view, one.name)
        if isinstance(value, np.ndarray):
            value = value.copy()
            value.setflags(write=False)
        copies[one.name] = value
    return View(**copies)


def _check(view: View, who: Ints, actions: Ints) -> None:
    if len(who) == 0:
        return
    if not view.eligible[who].all() or len(np.unique(who)) != len(who):
        raise Foul("the policy asks people it may not ask")
    if not view.legal[who, actions].all():
        raise Foul("the policy uses an action that is not legal")
