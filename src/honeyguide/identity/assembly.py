"""Components of records under limits: what may be joined, and why not. Pure; the order of joining is the caller's.

Three things forbid a join: limits (how many ids of a source, addresses, records), a person who said "these are two",
and money (two accounts that are paid, or both sides of a referral).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import NamedTuple

from msgspec import Struct, field

from honeyguide.identity.classes import MOST_RECORDS, counted_as, limit

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Pair = tuple[int, int]


class Subject(NamedTuple):
    """A record as clustering sees it.

    `source`: the source that gave it an id of its own, None where it is named by an identifier (`named_by`).
    `name`: plain words, to tell a source's duplicates from people who share an address.
    """

    source: str | None
    first_seen: datetime = _LONG_AGO
    name: str = ""
    named_by: tuple[str, str] | None = None


class Incidence(NamedTuple):
    """One identifier seen on one record, first at `at`. `ns` and `value` are already normalised."""

    record: int
    ns: str
    value: str
    strong: bool
    at: datetime = _LONG_AGO


class Guards(Struct, frozen=True):
    """What people decided, and what money forbids.

    `links`: pairs a person joined, the newest first. `apart`: record -> records a person separated it from.
    `payees`: record -> the accounts it is paid through. `parties`: record -> (referral, side) it takes part in.
    `settled`: pairs that were one already when money came to them; money forbids nothing there.
    """

    links: tuple[Pair, ...] = ()
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    payees: Mapping[int, frozenset[str]] = field(default_factory=dict)
    parties: Mapping[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    settled: frozenset[Pair] = frozenset()

    def money_between(self, a: int, b: int) -> bool:
        """Would joining these two records join two payees, or referrer with referee?"""
        if pair(a, b) in self.settled:
            return False
        mine, theirs = self.payees.get(a), self.payees.get(b)
        if mine and theirs and mine != theirs:
            return True
        sides = self.parties.get(b, ())
        return any(key == other and side != that for key, side in self.parties.get(a, ()) for other, that in sides)

    def has_money(self, record: int) -> bool:
        """Is the record protected at all?"""
        return record in self.payees or record in self.parties


NO_GUARDS = Guards()


class Reason(NamedTuple):
    """Why a join was refused: `kind` is size, source, limit, separated or money; `detail` names the source or limit."""

    kind: str
    detail: str = ""


class _Part:
    """One component: what its records carry that limits and guards look at."""

    __slots__ = ("counted", "enemies", "money", "records", "sources", "vouched")

    def __init__(self) -> None:
        self.records: set[int] = set()
        self.sources: set[str] = set()
        self.counted: dict[str, set[str]] = {}
        self.vouched: dict[str, int] = {}
        self.enemies: set[int] = set()
        self.money: set[int] = set()

    def take(self, other: "_Part") -> None:
        """Become the union of both."""
        self.records |= other.records
        self.sources |= other.sources
        self.enemies |= other.enemies
        self.money |= other.money
        for key, values in other.counted.items():
            self.counted.setdefault(key, set()).update(values)
        for key, n in other.vouched.items():
            self.vouched[key] = max(n, self.vouched.get(key, 0))


class Assembly:
    """Union-find over records in which every join can be asked for first.

    `carried` gives the strong identifiers of each record. What `vouch` joined (a person or a source said so) counts
    as one record afterwards: its own number of addresses raises the limit for it.
    """

    def __init__(
        self,
        records: Mapping[int, Subject],
        carried: Mapping[int, Iterable[tuple[str, str]]],
        guards: Guards = NO_GUARDS,
    ) -> None:
        self.records, self.guards = records, guards
        self._carried = carried
        self._parent: dict[int, int] = {}
        self._parts: dict[int, _Part] = {}
        self._given: dict[int, int] = {}
        self._vouched: dict[int, list[int]] = {}

    def root(self, record: int) -> int:
        """The name of the component a record is in."""
        parent = self._parent
        at = record
        while (up := parent.get(at, at)) != at:
            at = up
        while (up := parent.get(record, record)) != at:
            parent[record] = at
            record = up
        return at

    def given(self, record: int) -> int:
        """The same among what was vouched for only."""
        return self._given.get(record, record)

    def join(self, a: int, b: int) -> int:
        """Join two components whatever speaks against it; returns the name of both."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return a
        one, other = self._part(a), self._part(b)
        if len(one.records) < len(other.records):
            a, b, one, other = b, a, other, one
        self._parent[b] = a
        one.take(other)
        del self._parts[b]
        return a

    def vouch(self) -> None:
        """What is joined so far was said to be one; from here on it counts as one record."""
        groups: dict[int, list[int]] = {}
        for record in self._parent:
            groups.setdefault(self.root(record), []).append(record)
        self._vouched = {}
        for root, others in groups.items():
            self._vouched[root] = sorted({root, *others})
            self._given.update(dict.fromkeys(self._vouched[root], root))
        self._parts.clear()

    def groups(self) -> list[set[int]]:
        """Every record in exactly one component."""
        found: dict[int, set[int]] = {}
        for record in self.records:
            found.setdefault(self.root(record), set()).add(record)
        return list(found.values())

    def over(self, roots: Sequence[int]) -> Reason | None:
        """Would joining these components break a limit?"""
        parts = [self._part(r) for r in roots]
        if sum(len(p.records) for p in parts) > MOST_RECORDS:
            return Reason("size", str(MOST_RECORDS))
        sources: set[str] = set()
        for part in parts:
            twice = sources & part.sources
            if twice:
                return Reason("source", min(twice))
            sources |= part.sources
        for key in sorted({k for p in parts for k in p.counted}):
            carriers = [p for p in parts if key in p.counted]
            if len(carriers) < 2:
                continue
            most = max(limit(key), *(p.vouched.get(key, 0) for p in carriers))
            if len(set().union(*(p.counted[key] for p in carriers))) > most:
                return Reason("limit", key)
        return None

    def forbidden(self, a: int, b: int) -> Reason | None:
        """Does a person or money forbid joining the components of these two?"""
        one, other = self._part(self.root(a)), self._part(self.root(b))
        if not (one.enemies.isdisjoint(other.records) and other.enemies.isdisjoint(one.records)):
            return Reason("separated")
        if one.money and other.money and any(self.guards.money_between(x, y) for x in one.money for y in other.money):
            return Reason("money")
        return None

    def refused(self, a: int, b: int) -> Reason | None:
        """Everything that speaks against joining the components of these two; None when nothing does."""
        roots = (self.root(a), self.root(b))
        return None if roots[0] == roots[1] else self.over(roots) or self.forbidden(a, b)

    def sources(self, root: int) -> set[str]:
        """The sources that gave ids of their own to records of a component."""
        return self._part(root).sources

    def money_pairs(self) -> Iterable[Pair]:
        """Protected records of one component that money would keep apart, had they not been settled or linked."""
        bare = Guards(payees=self.guards.payees, parties=self.guards.parties)
        held: dict[int, list[int]] = {}
        for record in sorted({*bare.payees, *bare.parties}):
            if record in self.records:
                held.setdefault(self.root(record), []).append(record)
        for records in held.values():
            yield from (p for p in combinations(records, 2) if bare.money_between(*p))

    def _part(self, root: int) -> _Part:
        part = self._parts.get(root)
        if part is None:
            part = self._parts[root] = _Part()
            for record in self._vouched.get(root, (root,)):
                self._fill(part, record)
            part.vouched = {key: len(values) for key, values in part.counted.items()}
        return part

    def _fill(self, part: _Part, record: int) -> None:
        part.records.add(record)
        source = self.records[record].source
        if source is not None:
            part.sources.add(source)
        for ns, value in self._carried.get(record, ()):
            for key in counted_as(ns, value):
                part.counted.setdefault(key, set()).add(value)
        guards = self.guards
        if guards is not NO_GUARDS:
            part.enemies.update(guards.apart.get(record, ()))
            if guards.has_money(record):
                part.money.add(record)


def pair(a: int, b: int) -> Pair:
    """Two records in the one order pairs are kept in."""
    return (a, b) if a < b else (b, a)
