"""Learning itself, pure: a brain and the log up to a day make a state, whatever steps it was made in.

The factors that are counts (qualification, opt-outs, wins, margins) are counted anew each time. Sharing and what comes
unasked are learned day by day in the order of the days, so that the state of yesterday and today's news give the bits a
training from the first day gives. A day whose outcome changed after it was taken (an event that came late) makes the
next training begin anew.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain import Arrivals, Batch, Brain
from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.science import Described, Places, batch_of, places_of
from honeyguide.learning.training_log import WINDOW_DAYS, Alone, Log, Sent
from honeyguide.programs import offer_key

Contexts = Mapping[UUID, tuple[Mapping[str, str], Mapping[str, float]]]
_FORM = "2"


class State(Struct):
    """What was learned of sharing and of what comes unasked, and from which days. Arrays are kept as their bytes."""

    form: str
    names: str
    share_mean: bytes
    share_precision: bytes
    organic_mean: bytes
    organic_precision: bytes
    watch: tuple[bytes, bytes]
    shares_seen: float
    widths: tuple[bytes, bytes, float]
    days: dict[str, str]
    contradicted: list[tuple[str, str]]


class Day(Struct, frozen=True):
    """The asks and the people left alone of one day, whose windows are over."""

    day: str
    sent: list[Sent]
    alone: list[Alone]

    @property
    def digest(self) -> str:
        """Changes when anything that is learned from the day changes."""
        said = [f"{s.id}:{len(s.referrals) > 0}:{s.key}" for s in self.sent] + [f"{a.id}:{a.came}" for a in self.alone]
        return hashlib.blake2b("|".join(said).encode(), digest_size=8).hexdigest()


def ripe_days(log: Log, now: datetime) -> list[Day]:
    """The days of the log whose windows are over at `now`, in their order."""
    last = _last_ripe(now)
    sent: dict[str, list[Sent]] = {}
    alone: dict[str, list[Alone]] = {}
    for s in log.sent:
        sent.setdefault(f"{s.at:%Y-%m-%d}", []).append(s)
    for a in log.alone:
        alone.setdefault(f"{a.at:%Y-%m-%d}", []).append(a)
    return [Day(d, sent.get(d, []), alone.get(d, [])) for d in sorted(set(sent) | set(alone)) if d <= last]


def news(state: State | None, days: Sequence[Day], since: str) -> tuple[State | None, list[Day]]:
    """The state to go on from, and the days to learn; (None, all) when the past is not what it was.

    Days before `since` are taken as they were learned.
    """
    if state is None:
        return None, list(days)
    known = {d.day: d.digest for d in days}
    if any(known.get(day) != digest for day, digest in state.days.items() if day >= since):
        return None, list(days)
    fresh = [d for d in days if d.day >= since and d.day not in state.days]
    newest = max(state.days, default="")
    return (None, list(days)) if any(d.day < newest for d in fresh) else (state, fresh)


def learn(
    brain: Brain, state: State | None, days: Sequence[Day], contexts: Contexts, note: Callable[[str, str], None]
) -> State:
    """Bring a fresh brain to the state, learn the days in their order, and return the new state.

    `note` hears of beliefs the world contradicts: (day, block of coefficients).
    """
    seen, told = {}, []
    if state is not None:
        restore(brain, state)
        seen, told = dict(state.days), list(state.contradicted)
    places = places_of(brain.schema)
    for one in days:
        for block in _learn_day(brain, one, places, contexts):
            note(one.day, block)
            told.append((one.day, block))
        seen[one.day] = one.digest
    return _state(brain, seen, told)


def _learn_day(brain: Brain, day: Day, places: Places, contexts: Contexts) -> list[str]:
    sent = [(s, p) for s in day.sent if s.decision_id in contexts and (p := places.of_key(s.group, s.key)) is not None]
    doubted: list[str] = []
    if sent:
        batch = described_batch(brain, [contexts[s.decision_id] for s, _ in sent])
        shared = np.array([float(len(s.referrals) > 0) for s, _ in sent])
        doubted = brain.learn_shares(batch, np.array([p for _, p in sent], np.int64), shared)
    alone = [a for a in day.alone if a.id in contexts]
    if alone:
        brain.learn_organic(
            described_batch(brain, [contexts[a.id] for a in alone]),
            np.array([float(a.came) for a in alone]),
            np.array([a.weight for a in alone]),
        )
    return doubted


def open_asks(log: Log, now: datetime) -> list[Sent]:
    """Asks whose window is not over at `now`: what `ripe_days` leaves."""
    last = _last_ripe(now)
    return [s for s in log.sent if f"{s.at:%Y-%m-%d}" > last and s.at <= now]


def watch(brain: Brain, log: Log, now: datetime, contexts: Contexts) -> None:
    """Let what has come so far of open asks count, by the share of referrals that has come by the age of each.

    How long referrals take is learned from asks whose window is over.
    """
    arrivals, last = Arrivals(WINDOW_DAYS), _last_ripe(now)
    ripe = [s for s in log.sent if f"{s.at:%Y-%m-%d}" <= last and s.referrals]
    arrivals.learn(np.array([_days(s.at, min(r.at for r in s.referrals)) for s in ripe]))
    places = places_of(brain.schema)
    some = [
        (s, p)
        for s in open_asks(log, now)
        if s.decision_id in contexts and (p := places.of_key(s.group, s.key)) is not None
    ]
    brain.watch_shares(
        described_batch(brain, [contexts[s.decision_id] for s, _ in some]),
        np.array([p for _, p in some], np.int64),
        np.array([float(len(s.referrals) > 0) for s, _ in some]),
        arrivals.by(np.array([_days(s.at, now) for s, _ in some])),
    )


def _days(begin: datetime, end: datetime) -> float:
    return max((end - begin).total_seconds() / 86_400, 0.0)


def _last_ripe(now: datetime) -> str:
    return f"{now - timedelta(days=WINDOW_DAYS + 1):%Y-%m-%d}"


def described_batch(brain: Brain, found: Sequence[tuple[Mapping[str, str], Mapping[str, float]]]) -> Batch:
    """Logged situations as the brain's arrays."""
    rows = [Described(dict(words), dict(numbers), {}, 0.0, 0.0) for words, numbers in found]
    return batch_of(brain.schema, rows, [()] * len(rows))


def count(brain: Brain, log: Log, now: datetime, shares_of_margin: Mapping[str, float]) -> None:
    """Tell a fresh brain what was counted: qualified referrals, opt-outs, wins and the worth of deals.

    `shares_of_margin`: what part of a deal's amount is margin, by group.
    """
    places = places_of(brain.schema)
    sent = [(s, p) for s in log.sent if (p := places.of_key(s.group, s.key)) is not None]
    _count_opt_outs(brain, sent, now)
    judged = [(s, p, said) for s, p in sent for r in s.referrals if (said := r.judged(now)) is not None]
    if judged:
        brain.learn_qualified(
            _groups(brain, [s for s, _, _ in judged]), np.array([p for _, p, _ in judged], np.int64),
            np.array([float(said) for _, _, said in judged]),
        )  # fmt: skip
    good = [(s, r) for s, _ in sent for r in s.referrals if r.judged(now)]
    if good:
        brain.learn_wins(
            _groups(brain, [s for s, _ in good]),
            np.array([r.age(now) for _, r in good]),
            np.array([float(r.won_at is not None) for _, r in good]),
            np.array([r.amount_minor * shares_of_margin.get(s.group, 1.0) for s, r in good]),
        )


def _count_opt_outs(brain: Brain, sent: Sequence[tuple[Sent, int]], now: datetime) -> None:
    over = [(s, p) for s, p in sent if s.left or now >= s.at + timedelta(days=WINDOW_DAYS)]
    if over:
        rows = [({"group": offer_key(s.group)}, {brain.config.worn: s.worn}) for s, _ in over]
        brain.learn_opt_outs(
            described_batch(brain, rows), np.array([p for _, p in over], np.int64),
            np.array([float(s.left) for s, _ in over]),
        )  # fmt: skip


def _groups(brain: Brain, sent: Sequence[Sent]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([brain.schema.code(brain.schema.group, offer_key(s.group)) for s in sent], np.int64)


def restore(brain: Brain, state: State) -> None:
    """Bring a fresh brain of the same schema to what was learned."""
    size = brain.design.size
    brain.share.mean = _array(state.share_mean, (size,))
    brain.share.precision = _array(state.share_precision, (size, size))
    brain.organic.mean = _array(state.organic_mean, (size,))
    brain.organic.precision = _array(state.organic_precision, (size, size))
    brain._watch.up, brain._watch.low = (_array(b, (2, size)) for b in state.watch)
    brain.shares_seen = state.shares_seen
    factors, stretch, brain.widths_at = state.widths
    brain.widths.factors = _array(factors, (len(brain.design.blocks),))
    brain.widths.stretch = _array(stretch, (size,))


def fits(state: State, brain: Brain) -> bool:
    """Was the state made by a brain with the same names?"""
    return state.form == _FORM and state.names == _names(brain)


def _state(brain: Brain, days: dict[str, str], contradicted: list[tuple[str, str]]) -> State:
    watch = brain._watch
    return State(
        _FORM, _names(brain), brain.share.mean.tobytes(), brain.share.precision.tobytes(), brain.organic.mean.tobytes(),
        brain.organic.precision.tobytes(), (watch.up.tobytes(), watch.low.tobytes()), brain.shares_seen,
        (brain.widths.factors.tobytes(), brain.widths.stretch.tobytes(), brain.widths_at), days, contradicted[-200:],
    )  # fmt: skip


def _names(brain: Brain) -> str:
    """A digest of what the coefficients mean and what was believed of them before any outcome."""
    said = "|".join(brain.design.names).encode() + msgspec.msgpack.encode([brain.beliefs.share, brain.beliefs.organic])
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def _array(raw: bytes, shape: tuple[int, ...]) -> Floats:
    return np.frombuffer(raw, np.float64).reshape(shape).copy()


def pack(state: State) -> bytes:
    """The state as bytes."""
    return msgspec.msgpack.encode(state)


def unpack(stored: bytes) -> State | None:
    """The state that was packed; None when it is of another form and training must begin anew."""
    try:
        return msgspec.msgpack.decode(stored, type=State)
    except msgspec.MsgspecError:
        return None
