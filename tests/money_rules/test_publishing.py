"""Publishing terms: a draft binds nobody, a second person confirms money, and what was promised stays promised"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from honeyguide import ledger, programs
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.db import Database, Tx
from honeyguide.learning import simulation
from honeyguide.programs import Program, ProgramFile, versions
from honeyguide.programs.catalogue import load
from tests.money_rules import rule
from tests.money_rules.ground import at_once
from tests.unit.outcomes.town import days, joins, settle, tell, won
from tests.unit.programs.files import commission, gift, program
from tests.unit.programs.files import rule as earn

DANA, SAM = "dana@acme.example", "sam@acme.example"
AT = datetime(2026, 5, 1, 9, tzinfo=UTC)
FILE = program([earn()], [commission(), gift()])
RICHER = program([earn()], [commission(2_500), gift()])


def on(day: int) -> datetime:
    return AT + timedelta(days=day)


async def live(tx: Tx, file: ProgramFile = FILE) -> Program:
    made = await versions.create_program(tx, file, DANA, AT)
    await versions.publish(tx, made, 1, DANA, AT)
    await versions.confirm_publish(tx, made, 1, SAM, AT)
    return await programs.program(tx, made.id)


async def rate(tx: Tx, made: Program) -> int:
    group = (await programs.groups(tx, made.id))[0]
    return next(o.rate_bp for o in await programs.offers(tx, group.id) if o.slug == "share")


@rule("MR-400", "A draft pays nobody: until it is published and confirmed no program is in force.")
async def test_drafts_bind_nobody(tx: Tx) -> None:
    made = await versions.create_program(tx, FILE, DANA, AT)
    await versions.publish(tx, made, 1, DANA, AT)
    with pytest.raises(NotFound):
        await versions.terms_at(tx, made.id, AT)
    assert await programs.live_program(tx) is None


@rule(
    "MR-401",
    "What changes money is put in force by a second person, under no other spelling of the first, and by no key.",
)
@pytest.mark.parametrize("actor", [DANA, "Dana+finance@ACME.example", "key:ci"])
async def test_money_needs_two(tx: Tx, actor: str) -> None:
    made = await live(tx)
    await versions.save_draft(tx, made, RICHER, DANA, on(1), base=1)
    await versions.publish(tx, made, 2, DANA, on(1))
    with pytest.raises(Forbidden):
        await versions.confirm_publish(tx, made, 2, actor, on(1))
    assert await rate(tx, made) == 2_000


@rule("MR-402", "A change of words alone needs nobody else.")
async def test_words_need_one(tx: Tx) -> None:
    made = await live(tx)
    await versions.save_draft(tx, made, structs.replace(FILE, name="Our partners"), DANA, on(1), base=1)
    assert (await versions.publish(tx, made, 2, DANA, on(1))).state == "live"


@rule("MR-403", "A referral is paid by the terms in force when it was made, whatever was published later.")
async def test_terms_of_the_day(tx: Tx) -> None:
    made = await live(tx)
    await versions.save_draft(tx, made, RICHER, DANA, on(5), base=1)
    await versions.publish(tx, made, 2, DANA, on(5))
    await versions.confirm_publish(tx, made, 2, SAM, on(6))
    assert [(await versions.terms_at(tx, made.id, on(d))).version for d in (0, 5, 6, 99)] == [1, 1, 2, 2]


@rule("MR-404", "An offer somebody was made stays what it was when new terms come into force.")
async def test_offers_stay(tx: Tx) -> None:
    made = await live(tx)
    group = (await programs.groups(tx, made.id))[0]
    before = await programs.offers(tx, group.id)
    await versions.save_draft(tx, made, RICHER, DANA, on(5), base=1)
    await versions.publish(tx, made, 2, DANA, on(5))
    await versions.confirm_publish(tx, made, 2, SAM, on(6))
    assert await rate(tx, made) == 2_500
    for one in before:
        assert await programs.offer(tx, one.id) == one


@rule("MR-405", "Going back to older terms is a new version, and takes a second person like going forward.")
async def test_rollback_needs_two(tx: Tx) -> None:
    made = await live(tx)
    await versions.save_draft(tx, made, RICHER, DANA, on(1), base=1)
    await versions.publish(tx, made, 2, DANA, on(1))
    await versions.confirm_publish(tx, made, 2, SAM, on(2))
    back = await versions.roll_back(tx, made, 1, DANA, on(3))
    assert (back.version, back.state, await rate(tx, made)) == (3, "waiting", 2_500)
    await versions.confirm_publish(tx, made, 3, SAM, on(4))
    assert await rate(tx, made) == 2_000
    assert len(await versions.all_versions(tx, made)) == 3


@rule("MR-406", "Two people who wrote from the same version do not overwrite each other: the second one is told.")
async def test_no_lost_draft(tx: Tx) -> None:
    made = await live(tx)
    await versions.save_draft(tx, made, RICHER, DANA, on(1), base=1)
    await versions.publish(tx, made, 2, DANA, on(1))
    await versions.confirm_publish(tx, made, 2, SAM, on(1))
    with pytest.raises(Conflict):
        await versions.save_draft(tx, made, FILE, SAM, on(2), base=1)
    assert await rate(tx, made) == 2_500


@rule("MR-407", "A version that waits is put in force once, whoever confirms at the same moment.")
async def test_confirmed_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await versions.create_program(tx, FILE, DANA, AT)
        await versions.publish(tx, made, 1, DANA, AT)
    done, refused = await at_once(
        db, workspace, lambda tx, n: versions.confirm_publish(tx, made, 1, f"p{n}@acme.example", AT)
    )
    assert (len(done), len(refused)) == (1, 4)


@rule("MR-408", "Publishing twice is publishing once; a version that was taken back is not in force.")
async def test_published_once(tx: Tx) -> None:
    made = await versions.create_program(tx, FILE, DANA, AT)
    first = await versions.publish(tx, made, 1, DANA, AT)
    assert await versions.publish(tx, made, 1, DANA, on(1)) == first
    await versions.withdraw(tx, made, 1, DANA, on(1))
    with pytest.raises(Conflict):
        await versions.confirm_publish(tx, made, 1, SAM, on(1))
    assert await programs.live_program(tx) is None


@rule("MR-409", "A program that ended does not begin again, and one that was never in force is not paused.")
async def test_an_end_is_an_end(tx: Tx) -> None:
    made = await live(tx)
    await versions.set_state(tx, made, "ended", DANA)
    for state in ("live", "paused"):
        with pytest.raises(Conflict):
            await versions.set_state(tx, made, state, DANA)
    with pytest.raises(BadInput):
        await versions.roll_back(tx, made, 1, DANA, on(1))


@rule("MR-410", "Every change of terms is kept with who wrote, published and confirmed it.")
async def test_who_did_it(tx: Tx) -> None:
    made = await live(tx)
    (kept,) = await versions.all_versions(tx, made)
    assert (kept.authors, kept.published_by, kept.confirmed_by, kept.live_from) == ((DANA,), DANA, SAM, AT)


@rule(
    "MR-411", "Terms that were in force are never edited: writing goes into a draft, and the version stays as it was."
)
async def test_versions_stay(tx: Tx) -> None:
    made = await live(tx)
    before = await versions.version(tx, made, 1)
    await versions.save_draft(tx, made, RICHER, DANA, on(1), base=1)
    assert (await versions.version(tx, made, 1)) == before
    assert await rate(tx, made) == 2_000


async def two_wins(tx: Tx) -> Program:
    """The shipped program with two wins in its past, of an advocate in the group its conditions put them in."""
    town = await settle(tx, group="small-business")
    await joins(tx, town)
    await tell(tx, [won(5, 1_000_000), won(40, 300_000, number="78")])
    return town.program


@rule("MR-412", "Trying terms on the past moves no money and writes nothing, however often and whatever they cost.")
async def test_simulating_writes_nothing(tx: Tx) -> None:
    made, tables = await two_wins(tx), ("reward", "transfer", "posting", "conversion", "audit_entry", "program_version")
    counts = "select " + ", ".join(f"(select count(*) from {t} where workspace_id = $1)" for t in tables)
    before = await tx.row(counts, tx.workspace_id)
    for file in (load("customer-referrals"), RICHER):
        await simulation.simulate(tx, made, file, 12, days(90))
    assert await tx.row(counts, tx.workspace_id) == before


@rule("MR-413", "Trying the terms in force on the past finds what they have cost, to the cent.")
async def test_simulating_what_is_in_force(tx: Tx) -> None:
    made = await two_wins(tx)
    cost = sum(r.amount_minor for r in await ledger.rewards(tx))
    found = await simulation.simulate(tx, made, load("customer-referrals"), 12, days(90))
    assert (found.before_minor, found.cost_minor) == (cost, cost) == (20_000, 20_000)
