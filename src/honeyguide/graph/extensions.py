"""A workspace's own kinds of nodes and edges (`x_...`), beside the core vocabulary."""

from collections.abc import Iterable

from msgspec import structs

from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.db import Tx
from honeyguide.graph import extension_tables as tables
from honeyguide.graph.kinds import EDGE_NAME, NODE_NAME
from honeyguide.graph.vocabulary import (
    FIRST_OWN,
    EdgeKind,
    NodeKind,
    Rules,
    Vocabulary,
    check_own,
    core,
    of_plain,
    plain,
)

MOST = 100  # kinds of nodes, and as many of edges, per workspace


async def vocabulary(tx: Tx) -> Vocabulary:
    """The core vocabulary and this workspace's own kinds."""
    own = await tables.load(tx)
    return core().with_own(
        structs.replace(of_plain(r["side"], r["definition"]), name=r["name"], code=r["code"]) for r in own
    )


async def extend(tx: Tx, kind: NodeKind | EdgeKind, actor: str = "") -> NodeKind | EdgeKind:
    """Add a kind to this workspace's vocabulary; the kind with its code. Saying the same again changes nothing.

    Kinds are never changed or removed: edges of theirs may stand. Raises BadInput when the kind cannot stand, Conflict
    when its name is taken by another definition or the workspace has too many.
    """
    await tables.lock(tx)
    known = await vocabulary(tx)
    check_own(kind, known)
    side = "node" if isinstance(kind, NodeKind) else "edge"
    of_side: dict[str, NodeKind | EdgeKind] = {**(known.nodes if side == "node" else known.edges)}
    there = of_side.get(kind.name)
    if there is not None:
        if structs.replace(kind, code=there.code) == there:
            return there
        raise Conflict(
            f"The kind {kind.name} is defined already.",
            "Edges may stand that mean what it meant then.",
            advice="Take another name.",
        )
    codes = [k.code for k in of_side.values() if k.code >= FIRST_OWN]
    if len(codes) >= MOST:
        raise Conflict(f"This workspace has {MOST} kinds of {side}s of its own already.")
    made = structs.replace(kind, code=max(codes, default=FIRST_OWN - 1) + 1)
    definition = {k: v for k, v in plain(made).items() if k not in ("name", "code")}
    await tables.insert(tx, side, made.name, made.code, definition, actor[:200], clock.now())
    return made


async def rules_for(tx: Tx, codes: Iterable[int]) -> Rules:
    """The contradiction rules and half-lives; the workspace's own are looked up only where one of the codes is its own."""
    known = core() if all(c < FIRST_OWN for c in codes) else await vocabulary(tx)
    return known.rules


async def edge_names(tx: Tx, codes: Iterable[int]) -> dict[int, str]:
    """Names of edge kinds by code; as `rules_for`."""
    return EDGE_NAME if all(c < FIRST_OWN for c in codes) else (await vocabulary(tx)).edge_name


async def node_names(tx: Tx, codes: Iterable[int]) -> dict[int, str]:
    """Names of node kinds by code; as `rules_for`."""
    return NODE_NAME if all(c < FIRST_OWN for c in codes) else (await vocabulary(tx)).node_name
