"""A workspace's own playbooks: saved as versions that never change, raced, taken back, and never another's."""

import msgspec
import pytest
from msgspec import structs

from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Database
from honeyguide.programs import playbooks
from honeyguide.programs.playbooks import resolve

SLUG = "renewal-mid-market-fintech"


async def test_the_library_is_in_force_until_somebody_edits(db: Database, workspace: int, other_workspace: int) -> None:
    shipped = resolve("renewal", "mid_market", "fintech")
    async with db.tx(workspace) as tx:
        assert await playbooks.current(tx, SLUG) == shipped
        assert (await playbooks.in_force(tx)).own == {}
        made = await playbooks.save(tx, structs.replace(shipped, goal="Our own goal."), "lea", note="Quarterly  review")
        assert (made.version, made.goal) == (1, "Our own goal.")
        known = await playbooks.in_force(tx)
        assert known.of("renewal", "mid_market", "fintech") == made
        assert known.of("renewal", "mid_market", "health") == resolve("renewal", "mid_market", "health")
        told = await playbooks.history(tx, SLUG)
        assert [(t.version, t.by, t.note, t.based_on) for t in told] == [
            (1, "lea", "Quarterly review", 0),
            (0, "library", "As shipped.", 0),
        ]
        noted = await tx.row(
            "select actor, detail from audit_entry where workspace_id = $1 and action = 'playbook.saved'",
            tx.workspace_id,
        )
        assert noted is not None
        assert noted["actor"] == "lea"
        assert noted["detail"]["changes"] == [f'The goal was "{shipped.goal}" and is now "Our own goal."']
    async with db.tx(other_workspace) as tx:
        assert await playbooks.current(tx, SLUG) == shipped


async def test_saving_the_same_changes_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        shipped = playbooks.shipped(SLUG)
        assert await playbooks.save(tx, shipped, "lea") == shipped
        assert len(await playbooks.history(tx, SLUG)) == 1


async def test_two_people_who_edit_at_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        shipped = playbooks.shipped(SLUG)
        await playbooks.save(tx, structs.replace(shipped, goal="Lea's goal."), "lea")
    async with db.tx(workspace) as tx:
        with pytest.raises(Conflict, match="Somebody else has changed"):
            await playbooks.save(tx, structs.replace(shipped, goal="Bo's goal."), "bo")


async def test_the_way_back_is_a_new_version(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        shipped = playbooks.shipped(SLUG)
        one = await playbooks.save(tx, structs.replace(shipped, goal="One."), "lea")
        two = await playbooks.save(tx, structs.replace(one, goal="Two.", steps=one.steps[:3]), "lea")
        assert two.version == 2
        back = await playbooks.revert(tx, SLUG, 1, "bo")
        assert (back.version, back.goal, len(back.steps)) == (3, "One.", len(shipped.steps))
        assert await playbooks.at_version(tx, SLUG, 2) == two  # nothing stored has changed
        home = await playbooks.revert(tx, SLUG, 0, "bo")
        assert structs.replace(home, version=0) == shipped
        again = await playbooks.save(tx, structs.replace(home, goal="Five."), "bo")
        assert again.version == 5
        told = await playbooks.history(tx, SLUG)
        assert [(t.version, t.note) for t in told[1:3]] == [(4, "Back to the library's."), (3, "Back to version 1.")]
        with pytest.raises(BadInput, match="in force already"):
            await playbooks.revert(tx, SLUG, 5, "bo")
        with pytest.raises(NotFound, match="no version 9"):
            await playbooks.revert(tx, SLUG, 9, "bo")


async def test_what_cannot_be_used_is_never_stored(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        shipped = playbooks.shipped(SLUG)
        with pytest.raises(BadInput) as refused:
            await playbooks.save(tx, structs.replace(shipped, steps=[]), "lea")
        assert "The playbook has no step." in refused.value.sentence()
        for unknown in ("renewal", "renewal-mid_market-fintech", "", "../../etc"):
            with pytest.raises(NotFound, match="no playbook"):
                await playbooks.current(tx, unknown)
        assert await tx.value("select count(*) from playbook_version where workspace_id = $1", tx.workspace_id) == 0


async def test_a_version_reads_back_as_it_was_written(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        shipped = playbooks.shipped(SLUG)
        plain = msgspec.to_builtins(shipped.steps)
        plain[0]["lift"] = {"mean": 0.123456789, "low": 0.1, "high": 0.2, "source": "own"}
        plain[0]["audience"] = {
            "all": [{"fact": "strength", "op": "at_least", "value": 0.55}],
            "any": [{"fact": "plan", "op": "one_of", "value": ["Pro", "Ünï"]}],
        }
        made = playbooks.edited(shipped, None, plain)
        saved = await playbooks.save(tx, made, "lea")
        assert saved.steps == made.steps
        assert (await playbooks.current(tx, SLUG)).steps == made.steps
        assert saved.provenance[saved.steps[0].slug][-1].where == "version 1, lea"
        assert saved.provenance[saved.steps[1].slug] == shipped.provenance[shipped.steps[1].slug]
