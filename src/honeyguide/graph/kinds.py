"""The core vocabulary as constants, from `vocabulary.yaml`. docs/reference/graph-vocabulary.md explains each kind."""

from honeyguide.graph.vocabulary import FIRST_OWN, core

_CORE = core()
VERSION = _CORE.version
NODE: dict[str, int] = {name: k.code for name, k in _CORE.nodes.items()}
EDGE: dict[str, int] = {name: k.code for name, k in _CORE.edges.items()}
NODE_NAME = _CORE.node_name
EDGE_NAME = _CORE.edge_name
ENTITY_KINDS = (NODE["persona"], NODE["company"])

# Belief fades when nothing renews it: days after which its log-odds are halved. Kinds that are not here state
# something that happened (bought, opened, referred ...) and do not fade.
HALF_LIFE_DAYS: dict[int, float] = dict(_CORE.rules.half_life)
# Kinds a later statement can end ("left the company"): their evidence is kept per month, so that a period that
# opens again after an end can be dated whatever order the events came in.
ENDABLE = frozenset(k.code for k in _CORE.edges.values() if k.endable)
# The least confidence an inferrer's assertion of a kind may carry; kinds that are not here cannot be inferred at all.
INFERABLE: dict[str, float] = {name: k.inferable for name, k in _CORE.edges.items() if k.inferable is not None}
_LAST_PARTITION = 25


def partition(kind: str) -> str:
    """The table that holds the edges of one kind. Traversals name it, so that plans never touch the others.

    A workspace's own kinds (`x_...`) share the default partition: conditions on their code are theirs to add.
    """
    return f"edge_{kind}" if EDGE.get(kind, FIRST_OWN) <= _LAST_PARTITION else "edge_other"
