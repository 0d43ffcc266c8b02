"""Which records are one person or company: a pure function of the evidence, so any order gives the same answer.

Best evidence first, each step under limits (`assembly`): what a person linked, what a source merged, then strong
identifiers by rank, time and value. A strong value that names several people (two ids of one source, too many
addresses, strangers) is demoted: it joins nobody but the records named by it alone. Weak identifiers (phone, device)
only attach records nothing strong speaks for, and only where that contradicts nothing. Hints join nothing.
So a shared mailbox, a switchboard or a kiosk demotes itself, and what it had joined falls apart again.

Every demotion and every refused join is told as a `Refusal`. Refusing never depends on what is joined later, and
new guards between records that ended apart change nothing else: that is why a merge and its unmerge cancel out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from honeyguide.identity.assembly import NO_GUARDS, Assembly, Guards, Incidence, Pair, Subject
from honeyguide.identity.classes import CROWD, MERGE, RECORD_MOST, class_of, crowd, rank
from honeyguide.identity.names import clash, others, unlike

Value = tuple[str, str]


class Refusal(NamedTuple):
    """A join that was refused or a value that was demoted, by `kind`.

    shared: it names several people; `detail` is the source that keeps them apart, or empty for strangers.
    duplicate: one source knows the same person twice. limit, size, source: joining would break a limit (`detail`).
    other_name: it stands under somebody else's name there; those records were left out.
    ambiguous: a weak identifier points to several people. separated: a person said no. money: payees or a referral.
    overfull: the record carries more addresses than a person has. same_name: only the name agrees.
    """

    kind: str
    ns: str
    value: str
    records: tuple[int, ...]
    detail: str = ""


class Clustering(NamedTuple):
    """The components, each record in exactly one, and everything that was refused on the way."""

    groups: list[set[int]]
    refusals: list[Refusal]


def cluster(records: Mapping[int, Subject], incidences: Iterable[Incidence], guards: Guards = NO_GUARDS) -> Clustering:
    """Split the records (all of one kind) into components."""
    evidence = _Evidence(records, incidences)
    build = _Build(records, evidence, guards)
    build.vouched()
    build.strong()
    build.weak()
    build.hints()
    return build.result()


class _Evidence:
    """The incidences by value, without values of a crowd and without the addresses of overfull records."""

    def __init__(self, records: Mapping[int, Subject], incidences: Iterable[Incidence]) -> None:
        by_value: dict[Value, list[Incidence]] = {}
        for one in incidences:
            by_value.setdefault((one.ns, one.value), []).append(one)
        self.carried: dict[int, list[Value]] = {}
        for value, found in by_value.items():
            if value[0] != MERGE and (len(found) == 1 or _usable(found)):
                for one in found:
                    if one.strong:
                        self.carried.setdefault(one.record, []).append(value)
        self.named = set(self.carried)
        self.overfull: dict[int, int] = {}
        for record, values in self.carried.items():
            if len(values) > RECORD_MOST and (n := sum(v[0] == "email" for v in values)) > RECORD_MOST:
                self.overfull[record] = n
        if self.overfull:
            _without_addresses(self.overfull, self.carried, by_value)
        self.several = {v: found for v, found in by_value.items() if len(found) > 1 and _usable(found)}

    def strong(self) -> list[Value]:
        """The strong values on several records, best first."""
        found = []
        for value, carriers in self.several.items():
            at = [i.at for i in carriers if i.strong]
            if len(at) > 1 and value[0] != MERGE:
                found.append((rank(*value), min(at), value))
        return [value for _, _, value in sorted(found)]

    def merges(self) -> list[Value]:
        """What sources merged, the earliest first."""
        found = [(min(i.at for i in c), v) for v, c in self.several.items() if v[0] == MERGE]
        return [value for _, value in sorted(found)]

    def weak(self) -> list[Value]:
        """The values that may attach floating records."""
        return sorted(
            v for v, c in self.several.items() if not all(i.strong for i in c) and class_of(*v, False) == "weak"
        )


def _usable(found: Sequence[Incidence]) -> bool:
    return len(found) <= crowd(found[0].ns, any(i.strong for i in found))


def _without_addresses(
    overfull: Iterable[int], carried: dict[int, list[Value]], by_value: dict[Value, list[Incidence]]
) -> None:
    for record in overfull:
        for value in carried[record]:
            if value[0] == "email":
                by_value[value] = [i for i in by_value[value] if i.record != record]
        carried[record] = [v for v in carried[record] if v[0] != "email"]


class _Spare(NamedTuple):
    """Carriers of a value it does not join: people of other names, and duplicates of a source (root -> a record of it)."""

    strangers: set[int]
    twice: dict[int, int]


class _Build:
    """One clustering under way."""

    def __init__(self, records: Mapping[int, Subject], evidence: _Evidence, guards: Guards) -> None:
        self.records, self.evidence, self.guards = records, evidence, guards
        self.assembly = Assembly(records, evidence.carried, guards)
        self.refusals: list[Refusal] = []
        self.linked: dict[int, int] = {}

    def vouched(self) -> None:
        """Join what a person linked, then what a source merged."""
        assembly = self.assembly
        for a, b in self.guards.links:
            if a in self.records and b in self.records:
                reason = assembly.forbidden(a, b)
                if reason is None or reason.kind == "money":  # a person may; nothing automatic may
                    assembly.join(a, b)
                else:
                    self._refuse(reason.kind, ("link", f"{a}-{b}"), (a, b))
        self.linked = {r: assembly.root(r) for p in self.guards.links for r in p if r in self.records}
        for value in self.evidence.merges():
            self._fit(self._carriers(value), value)
        assembly.vouch()

    def strong(self) -> None:
        """Join by strong identifiers, best first; demote those that name several."""
        judged = [
            (v, c, *self._contested(v, c)) for v in self.evidence.strong() for c in [self._carriers(v, strong=True)]
        ]
        for value, carriers, shared, spare in judged:
            # Whoever reads a shared mailbox, or stands under another's, does not own it: it counts as nobody's address.
            for r in carriers if shared is not None else spare.strangers:
                self.evidence.carried[r] = [v for v in self.evidence.carried[r] if v != value]
        for value, carriers, shared, spare in judged:
            if len({self.assembly.root(r) for r in carriers}) < 2:
                continue
            if shared is None:
                chosen = [r for r in carriers if r not in spare.strangers and self.assembly.given(r) not in spare.twice]
                reason = self.assembly.over(self._roots(chosen))
                if reason is None:
                    self._fit(chosen, value)
                    self._tell_spare(value, carriers, spare)
                    continue
                self._refuse(reason.kind, value, carriers, reason.detail)
            else:
                self._refuse("shared", value, carriers, shared)
            self._fit([r for r in carriers if self.records[r].named_by == value], value)

    def weak(self) -> None:
        """Attach floating records by weak identifiers, where they point to one person only."""
        firm = {self.assembly.root(r) for r in self.evidence.named}
        willing: list[tuple[Value, list[int]]] = []
        for value in self.evidence.weak():
            roots = self._roots(self._carriers(value))
            if len(roots) > 1 and any(r not in firm for r in roots):
                against = self._against(value, roots, firm)
                if against is None:
                    willing.append((value, roots))
                else:
                    self._refuse("shared", value, self._carriers(value), against)
            elif len(roots) > 1:
                self._refuse("shared", value, self._carriers(value))
        for values, roots in _floating(willing, firm):
            anchors = [r for r in roots if r in firm]
            carriers = sorted({c for v in values for c in self._carriers(v)}, key=self._seniority)
            reason = "ambiguous" if len(anchors) > 1 else ""
            over = self.assembly.over(self._roots(carriers)) if not reason else None
            if reason or over:
                for value in values:
                    self._refuse(
                        reason or (over.kind if over else ""), value, self._carriers(value), over.detail if over else ""
                    )
            else:
                self._fit(carriers, values[0])

    def hints(self) -> None:
        """A name alone joins nothing; companies that share one are told as a suggestion."""
        for value, found in sorted(self.evidence.several.items()):
            if value[0] == "company_name" and len({self.assembly.root(i.record) for i in found}) > 1:
                self._refuse("same_name", value, self._carriers(value))

    def result(self) -> Clustering:
        """The components, and the refusals that did not heal in another way."""
        root = self.assembly.root
        told = [r for r in self.refusals if len({root(i) for i in r.records}) > 1]
        told += [
            Refusal("overfull", "record", str(record), (record,), str(n))
            for record, n in sorted(self.evidence.overfull.items())
        ]
        for a, b in self.assembly.money_pairs():
            if a not in self.linked or self.linked[a] != self.linked.get(b):
                told.append(Refusal("money", "record", f"{a}-{b}", (a, b), "joined"))
        return Clustering(self.assembly.groups(), told)

    def _contested(self, value: Value, carriers: Sequence[int]) -> "tuple[str | None, _Spare]":
        """Does a strong value name several? The source that says so ("" for strangers), else whom to leave out.

        Those are people of other names than the mailbox's owner, and a source's duplicates (same source, same name).
        """
        given = self.assembly.given
        strangers: set[int] = set()
        if value[0] == "email":
            found = others(value[1], {r: self.records[r].name for r in carriers if self.records[r].named_by != value})
            if found is None:
                return "", _Spare(set(), {})
            owners = {given(r) for r in carriers if r not in found}
            strangers = {r for r in found if given(r) not in owners}
            if self._apart(value, [r for r in carriers if r not in strangers]):
                return "", _Spare(set(), {})
        by_source: dict[str, dict[int, int]] = {}
        for r in carriers:
            source = self.records[r].source
            if source is not None and r not in strangers:
                by_source.setdefault(source, {}).setdefault(given(r), r)
        twice: dict[int, int] = {}
        for source, own in sorted(by_source.items()):
            if len(own) > 1:
                names = {self.records[r].name for r in own.values()}
                if "" in names or len(names) > 1:
                    return source, _Spare(set(), {})
                twice |= dict(list(own.items())[1:])
        return None, _Spare(strangers, twice)

    def _apart(self, value: Value, carriers: Sequence[int]) -> bool:
        """Do two carriers with addresses of their own have names, in any script, without a word in common?"""
        known: list[tuple[int, set[Value], str]] = []
        for r in carriers:
            held = {v for v in self.evidence.carried.get(r, ()) if v[0] == "email" and v != value}
            if held and self.records[r].name:
                known.append((self.assembly.given(r), held, self.records[r].name))
        return any(a[0] != b[0] and a[1].isdisjoint(b[1]) and unlike(a[2], b[2]) for a, b in combinations(known, 2))

    def _tell_spare(self, value: Value, carriers: Sequence[int], spare: "_Spare") -> None:
        if spare.twice:
            self._refuse("duplicate", value, carriers, self.records[next(iter(spare.twice.values()))].source or "")
        if spare.strangers:
            self._refuse("other_name", value, carriers)

    def _against(self, value: Value, roots: Sequence[int], firm: set[int]) -> str | None:
        """What speaks against a weak value naming one person: two firm components, two names, or two ids of one source."""
        names = {self.records[r].name for r in self._carriers(value)}
        if sum(r in firm for r in roots) > 1 or any(clash(a, b) for a, b in combinations(sorted(names), 2)):
            return ""
        seen: set[str] = set()
        for root in roots:
            if root not in firm:
                sources = self.assembly.sources(root)
                if seen & sources:
                    return min(seen & sources)
                seen |= sources
        return None

    def _fit(self, carriers: Sequence[int], value: Value) -> None:
        """Join the carriers, eldest first, each to the first component that a person and money allow."""
        heads: list[int] = []
        for r in self._roots(carriers):
            reason = None
            for head in heads:
                reason = self.assembly.forbidden(head, r)
                if reason is None:
                    self.assembly.join(head, r)
                    break
                self._refuse(reason.kind, value, carriers)
            if not heads or reason is not None:
                heads.append(r)

    def _refuse(self, kind: str, value: Value, records: Sequence[int], detail: str = "") -> None:
        self.refusals.append(Refusal(kind, *value, tuple(sorted(records)), detail))

    def _carriers(self, value: Value, *, strong: bool = False) -> list[int]:
        found = {i.record for i in self.evidence.several[value] if i.strong or not strong}
        return sorted(found, key=self._seniority)

    def _seniority(self, record: int) -> tuple[datetime, int]:
        return self.records[record].first_seen, record

    def _roots(self, carriers: Iterable[int]) -> list[int]:
        return list(dict.fromkeys(self.assembly.root(r) for r in carriers))


def _floating(willing: Sequence[tuple[Value, list[int]]], firm: set[int]) -> list[tuple[list[Value], list[int]]]:
    """Willing weak values that share a floating component, together: their values and all components they touch."""
    owner: dict[int, int] = {}
    groups: dict[int, tuple[list[Value], dict[int, None]]] = {}
    for n, (value, roots) in enumerate(willing):
        groups[n] = ([value], dict.fromkeys(roots))
        for root in roots:
            if root in firm:
                continue
            known = owner.get(root)
            if known is not None and known != n:
                values, touched = groups.pop(known)
                groups[n] = ([*values, *groups[n][0]], touched | groups[n][1])
                owner.update({r: n for r in touched if r not in firm})
            owner[root] = n
    return [(sorted(values), sorted(touched)) for values, touched in groups.values()]


def eldest(members: Iterable[int], first_seen: Mapping[int, datetime]) -> int:
    """The record that gives the component its id: first seen earliest, then the least id."""
    return min(members, key=lambda r: (first_seen[r], r))


__all__ = ["CROWD", "Clustering", "Guards", "Incidence", "Pair", "Refusal", "Subject", "cluster", "eldest"]
