"""The names one payment goes by: invoice number, invoice id, order, charge. All that share a name are one payment."""

from collections.abc import Mapping, Sequence

from honeyguide.db import Tx
from honeyguide.outcomes.deals import SALE

_ROUNDS = 5  # a name leads to a name leads to a name; longer chains are no payment's


async def keep(tx: Tx, names: Mapping[str, Sequence[str]]) -> None:
    """Keep that a deal (the key) goes by further names."""
    pairs = sorted({(name, deal) for deal, others in names.items() for name in others if name != deal})
    if pairs:
        await tx.run(
            "insert into sale_name (workspace_id, name, deal) select $1, t.* from unnest($2::text[], $3::text[]) as t(name, deal) "
            "on conflict do nothing",
            tx.workspace_id, [n for n, _ in pairs], [d for _, d in pairs],
        )  # fmt: skip


async def one_of(tx: Tx, deals: Sequence[str]) -> dict[str, str]:
    """These deals and every other name they go by, each with the one name that stands for all of them.

    That is the name it was credited under, else the first in the alphabet: what was credited keeps its key for ever.
    """
    known = set(deals)
    main = {d: d for d in known}
    fresh = {d for d in known if d.startswith(SALE)}
    pairs: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        if not fresh:
            break
        rows = await tx.rows(
            "select name, deal from sale_name where workspace_id = $1 and (name = any($2::text[]) or deal = any($2::text[]))",
            tx.workspace_id, sorted(fresh),
        )  # fmt: skip
        pairs |= {(r["name"], r["deal"]) for r in rows}
        fresh = {n for pair in pairs for n in pair} - known
        known |= fresh
    if not pairs:
        return main
    groups = _groups(pairs)
    rows = await tx.rows(
        "select deal from conversion where workspace_id = $1 and deal = any($2::text[])",
        tx.workspace_id,
        sorted(known),
    )
    credited = {r["deal"] for r in rows}
    for group in groups:
        stands = min(group & credited or group)
        main |= dict.fromkeys(group, stands)
    return main


def _groups(pairs: set[tuple[str, str]]) -> list[set[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [g for g in groups if g & set(pair)]
        groups = [g for g in groups if g not in touched] + [set(pair).union(*touched)]
    return groups
