"""The vocabulary as data: `vocabulary.yaml` for everybody, and a workspace's own kinds beside it.

Pure: reading, checking and merging. `kinds` holds what follows from the file as constants, `extensions` the store.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput

Rule = Literal["multi", "functional", "exclusive"]
# Codes from here on belong to the workspace that took them; their edges lie in the default partition.
FIRST_OWN = 1_000
_LONGEST_ABOUT = 300
_OWN_NAME = re.compile(r"x_[a-z][a-z_]{0,17}")
_FILE = Path(__file__).parent / "vocabulary.yaml"


class NodeKind(Struct, frozen=True, kw_only=True):
    """A kind of node. `key` says what its natural key is made of, `props` what is known about it."""

    name: str = ""
    code: int = 0
    about: str
    key: str = ""
    props: str = ""
    personal: bool = False


class EdgeKind(Struct, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """A kind of edge: between which kinds of nodes (empty: any), how it fades, what contradicts it.

    `half_life_days` None: it does not fade. `excludes`: for rule `exclusive`. `inferable` None: inferrers may not state
    it. `stated_by`: the events that state it by themselves.
    """

    name: str = ""
    code: int = 0
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    about: str
    half_life_days: float | None = None
    rule: Rule = "multi"
    excludes: tuple[str, ...] = ()
    endable: bool = False
    inferable: float | None = None
    personal: bool = False
    stated_by: str = ""


class Rules(Struct, frozen=True):
    """What recomputing needs to know, by code."""

    functional: frozenset[int]
    excludes: Mapping[int, tuple[int, ...]]
    half_life: Mapping[int, float]


class Vocabulary(Struct, frozen=True, dict=True):
    """Every kind a workspace knows, by name."""

    version: int
    nodes: dict[str, NodeKind]
    edges: dict[str, EdgeKind]

    @cached_property
    def node_name(self) -> dict[int, str]:
        """Names of node kinds by code."""
        return {k.code: name for name, k in self.nodes.items()}

    @cached_property
    def edge_name(self) -> dict[int, str]:
        """Names of edge kinds by code."""
        return {k.code: name for name, k in self.edges.items()}

    @cached_property
    def rules(self) -> Rules:
        """The contradiction rules and half-lives by code."""
        edges = self.edges.values()
        return Rules(
            functional=frozenset(k.code for k in edges if k.rule == "functional"),
            excludes={k.code: tuple(self.edges[e].code for e in k.excludes) for k in edges if k.excludes},
            half_life={k.code: k.half_life_days for k in edges if k.half_life_days is not None},
        )

    def with_own(self, kinds: Iterable[NodeKind | EdgeKind]) -> "Vocabulary":
        """These kinds and a workspace's own."""
        nodes, edges = dict(self.nodes), dict(self.edges)
        for kind in kinds:
            if isinstance(kind, NodeKind):
                nodes[kind.name] = kind
            else:
                edges[kind.name] = kind
        return Vocabulary(self.version, nodes, edges)


@cache
def core() -> Vocabulary:
    """The vocabulary every workspace has. Raises BadInput when the file cannot stand."""
    return parse(_FILE.read_bytes())


def parse(text: bytes) -> Vocabulary:
    """A vocabulary from YAML, its kinds named and checked. Raises BadInput, saying which kind cannot stand."""
    try:
        found = msgspec.yaml.decode(text, type=Vocabulary)
    except (msgspec.ValidationError, msgspec.DecodeError) as e:
        raise BadInput("This is no vocabulary.", str(e)) from e
    named = Vocabulary(
        found.version,
        {n: msgspec.structs.replace(k, name=n) for n, k in found.nodes.items()},
        {n: msgspec.structs.replace(k, name=n) for n, k in found.edges.items()},
    )
    for sort in (named.nodes, named.edges):
        codes = [k.code for k in sort.values()]
        if len(set(codes)) < len(codes) or not all(0 < c < FIRST_OWN for c in codes):
            raise BadInput("Every kind needs a code of its own.", f"Codes are 1 to {FIRST_OWN - 1}.")
    for edge in named.edges.values():
        check_edge(edge, named)
    return named


def check_edge(edge: EdgeKind, known: Vocabulary) -> None:
    """Raises BadInput when an edge kind cannot stand beside the others."""
    problem = _unknown(edge, known) or _contrary(edge, known) or _numbers(edge)
    if problem:
        raise BadInput(f"The kind {edge.name} cannot stand.", problem)


def _unknown(edge: EdgeKind, known: Vocabulary) -> str:
    ends = sorted({*edge.source, *edge.target} - known.nodes.keys())
    return f"{', '.join(ends)}: no such kind of node." if ends else ""


def _contrary(edge: EdgeKind, known: Vocabulary) -> str:
    if (edge.rule == "exclusive") != bool(edge.excludes):
        return "A kind with the rule exclusive names what it excludes, and no other does."
    for name in edge.excludes:
        other = known.edges.get(name)
        if other is None or name == edge.name:
            return f"{name} is no other kind of edge."
        if {name, *other.excludes} != {edge.name, *edge.excludes}:
            return f"{name} does not exclude the same kinds in turn."
        if other.half_life_days != edge.half_life_days:
            return f"It fades otherwise than {name}: with time alone the balance between them would turn."
    return ""


def _numbers(edge: EdgeKind) -> str:
    if edge.half_life_days is not None and not 1 <= edge.half_life_days <= 36_500:
        return "A half-life is 1 to 36,500 days."
    if edge.inferable is not None and not 0.5 <= edge.inferable < 1:
        return "The least confidence of an inferred assertion is a probability from 0.5."
    return ""


def check_own(kind: NodeKind | EdgeKind, known: Vocabulary) -> None:
    """Raises BadInput when a workspace cannot take this kind as its own."""
    if not _OWN_NAME.fullmatch(kind.name):
        raise BadInput(
            f"{kind.name[:40]!r} cannot be the name of a kind.",
            "Kinds of a workspace are x_ and up to 18 small letters or underscores.",
        )
    if not kind.about.strip() or len(kind.about) > _LONGEST_ABOUT:
        raise BadInput("A kind needs a sentence that says what it means.", f"At most {_LONGEST_ABOUT} characters.")
    if isinstance(kind, EdgeKind):
        if kind.rule == "exclusive":
            raise BadInput(
                "A kind of a workspace excludes no other kind.",
                "The other one would have to exclude it in turn, and be recomputed.",
                advice="Take the rule multi or functional.",
            )
        if kind.endable or kind.inferable is not None or kind.stated_by:
            raise BadInput(
                "A kind of a workspace is stated as a whole: nothing infers it, and no event states or ends it."
            )
        check_edge(kind, known)


def plain(kind: NodeKind | EdgeKind) -> dict[str, Any]:
    """A kind as JSON."""
    found: dict[str, Any] = msgspec.to_builtins(kind)
    return found


def of_plain(side: str, given: Mapping[str, Any]) -> NodeKind | EdgeKind:
    """A kind from JSON; `side` is node or edge."""
    return msgspec.convert(given, NodeKind) if side == "node" else msgspec.convert(given, EdgeKind)
