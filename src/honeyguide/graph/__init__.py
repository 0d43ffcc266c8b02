"""graph: personas, companies, products, tickets, deals ... and the edges between them, each with its evidence.

Takes canonical events after `identity`, owns `node`, `assertion`, `edge` and `edge_history`. An assertion is one
inferrer's statement with its evidence; an edge is what its live assertions say together (`fuse`) and is never
written in any other way. Assertions name record ids, edges the entities these belong to now: a merge or a split
rewrites edges only. Node properties are won by the later statement.

Promises: nodes, live assertions and edges depend on the set of events and replacements only, not on their order;
nothing is lost when a belief changes (`edge_history`). Readers use `db.tx(workspace, pool="traverse")`.
"""

from honeyguide.graph import kinds, segments
from honeyguide.graph.beliefs import Assertion, Belief, decayed, faded, fuse
from honeyguide.graph.buying import BuyingGroup, Member, Reason, buying_group
from honeyguide.graph.changes import Chapter, Difference, EdgeChange, PropertySaid, difference, story
from honeyguide.graph.edges import assert_facts, replace
from honeyguide.graph.extensions import extend, vocabulary
from honeyguide.graph.facts import facts_of, node_of
from honeyguide.graph.footprint import Footprint, product_footprint
from honeyguide.graph.ground import Ground, grounds
from honeyguide.graph.influence_reasons import Influence, influence_of, influential
from honeyguide.graph.influence_steps import influence_due, influence_rebuild, influence_step, influence_touched
from honeyguide.graph.measures import SCORES, Counted, Ranked, counts_in_window, top_by
from honeyguide.graph.news_tables import News, take_news
from honeyguide.graph.nodes import Node, nodes
from honeyguide.graph.paths import Hop, path_between, warm_path
from honeyguide.graph.people import Colleague, User, colleagues_of, who_uses
from honeyguide.graph.reads import Found, Testimony, Version, counts, digest, evidence, history, search
from honeyguide.graph.reviews import Verdict, testify
from honeyguide.graph.score_tables import publish_scores, withdraw_scores
from honeyguide.graph.segment_conditions import Condition
from honeyguide.graph.segments import segments_rebuild, segments_step
from honeyguide.graph.steps import GraphChanges, step
from honeyguide.graph.traverse import Edge, Neighbourhood, colleagues_of_referred_using, neighbourhood
from honeyguide.graph.vocabulary import EdgeKind, NodeKind, Vocabulary

__all__ = [
    "SCORES", "Assertion", "Belief", "BuyingGroup", "Chapter", "Colleague", "Condition", "Counted", "Difference", "Edge", "EdgeChange", "EdgeKind", "Footprint", "Found", "GraphChanges",
    "Ground", "Hop", "Influence", "Member", "Neighbourhood", "News", "Node", "NodeKind", "PropertySaid", "Ranked", "Reason", "Testimony", "User", "Verdict", "Version",
    "Vocabulary", "assert_facts", "buying_group", "colleagues_of", "colleagues_of_referred_using", "counts", "counts_in_window",
    "decayed", "difference", "digest", "evidence", "extend", "facts_of", "faded", "fuse", "grounds", "history", "influence_due", "influence_of", "influence_rebuild", "influence_step", "influence_touched", "influential", "kinds", "neighbourhood",
    "node_of", "nodes", "path_between", "product_footprint", "publish_scores", "replace", "search", "segments", "segments_rebuild", "segments_step", "step", "story", "take_news", "testify", "top_by", "vocabulary",
    "warm_path", "who_uses", "withdraw_scores",
]  # fmt: skip
