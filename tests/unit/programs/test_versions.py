"""Versions: a draft binds nobody, a second person confirms money, nothing anybody accepted changes, the way back."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from msgspec import structs

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.db import Database, Tx
from honeyguide.programs import Program, ProgramFile, versions
from honeyguide.programs.catalogue import available, load
from honeyguide.programs.terms import Condition, Conditions
from tests.unit.programs.files import commission, gift, program, rule

DANA, SAM = "dana@acme.example", "sam@acme.example"
AT = datetime(2026, 5, 1, 9, tzinfo=UTC)


def later(days: int) -> datetime:
    return AT + timedelta(days=days)


async def published(tx: Tx, file: ProgramFile, at: datetime = AT) -> Program:
    made = await versions.create_program(tx, file, DANA, at)
    await versions.publish(tx, made, 1, DANA, at)
    await versions.confirm_publish(tx, made, 1, SAM, at)
    return await programs.program(tx, made.id)


FILE = program([rule()], [commission(), gift()])
RICHER = program([rule()], [commission(2500), gift()])


async def test_from_draft_to_live_with_a_second_person(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await versions.create_program(tx, FILE, DANA, AT)
        assert (made.state, made.version) == ("draft", 0)
        assert await programs.live_program(tx) is None
        with pytest.raises(NotFound):
            await versions.terms_at(tx, made.id, AT)
        waiting = await versions.publish(tx, made, 1, DANA, AT, "our first")
        assert (waiting.state, waiting.money, waiting.note) == ("waiting", True, "our first")
        assert await versions.publish(tx, made, 1, DANA, AT) == waiting
        assert await programs.live_program(tx) is None
        for actor in (DANA, "Dana+finance@ACME.example", "key:ci"):
            with pytest.raises(Forbidden):
                await versions.confirm_publish(tx, made, 1, actor, AT)
        live = await versions.confirm_publish(tx, made, 1, SAM, later(1))
        assert (live.state, live.confirmed_by, live.live_from) == ("live", SAM, later(1))
        assert await versions.confirm_publish(tx, made, 1, SAM, later(2)) == live
        now = await programs.program(tx, made.id)
        assert (now.state, now.version) == ("live", 1)
        groups = await programs.groups(tx, made.id)
        assert [o.slug for o in await programs.offers(tx, groups[0].id)] == ["share", "card"]


async def test_only_what_is_for_the_advocate_can_be_offered_with_an_ask(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        both, acts = await published(tx, load("refer-a-friend")), await published(tx, load("advocacy"))
        for made, mine, all_of_them in ((both, ["gift-card"], 3), (acts, [], 5)):
            group = (await programs.groups(tx, made.id))[0]
            assert [o.slug for o in await programs.offers(tx, group.id)] == mine
            assert len(await programs.offers(tx, group.id, every=True)) == all_of_them
        assert await programs.live_program(tx) == both


async def test_words_need_nobody_else(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        await versions.save_draft(tx, made, structs.replace(FILE, name="Partners of ours"), DANA, later(1), base=1)
        live = await versions.publish(tx, made, 2, DANA, later(1))
        assert (live.state, live.money, live.confirmed_by) == ("live", False, "")
        assert (await programs.program(tx, made.id)).name == "Partners of ours"
        assert [v.state for v in await versions.all_versions(tx, made)] == ["live", "replaced"]


async def test_what_somebody_was_offered_stays_what_it_was(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        group = (await programs.groups(tx, made.id))[0]
        share, card = await programs.offers(tx, group.id)
        await versions.save_draft(tx, made, RICHER, DANA, later(5), base=1)
        await versions.publish(tx, made, 2, DANA, later(5))
        # A draft and a waiting version change nothing.
        assert await programs.offers(tx, group.id) == [share, card]
        await versions.confirm_publish(tx, made, 2, SAM, later(6))
        now = {o.slug: o for o in await programs.offers(tx, group.id)}
        assert now["share"].rate_bp == 2500
        assert now["share"].id != share.id
        assert now["card"] == card
        assert await programs.offer(tx, share.id) == share
        assert [(await programs.offer_of(tx, group.id, "share", later(d))).rate_bp for d in (-9, 5, 6)] == [
            2000,
            2000,
            2500,
        ]
        assert (await versions.terms_at(tx, made.id, later(5))).version == 1
        assert (await versions.terms_at(tx, made.id, later(6))).version == 2
        assert (await versions.terms_at(tx, made.id, later(-99))).version == 1


async def test_back_to_an_older_version_needs_a_second_person_too(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        await versions.save_draft(tx, made, RICHER, DANA, AT)
        await versions.publish(tx, made, 2, DANA, AT)
        await versions.confirm_publish(tx, made, 2, SAM, later(1))
        back = await versions.roll_back(tx, made, 1, SAM, later(2))
        assert (back.version, back.state, back.note) == (3, "waiting", "Back to version 1.")
        with pytest.raises(Forbidden):
            await versions.confirm_publish(tx, made, 3, SAM, later(2))
        await versions.confirm_publish(tx, made, 3, DANA, later(3))
        assert (await versions.terms_at(tx, made.id, later(4))).file.groups == FILE.groups
        with pytest.raises(BadInput):
            await versions.roll_back(tx, made, 3, DANA, later(4))


async def test_a_draft_may_be_unfinished_and_is_not_published_so(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        empty = structs.replace(
            FILE,
            name="",
            groups=[structs.replace(FILE.groups[0], conditions=Conditions(any=[Condition("segment", "one_of", [])]))],
        )
        kept = await versions.save_draft(tx, made, empty, DANA, AT, base=1)
        assert kept.version == 2
        with pytest.raises(BadInput) as refused:
            await versions.publish(tx, made, 2, DANA, AT)
        assert "needs a name" in refused.value.sentence()
        assert "no value yet" in refused.value.sentence()
        with pytest.raises(NotFound):
            await versions.version(tx, made, 3)
        with pytest.raises(Conflict, match="in the meantime"):
            await versions.save_draft(tx, made, FILE, DANA, AT, base=0)


async def test_one_version_waits_at_a_time_and_can_be_taken_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        await versions.save_draft(tx, made, RICHER, DANA, AT)
        tested = await versions.try_out(tx, made, DANA, AT)
        assert tested.state == "test"
        assert await versions.draft(tx, made) is None
        await versions.publish(tx, made, 2, DANA, AT)
    with pytest.raises(Conflict, match="waits for a second person"):
        async with db.tx(workspace) as tx:
            await _another(tx, made)
    async with db.tx(workspace) as tx:
        again = await versions.withdraw(tx, made, 2, SAM, AT)
        assert (again.state, again.version, again.file.groups) == ("draft", 3, RICHER.groups)
        with pytest.raises(Conflict):
            await versions.confirm_publish(tx, made, 2, SAM, AT)


async def _another(tx: Tx, made: Program) -> None:
    await versions.save_draft(tx, made, FILE, DANA, AT)
    await versions.publish(tx, made, 3, DANA, AT)


async def test_a_version_written_on_another_is_refused(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        await versions.save_draft(tx, made, RICHER, DANA, AT)
        await versions.try_out(tx, made, DANA, AT)
        await versions.save_draft(tx, made, structs.replace(FILE, name="Other"), DANA, AT)
        await versions.publish(tx, made, 3, DANA, AT)
        with pytest.raises(Conflict, match="was written before"):
            await versions.publish(tx, made, 2, DANA, AT)


async def test_advocates_of_a_group_that_is_gone_belong_to_everybody_else(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        file = load("customer-referrals")
        installed = await programs.ensure_program(tx)
        group = next(g for g in await programs.groups(tx, installed.id) if g.slug == "enterprise")
        somebody, _ = await programs.ensure_advocate(tx, 7, "Maya", "maya@cobalt.example", installed, group)
        kept = structs.replace(file, groups=[g for g in file.groups if g.slug != "enterprise"])
        await versions.save_draft(tx, installed, kept, DANA, AT)
        await versions.publish(tx, installed, 2, DANA, AT)
        await versions.confirm_publish(tx, installed, 2, SAM, AT)
        default = next(g for g in await programs.groups(tx, installed.id) if g.conditions.default)
        assert (await programs.advocate(tx, somebody.id)).group_id == default.id
        assert await programs.offers(tx, group.id) == []
        assert len(await programs.groups(tx, installed.id, retired=True)) == 3


async def test_an_installed_program_is_its_first_version(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        with clock.frozen(AT):
            installed = await programs.ensure_program(tx)
        (first,) = await versions.all_versions(tx, installed)
        assert (first.version, first.state, first.live_from) == (1, "live", AT)
        assert first.file == load("customer-referrals")


async def test_a_program_from_before_versions_is_what_its_rows_say(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        installed = await programs.ensure_program(tx)
    async with db.admin() as owner:  # as an installation from before left it
        await owner.execute("select set_config('app.workspace', $1, false)", str(workspace))
        await owner.execute("delete from program_version where workspace_id = $1", workspace)
        await owner.execute("select set_config('app.workspace', '', false)")
    async with db.tx(workspace) as tx:
        (first,) = await versions.all_versions(tx, installed)
        assert [g.offers for g in first.file.groups] == [g.offers for g in load("customer-referrals").groups]
        assert (await versions.terms_at(tx, installed.id, AT)).file == first.file
        await versions.save_draft(tx, installed, structs.replace(first.file, name="Renamed"), DANA, AT, base=1)
        live = await versions.publish(tx, installed, 2, DANA, AT)
        assert [v.version for v in await versions.all_versions(tx, installed)] == [2, 1]
        assert live.state == "live"


async def test_the_application_cannot_change_a_version(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await published(tx, FILE)
    for sql in (
        "update program_version set body = '{}' where workspace_id = $1",
        "update program_version set authors = '{}' where workspace_id = $1",
        "delete from program_version where workspace_id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.tx(workspace) as tx:
                await tx.run(sql, workspace)


async def test_another_workspace_sees_no_version(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
    async with db.tx(other_workspace) as tx:
        with pytest.raises(NotFound):
            await versions.find(tx, made.slug)
        with pytest.raises(NotFound):
            await versions.terms_at(tx, made.id, AT)


async def test_names_and_states(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, FILE)
        with pytest.raises(Conflict):
            await versions.create_program(tx, FILE, DANA, AT)
        for slug in ("", "A", "a b", "../x", "a" * 61, "ü"):
            with pytest.raises(BadInput):
                await versions.create_program(tx, structs.replace(FILE, slug=slug), DANA, AT)
        assert (await versions.set_state(tx, made, "paused", DANA)).state == "paused"
        # What is published while it is paused does not start it.
        await versions.save_draft(tx, made, structs.replace(FILE, name="Quiet"), DANA, AT)
        await versions.publish(tx, made, 2, DANA, AT)
        assert (await programs.program(tx, made.id)).state == "paused"
        assert (await versions.set_state(tx, made, "ended", DANA)).state == "ended"
        with pytest.raises(Conflict):
            await versions.set_state(tx, made, "live", DANA)


@pytest.mark.parametrize("slug", available())
async def test_every_template_can_be_published_and_read_as_yaml(db: Database, workspace: int, slug: str) -> None:
    async with db.tx(workspace) as tx:
        made = await published(tx, load(slug))
        file = (await versions.terms_at(tx, made.id, AT)).file
        assert structs.replace(file, version=1) == load(slug)
        assert made.terms.kind == file.kind
