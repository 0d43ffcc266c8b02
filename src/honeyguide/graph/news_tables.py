"""What changed in the graph and is not yet taken into account by influence and segments: a row for each batch of changes."""

from collections.abc import Collection, Set

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.graph.beliefs import EdgeKey

TABLES = ("graph_news",)


class News(Struct, frozen=True):
    """Changes of `batches` batches: nodes that changed or went, edges (kind, src, dst) whose belief changed."""

    batches: int
    nodes: set[int]
    edges: set[EdgeKey]


async def tell_news(tx: Tx, nodes: Collection[int], edges: Set[EdgeKey] = frozenset()) -> None:
    """Note changes, in the transaction that makes them."""
    if not nodes and not edges:
        return
    ordered = sorted(edges)
    await tx.run(
        "insert into graph_news (workspace_id, nodes, kinds, srcs, dsts) values ($1, $2, $3, $4, $5)",
        tx.workspace_id, sorted(nodes), [k for k, _, _ in ordered], [s for _, s, _ in ordered], [d for _, _, d in ordered],
    )  # fmt: skip


async def take_news(tx: Tx, batches: int) -> News:
    """Take the next changes out, the oldest first; they come again when the transaction does not commit.

    Those another worker has taken are passed by.
    """
    rows = await tx.rows(
        "delete from graph_news where workspace_id = $1 and seq = any(array(select n.seq from graph_news n "
        "where n.workspace_id = $1 order by n.seq limit $2 for update skip locked)) returning nodes, kinds, srcs, dsts",
        tx.workspace_id, batches,
    )  # fmt: skip
    found = News(len(rows), set(), set())
    for r in rows:
        found.nodes.update(r["nodes"])
        found.edges.update(zip(r["kinds"], r["srcs"], r["dsts"], strict=True))
    return found
