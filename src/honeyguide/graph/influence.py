"""Influence as mathematics: pure numpy, nothing is read or written here.

The network part is weighted PageRank: `x = b + d P^T x`, where `b` is what a person weighs by position (role at an
employer, products championed), `P[u, v]` the share of u's weight that goes to v because u leans on v, and `d` the damping.
Rows of P add up to at most one: unsure or few relations pass little on, and what is not passed on is gone (Page, Brin,
Motwani, Winograd: The PageRank Citation Ranking, 1999, with `b` as the personalisation vector). `d` is 0.5 as for citations
(Chen, Xie, Maslov, Redner: Finding scientific gems with Google's PageRank, 2007): influence at work is a matter of two or
three steps, not of thirty.

It is kept up to date by residuals (Ohsaka, Maehara, Kawarabayashi: Efficient PageRank Tracking in Evolving Networks, 2015):
`r = b + d P^T x - x` is stored beside x. A changed row of P changes r at its targets by `d (P' - P) x`; a push at u moves
r[u] into x[u] and `d P[u, v] r[u]` into each r[v]. Pushing ends when `|r[u]| <= THETA b[u]` everywhere, and then
`|x* - x| <= THETA x*` at every person, because `x* - x = (I - d P^T)^-1 r` and `x* = (I - d P^T)^-1 b` with no negative
entry in the inverse. No entry of the score's network part can be off by more than `THETA / 2` through that.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from honeyguide.graph.kinds import EDGE, HALF_LIFE_DAYS

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

DAMPING = 0.5
THETA = 2e-6
TOLERANCE = (
    1e-6  # what the score after steps and after a rebuild may differ by: 0.4 * THETA / 2, with room for rounding
)
DIGITS = 4  # of the score people see, rank and compare with
# What is said of people: how much of a person's weight such a relation passes on at full belief.
PASSES = {"reports_to": 1.0, "influences": 1.0, "referred": 0.8, "introduced": 0.6, "colleague_of": 0.3}
PERSONAL = tuple(PASSES)
OWN = ("works_at", "holds_role", "champion_of")
SENIORITY = {"executive": 5, "vp": 4, "director": 3, "manager": 2, "individual": 1}
# Parts of the score, together one.
SHARES = {"network": 0.40, "seniority": 0.20, "reach": 0.15, "referrals": 0.15, "champions": 0.10}
# The amount at which a part that counts without bound has half its share.
HALF = {"network": 2.0, "reach": 6.0, "referrals": 3.0, "champions": 1.0}
LOWEST_BASE, _BY_SENIORITY, _BY_CHAMPIONS = 0.5, 0.3, 0.2
_UNEMPLOYED = 0.5  # a role without a known employer counts half
_NEVER = float("inf")


class Edges(NamedTuple):
    """Current edges as columns: `seen` in seconds since 1970, `level` of the role for holds_role (else 0)."""

    kind: NDArray[np.int16]
    src: Ids
    dst: Ids
    confidence: Floats
    seen: Floats
    level: Floats


class Rows(NamedTuple):
    """Rows of P: those of `ids[i]` lie between `start[i]` and `start[i + 1]`."""

    ids: Ids
    start: Ids
    targets: Ids
    weights: Floats


class Measures(NamedTuple):
    """What is known of some personas from the edges around them. `present`: there is anything that counts."""

    rows: Rows
    parts: dict[str, Floats]
    base: Floats
    own: Floats
    present: NDArray[np.bool_]


def columns_of(rows: list[Any]) -> Edges:
    """(kind, src, dst, confidence, seen) rows as columns."""
    kind, src, dst, confidence, seen = zip(*rows, strict=True) if rows else ((),) * 5
    return Edges(
        np.array(kind, np.int16), np.array(src, np.int64), np.array(dst, np.int64), np.array(confidence, np.float64),
        np.array(seen, np.float64), np.zeros(len(rows)),
    )  # fmt: skip


def edges_of(parts: Sequence[Edges], levels: Mapping[int, int]) -> Edges:
    """All of these, each edge once, in the order of its key, roles with their levels."""
    columns: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    whole = Edges(*columns)
    order = np.lexsort((whole.kind, whole.dst, whole.src))
    kind, src, dst = whole.kind[order], whole.src[order], whole.dst[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (kind[1:] != kind[:-1]) | (src[1:] != src[:-1]) | (dst[1:] != dst[:-1])
    found = Edges(*[column[order[first]] for column in columns])
    roles = np.flatnonzero(found.kind == EDGE["holds_role"])
    found.level[roles] = [levels.get(i, 0) for i in found.dst[roles].tolist()]
    return found


def strengths(edges: Edges, as_of: float) -> Floats:
    """What each belief, faded to the moment, says beyond even odds: `2 p - 1`, and nothing below.

    Fading as `beliefs.decayed`: log-odds halve with every half-life. What has faded altogether stands at even odds.
    """
    half = np.full(128, _NEVER)
    for code, days in HALF_LIFE_DAYS.items():
        half[code] = days
    age = np.maximum(0.0, as_of - edges.seen) / 86_400
    odds = np.log(edges.confidence / (1.0 - edges.confidence)) * 0.5 ** (age / half[edges.kind])
    found: Floats = np.maximum(0.0, 2.0 / (1.0 + np.exp(-odds)) - 1.0)
    return found


def measure(ids: Ids, edges: Edges, as_of: float) -> Measures:
    """Rows, local measures and base of these personas (sorted ids), given every current edge around them."""
    strong = strengths(edges, as_of)
    giver, taker, weight = _flows(edges, strong)
    rows = _rows(ids, giver, taker, weight)
    inward = _sum_at(ids, taker, weight)
    parts = {
        "seniority": _seniority(ids, edges, strong),
        "reach": _saturated("reach", inward),
        "referrals": _saturated("referrals", _sum_at(ids, *_out(edges, strong, "referred"))),
        "champions": _saturated("champions", _sum_at(ids, *_out(edges, strong, "champion_of"))),
    }
    base = LOWEST_BASE + _BY_SENIORITY * parts["seniority"] + _BY_CHAMPIONS * parts["champions"]
    own = np.zeros(len(ids))
    for name, part in parts.items():
        own += SHARES[name] * part
    return Measures(rows, parts, base, own, (own > 0) | (np.diff(rows.start) > 0))


def scores(own: Floats, base: Floats, value: Floats) -> Floats:
    """The score between 0 and 1, in full precision."""
    flowing_in = np.maximum(0.0, value - base)
    found: Floats = own + SHARES["network"] * _saturated("network", flowing_in)
    return found


def published(own: Floats, base: Floats, value: Floats) -> Floats:
    """The score at the precision people see."""
    found: Floats = np.round(scores(own, base, value), DIGITS)
    return found


def places(score: Floats) -> Ids:
    """Published scores as whole numbers, for counting how many stand where."""
    found: Ids = np.rint(score * 10**DIGITS).astype(np.int64)
    return found


def _saturated(name: str, amount: Floats) -> Floats:
    found: Floats = amount / (amount + HALF[name])
    return found


def _out(edges: Edges, strong: Floats, kind: str) -> tuple[Ids, Floats]:
    those = edges.kind == EDGE[kind]
    return edges.src[those], strong[those]


def _flows(edges: Edges, strong: Floats) -> tuple[Ids, Ids, Floats]:
    """Who leans on whom, one entry a pair: those who report, were influenced, referred, introduced; colleagues mutually."""
    found: list[tuple[Ids, Ids, Floats]] = []
    for kind, passes in PASSES.items():
        those = (edges.kind == EDGE[kind]) & (strong > 0)
        src, dst, w = edges.src[those], edges.dst[those], passes * strong[those]
        if kind in ("reports_to", "colleague_of"):
            found.append((src, dst, w))
        if kind != "reports_to":
            found.append((dst, src, w))
    giver, taker, weight = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((taker, giver))  # stable: equal pairs keep the order of kinds, so sums are the same to the bit
    giver, taker, weight = giver[order], taker[order], weight[order]
    if not len(order):
        return giver, taker, weight
    first = np.flatnonzero(np.r_[True, (giver[1:] != giver[:-1]) | (taker[1:] != taker[:-1])])
    return giver[first], taker[first], np.add.reduceat(weight, first)


def _rows(ids: Ids, giver: Ids, taker: Ids, weight: Floats) -> Rows:
    """The rows of `ids` out of flows sorted by giver, scaled to add up to at most one."""
    begin, end = np.searchsorted(giver, ids, "left"), np.searchsorted(giver, ids, "right")
    counts = end - begin
    start = np.r_[0, np.cumsum(counts)].astype(np.int64)
    taken = _ranges(begin, counts)
    targets, weights = taker[taken], weight[taken]
    total = np.zeros(len(ids))
    some = np.flatnonzero(counts)
    if len(some):
        total[some] = np.add.reduceat(weights, start[some])
    return Rows(ids, start, targets, weights / np.repeat(np.maximum(1.0, total), counts))


def chosen(rows: Rows, which: Ids) -> Rows:
    """The rows at these positions, in this order."""
    counts = rows.start[which + 1] - rows.start[which]
    entries = _ranges(rows.start[which], counts)
    start = np.r_[0, np.cumsum(counts)].astype(np.int64)
    return Rows(rows.ids[which], start, rows.targets[entries], rows.weights[entries])


def _ranges(begin: Ids, counts: Ids) -> Ids:
    """begin[0], begin[0] + 1 ... for each run, one after the other."""
    before = np.cumsum(counts) - counts
    found: Ids = np.repeat(begin - before, counts) + np.arange(int(counts.sum()), dtype=np.int64)
    return found


def _sum_at(ids: Ids, at: Ids, amount: Floats) -> Floats:
    """What is said of each of `ids` (sorted), added up; of others nothing."""
    if not len(ids):
        return np.zeros(0)
    place = np.minimum(np.searchsorted(ids, at), len(ids) - 1)
    ours = ids[place] == at
    found: Floats = np.bincount(place[ours], amount[ours], len(ids)).astype(np.float64)
    return found


def _most_at(ids: Ids, at: Ids, amount: Floats) -> Floats:
    found = np.zeros(len(ids))
    if len(ids):
        place = np.minimum(np.searchsorted(ids, at), len(ids) - 1)
        ours = ids[place] == at
        np.maximum.at(found, place[ours], amount[ours])
    return found


def _seniority(ids: Ids, edges: Edges, strong: Floats) -> Floats:
    """The highest role as far as believed, times how sure the employment is."""
    role, job = edges.kind == EDGE["holds_role"], edges.kind == EDGE["works_at"]
    level = _most_at(ids, edges.src[role], edges.level[role] / max(SENIORITY.values()) * strong[role])
    employed = _most_at(ids, edges.src[job], strong[job])
    found: Floats = level * np.maximum(_UNEMPLOYED, employed)
    return found


def solve(rows: Rows, base: Floats) -> Floats:
    """All values at once (Jacobi iteration from b): the same bits for the same rows. Every target is one of the ids."""
    place = np.searchsorted(rows.ids, rows.targets)
    giver = np.repeat(np.arange(len(rows.ids)), np.diff(rows.start))
    value = base.copy()
    for _ in range(60):  # 0.5 ** 60 is below what a double can tell
        after = base + DAMPING * np.bincount(place, rows.weights * value[giver], len(base))
        if np.array_equal(after, value):
            break
        value = after
    return value


class Tide:
    """The part of the graph that a change has reached so far, with value and residual of each person in it."""

    def __init__(self) -> None:
        self.rows = Rows(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
        self.value, self.residual, self.base = np.empty(0), np.empty(0), np.empty(0)
        self._sorted, self._order = self.rows.ids, np.empty(0, np.int64)

    def add(self, rows: Rows, value: Floats, residual: Floats, base: Floats) -> None:
        """Take in persons with their rows; none may be held already."""
        mine = self.rows
        self.rows = Rows(
            np.concatenate((mine.ids, rows.ids)),
            np.concatenate((mine.start, rows.start[1:] + mine.start[-1])),
            np.concatenate((mine.targets, rows.targets)),
            np.concatenate((mine.weights, rows.weights)),
        )
        self.value = np.concatenate((self.value, value))
        self.residual = np.concatenate((self.residual, residual))
        self.base = np.concatenate((self.base, base))
        self._order = np.argsort(self.rows.ids, kind="stable")
        self._sorted = self.rows.ids[self._order]

    def missing(self, ids: Ids) -> Ids:
        """Which of these are not held yet."""
        return ids[self._place(ids) < 0]

    def shift(self, ids: Ids, amounts: Floats) -> None:
        """Add to residuals of persons that are held (each once)."""
        self.residual[self._place(ids)] += amounts

    def spread(self) -> tuple[Ids, Floats] | None:
        """Push everywhere the residual is above its bound: returns whose residual grows by what. None: at rest."""
        active = np.flatnonzero(np.abs(self.residual) > THETA * self.base)
        if not len(active):
            return None
        pushed = self.residual[active]
        self.value[active] += pushed
        self.residual[active] = 0.0
        return carried(self.rows, active, pushed)

    def _place(self, ids: Ids) -> Ids:
        if not len(self._sorted):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        found: Ids = np.where(self._sorted[at] == ids, self._order[at], -1)
        return found


def carried(rows: Rows, which: Ids, amount: Floats) -> tuple[Ids, Floats]:
    """What so much weight at the persons `which` (positions) brings to their targets, one entry a target."""
    counts = rows.start[which + 1] - rows.start[which]
    entries = _ranges(rows.start[which], counts)
    return gathered(rows.targets[entries], DAMPING * rows.weights[entries] * np.repeat(amount, counts))


def gathered(ids: Ids, amounts: Floats) -> tuple[Ids, Floats]:
    """Amounts added up per id."""
    unique, inverse = np.unique(ids, return_inverse=True)
    return unique, np.bincount(inverse, amounts, len(unique)).astype(np.float64)
