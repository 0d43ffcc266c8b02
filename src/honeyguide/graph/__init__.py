"""graph: personas, companies, products, tickets, deals ... and the edges between them, each with its evidence.

Takes canonical events after `identity`, owns `node`, `assertion`, `edge` and `edge_history`. An assertion is one
inferrer's statement with its evidence; an edge is what its live assertions say together (`fuse`) and is never
written in any other way. Assertions name record ids, edges the entities these belong to now: a merge or a split
rewrites edges only. Node properties are won by the later statement.

Promises: nodes, live assertions and edges depend on the set of events and replacements only, not on their order;
nothing is lost when a belief changes (`edge_history`). Readers use `db.tx(workspace, pool="traverse")`.
"""

from honeyguide.graph import kinds, segments
from honeyguide.graph.beliefs import Assertion, Belief, decayed, fuse
from honeyguide.graph.edges import assert_facts, replace
from honeyguide.graph.facts import facts_of, node_of
from honeyguide.graph.influence_reasons import Influence, Reason, influence_of, influential
from honeyguide.graph.influence_steps import influence_due, influence_rebuild, influence_step, influence_touched
from honeyguide.graph.nodes import Node, nodes
from honeyguide.graph.reads import Found, Testimony, Version, counts, digest, evidence, history, search
from honeyguide.graph.segment_conditions import Condition
from honeyguide.graph.segments import segments_rebuild, segments_step
from honeyguide.graph.steps import GraphChanges, step
from honeyguide.graph.traverse import (
    Edge,
    Hop,
    Neighbourhood,
    colleagues_of_referred_using,
    neighbourhood,
    warm_path,
)

__all__ = [
    "Assertion", "Belief", "Condition", "Edge", "Found", "GraphChanges", "Hop", "Influence", "Neighbourhood", "Node", "Reason", "Testimony", "Version",
    "assert_facts", "colleagues_of_referred_using", "counts", "decayed", "digest", "evidence", "facts_of", "fuse",
    "history", "influence_due", "influence_of", "influence_rebuild", "influence_step", "influence_touched", "influential",
    "kinds", "neighbourhood", "node_of", "nodes", "replace", "search", "segments", "segments_rebuild", "segments_step", "step", "warm_path",
]  # fmt: skip
