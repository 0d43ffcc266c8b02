"""The policies to beat that need no model: nobody, the calendar, rewards by segment, trigger rules. For any setting."""

import numpy as np

from benchmarks.referee.adapter import Floats, Ints, News, Setting, View

QUARTER = 91
NOBODY: Ints = np.zeros(0, np.int64)


def nearest(
    setting: Setting, legal: np.ndarray[tuple[int, int], np.dtype[np.bool_]], incentive: Ints, tone: Ints
) -> Ints:
    """Per row the legal action nearest to an incentive in its smallest size and a tone, by the first channel allowed."""
    theirs, size, said, channel = setting.actions.T
    far: Floats = 100.0 * (theirs[None, :] != incentive[:, None]) + 10.0 * (said[None, :] != tone[:, None])
    far = np.where(legal, far + 1.0 * size + 0.1 * channel, np.inf)
    return np.asarray(far.argmin(axis=1), dtype=np.int64)


class Nobody:
    """Asks nobody: what organic recommendation is worth."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting, book = setting, setting.book
        segments, roles = len(setting.segments), len(setting.roles)
        plain = min(1, len(setting.incentives) - 1)
        self.rule_incentive = np.full(segments, plain) if book is None else book.segment_incentive.argmax(axis=1)
        self.rule_tone = np.full(roles, len(setting.tones) // 2) if book is None else book.role_tone.argmax(axis=1)

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Nobody."""
        return NOBODY, NOBODY

    def hear(self, news: News) -> None:
        """Rules learn nothing."""


class Static(Nobody):
    """Everyone gets a gift card (the third incentive where none is named so) at the start and each quarter."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Those whose turn it is."""
        phase = np.where(view.joined == 0, np.arange(len(view.joined)) % 7, view.joined % QUARTER)
        who = np.flatnonzero(view.eligible & ((view.day - phase) % QUARTER == 0) & view.legal.any(axis=1))
        return who, self.actions(view, who)

    def actions(self, view: View, who: Ints) -> Ints:
        """A small gift card in the middle tone."""
        names = self.setting.incentives
        gift = names.index("gift_card") if "gift_card" in names else min(2, len(names) - 1)
        tone = len(self.setting.tones) // 2
        return nearest(self.setting, view.legal[who], np.full(len(who), gift), np.full(len(who), tone))


class BySegment(Static):
    """The same calendar with the reward the rule book names for the segment."""

    def actions(self, view: View, who: Ints) -> Ints:
        """The segment's reward in the middle tone."""
        tone = np.full(len(who), len(self.setting.tones) // 2)
        return nearest(self.setting, view.legal[who], self.rule_incentive[view.segment[who]], tone)


class Trigger(Nobody):
    """The rule book: at a moment at most two days old, the segment's reward in the tone of the role."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        """Everyone with a fresh moment."""
        who = self.due(view)
        incentive, tone = self.rule_incentive[view.segment[who]], self.rule_tone[view.role[who]]
        return who, nearest(self.setting, view.legal[who], incentive, tone)

    def due(self, view: View) -> Ints:
        """Who has a fresh moment."""
        return np.flatnonzero(view.eligible & (view.day - view.last_moment <= 2) & view.legal.any(axis=1))
