"""The outside checker finds every kind of damage, and says it in a sentence."""

import pytest

from honeyguide import ledger
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    PROGRAM,
    add_advocate,
    approved,
    issued,
    paid,
    requested,
)


async def a_full_ledger(tx: Tx) -> None:
    """A reward in every state, a budget, a cap, a void and a cancelled payout."""
    await add_advocate(tx)
    await ledger.fund_budget(tx, "2026", PROGRAM, Money(5_000_000, "EUR"), NOOR, AT)
    await issued(tx, 1, cap_minor=600_000)
    await approved(tx, 2)
    await requested(tx, 3)
    await paid(tx, 4)
    await ledger.void_reward(tx, (await approved(tx, 5, cap_minor=600_000)).id, FINN, "Refunded.", LATER)
    await ledger.cancel_payout(tx, (await requested(tx, 6)).id, FINN, "Wrong month.", LATER)
    await issued(tx, 7, 0, incentive="beta_access")


async def test_a_sound_ledger_is_said_to_be_sound(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await a_full_ledger(tx)
        report = await ledger.verify(tx)
    assert report.ok
    assert report.problems == []
    assert (report.transfers, report.postings) == (18, 42)
    assert report.sentence.startswith("Σ = 0: 18 transfers and 42 postings checked; every currency sums to zero")


async def test_a_head_that_was_noted_shows_a_chain_that_was_made_anew(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await a_full_ledger(tx)
        noted = (await ledger.verify(tx)).head
        await issued(tx, 8)
        report = await ledger.verify(tx, noted)
        assert report.ok, report.problems
        assert (len(report.head), report.links) == (64, 19)
        assert report.head != noted
    # Somebody with every right takes the last transfers out and leaves books that are sound in themselves.
    async with db.admin() as owner:
        await owner.execute("set session_replication_role = 'replica'")
        last = "select transfer_id from transfer_link where workspace_id = $1 and number >= 18"
        await owner.execute(f"delete from posting where workspace_id = $1 and transfer_id in ({last})", workspace)
        await owner.execute(f"delete from transfer where workspace_id = $1 and id in ({last})", workspace)
        await owner.execute("delete from transfer_link where workspace_id = $1 and number >= 18", workspace)
    async with db.tx(workspace) as tx:
        assert not any("chain" in p for p in (await ledger.verify(tx)).problems)
        assert any("was replaced or cut off" in p for p in (await ledger.verify(tx, noted)).problems)


async def test_an_empty_ledger_is_sound(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert (await ledger.verify(tx)).ok


_ONE_REWARD = "(select id from reward where workspace_id = $1 and state = '{}' order by id limit 1)"
DAMAGE: dict[str, tuple[str, str]] = {
    "an amount was changed": (
        "update posting set amount_minor = amount_minor + 1 where workspace_id = $1 and line = 1",
        "instead of 0",
    ),
    "a line was deleted": ("delete from posting where workspace_id = $1 and line = 2", "it needs at least two"),
    "a transfer was deleted": (
        "delete from transfer where workspace_id = $1 and kind = 'payout.paid'",
        "belongs to no transfer",
    ),
    "an account was deleted": (
        "delete from ledger_account where workspace_id = $1 and kind = 'paid'",
        "names an account that does not exist",
    ),
    "a balance was changed": (
        "update ledger_account set balance_minor = balance_minor + 100 where workspace_id = $1 and kind = 'available'",
        "its postings sum to",
    ),
    "a reward was marked as paid": (
        f"update reward set state = 'paid' where workspace_id = $1 and id = {_ONE_REWARD.format('payable')}",
        "is 'paid' with 150000 EUR, but its postings put",
    ),
    "an amount of a reward was raised": (
        f"update reward set amount_minor = 999999, issued_minor = 999999, wanted_minor = 999999 where workspace_id = $1 and id = {_ONE_REWARD.format('held')}",
        "is 'held' with",
    ),
    "a void reward was revived": (
        "update reward set state = 'held' where workspace_id = $1 and state = 'reversed'",
        "do not fit together",
    ),
    "a reward was deleted": (
        "delete from reward where workspace_id = $1 and state = 'paid'",
        "moves a reward that does not exist",
    ),
    "a reward was invented": (
        "insert into reward (workspace_id, id, business_key, advocate_id, program_id, offer_id, conversion_id, role, incentive, label, "
        "amount_minor, currency, state, reason, hold_until, created_at, issued_minor, wanted_minor) select workspace_id, gen_random_uuid(), 'invented', advocate_id, "
        "program_id, offer_id, conversion_id, role, incentive, label, 777, currency, 'held', reason, hold_until, created_at, 777, 777 "
        "from reward where workspace_id = $1 limit 1",
        "with 777 EUR, but its postings put 0 on hold",
    ),
    "a reward went to another advocate": (
        f"update reward set advocate_id = gen_random_uuid() where workspace_id = $1 and id = {_ONE_REWARD.format('payable')}",
        "another advocate's accounts",
    ),
    "nobody approved": (
        "update reward set approved_by = null where workspace_id = $1 and state = 'paid'",
        "without somebody who approved",
    ),
    "a payout total was changed": (
        "update payout set total_minor = total_minor + 1 where workspace_id = $1 and state = 'paid'",
        "its rewards sum to",
    ),
    "a payout was paid without proof": (
        "update payout set reference = '' where workspace_id = $1 and state = 'paid'",
        "without the approval of a second person or without its proof",
    ),
    "a payout was never approved": (
        "update payout set state = 'paid', paid_by = 'x', paid_at = requested_at, reference = 'x' "
        "where workspace_id = $1 and state = 'requested'",
        "without the approval of a second person",
    ),
    "a payout was cancelled behind the ledger's back": (
        "update payout set state = 'cancelled' where workspace_id = $1 and state = 'requested'",
        "but its payout is cancelled",
    ),
    "a payout was invented": (
        "insert into payout (workspace_id, id, rail, state, currency, total_minor, requested_by, requested_at) "
        "values ($1, gen_random_uuid(), 'manual', 'requested', 'EUR', 5, 'x', '2026-01-01')",
        "moved 0 EUR into the payout account",
    ),
    "more was taken than was there": (
        "with t as (insert into transfer values ($1, gen_random_uuid(), 'ghost', 'test', '', '2026-01-01', null) returning id) "
        "insert into posting select $1, t.id, row_number() over (order by a.kind), a.id, 'EUR', "
        "case a.kind when 'available' then -10000000 else 10000000 end, '2026-01-01' from t, ledger_account a "
        "where a.workspace_id = $1 and a.kind in ('available', 'expense')",
        "below its floor of 0",
    ),
    "a transfer was renamed": (
        "update transfer set kind = 'test' where workspace_id = $1 and kind = 'payout.paid'",
        "is not what link",
    ),
    "money was moved to a friend's account, everywhere at once": (
        "update ledger_account set owner = 'advocate:' || gen_random_uuid() where workspace_id = $1 and kind = 'allowed'",
        "is not what link",
    ),
    "a link was taken out": ("delete from transfer_link where workspace_id = $1 and number = 3", "misses link 3"),
    "the end of the chain was cut off": (
        "delete from transfer_link where workspace_id = $1 and number > 10",
        "is in no link of the chain",
    ),
    "a move was taken out of a history": (
        "delete from reward_move where workspace_id = $1 and number = 2",
        "The history of the reward",
    ),
    "a move was invented": (
        "insert into reward_move select workspace_id, reward_id, number + 1, became, 'paid', 'x', '', at from reward_move m "
        "where workspace_id = $1 and became = 'held' and not exists (select 1 from reward_move n where n.workspace_id = $1 "
        "and n.reward_id = m.reward_id and n.number > m.number)",
        "which is not a legal move",
    ),
    "a reversal was forgotten": (
        "delete from reward_reversal where workspace_id = $1",
        "its keys add up to 0",
    ),
    "a dispute was hidden": (
        f"update reward set disputed = true where workspace_id = $1 and id = {_ONE_REWARD.format('held')}",
        "its open disputes say otherwise",
    ),
    "an allowance was freed": (
        "with t as (insert into transfer (workspace_id, id, key, kind, memo, at) select $1, gen_random_uuid(), 'reward:' || r.id || ':x', "
        "'x', '', r.created_at from reward r where r.workspace_id = $1 and r.state = 'held' and r.label = 'Referral 1' returning id) "
        "insert into posting select $1, t.id, row_number() over (order by a.kind), a.id, 'EUR', "
        "case a.kind when 'allowance' then 5 else -5 end, '2026-01-01' from t, ledger_account a "
        "where a.workspace_id = $1 and a.kind in ('allowance', 'allowed')",
        "counts 149995 against",
    ),
    "a correction nobody agreed on": (
        "insert into transfer (workspace_id, id, key, kind, memo, at) values ($1, gen_random_uuid(), 'proposal:x', "
        "'ledger.adjusted', '', '2026-01-01')",
        "no confirmed proposal stands behind it",
    ),
    "a reversal lost what it reverses": (
        "update transfer set reversal_of = gen_random_uuid() where workspace_id = $1 and reversal_of is not null",
        "reverses one that does not exist",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_found(db: Database, workspace: int, damage: str) -> None:
    sql, said = DAMAGE[damage]
    async with db.tx(workspace) as tx:
        await a_full_ledger(tx)
    async with db.admin() as owner:  # past row-level security, triggers and checks: what a careless superuser can do
        await owner.execute("set session_replication_role = 'replica'")
        await owner.execute("set default_transaction_isolation = 'read committed'")
        await _damage(owner, sql, workspace)
    async with db.tx(workspace) as tx:
        report = await ledger.verify(tx)
    assert not report.ok
    assert any(said in problem for problem in report.problems), report.problems
    assert report.sentence.startswith("The books are wrong:")


async def _damage(owner: object, sql: str, workspace: int) -> None:
    done: str = await owner.execute(sql, workspace)  # type: ignore[attr-defined]  # an asyncpg connection
    assert not done.endswith(" 0"), "the damage touched nothing"


async def test_keys_used_twice_are_found_even_where_the_index_is_gone(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await a_full_ledger(tx)
    async with db.admin() as owner:
        for sql, said in (
            ("alter table transfer drop constraint transfer_workspace_id_key_key", "stands for 2 transfers"),
            ("alter table transfer drop constraint transfer_workspace_id_reversal_of_key", "was reversed 2 times"),
            ("alter table reward drop constraint reward_workspace_id_business_key_key", "stands for 2 rewards"),
        ):
            async with _rolled_back(owner):
                await owner.execute("set local session_replication_role = 'replica'")
                await owner.execute(sql)
                table = sql.split()[2]
                columns = [
                    r["attname"]
                    for r in await owner.fetch(
                        "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped "
                        "order by attnum", table,
                    )
                ]  # fmt: skip
                fresh = {"id": "gen_random_uuid()"} | ({"key": "key || '-again'"} if "reversal" in sql else {})
                picked = ", ".join(fresh.get(c, c) for c in columns)
                extra = (
                    "" if table == "reward" else f" and reversal_of is {'not null' if 'reversal' in sql else 'null'}"
                )
                await owner.execute(
                    f"insert into {table} select {picked} from {table} where workspace_id = $1{extra}", workspace
                )
                await owner.execute("select set_config('app.workspace', $1, true)", str(workspace))
                report = await ledger.verify(Tx(owner, workspace))
                assert any(said in p for p in report.problems), report.problems


class _rolled_back:  # noqa: N801  # reads as a context
    """A transaction that leaves no trace."""

    def __init__(self, owner: object) -> None:
        self._transaction = owner.transaction()  # type: ignore[attr-defined]  # an asyncpg connection

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.rollback()
