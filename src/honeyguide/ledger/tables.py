"""What the ledger owns, and its SQL for accounts, transfers and postings."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.ledger.accounts import FLOORS, Account, Line, Transfer

TABLES = (
    "ledger_account", "transfer", "posting", "transfer_link", "reward", "reward_move", "reward_reversal", "reward_dispute",
    "payout", "fx_rate", "ledger_proposal",
)  # fmt: skip


class Standing(Struct, frozen=True):
    """An account's row, locked by us until the transaction ends."""

    id: int
    balance_minor: int
    floor_minor: int | None


async def insert_transfers(tx: Tx, transfers: Sequence[Transfer]) -> set[UUID]:
    """Insert those whose key and reversal are new; returns their ids. Waits for a concurrent one of the same key."""
    rows = await tx.rows(
        "insert into transfer (workspace_id, id, key, kind, memo, at, reversal_of, rate_id) "
        "select $1, t.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[]) "
        "as t(id, key, kind, memo, at, reversal_of, rate_id) order by t.key on conflict do nothing returning id",
        tx.workspace_id,
        [t.id for t in transfers],
        [t.key for t in transfers],
        [t.kind for t in transfers],
        [t.memo for t in transfers],
        [t.at for t in transfers],
        [t.reversal_of for t in transfers],
        [t.rate_id for t in transfers],
    )
    return {r["id"] for r in rows}


async def transfers_by_key(tx: Tx, keys: Sequence[str]) -> dict[str, Transfer]:
    """The transfers under these keys, with their lines."""
    rows = await tx.rows(
        "select t.id, t.key, t.kind, t.memo, t.at, t.reversal_of, t.rate_id, a.kind as account_kind, a.owner, p.currency, p.amount_minor "
        "from transfer t join posting p on p.workspace_id = t.workspace_id and p.transfer_id = t.id "
        "join ledger_account a on a.workspace_id = p.workspace_id and a.id = p.account_id "
        "where t.workspace_id = $1 and t.key = any($2::text[]) order by t.key, p.line",
        tx.workspace_id,
        list(keys),
    )
    return {t.key: t for t in group_lines(rows)}


async def any_reversed(tx: Tx, transfers: Sequence[UUID]) -> bool:
    """Was one of these transfers reversed already?"""
    found: bool = await tx.value(
        "select exists (select 1 from transfer where workspace_id = $1 and reversal_of = any($2::uuid[]))",
        tx.workspace_id,
        list(transfers),
    )
    return found


def group_lines(rows: Iterable[Row]) -> list[Transfer]:
    """Rows of (transfer, one line each), in order, as transfers."""
    heads: dict[UUID, Row] = {}
    lines: dict[UUID, list[Line]] = {}
    for row in rows:
        heads.setdefault(row["id"], row)
        account = Account(row["account_kind"], row["owner"], row["currency"])
        lines.setdefault(row["id"], []).append(Line(account, row["amount_minor"]))
    return [
        Transfer(ident, r["key"], r["kind"], r["memo"], r["at"], tuple(lines[ident]), r["reversal_of"], r["rate_id"])
        for ident, r in heads.items()
    ]


async def open_accounts(tx: Tx, accounts: Sequence[Account]) -> None:
    """Make the accounts that are missing, in sorted order, so that two transactions never wait for each other."""
    await tx.run(
        "insert into ledger_account (workspace_id, kind, owner, currency, floor_minor) "
        "select $1, w.* from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as w(kind, owner, currency, floor_minor) "
        "where not exists (select 1 from ledger_account a where a.workspace_id = $1 and a.kind = w.kind "
        "and a.owner = w.owner and a.currency = w.currency) "
        "order by w.kind, w.owner, w.currency on conflict (workspace_id, kind, owner, currency) do nothing",
        tx.workspace_id,
        [a.kind for a in accounts],
        [a.owner for a in accounts],
        [a.currency for a in accounts],
        [FLOORS[a.kind] for a in accounts],
    )


async def lock_accounts(tx: Tx, accounts: Sequence[Account]) -> dict[Account, Standing]:
    """Lock the accounts' rows in the order of their ids, and read their balances."""
    rows = await tx.rows(
        "select a.id, a.kind, a.owner, a.currency, a.balance_minor, a.floor_minor from ledger_account a "
        "join unnest($2::text[], $3::text[], $4::text[]) as w(kind, owner, currency) "
        "on a.kind = w.kind and a.owner = w.owner and a.currency = w.currency "
        "where a.workspace_id = $1 order by a.id for update of a",
        tx.workspace_id,
        [a.kind for a in accounts],
        [a.owner for a in accounts],
        [a.currency for a in accounts],
    )
    return {
        Account(r["kind"], r["owner"], r["currency"]): Standing(r["id"], r["balance_minor"], r["floor_minor"])
        for r in rows
    }


async def add_to_balances(tx: Tx, changes: dict[int, int]) -> None:
    """Move the cached balances; the caller holds the row locks."""
    await tx.run(
        "update ledger_account a set balance_minor = a.balance_minor + d.change_minor "
        "from unnest($2::bigint[], $3::bigint[]) as d(id, change_minor) where a.workspace_id = $1 and a.id = d.id",
        tx.workspace_id,
        list(changes),
        list(changes.values()),
    )


async def insert_postings(tx: Tx, transfers: Sequence[Transfer], standings: dict[Account, Standing]) -> None:
    """Append the lines of these transfers."""
    lines = [(t, n, line) for t in transfers for n, line in enumerate(t.lines, start=1)]
    await tx.run(
        "insert into posting (workspace_id, transfer_id, line, account_id, currency, amount_minor, at) "
        "select $1, l.* from unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[], $7::timestamptz[]) "
        "as l(transfer_id, line, account_id, currency, amount_minor, at)",
        tx.workspace_id,
        [t.id for t, _, _ in lines],
        [n for _, n, _ in lines],
        [standings[line.account].id for _, _, line in lines],
        [line.account.currency for _, _, line in lines],
        [line.amount_minor for _, _, line in lines],
        [t.at for t, _, _ in lines],
    )


async def set_cap(tx: Tx, account: Account, cap_minor: int) -> None:
    """Let an allowance reach `cap_minor` in all; a cap below what is used leaves no more (and takes nothing back)."""
    await open_accounts(tx, [account])
    await tx.run(
        "update ledger_account set floor_minor = least(-$5::bigint, balance_minor) "
        "where workspace_id = $1 and kind = $2 and owner = $3 and currency = $4 "
        "and floor_minor is distinct from least(-$5::bigint, balance_minor)",
        tx.workspace_id,
        account.kind,
        account.owner,
        account.currency,
        cap_minor,
    )


async def which_exist(tx: Tx, accounts: Sequence[Account]) -> set[Account]:
    """Those of these accounts that there are."""
    found = await tx.rows(
        "select a.kind, a.owner, a.currency from ledger_account a join unnest($2::text[], $3::text[], $4::text[]) "
        "as w(kind, owner, currency) on a.kind = w.kind and a.owner = w.owner and a.currency = w.currency "
        "where a.workspace_id = $1",
        tx.workspace_id,
        [a.kind for a in accounts],
        [a.owner for a in accounts],
        [a.currency for a in accounts],
    )
    return {Account(r["kind"], r["owner"], r["currency"]) for r in found}


async def balance_of(tx: Tx, account: Account) -> int:
    """What stands in an account, in minor units; 0 when there is none."""
    found = await tx.value(
        "select balance_minor from ledger_account where workspace_id = $1 and kind = $2 and owner = $3 and currency = $4",
        tx.workspace_id,
        account.kind,
        account.owner,
        account.currency,
    )
    return int(found or 0)


class AccountRow(Struct, frozen=True):
    """An account with its balance in minor units, for lists."""

    id: int
    kind: str
    owner: str
    owner_name: str
    currency: str
    balance_minor: int
    floor_minor: int | None


async def accounts(tx: Tx) -> list[AccountRow]:
    """Every account of the workspace; `owner_name` is the advocate's or program's name where there is one."""
    rows = await tx.rows(
        "select l.id, l.kind, l.owner, coalesce(a.name, p.name, l.owner) as owner_name, l.currency, l.balance_minor, l.floor_minor "
        "from ledger_account l "
        "left join advocate a on a.workspace_id = l.workspace_id and l.owner = 'advocate:' || a.id "
        "left join program p on p.workspace_id = l.workspace_id and l.owner = 'program:' || p.id "
        "where l.workspace_id = $1 order by l.kind, owner_name, l.currency, l.id",
        tx.workspace_id,
    )
    return [AccountRow(**dict(r)) for r in rows]


async def postings(tx: Tx, account: int | None = None, after: str | None = None, limit: int = 50) -> list[Transfer]:
    """Transfers with their lines, newest first: all, or those that touch one account. `after` is the last one's id."""
    rows = await tx.rows(
        "with page as (select t.* from transfer t where t.workspace_id = $1 "
        "and ($2::bigint is null or exists (select 1 from posting p where p.workspace_id = $1 and p.transfer_id = t.id and p.account_id = $2)) "
        "and ($3::uuid is null or (t.at, t.id) < (select c.at, c.id from transfer c where c.workspace_id = $1 and c.id = $3)) "
        "order by t.at desc, t.id desc limit $4) "
        "select t.id, t.key, t.kind, t.memo, t.at, t.reversal_of, t.rate_id, a.kind as account_kind, a.owner, p.currency, p.amount_minor "
        "from page t join posting p on p.workspace_id = $1 and p.transfer_id = t.id "
        "join ledger_account a on a.workspace_id = $1 and a.id = p.account_id order by t.at desc, t.id desc, p.line",
        tx.workspace_id,
        account,
        UUID(after) if after else None,
        limit,
    )
    return group_lines(rows)
