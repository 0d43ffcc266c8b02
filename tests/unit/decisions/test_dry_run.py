"""A playbook over the last days: who would have been asked, what stood in the way, and that nothing is kept."""

from datetime import timedelta

import pytest
from msgspec import structs

from honeyguide import decisions
from honeyguide.db import Database, Tx
from honeyguide.decisions.dry_run import DryRun
from honeyguide.decisions.dry_run_beliefs import Range
from honeyguide.programs.journey import STAGES
from honeyguide.programs.playbooks import Cadence, Lift, resolve
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW

BOOK = resolve("value", "small_business", "other")


async def _run(tx: Tx, days: int = 90) -> DryRun:
    return await decisions.dry_run(tx, BOOK, days, NOW, any_stage=True)


async def _person(tx: Tx, key: str, *, days: float = 2, kind: str = "praise", **props: object) -> int:
    firm = await world.treated(tx, f"firm of {key}")
    ident = await world.persona(tx, key, firm, **{"name": "Ana Lima", **props})
    await world.moment(tx, ident, firm, kind=kind, at=NOW - timedelta(days=days))
    return ident


async def test_it_asks_the_glad_and_tells_what_to_expect(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(12):
            await _person(tx, f"ana{n}", days=3 * n + 1)
        found = await _run(tx)
        assert (found.candidates, found.asks, found.people) == (12, 12, 12)
        assert [s.slug for s in found.by_step] == ["value-small-business-happy"]
        assert 0 < found.shares.mean < 12
        assert found.shares.low <= found.shares.mean <= found.shares.high
        assert found.cost_minor >= 12 * 100  # each message costs something
        assert found.cost_high_minor >= found.cost_minor
        assert found.currency == "EUR"
        assert found.asked[0].at < found.asked[-1].at
        assert found.asked[0].name == "Ana Lima"
        (lift,) = [s.lift for s in BOOK.steps if s.slug == "value-small-business-happy"]
        assert found.believed == Range(round(12 * lift.mean, 2), round(12 * lift.low, 2), round(12 * lift.high, 2))
        assert found.notes[0] == "Everybody of the segment and vertical was taken, whatever their stage."
        assert f"to {found.believed.low:.1f} to {found.believed.high:.1f} shares" in found.notes[1]
        assert await _run(tx) == found  # the same data, the same answer


async def test_what_a_step_promises_moves_its_own_figure_and_not_the_forecast(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(6):
            await _person(tx, f"ana{n}", days=3 * n + 1)
        bold = [structs.replace(s, lift=Lift(0.5, 0.4, 0.6)) for s in BOOK.steps]
        found = await _run(tx)
        braver = await decisions.dry_run(tx, structs.replace(BOOK, steps=bold), 90, NOW, any_stage=True)
        assert braver.shares == found.shares
        assert braver.believed == braver.by_step[0].believed == Range(3.0, 2.4, 3.6) != found.believed


async def test_only_people_of_the_cell(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        big = await world.treated(tx, "big", employees=4000)
        bank = await world.treated(tx, "bank", industry="Banking")
        for key, firm in (("eve", big), ("bea", bank)):
            await world.moment(tx, await world.persona(tx, key, firm), firm, kind="praise")
        await _person(tx, "ana")
        assert (await _run(tx)).candidates == 1
        for market in (("enterprise", "other"), ("small_business", "fintech")):
            there = resolve("value", *market)
            assert (await decisions.dry_run(tx, there, now=NOW, any_stage=True)).candidates == 1


async def test_only_people_of_the_stage_they_were_in_on_that_day(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _person(tx, "ana", days=40)
        await _person(tx, "bo", days=3)
        counts = {
            s: (await decisions.dry_run(tx, resolve(s, "small_business", "other"), now=NOW)).candidates for s in STAGES
        }
        assert sum(counts.values()) == 2
        newcomers = await decisions.dry_run(tx, resolve("onboarding", "small_business", "other"), now=NOW)
        assert not any("whatever their stage" in note for note in newcomers.notes)
        assert counts["onboarding"] == newcomers.candidates == 2  # nothing is known of a purchase or of use


async def test_the_contact_budget_is_spent_as_it_goes(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "firm")
        ana = await world.persona(tx, "ana", firm)
        for days in (80, 70, 40, 39):
            await world.moment(tx, ana, firm, kind="praise", at=NOW - timedelta(days=days))
        found = await _run(tx)
        assert (found.candidates, found.asks, found.people) == (4, 2, 1)
        assert [(v.what, v.times) for v in found.vetoes] == [("The step's own rules", 2)]
        assert "leaves 30 days" in found.vetoes[0].example
        strict = structs.replace(BOOK, steps=[structs.replace(s, cadence=Cadence(21, 1)) for s in BOOK.steps])
        assert (await decisions.dry_run(tx, strict, now=NOW, any_stage=True)).asks == 1


async def test_a_colleague_spends_it_too(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "firm")
        for n, key in enumerate(("ana", "bo")):
            await world.moment(
                tx, await world.persona(tx, key, firm), firm, kind="praise", at=NOW - timedelta(days=9 - n)
            )
        found = await _run(tx)
        assert found.asks == 1
        assert found.vetoes[0].what == "Contact budget"
        assert "A colleague was asked" in found.vetoes[0].example


async def test_what_stood_in_the_way_is_counted(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _person(tx, "mute", consent_email=None)
        await _person(tx, "nomail", email=None, consent_email=None)
        await _person(tx, "quiet", quiet=True)
        await _person(tx, "info", name="info")
        firm = await world.treated(tx, "burning")
        await world.moment(tx, await world.persona(tx, "ida", firm), firm, kind="praise", at=NOW - timedelta(hours=3))
        await world.incident(tx, firm)
        empty = await world.treated(tx, "empty")
        await world.moment(tx, empty, empty, kind="praise")
        found = await _run(tx)
        assert found.asks == 0
        assert {v.what: v.times for v in found.vetoes} == {
            "No consent or address": 2, "Marked as quiet": 1, "Words": 1, "Something open at the company": 1, "Nobody known there": 1,
        }  # fmt: skip
        assert found.shares.mean == found.cost_minor == 0


async def test_an_incident_counts_from_the_day_it_began(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "firm")
        await world.moment(tx, await world.persona(tx, "ida", firm), firm, kind="praise", at=NOW - timedelta(days=8))
        await world.incident(tx, firm)  # since five hours ago: on the day of the moment nothing was open
        assert (await _run(tx)).asks == 1


async def test_held_out_companies_are_left_alone(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.held_out(tx)
        await world.moment(tx, await world.persona(tx, "ana", firm), firm, kind="praise")
        found = await _run(tx)
        assert (found.candidates, found.held_out, found.asks) == (1, 1, 0)


async def test_it_looks_no_further_back_than_told_and_keeps_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _person(tx, "old", days=100)
        await _person(tx, "new", days=10)
        assert (await _run(tx)).candidates == 1
        assert (await _run(tx, days=120)).candidates == 2
        assert (await _run(tx, days=5)).candidates == 0
        for table in ("decision", "ask", "policy_version", "playbook_version", "message"):
            assert await tx.value(f"select count(*) from {table} where workspace_id = $1", tx.workspace_id) == 0


async def test_everybody_is_in_exactly_one_count(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(30):
            kind = ("praise", "anniversary", "job_change", "usage_spike", "support_success")[n % 5]
            await _person(tx, f"p{n}", days=2 * n + 1, kind=kind, consent_email=[True, None, False][n % 3])
        found = await _run(tx)
        assert (
            found.candidates
            == found.asks + found.held_out + found.not_worth_it + sum(v.times for v in found.vetoes)
            == 30
        )
        assert sum(s.asks for s in found.by_step) == found.asks
        assert sum(s.shares.mean for s in found.by_step) == pytest.approx(found.shares.mean, abs=0.05)


async def test_another_workspace_is_not_seen(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(other_workspace) as tx:
        await _person(tx, "theirs")
    async with db.tx(workspace) as tx:
        assert (await _run(tx)).candidates == 0
