"""Rings: shapes that people acting together leave in the graph of referrals. Pure, over a list of edges.

Three shapes, each independent of the order of the edges and each monotone: another edge never makes a shape smaller,
so nobody buys innocence by also referring honest people.

- *One hand*: people joined by hard links (a payee, a card, a device that is no office's, one mailbox), found by union-find.
- *Cycle*: hands that refer each other round in a circle (a strongly connected component of the directed referrals).
- *Dense block*: people tied by referrals and soft links more than strangers are: a weighted core (Batagelj and Zaversnik 2011, generalised
  cores), the largest group in which everybody has at least so much weight to others of the group.

A node is a name; names of things people share hold a colon (`payee:...`), names of people do not.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

EdgeKind = Literal["referred", "hard", "soft"]
Shape = Literal["one_hand", "cycle", "dense"]
DENSE = 3.0  # weight to others of the block that everybody in it has at least


class Edge(Struct, frozen=True, order=True):
    """`referred`: from the advocate to the friend; `hard`, `soft`: between two people, or a person and what they use."""

    kind: EdgeKind
    a: str
    b: str
    weight: float = 1.0


class Ring(Struct, frozen=True, order=True):
    """People in one of the shapes. `inner`: referrals among them; `hands`: how many independent hands they are."""

    shape: Shape
    members: tuple[str, ...]
    inner: tuple[tuple[str, str], ...]
    hands: int
    weight: float


def is_person(node: str) -> bool:
    """Is this a person, not something people share?"""
    return ":" not in node


def hands(edges: Iterable[Edge]) -> dict[str, str]:
    """Every node of a hard link, and the name of the hand it belongs to (the first of its people in the alphabet)."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for edge in edges:
        if edge.kind == "hard":
            one, other = root(edge.a), root(edge.b)
            if one != other:
                parent[max(one, other)] = min(one, other)
    first: dict[str, str] = {}
    for node in sorted(parent, key=lambda n: (not is_person(n), n)):
        first.setdefault(root(node), node)
    return {node: first[root(node)] for node in parent}


def rings(edges: Sequence[Edge]) -> list[Ring]:
    """All rings in these edges, in a fixed order."""
    hand = hands(edges)
    referred = sorted({(e.a, e.b) for e in edges if e.kind == "referred"})
    return sorted([*_one_hand(hand, referred), *_cycles(hand, referred), *_dense(edges, hand, referred)])


def _ring(shape: Shape, members: Iterable[str], referred: Iterable[tuple[str, str]], hand: Mapping[str, str], weight: float) -> Ring:  # fmt: skip
    people = tuple(sorted(m for m in members if is_person(m)))
    inside = set(people)
    inner = tuple((a, b) for a, b in referred if a in inside and b in inside)
    return Ring(shape, people, inner, len({hand.get(p, p) for p in people}), weight)


def _one_hand(hand: Mapping[str, str], referred: Sequence[tuple[str, str]]) -> list[Ring]:
    """Hands of several people of whom at least one referred another."""
    groups: dict[str, list[str]] = defaultdict(list)
    for node, of in hand.items():
        groups[of].append(node)
    inner: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for a, b in referred:
        if a != b and a in hand and hand[a] == hand.get(b):
            inner[hand[a]].append((a, b))
    return [_ring("one_hand", groups[of], found, hand, float(len(found))) for of, found in inner.items()]


def _cycles(hand: Mapping[str, str], referred: Sequence[tuple[str, str]]) -> list[Ring]:
    """Circles of referrals between hands, or between people where nothing joins them."""
    ahead: dict[str, set[str]] = defaultdict(set)
    people: dict[str, set[str]] = defaultdict(set)
    for a, b in referred:
        one, other = hand.get(a, a), hand.get(b, b)
        people[one].add(a)
        people[other].add(b)
        if one != other:
            ahead[one].add(other)
    found = []
    for group in strongly_connected(ahead):
        members = sorted({p for h in group for p in people[h]})
        inside = set(members)
        links = [(a, b) for a, b in referred if a in inside and b in inside]
        found.append(_ring("cycle", members, links, hand, float(len(links))))
    return found


def strongly_connected(ahead: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of at least two nodes (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on: set[str] = set()
    found: list[list[str]] = []
    for start in sorted(ahead):
        if start in index:
            continue
        work = [(start, iter(sorted(ahead.get(start, ()))))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on.add(start)
        while work:
            node, following = work[-1]
            new = next((n for n in following if _seen(n, node, index, low, on)), None)
            if new is not None:
                index[new] = low[new] = len(index)
                stack.append(new)
                on.add(new)
                work.append((new, iter(sorted(ahead.get(new, ())))))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                group = _popped(stack, on, node)
                if len(group) > 1:
                    found.append(group)
    return found


def _seen(node: str, of: str, index: dict[str, int], low: dict[str, int], on: set[str]) -> bool:
    """Is `node` new? One that is known only lowers the link of the node it was reached from."""
    if node in index:
        if node in on:
            low[of] = min(low[of], index[node])
        return False
    return True


def _popped(stack: list[str], on: set[str], until: str) -> list[str]:
    group: list[str] = []
    while not group or group[-1] != until:
        group.append(stack.pop())
        on.discard(group[-1])
    return sorted(group)


def _dense(edges: Sequence[Edge], hand: Mapping[str, str], referred: Sequence[tuple[str, str]]) -> list[Ring]:
    between = ties(edges)
    core = cores(between)
    left = {node for node, weight in core.items() if weight >= DENSE}
    joined = hands([Edge("hard", a, b) for a in left for b in between[a] if b in left])
    groups: dict[str, list[str]] = defaultdict(list)
    for node, of in joined.items():
        groups[of].append(node)
    made = [
        _ring("dense", people, referred, hand, round(min(core[p] for p in people), 9))
        for people in groups.values()
        if len(people) > 2
    ]
    return [ring for ring in made if ring.inner]


def ties(edges: Iterable[Edge]) -> dict[str, dict[str, float]]:
    """The weight between each two people: referrals, and the lighter half of each soft thing both use.

    Hard links are left out: those make one hand, which is a ring of its own.
    """
    between: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    used: dict[str, dict[str, float]] = defaultdict(dict)
    for edge in sorted({e for e in edges if e.kind != "hard"}):
        ends = [n for n in (edge.a, edge.b) if is_person(n)]
        if len(ends) == 1:
            thing = edge.b if ends[0] == edge.a else edge.a
            used[thing][ends[0]] = max(edge.weight, used[thing].get(ends[0], 0.0))
        elif len(ends) == 2 and edge.a != edge.b:
            between[edge.a][edge.b] += edge.weight
            between[edge.b][edge.a] += edge.weight
    for thing in sorted(used):
        people = sorted(used[thing])
        for i, one in enumerate(people):
            for other in people[i + 1 :]:
                weight = min(used[thing][one], used[thing][other])
                between[one][other] += weight
                between[other][one] += weight
    return {a: dict(sorted(around.items())) for a, around in sorted(between.items())}


def cores(between: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The weighted core number of each person: peel off whoever has the least weight left, and note how much that was."""
    left = {node: math.fsum(around.values()) for node, around in between.items()}
    waiting = [(weight, node) for node, weight in left.items()]
    heapq.heapify(waiting)
    core: dict[str, float] = {}
    level = 0.0
    while waiting:
        weight, node = heapq.heappop(waiting)
        if node in core or weight != left[node]:
            continue  # an older weight of a node that has lost more since
        level = max(level, weight)
        core[node] = level
        for other, tie in between[node].items():
            if other not in core:
                left[other] -= tie
                heapq.heappush(waiting, (left[other], other))
    return core
