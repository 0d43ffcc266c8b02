"""Which records are one person or company: a pure function of the evidence, so any order gives the same answer.

Strong identifiers (e-mail, domain, a source's own user id) join the records that carry them. Weak ones (device,
phone, company name) only attach records nothing strong speaks for, and only where that contradicts nothing:
a switchboard number or a shared browser demotes itself, and what it had joined falls apart again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

# A value on more records than this names nobody (a kiosk, a shared mailbox no rule knows).
CROWD = 200


class Incidence(NamedTuple):
    """One identifier seen on one record. `ns` and `value` are already normalised."""

    record: int
    ns: str
    value: str
    strong: bool


class _Forest:
    """Union-find over record ids."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.parent = {i: i for i in ids}

    def root(self, i: int) -> int:
        parent = self.parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)

    def groups(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for i in self.parent:
            found[self.root(i)].add(i)
        return found


def cluster(records: Mapping[int, str | None], incidences: Iterable[Incidence]) -> list[set[int]]:
    """Split the records (all of one kind) into components; every record is in exactly one.

    `records` maps each id to the source that gave it an id of its own, or None where the record is named by an
    identifier only (`anon:...`, `email:...`). A source keeps its own people apart, so a weak identifier never
    joins two records of one source.
    """
    by_value: dict[tuple[str, str], list[Incidence]] = defaultdict(list)
    for incidence in incidences:
        by_value[incidence.ns, incidence.value].append(incidence)
    usable = [found for found in by_value.values() if len({i.record for i in found}) <= CROWD]

    forest = _Forest(records)
    named: set[int] = set()
    for found in usable:
        strong = [i.record for i in found if i.strong]
        named.update(strong)
        for other in strong[1:]:
            forest.join(strong[0], other)
    firm = dict.fromkeys(records, 0)
    for root, members in forest.groups().items():
        firm.update(dict.fromkeys(members, root))

    weak = [{i.record for i in found} for found in usable if not all(i.strong for i in found)]
    for members in _attachments(records, firm, named, weak):
        first = min(members)
        for other in members:
            forest.join(first, other)
    return list(forest.groups().values())


def _attachments(
    records: Mapping[int, str | None], firm: Mapping[int, int], named: set[int], weak: list[set[int]]
) -> list[set[int]]:
    """Groups of records that weak identifiers may join: floating ones, with at most one firm component."""
    willing = [touched for touched in weak if len(touched) > 1 and _agree(touched, records, firm, named)]
    floating = _Forest({r for touched in willing for r in touched if r not in named})
    anchors: dict[int, set[int]] = defaultdict(set)
    for touched in willing:
        free = sorted(touched - named)
        for other in free[1:]:
            floating.join(free[0], other)
    for touched in willing:
        free = sorted(touched - named)
        if free:
            anchors[floating.root(free[0])].update(firm[r] for r in touched if r in named)

    firm_sources: dict[int, set[str]] = defaultdict(set)
    for record, source in records.items():
        if source is not None and record in named:
            firm_sources[firm[record]].add(source)
    found = []
    for root, members in floating.groups().items():
        touched_firm = anchors[root]
        own = Counter(s for r in members if (s := records[r]) is not None)
        taken = {s for anchor in touched_firm for s in firm_sources[anchor]}
        if len(touched_firm) <= 1 and all(n == 1 for n in own.values()) and not taken & own.keys():
            found.append(members | touched_firm)
    return found


def _agree(touched: set[int], records: Mapping[int, str | None], firm: Mapping[int, int], named: set[int]) -> bool:
    """Does nothing speak against this weak identifier naming one person?"""
    if len({firm[r] for r in touched if r in named}) > 1:
        return False
    free = Counter(s for r in touched if r not in named and (s := records[r]) is not None)
    return all(n == 1 for n in free.values())


def eldest(members: Iterable[int], first_seen: Mapping[int, datetime]) -> int:
    """The record that gives the component its id: first seen earliest, then the least id."""
    return min(members, key=lambda r: (first_seen[r], r))
