"""The one way money moves: a transfer under a permanent key, its balances in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import Account, Draft, Line, OverFloor, Transfer, check_draft, net_changes, same_lines


async def post(tx: Tx, key: str, kind: str, memo: str, lines: Sequence[Line], at: datetime) -> Transfer:
    """Post one transfer (minor units, summing to zero per currency), or return the one already posted under `key`.

    Raises BadInput on lines that can never be posted, Conflict when the key moved other money before,
    OverFloor when an account would fall below its floor. After any of them nothing was posted.
    """
    posted = await post_all(tx, [Draft(key, kind, memo, tuple(lines))], at)
    return posted[0]


async def post_all(tx: Tx, drafts: Sequence[Draft], at: datetime) -> list[Transfer]:
    """Post several transfers at once, in as many statements as one takes. Same promises as `post`, for all or none."""
    if at.tzinfo is None:
        raise BadInput("A posting needs a time with a time zone.")
    for draft in drafts:
        check_draft(draft)
    if len({d.key for d in drafts}) != len(drafts):
        raise BadInput("Two transfers of one batch have the same key.")
    wanted = [
        Transfer(
            content_id("transfer", str(tx.workspace_id), d.key),
            d.key,
            d.kind,
            d.memo,
            at,
            d.lines,
            d.reversal_of,
            d.rate_id,
        )
        for d in drafts
    ]
    if not wanted:
        return []
    changes = net_changes(list(drafts))
    await tables.open_accounts(tx, sorted(changes))
    standings = await tables.lock_accounts(tx, sorted(changes))
    # Under the locks: whoever moves the same money under the same key has committed or gone by now.
    known = await tables.transfers_by_key(tx, [t.key for t in wanted])
    for transfer in wanted:
        if transfer.key in known:
            _same_as_before(known[transfer.key], transfer)
    fresh = [t for t in wanted if t.key not in known]
    if fresh:
        await _not_reversed_before(tx, fresh)
        await _book(tx, fresh, standings)
    return [known.get(t.key, t) for t in wanted]


def _same_as_before(before: Transfer, now: Transfer) -> None:
    if (before.kind, before.reversal_of, before.rate_id) != (now.kind, now.reversal_of, now.rate_id) or not same_lines(
        before.lines, now.lines
    ):
        raise _key_reused(now)


def _key_reused(transfer: Transfer) -> Conflict:
    return Conflict(
        f"The key {transfer.key} was used for another transfer.",
        "A key stands for one movement of money, for ever.",
        code="key_reused",
    )


async def _not_reversed_before(tx: Tx, fresh: list[Transfer]) -> None:
    reversing = [t.reversal_of for t in fresh if t.reversal_of]
    if reversing and await tables.any_reversed(tx, reversing):
        raise Conflict("This transfer was reversed before.", "Money goes back once.", code="already_reversed")


async def _book(tx: Tx, fresh: list[Transfer], standings: dict[Account, tables.Standing]) -> None:
    """Floors, then the transfer, its balances and its lines. The caller holds the accounts' row locks."""
    by_id: dict[int, int] = {}
    for account, change in sorted(net_changes([Draft(t.key, t.kind, t.memo, t.lines) for t in fresh]).items()):
        standing = standings[account]
        _keep_floor(account, standing, change)
        by_id[standing.id] = change
    new = await tables.insert_transfers(tx, fresh)
    for transfer in fresh:
        if transfer.id not in new:  # another key-holder with other accounts committed in between
            raise _key_reused(transfer)
    await tables.add_to_balances(tx, by_id)
    await tables.insert_postings(tx, fresh, standings)


def _keep_floor(account: Account, standing: tables.Standing, change: int) -> None:
    floor = standing.floor_minor
    if floor is not None and change < 0 and standing.balance_minor + change < floor:
        raise OverFloor(account, standing.balance_minor, floor, change)
