"""The outside checker's walks: the chain of hashes over all transfers, and the history of every reward.

Written apart from what writes them: the digest is computed here by Python, there by PostgreSQL; the moves are listed
here a second time. A fault there shows here.
"""

import hashlib
from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide.db import Row, Tx

_BATCH = 5_000
_SHOWN = 20
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_NEXT = {
    "": "pending held review capped", "pending": "held review reversed expired", "held": "review approved reversed expired",
    "review": "held approved reversed expired", "approved": "payable reversed expired",
    "payable": "in_payout paid reversed expired", "in_payout": "payable paid reversed", "paid": "payable reversed", "reversed": "payable",
    "expired": "", "capped": "",
}  # fmt: skip
_MIGRATED = "It stood here when moves began to be written down."


class Chain(Struct, frozen=True):
    """The newest link (`head`, hexadecimal; empty without transfers), its number, and what is wrong."""

    head: str
    number: int
    problems: list[str]


async def walk_chain(tx: Tx, noted: str = "") -> Chain:
    """Compute every link anew. With a head `noted` earlier, also that it is still part of the chain."""
    # A transfer is linked when its transaction commits; what this very transaction posted is linked here.
    await tx.run("set constraints transfer_linked immediate")
    await tx.run("set constraints transfer_linked deferred")
    problems: list[str] = []
    before, number, seen = b"", 0, not noted
    while True:
        rows = await tx.rows(
            "select l.number, l.hash, l.transfer_id, t.id, t.key, t.kind, t.at, t.reversal_of, t.rate_id, "
            "coalesce(array_agg(p.line || '|' || coalesce(a.kind, '?') || '|' || coalesce(a.owner, '?') || '|' || p.currency || '|' || p.amount_minor "
            "order by p.line) filter (where p.line is not null), array[]::text[]) as lines from (select * from transfer_link "
            "where workspace_id = $1 and number > $2 order by number limit $3) l "
            "left join transfer t on t.workspace_id = l.workspace_id and t.id = l.transfer_id "
            "left join posting p on p.workspace_id = l.workspace_id and p.transfer_id = t.id "
            "left join ledger_account a on a.workspace_id = p.workspace_id and a.id = p.account_id "
            "where l.workspace_id = $1 group by l.number, l.hash, l.transfer_id, t.id, t.key, t.kind, t.at, t.reversal_of, t.rate_id "
            "order by l.number",
            tx.workspace_id, number, _BATCH,
        )  # fmt: skip
        for row in rows:
            number += 1
            if row["number"] != number:
                problems.append(f"The chain misses link {number}.")
                number = row["number"]
            elif row["id"] is None:
                problems.append(f"Link {number} of the chain names a transfer that does not exist.")
            elif _digest(before, row) != row["hash"]:
                problems.append(f"The transfer {row['key']} is not what link {number} of the chain was made from.")
            before = row["hash"]
            seen = seen or before.hex() == noted.strip().lower()
        if len(rows) < _BATCH or len(problems) > _SHOWN:
            break
    if not seen:
        problems.append("The head that was noted is not part of this chain: what stood then was replaced or cut off.")
    return Chain(before.hex(), number, problems[:_SHOWN])


def _digest(before: bytes, row: Row) -> bytes:
    micros = (row["at"] - _EPOCH) // timedelta(microseconds=1)
    parts = [
        str(row["number"]), str(row["id"]), row["key"], row["kind"], str(micros), str(row["reversal_of"] or "-"),
        str(row["rate_id"] or "-"), "\n".join(row["lines"]),
    ]  # fmt: skip
    return hashlib.sha256(before + "\n".join(parts).encode()).digest()


async def check_histories(tx: Tx) -> list[str]:
    """Every reward's moves: numbered without a gap, each from where the one before ended, each legal, ending where it stands."""
    rows = await tx.rows(
        "select r.id, r.state, m.numbers, m.was, m.became, m.first from reward r left join lateral ("
        "select array_agg(h.number order by h.number) as numbers, array_agg(h.was order by h.number) as was, "
        "array_agg(h.became order by h.number) as became, (array_agg(h.reason order by h.number))[1] as first "
        "from reward_move h where h.workspace_id = $1 and h.reward_id = r.id) m on true where r.workspace_id = $1",
        tx.workspace_id,
    )
    found = [f"The history of the reward {row['id']} {wrong}." for row in rows if (wrong := _history(row))]
    return found[:_SHOWN]


def _history(row: Row) -> str:
    if not row["numbers"]:
        return "is empty"
    if list(row["numbers"]) != list(range(1, len(row["numbers"]) + 1)):
        return "has gaps"
    stood = ""
    for number, (was, became) in enumerate(zip(row["was"], row["became"], strict=True)):
        if was != stood:
            return f"goes on from '{was}' where it was '{stood}'"
        migrated = number == 0 and row["first"] == _MIGRATED
        if was != became and not migrated and became not in _NEXT.get(was, "").split():
            return f"goes from '{was}' to '{became}', which is not a legal move"
        stood = became
    return "" if stood == row["state"] else f"ends at '{stood}', but it is '{row['state']}'"


async def check_links(tx: Tx) -> list[str]:
    """Transfers that no link of the chain covers."""
    rows = await tx.rows(
        "select t.key from transfer t left join transfer_link l on l.workspace_id = t.workspace_id and l.transfer_id = t.id "
        "where t.workspace_id = $1 and l.number is null order by t.key limit $2",
        tx.workspace_id, _SHOWN,
    )  # fmt: skip
    return [f"The transfer {r['key']} is in no link of the chain." for r in rows]
