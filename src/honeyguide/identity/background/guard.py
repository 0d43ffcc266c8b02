"""Guarded best-first clustering: which scored pairs become one entity, and which a person must look at.

Joining everything above a threshold makes chains: at a million records one shared switchboard is enough to turn a tenth of
precision into none. Here pairs are taken in the order of their weight, and two clusters are joined only while the union
still looks like one person: few distinct strong identifiers, at most as many ids of one source as that source itself
gives one person, nothing that must stay apart, a bounded size.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.identity.background.model import weight_at

_HABIT = 0.01  # people known twice from which on a source holds duplicates
_FEWEST = 50  # people under which a source's habits are not known
JOINED, WITHIN, OPEN, DROPPED = 0, 1, 2, 3
LARGEST = 30
_REASONS = {
    "apart": "Somebody decided that these two are not one.",
    "size": f"Together they would be more than {LARGEST} records.",
    "name": "Most of the records of one call the person something else.",
    "money": "Money flows to both: only a person may join them.",
}
_NAMES = {"work": "work addresses", "personal": "personal addresses", "domain": "domains", "user_id": "user ids"}


class Limits(Struct, frozen=True):
    """How many distinct values of each kind of strong identifier one entity may carry. Kinds not named: no limit."""

    most: Mapping[str, int]
    largest: int = LARGEST


class Thresholds(Struct, frozen=True):
    """`accept`: from this probability on the pass decides alone; `review`: from this one on it asks a person."""

    accept: float = 0.99
    review: float = 0.5


class Signs(Struct, frozen=True):
    """Strong identifiers by record: parallel arrays of record number, kind (index into `kinds`) and value number."""

    kinds: Sequence[str]
    record: NDArray[np.int64]
    kind: NDArray[np.int64]
    value: NDArray[np.int64]


class Names(Struct, frozen=True):
    """What records call their person, roughly: parallel arrays of record number and code. A pet name may have several codes."""

    record: NDArray[np.int64]
    code: NDArray[np.int64]


class Outcome(Struct, frozen=True):
    """`cluster`: the cluster number of each record; `fate`: per pair JOINED, WITHIN (implied), OPEN or DROPPED.

    `reason`: for pairs above the threshold that stay open, why.
    """

    cluster: NDArray[np.int64]
    fate: NDArray[np.int8]
    reason: dict[int, str]


class _Clusters:
    """Union-find over entities that knows each cluster's strong identifiers, size and enemies."""

    def __init__(self, limits: Sequence[int], names: Sequence[str], largest: int) -> None:
        self.parent: dict[int, int] = {}
        self.held: dict[int, frozenset[int]] = {}
        self.size: dict[int, int] = {}
        self.enemies: dict[int, set[int]] = {}
        self.voices: dict[int, dict[int, int]] = {}
        self._limits, self._names, self._largest, self._n = limits, names, largest, len(limits)

    def root(self, i: int) -> int:
        parent = self.parent
        up = parent.get(i, i)
        while up != i:
            above = parent.get(up, up)
            parent[i] = above
            i, up = above, parent.get(above, above)
        return i

    def refusal(self, a: int, b: int) -> str:
        """Why the clusters of roots a and b may not be one; empty when they may."""
        if self.size[a] + self.size[b] > self._largest:
            return "size"
        if self.enemies and self._hostile(a, b):
            return "apart"
        if self.voices and not self._named_alike(a, b):
            return "name"
        ours, theirs = self.held[a], self.held[b]
        if not theirs or not ours or theirs <= ours:
            return ""
        counts = self._counted(ours | theirs)
        for i, most in enumerate(self._limits):
            # An entity that was over a limit before may still grow by what brings no further value.
            if counts[i] > most and counts[i] > max(self._counted(ours)[i], self._counted(theirs)[i]):
                return self._names[i]
        return ""

    def _counted(self, held: frozenset[int]) -> list[int]:
        counts = [0] * self._n
        for code in held:
            counts[code % self._n] += 1
        return counts

    def join(self, a: int, b: int) -> None:
        if self.size[a] < self.size[b]:
            a, b = b, a
        self.parent[b] = a
        self.held[a] |= self.held.pop(b)
        self.size[a] += self.size.pop(b)
        if b in self.enemies:
            self.enemies.setdefault(a, set()).update(self.enemies.pop(b))

        if b in self.voices:
            ours = self.voices.setdefault(a, {})
            for name, n in self.voices.pop(b).items():
                ours[name] = ours.get(name, 0) + n

    def _named_alike(self, a: int, b: int) -> bool:
        """Do most records of both call the person the same? Nameless clusters object to nothing."""
        ours, theirs = self.voices.get(a), self.voices.get(b)
        if not ours or not theirs:
            return True
        most, more = max(ours.values()), max(theirs.values())
        return any(theirs.get(name) == more for name, n in ours.items() if n == most)

    def _hostile(self, a: int, b: int) -> bool:
        if len(self.enemies.get(a, ())) > len(self.enemies.get(b, ())):
            a, b = b, a
        return any(self.root(e) == b for e in self.enemies.get(a, ())) or any(
            self.root(e) == a for e in self.enemies.get(b, ())
        )


def cluster_best_first(
    entity: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], signs: Signs,
    limits: Limits, thresholds: Thresholds, *, apart: Sequence[tuple[int, int]] = (),
    named: Names | None = None, protected: Callable[[list[int], list[int]], bool] | None = None,
) -> Outcome:  # fmt: skip
    """Join records, which already form entities (`entity`: dense number per record), by pairs of best weight first.

    `apart`: pairs of records that must never meet. `named`: what records call the person: an entity in which a stranger's
    record got stuck grows by its majority only, or it would bridge two people.
    `protected(records, records)`: would this merge touch money?
    """
    a, b = entity[left], entity[right]
    fate = np.full(len(weight), DROPPED, np.int8)
    fate[weight >= weight_at(thresholds.review)] = OPEN
    fate[a == b] = WITHIN
    fate[(a == b) & (weight < weight_at(thresholds.review))] = DROPPED
    order = np.argsort(-weight, kind="stable")
    order = order[(weight[order] >= weight_at(thresholds.accept)) & (a[order] != b[order])]
    clusters = _prepared(entity, a[order], b[order], signs, limits, apart)
    if named is not None:
        clusters.voices = _voices(entity, named, clusters.size)
    members = _Members(entity) if protected else None
    reason: dict[int, str] = {}
    root = clusters.root
    for i, x, y in zip(order.tolist(), a[order].tolist(), b[order].tolist(), strict=True):
        x, y = root(x), root(y)  # the clusters they are in by now
        if x == y:
            fate[i] = WITHIN
            continue
        why = clusters.refusal(x, y)
        if not why and members and protected and protected(members.of(x), members.of(y)):
            why = "money"
        if why:
            reason[i] = why
            continue
        clusters.join(x, y)
        if members:
            members.join(root(x), x, y)
        fate[i] = JOINED
    return Outcome(_numbered(entity, clusters), fate, reason)


def in_words(reason: str, limits: Limits) -> str:
    """Why a pair above the threshold waits, in the words of the review queue; empty when nothing but its weight holds it."""
    if not reason or reason in _REASONS:
        return _REASONS.get(reason, "")
    most = limits.most.get(reason, 0)
    if reason.startswith("source "):
        name = reason.removeprefix("source ")
        return f"{name} keeps them as {most + 1}: " + (
            "it knows nobody twice." if most == 1 else f"it knows nobody more than {most} times."
        )
    return f"Together they would have more than {most} {_NAMES.get(reason, 'ids of ' + reason)}."


def components(entity: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Plain connected components: what the guard is measured against, never what we do."""
    clusters = _Clusters((), (), 0)
    for x, y in zip(entity[left].tolist(), entity[right].tolist(), strict=True):
        x, y = clusters.root(x), clusters.root(y)
        if x != y:
            clusters.parent[max(x, y)] = min(x, y)
    return _numbered(entity, clusters)


def source_limits(
    certain: NDArray[np.int64], source: Sequence[str | None], several: NDArray[np.bool_] | None = None
) -> dict[str, int]:
    """How many ids of its own each source gives one person, as its near-certain records show (`certain`: a number that
    records of surely one person share, such as address and surname; -1 where nothing is sure).

    Looked at are people with several records (`several`: records known to have company elsewhere). A source that keeps its
    people apart gets 1. One that holds the same person twice in more than one of a hundred cases gets what 99 of a hundred
    such people have, at least 2 and at most 4: a limit must not be tighter than the data's own errors.
    """
    together = np.bincount(certain[certain >= 0], minlength=1)
    known = (certain >= 0) & (together[certain] > 1)
    if several is not None:
        known |= several & (certain >= 0)
    per: dict[str, Counter[int]] = {name: Counter() for name in source if name is not None}
    for one, name, counts in zip(certain.tolist(), source, known.tolist(), strict=True):
        if name is not None and counts:
            per[name][one] += 1
    found = {}
    for name, people in per.items():
        sizes = np.fromiter(people.values(), np.int64, len(people))
        twice = sizes[sizes > 1]
        often = len(twice) > _HABIT * len(sizes) and len(sizes) >= _FEWEST
        found[name] = int(np.clip(np.quantile(twice, 0.99, method="higher"), 2, 4)) if often else 1
    return found


class _Members:
    """The records of each cluster, kept only when somebody asks for them."""

    def __init__(self, entity: NDArray[np.int64]) -> None:
        self._held: dict[int, list[int]] = {}
        for record, one in enumerate(entity.tolist()):
            self._held.setdefault(one, []).append(record)

    def of(self, root: int) -> list[int]:
        return self._held[root]

    def join(self, kept: int, a: int, b: int) -> None:
        lost = b if kept == a else a
        self._held[kept] += self._held.pop(lost)


def _prepared(
    entity: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], signs: Signs, limits: Limits,
    apart: Sequence[tuple[int, int]],
) -> _Clusters:  # fmt: skip
    """Clusters that know only the entities some pair touches: the others need no memory."""
    names = [k for k in signs.kinds if k in limits.most]
    clusters = _Clusters([limits.most[k] for k in names], names, limits.largest)
    touched = np.unique(np.concatenate([a, b]))
    sizes = np.bincount(entity, minlength=1)
    clusters.size = dict(zip(touched.tolist(), sizes[touched].tolist(), strict=True))
    clusters.held = dict.fromkeys(touched.tolist(), frozenset())
    if names:
        place = np.array([names.index(k) if k in names else -1 for k in signs.kinds], np.int64)
        kind = place[signs.kind]
        owner = entity[signs.record]
        kept = (kind >= 0) & np.isin(owner, touched)
        coded = np.unique(np.stack([owner[kept], signs.value[kept] * len(names) + kind[kept]]), axis=1)
        starts = np.flatnonzero(np.diff(coded[0], prepend=-1))
        for start, end in zip(starts.tolist(), np.append(starts[1:], coded.shape[1]).tolist(), strict=False):
            clusters.held[int(coded[0, start])] = frozenset(coded[1, start:end].tolist())
    for x, y in apart:
        p, q = int(entity[x]), int(entity[y])
        if p != q:
            clusters.enemies.setdefault(p, set()).add(q)
            clusters.enemies.setdefault(q, set()).add(p)
    return clusters


def _voices(entity: NDArray[np.int64], named: Names, touched: Mapping[int, int]) -> dict[int, dict[int, int]]:
    """How many records of each entity that some pair touches call it what."""
    owner = entity[named.record]
    told = np.isin(owner, np.fromiter(touched, np.int64, len(touched)))
    keys, counts = np.unique(np.stack([owner[told], named.code[told]]), axis=1, return_counts=True)
    found: dict[int, dict[int, int]] = {}
    for one, name, n in zip(keys[0].tolist(), keys[1].tolist(), counts.tolist(), strict=True):
        found.setdefault(one, {})[name] = n
    return found


def _numbered(entity: NDArray[np.int64], clusters: _Clusters) -> NDArray[np.int64]:
    roots = np.arange(int(entity.max()) + 1 if len(entity) else 0)
    for one in clusters.parent:
        roots[one] = clusters.root(one)
    numbered: NDArray[np.int64] = roots[entity]
    return numbered
