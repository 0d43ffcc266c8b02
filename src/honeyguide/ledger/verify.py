"""The outside checker: recomputes what must be true from the rows alone, without the code that wrote them.

It shares no rule with `post` or the state changes on purpose: a fault there must show here. Each check is one
query that returns the rows that break it; amounts are in minor units.
"""

from datetime import datetime

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.ledger.verify_chain import check_histories, check_links, walk_chain
from honeyguide.ledger.verify_checks import CHECKS
from honeyguide.ledger.verify_credit import check_credit

_SHOWN = 50


class VerifyReport(Struct, frozen=True):
    """What the checker found. `ok` is true only when no check found anything."""

    ok: bool
    checked_at: datetime
    sentence: str
    problems: list[str]
    transfers: int
    postings: int
    head: str = ""
    links: int = 0


async def verify(tx: Tx, noted_head: str = "") -> VerifyReport:
    """Check the whole ledger of the workspace. Reads only; never raises on bad books, it reports them.

    `head` is the newest hash of the chain. Kept elsewhere and given back as `noted_head`, it shows whether what stood
    then was replaced, by whomever.
    """
    problems: list[str] = []
    for sentence, sql in CHECKS:
        found = await tx.rows(f"{sql} limit {_SHOWN + 1}", tx.workspace_id)
        problems += [sentence.format(**dict(row)) for row in found[:_SHOWN]]
        if len(found) > _SHOWN:
            problems.append("... and more of the same kind.")
    chain = await walk_chain(tx, noted_head)
    problems += [*chain.problems, *await check_links(tx), *await check_histories(tx), *await check_credit(tx)]
    counts = await tx.row(
        "select (select count(*) from transfer where workspace_id = $1) as transfers, "
        "(select count(*) from posting where workspace_id = $1) as postings",
        tx.workspace_id,
    )
    transfers, postings = (counts["transfers"], counts["postings"]) if counts else (0, 0)
    size = f"{transfers:,} transfers and {postings:,} postings"
    sentence = (
        f"The books are wrong: {len(problems)} problems in {size}."
        if problems
        else f"Σ = 0: {size} checked; every currency sums to zero, every balance is the sum of its postings, "
        "the chain of hashes is whole, and every reward and payout stands where its postings put it."
    )
    return VerifyReport(not problems, clock.now(), sentence, problems, transfers, postings, chain.head, chain.number)
