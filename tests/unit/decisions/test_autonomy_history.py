"""The history of autonomy cannot be changed, cut or forged without being found out; an erasure leaves it whole."""

from typing import Any

import asyncpg
import pytest

from honeyguide import decisions
from honeyguide.db import Database, Tx
from honeyguide.decisions import autonomy, autonomy_history
from honeyguide.decisions.autonomy_history import Seal, Verified
from tests.unit.decisions.test_autonomy import ME, STEP, grant
from tests.unit.decisions.world import NOW

SEAL = Seal([b"k" * 32])


async def told(tx: Tx) -> None:
    """A short life: up, up, a stop, a resume, down."""
    await autonomy.raise_level(tx, grant(1), ME, NOW, note="Looks good, says Bea Brandt.", seal=SEAL)
    await autonomy.raise_level(tx, grant(2), ME, NOW, seal=SEAL)
    await autonomy.stop(tx, ME, NOW, note="Complaint", seal=SEAL)
    await autonomy.resume(tx, ME, NOW, seal=SEAL)
    await autonomy.lower_level(tx, STEP, 1, ME, NOW, seal=SEAL)


async def test_an_untouched_history_holds_and_so_does_an_empty_one(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        empty = await autonomy_history.verify(tx, SEAL)
        assert empty.ok
        assert "empty" in empty.sentence
        await told(tx)
        found = await autonomy_history.verify(tx, SEAL)
        assert (found.ok, found.acts, found.erased, found.problems) == (True, 5, 0, ())
        assert (await autonomy_history.verify(tx, SEAL, head=found.head)).ok


TAMPERING = {
    "a level": "update autonomy_event set to_level = 0 where workspace_id = $1 and seq = 5",
    "evidence": "update autonomy_event set evidence = '{\"lower\": 9}' where workspace_id = $1 and seq = 1",
    "an actor": "update autonomy_event set actor = 'operator:eve' where workspace_id = $1 and seq = 1",
    "a note": "update autonomy_event set note = 'fine' where workspace_id = $1 and seq = 3",
    "a time": "update autonomy_event set at = at - interval '1 day' where workspace_id = $1 and seq = 3",
    "a kind": "update autonomy_event set kind = 'resume' where workspace_id = $1 and seq = 3",
    "a step": "update autonomy_event set step = 'other' where workspace_id = $1 and seq = 2",
    "one left out": "delete from autonomy_event where workspace_id = $1 and seq = 3",
    "the end cut off": "delete from autonomy_event where workspace_id = $1 and seq = 5",
    "the beginning cut off": "delete from autonomy_event where workspace_id = $1 and seq = 1",
    "all of it gone": "delete from autonomy_event where workspace_id = $1",
    "two swapped": "update autonomy_event set seq = case seq when 3 then 4 else 3 end + 100 where workspace_id = $1 and seq in (3, 4)",
    "an act of another place": "insert into autonomy_event select workspace_id, 6, at, kind, step, from_level, to_level, evidence, "
    "actor, actor_digest, note, note_digest, previous, hash, signature from autonomy_event where workspace_id = $1 and seq = 2",
    "a signature": "update autonomy_event set signature = decode(repeat('00', 32), 'hex') where workspace_id = $1 and seq = 4",
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
async def test_whatever_is_changed_is_found(db: Database, workspace: int, what: str) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)
        await tx.connection.execute("set local role none")  # as the owner of the database: the application may not
        await tx.run(TAMPERING[what], workspace)
        found = await autonomy_history.verify(tx, SEAL)
    assert not found.ok
    assert found.problems
    assert "does not hold" in found.sentence


async def test_the_application_may_neither_change_nor_delete(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)

    async def attempt(sql: str) -> None:
        async with db.tx(workspace) as tx:
            await tx.run(sql, workspace)

    for sql in (TAMPERING["a level"], TAMPERING["one left out"]):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attempt(sql)


async def test_cutting_the_end_off_everywhere_is_seen_by_a_head_that_was_kept(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)
        head = (await autonomy_history.verify(tx, SEAL)).head
        await tx.connection.execute("set local role none")
        await tx.run(TAMPERING["the end cut off"], workspace)
        await tx.run("delete from audit_entry where workspace_id = $1 and detail->>'seq' = '5'", workspace)
        assert (await autonomy_history.verify(tx, SEAL)).ok  # nothing inside the database shows it
        assert not (await autonomy_history.verify(tx, SEAL, head=head)).ok


async def test_a_history_written_with_another_key_is_not_ours(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await autonomy_history.append(
            tx, Seal([b"x" * 32]), kind="up", step=STEP, levels=(0, 1), actor=ME, at=NOW, evidence={"lower": 1}
        )
        assert not (await autonomy_history.verify(tx, SEAL)).ok
        assert await decisions.levels(tx, SEAL) == {}


async def test_a_changed_key_keeps_the_old_history_true(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)
        both = Seal([b"n" * 32, b"k" * 32])  # the first signs, all verify
        await autonomy.raise_level(tx, grant(2), ME, NOW, seal=both)
        # Words are bound by the key they were written with: the old ones hold under the old key.
        assert await decisions.levels(tx, both) == {STEP: 2}
        assert (await autonomy_history.verify(tx, both)).ok


async def test_an_erasure_empties_the_words_and_leaves_the_chain_whole(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)
        await tx.connection.execute("set local role none")
        await tx.run(
            "update autonomy_event set note = regexp_replace(note, 'Bea Brandt', 'erased-0a1b2c3d') where workspace_id = $1",
            workspace,
        )
        found: Verified = await autonomy_history.verify(tx, SEAL)
        assert found.ok, found.problems
        assert found.erased == 1
        assert await decisions.levels(tx, SEAL) == {STEP: 1}


async def test_what_ran_alone_without_a_level_is_found(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await told(tx)
        await tx.run(
            "insert into autonomy_release (workspace_id, ask_id, step, level, head, outcome, at) "
            "values ($1, gen_random_uuid(), $2, 3, 5, 'released', $3)", workspace, STEP, NOW,
        )  # fmt: skip
        found = await autonomy_history.verify(tx, SEAL)
        assert not found.ok
        assert "ran alone at level 3" in found.problems[0]


@pytest.mark.parametrize(
    "odd", [{"x": float("nan")}, {"x": 1e22, "y": 0.1 + 0.2, "z": [1, 2.0, None, True]}, {"t": "a" * 2000}]
)
async def test_odd_numbers_survive_the_store(db: Database, workspace: int, odd: dict[str, Any]) -> None:
    async with db.tx(workspace) as tx:
        await autonomy.raise_level(tx, grant(1, **odd), ME, NOW, seal=SEAL)
        found = await autonomy_history.verify(tx, SEAL)
        assert found.ok, found.problems
        assert await decisions.levels(tx, SEAL) == {STEP: 1}
