"""Trying rules on the past: figures by hand, the same in one go and in pieces, and nothing written to the books."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide import ledger, programs
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database, Tx
from honeyguide.learning import simulation
from honeyguide.learning.simulating import Carried, Happened, Simulation, replay, told
from honeyguide.programs import ProgramFile
from honeyguide.programs.catalogue import load, read
from tests.unit.outcomes.town import days, joins, person, settle, tell, won
from tests.unit.programs.files import commission, gift, program, rule

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def happened(day: float, who: str = "a", friend: str = "", minor: int | None = 100_000, **more: Any) -> Happened:
    values = {"kind": "stage", "stage": "won", "group_slug": "all", "group_name": "All", "currency": "EUR"} | more
    return Happened(
        at=SINCE + timedelta(days=day),
        advocate=who,
        name=who.upper(),
        referral=friend or f"f{day}",
        amount_minor=minor,
        **values,
    )


def tried(file: ProgramFile, facts: Sequence[Happened], months: int = 12) -> Simulation:
    carried = Carried()
    for one in facts:
        replay(file, one, SINCE, carried)
    return told(file, months, carried)


def test_what_came_before_the_window_counts_for_numbers_and_costs_nothing() -> None:
    file = program([rule(tiers=[{"from": 2, "rate_bp": 3000}], recurring={"months": 12})], [commission(1000)])
    found = tried(
        file, [happened(-40, friend="x"), happened(1, friend="y"), happened(2, friend="x"), happened(380, friend="x")]
    )
    # y is the second customer: 30 %. x stays the first one, pays again within a year: 10 %; then the year is over.
    assert (found.facts, found.cost_minor) == (3, 30_000 + 10_000)
    assert found.liability == {"2026-01": 40_000}


def test_winners_losers_and_why() -> None:
    file = program([rule()], [commission(2000)])
    found = tried(file, [
        happened(1, "a", before_minor=15_000), happened(2, "b", before_minor=25_000), happened(3, "c", before_minor=20_000),
        happened(4, "d", minor=None, before_minor=7),
    ])  # fmt: skip
    assert [(w.name, w.before_minor, w.after_minor) for w in found.winners] == [("A", 15_000, 20_000)]
    assert [(x.name, x.why) for x in found.losers] == [
        ("B", "20 % of €1,000: €200"),
        ("D", "These rules give nothing for it."),
    ]
    assert (found.more, found.less, found.unchanged, found.before_minor, found.cost_minor) == (1, 2, 1, 60_007, 60_000)
    assert found.sentence == (
        "Over the last 12 months these rules would have cost €600 instead of €600.07: 1 advocate earns more, 2 less, 1 the same."
    )


def test_holds_blocks_and_gifts_that_may_not_be_taken() -> None:
    file = program([rule("card")], [gift(5_000)])
    found = tried(file, [
        happened(1, held=(("hold", "Same company"),)), happened(2, held=(("block", "Same mailbox"),)),
        happened(3, receivers={"advocate": {"public_sector": True}}),
    ])  # fmt: skip
    assert found.cost_minor == 5_000
    assert {k: (n.times, n.minor) for k, n in found.holds.items()} == {
        "Same company": (1, 5_000),
        "Same mailbox": (1, 5_000),
    }
    ((why, note),) = found.refused.items()
    assert "public authority" in why
    assert (note.times, note.example) == (1, "A")


def test_parts_fall_due_when_they_are_due_and_other_currencies_stand_apart() -> None:
    parts = [{"share_bp": 5000, "due_days": 0}, {"share_bp": 5000, "due_days": 365}]
    found = tried(
        program([rule(parts=parts)], [commission(1000)]), [happened(1, minor=100_010), happened(2, currency="USD")]
    )
    assert found.liability == {"2026-01": 5_001, "2027-01": 5_000}
    assert found.others == {"USD": 10_000}


def test_caps_and_the_years_budget_hold_back_what_does_not_fit() -> None:
    capped = program([rule("card")], [gift(5_000, cap_minor=8_000)])
    assert tried(capped, [happened(n) for n in range(1, 4)] + [happened(5, "b")]).cost_minor == 10_000
    file = program([rule("card")], [gift(5_000)])
    file = structs.replace(file, terms=structs.replace(file.terms, budget_minor=12_000))
    found = tried(file, [happened(n) for n in (1, 2, 3, 4)] + [happened(400)])
    assert found.liability == {"2026-01": 10_000, "2027-02": 5_000}


@given(
    st.lists(
        st.tuples(st.integers(-100, 400), st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 10**6)),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_stopped_and_taken_up_again_it_says_the_same(facts: list[tuple[int, str, str, int]], cut: int) -> None:
    file = program(
        [
            rule(
                tiers=[{"from": 2, "rate_bp": 3000}],
                accelerator={"customers": 2, "per": "month"},
                recurring={"months": 6},
            )
        ],
        [commission(1000)],
    )
    ordered = [happened(d, who, friend, minor, before_minor=3) for d, who, friend, minor in sorted(facts)]
    carried = Carried()
    for n, one in enumerate(ordered):
        if n == cut:
            carried = msgspec.convert(msgspec.json.decode(msgspec.json.encode(carried)), Carried)
        replay(file, one, SINCE, carried)
    found = told(file, 12, carried)
    assert found == tried(file, ordered)
    assert found.cost_minor == sum(w.after_minor for w in (*found.winners, *found.losers)) + _same(ordered, found)


def _same(facts: list[Happened], found: Simulation) -> int:
    moved = {m.id for m in (*found.winners, *found.losers)}
    return sum(f.before_minor for f in facts if f.advocate not in moved and f.at >= SINCE)


async def stage(tx: Tx) -> programs.Program:
    town = await settle(tx)
    for n in range(4):
        friend = f"friend{n}@prospect{n}.example"
        await joins(tx, town, email=friend, at=days(n), name=f"Friend {n}")
        await tell(tx, [won(10 + n, 1_000_000, number=str(n), who=person(friend))])
    return town.program


async def test_the_program_in_force_tried_on_its_own_past_costs_what_it_cost(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await stage(tx)
        paid = sum(r.amount_minor for r in await ledger.rewards(tx))
        file = load("customer-referrals")
        # Nobody knows of Maya that she is a partner: by the facts she belongs to everybody else.
        found = await simulation.simulate(tx, made, file, 12, days(60))
        assert (found.before_minor, found.cost_minor, found.facts) == (paid, 40_000, 8)
        everybody = structs.replace(file, groups=[structs.replace(g, conditions=c) for g, c in zip(
            file.groups, [file.groups[2].conditions, file.groups[1].conditions, file.groups[0].conditions], strict=True)])  # fmt: skip
        same = await simulation.simulate(tx, made, everybody, 12, days(60))
        assert (same.before_minor, same.cost_minor, same.unchanged) == (paid, paid, 1)
        assert (await simulation.simulate(tx, made, file, 1, days(400))).facts == 0


async def test_a_simulation_is_run_in_steps_found_again_and_changes_no_book(
    db: Database, workspace: int, other_workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "BATCH", 3)
    async with db.tx(workspace) as tx:
        made = await stage(tx)
        before = await _books(tx)
        draft = structs.replace(load("customer-referrals"), name="Richer")
        await programs.versions.save_draft(tx, made, draft, "dana@acme.example", days(50))
        run = await simulation.start(tx, made, 2, 12, "dana@acme.example", days(60))
        assert (await simulation.simulation(tx, made, run))[0].state == "running"
    steps = 0
    while await simulation.step(db, workspace):
        steps += 1
    assert steps == 3
    async with db.tx(workspace) as tx:
        kept, found = await simulation.simulation(tx, made, run)
        assert (kept.state, kept.done, kept.total) == ("done", 8, 8)
        assert found == await simulation.simulate(tx, made, read(kept.body), 12, days(60))
        assert await _books(tx) == before
        with pytest.raises(BadInput):
            await simulation.start(tx, made, 2, 61, "x", days(60))
        with pytest.raises(NotFound):
            await simulation.start(tx, made, 9, 12, "x", days(60))
    assert await simulation.step(db, other_workspace) == 0
    async with db.tx(workspace) as tx:
        await simulation.forget(tx)
        with pytest.raises(NotFound):
            await simulation.simulation(tx, made, run)


async def _books(tx: Tx) -> list[Any]:
    tables = ("transfer", "posting", "reward", "conversion", "attribution", "audit_entry")
    return [await tx.value(f"select count(*) from {t} where workspace_id = $1", tx.workspace_id) for t in tables]


async def test_a_new_program_is_tried_on_everybodys_past(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await stage(tx)
        fresh = await programs.versions.create_program(tx, load("refer-a-friend"), "dana@acme.example", days(50))
        found = await simulation.simulate(tx, fresh, load("refer-a-friend"), 12, days(60))
        # Four wins: a card for the advocate and a credit for each friend.
        assert found.cost_minor == 4 * (5_000 + 10_000)
        assert found.gifts == {"account_credit": 4, "gift_card": 4}
