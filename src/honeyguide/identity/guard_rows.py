"""The tables of what people decided and what money protects: identity_decision, identity_protection, identity_settled."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from honeyguide.db import Tx
from honeyguide.identity.assembly import Guards, Pair
from honeyguide.identity.evidence import Decision

TABLES = ("identity_decision", "identity_protection", "identity_settled")
# One writer of a workspace's identity at a time: what is protected and what is joined must not pass each other by.
_LOCK_CLASS = 7_041_001


async def lock(tx: Tx) -> None:
    """Be the only one who merges or protects in this workspace until the transaction ends."""
    await tx.run("select pg_advisory_xact_lock($1::int, $2::int)", _LOCK_CLASS, tx.workspace_id)


async def any_guards(tx: Tx) -> tuple[bool, bool]:
    """Does the workspace have decisions at all, and protections?"""
    row = await tx.row(
        "select exists (select 1 from identity_decision d where d.workspace_id = $1) as decided, "
        "exists (select 1 from identity_protection p where p.workspace_id = $1) as protected",
        tx.workspace_id,
    )
    return (False, False) if row is None else (row["decided"], row["protected"])


async def write_decisions(tx: Tx, decisions: Sequence[Decision]) -> list[Decision]:
    """Add decisions; those that were known change nothing. Returns the new ones."""
    if not decisions:
        return []
    found = await tx.rows(
        "insert into identity_decision (workspace_id, a, b, event_id, verdict, at, actor, reason) "
        "select $1::int, * from unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::text[]) "
        "on conflict do nothing returning a, b, event_id, verdict, at, actor, reason",
        tx.workspace_id, [d.a for d in decisions], [d.b for d in decisions], [d.event_id for d in decisions],
        [d.verdict for d in decisions], [d.at for d in decisions], [d.actor for d in decisions],
        [d.reason for d in decisions],
    )  # fmt: skip
    return [Decision(**r) for r in found]


async def decisions_about(tx: Tx, ids: Iterable[int]) -> list[Decision]:
    """Every decision about any of these records."""
    wanted = list(ids)
    found = await tx.rows(
        "select a, b, event_id, verdict, at, actor, reason from identity_decision "
        "where workspace_id = $1 and a = any($2::bigint[]) "
        "union select a, b, event_id, verdict, at, actor, reason from identity_decision "
        "where workspace_id = $1 and b = any($2::bigint[])",
        tx.workspace_id,
        wanted,
    )
    return [Decision(**r) for r in found]


async def protections(tx: Tx, ids: Collection[int]) -> list[tuple[int, str, str]]:
    """(record, role, key) of each protected record among these."""
    found = await tx.rows(
        "select record_id, role, key from identity_protection where workspace_id = $1 and record_id = any($2::bigint[])",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return [(r["record_id"], r["role"], r["key"]) for r in found]


async def settled(tx: Tx, ids: Collection[int]) -> frozenset[Pair]:
    """The settled pairs among these records."""
    found = await tx.rows(
        "select a, b from identity_settled where workspace_id = $1 and a = any($2::bigint[]) and b = any($2::bigint[])",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return frozenset((r["a"], r["b"]) for r in found)


async def write_protection(tx: Tx, record_id: int, role: str, key: str, at: datetime) -> bool:
    """Protect a record; False when it was already."""
    return bool(
        await tx.run(
            "insert into identity_protection (workspace_id, record_id, role, key, at) values ($1, $2, $3, $4, $5) "
            "on conflict do nothing",
            tx.workspace_id, record_id, role, key, at,
        )
    )  # fmt: skip


async def write_settled(tx: Tx, pairs: Collection[Pair], at: datetime) -> None:
    """Note pairs that are one already."""
    if pairs:
        rows = sorted(pairs)
        await tx.run(
            "insert into identity_settled (workspace_id, a, b, at) select $1::int, p.a, p.b, $4::timestamptz "
            "from unnest($2::bigint[], $3::bigint[]) as p(a, b) on conflict do nothing",
            tx.workspace_id, [a for a, _ in rows], [b for _, b in rows], at,
        )  # fmt: skip


def effective(decisions: Iterable[Decision]) -> dict[Pair, Decision]:
    """The decision that counts about each pair: the latest by (time, event id)."""
    latest: dict[Pair, Decision] = {}
    for d in decisions:
        known = latest.get((d.a, d.b))
        if known is None or (known.at, known.event_id) < (d.at, d.event_id):
            latest[d.a, d.b] = d
    return latest


def guards_of(
    decisions: Iterable[Decision], protected: Iterable[tuple[int, str, str]], settled_pairs: frozenset[Pair]
) -> Guards:
    """The guards as clustering takes them."""
    links, apart = [], dict[int, set[int]]()
    for p, d in effective(decisions).items():
        if d.verdict == "linked":
            links.append((d.at, d.event_id, p))
        else:
            apart.setdefault(p[0], set()).add(p[1])
            apart.setdefault(p[1], set()).add(p[0])
    payees, parties = dict[int, set[str]](), dict[int, set[tuple[str, str]]]()
    for record, role, key in protected:
        if role == "payee":
            payees.setdefault(record, set()).add(key)
        else:
            parties.setdefault(record, set()).add((key, role))
    return Guards(
        links=tuple(p for _, _, p in sorted(links, reverse=True)),
        apart={r: frozenset(others) for r, others in apart.items()},
        payees={r: frozenset(keys) for r, keys in payees.items()},
        parties={r: frozenset(sides) for r, sides in parties.items()},
        settled=settled_pairs,
    )
