"""The closed vocabulary of nodes and edges (version 1). docs/reference/graph-vocabulary.md explains each kind."""

NODE: dict[str, int] = {
    "persona": 1, "company": 2, "product": 3, "feature": 4, "ticket": 5, "deal": 6, "subscription": 7, "invoice": 8,
    "campaign": 9, "referral": 10, "document": 11, "role": 12,
}  # fmt: skip
EDGE: dict[str, int] = {
    "works_at": 1, "holds_role": 2, "reports_to": 3, "colleague_of": 4, "influences": 5, "champion_of": 6, "blocks": 7,
    "uses": 8, "power_user_of": 9, "adopted": 10, "bought": 11, "subscribed_to": 12, "renewed": 13, "opened": 14,
    "resolved_for": 15, "praised": 16, "complained_of": 17, "evaluated": 18, "interested_in": 19, "referred": 20,
    "introduced": 21, "attended": 22, "member_of": 23, "similar_to": 24, "owns_account": 25, "other": 99,
}  # fmt: skip
NODE_NAME = {code: name for name, code in NODE.items()}
EDGE_NAME = {code: name for name, code in EDGE.items()}
ENTITY_KINDS = (NODE["persona"], NODE["company"])

# Belief fades when nothing renews it: days after which its log-odds are halved. Kinds that are not here state
# something that happened (bought, opened, referred ...) and do not fade.
HALF_LIFE_DAYS: dict[int, float] = {
    EDGE["works_at"]: 540.0, EDGE["holds_role"]: 540.0, EDGE["reports_to"]: 540.0, EDGE["colleague_of"]: 540.0,
    EDGE["influences"]: 180.0, EDGE["champion_of"]: 120.0, EDGE["blocks"]: 120.0, EDGE["uses"]: 60.0,
    EDGE["power_user_of"]: 45.0, EDGE["adopted"]: 120.0, EDGE["subscribed_to"]: 540.0, EDGE["praised"]: 180.0,
    EDGE["complained_of"]: 90.0, EDGE["evaluated"]: 180.0, EDGE["interested_in"]: 90.0, EDGE["similar_to"]: 365.0,
    EDGE["owns_account"]: 540.0, EDGE["other"]: 180.0,
}  # fmt: skip
# Kinds a later statement can end ("left the company"): their evidence is kept per month, so that a period that
# opens again after an end can be dated whatever order the events came in.
ENDABLE = frozenset({EDGE["works_at"], EDGE["subscribed_to"]})


def partition(kind: str) -> str:
    """The table that holds the edges of one kind. Traversals name it, so that plans never touch the others."""
    return f"edge_{kind}" if EDGE[kind] <= 25 else "edge_other"
