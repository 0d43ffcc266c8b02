"""The court: reasons for both sides, a preview that is the decision, re-attribution without an edit, re-run twice as once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.errors import BadInput, Forbidden, NotFound
from honeyguide.db import Database, Tx
from honeyguide.outcomes import AttributionPolicy, Decision, Part
from tests.unit.outcomes.town import AT, Town, company, days, event, joins, person, settle, tell, won

NOW = days(60)


async def conversion_of(tx: Tx) -> UUID:
    found: UUID = await tx.value(
        "select id from conversion where workspace_id = $1 order by occurred_at", tx.workspace_id
    )
    return found


async def second(
    tx: Tx, town: Town, email: str = "noa@elsewhere.example", name: str = "Noa Weiss"
) -> programs.Advocate:
    noa = person(email, ext_id=f"hs-{email}", name=name)
    await tell(tx, [event("persona.identified", days(-90), who=noa, firm=company(email.split("@")[1]))])
    advocate, _ = await programs.ensure_advocate(tx, noa.id, name, email, town.program, town.group)
    await programs.ensure_link(tx, advocate)
    return advocate


async def standing(tx: Tx) -> dict[str, int]:
    """What of each advocate's rewards stands, by name."""
    found: dict[str, int] = {}
    for reward in await ledger.rewards(tx):
        if reward.state not in ("void", "reversed"):
            found[reward.advocate_name] = found.get(reward.advocate_name, 0) + reward.amount_minor
    return found


async def setting(tx: Tx) -> tuple[Town, programs.Advocate, UUID]:
    town = await settle(tx)
    noa = await second(tx, town)
    await joins(tx, town)
    await tell(tx, [won(45, 1_000_000)])
    return town, noa, await conversion_of(tx)


async def test_the_reasons_for_both_sides(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town, _, conversion = await setting(tx)
        told = await outcomes.explain_credit(tx, conversion)
        assert told.for_advocate == (
            "A deal with Tom Berg was won on 16 April 2026. Credit: Maya Ortiz 100 %. The rule of the program decided this. "
            "1 other touch did not count."
        )
        assert "tom@prospect.example" not in told.for_advocate
        assert "the whole credit goes to Maya Ortiz" in told.for_company
        assert "Rewards that stand: 1, €1,500." in told.for_company
        assert [(t.advocate, t.counted) for t in told.touches] == [("Maya Ortiz", False), ("Maya Ortiz", True)]
        assert told.policy.startswith("Within 180 days the last touch takes the whole credit")
        assert [(s.advocate_id, s.share_bp, s.amount_minor) for s in told.shares] == [
            (town.advocate.id, 10_000, 150_000)
        ]


async def test_a_decision_is_what_its_preview_said_and_edits_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town, noa, conversion = await setting(tx)
        (first,) = await ledger.rewards(tx)
        await outcomes.dispute(tx, conversion, "advocate", noa.email, "I introduced Tom.", NOW, noa.id)
        decision = Decision(kind="give", parts=(Part(noa.id, 10_000),), reason="Noa introduced them in person.")
        seen = await outcomes.preview(tx, conversion, decision, "mara@host.example", NOW)
        assert await standing(tx) == {"Maya Ortiz": 150_000}  # nothing has happened yet
        assert seen.sentence == "Maya Ortiz gives €1,500 back. Noa Weiss gets €1,500 more. It costs nothing more." or (
            seen.sentence == "Noa Weiss gets €1,500 more. Maya Ortiz gives €1,500 back. It costs nothing more."
        )
        (moved,) = await outcomes.decide(tx, conversion, decision, "mara@host.example", NOW)
        assert (
            await standing(tx)
            == {"Noa Weiss": 150_000}
            == {c.advocate: c.after_minor for c in seen.changes if c.after_minor}
        )
        old = await ledger.reward(tx, first.id)
        assert old.state == "reversed"
        assert (old.issued_minor, old.net_minor) == (150_000, 0)
        (new,) = [r for r in await ledger.rewards(tx) if r.id != first.id]
        assert new.asked_by == "mara@host.example"  # so that a second person approves it
        assert "Decided by a person: Noa introduced them in person." in new.reason
        assert {d["state"] for d in await outcomes.disputes_of(tx, conversion)} == {"accepted"}
        assert [s.advocate_id for s in moved.before] == [town.advocate.id]
        assert (await ledger.verify(tx)).ok
        told = await outcomes.explain_credit(tx, conversion)
        assert "A person decided this." in told.for_advocate


async def test_there_and_back_again_and_again(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town, noa, conversion = await setting(tx)
        for n in range(6):
            who = noa if n % 2 == 0 else town.advocate
            decision = Decision(kind="give", parts=(Part(who.id, 10_000),), reason=f"Round {n}.")
            await outcomes.decide(tx, conversion, decision, "mara@host.example", NOW + timedelta(minutes=n))
            assert await standing(tx) == {who.name: 150_000}
        await outcomes.decide(tx, conversion, Decision(kind="none", reason="Neither."), "mara@host.example", NOW)
        assert set((await standing(tx)).values()) <= {0}
        await outcomes.decide(
            tx, conversion,
            Decision(kind="split", parts=(Part(noa.id, 3_333), Part(town.advocate.id, 6_667)), reason="Both."),
            "mara@host.example", NOW,
        )  # fmt: skip
        assert await standing(tx) == {"Noa Weiss": 49_995, "Maya Ortiz": 100_005}
        assert (await ledger.verify(tx)).ok
        rounds = await tx.value(
            "select array_agg(round order by round) from credit_decision where workspace_id = $1", workspace
        )
        assert rounds == list(range(1, 9))


async def test_a_decision_outlives_facts_that_come_later(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, noa, conversion = await setting(tx)
        decision = Decision(kind="give", parts=(Part(noa.id, 10_000),), reason="Noa did it.")
        await outcomes.decide(tx, conversion, decision, "mara@host.example", NOW)
        await tell(tx, [won(45, 1_000_000), event("persona.identified", days(70), who=person("tom@prospect.example"))])
        assert await standing(tx) == {"Noa Weiss": 150_000}
        assert await outcomes.rerun(tx, None, AT, "mara@host.example", NOW) == []
        await tell(tx, [event("deal.lost", days(80), who=person("tom@prospect.example"), deal="77")])
        assert set((await standing(tx)).values()) <= {0}
        assert (await ledger.verify(tx)).ok


async def test_a_customer_is_moved_with_what_they_bought_and_will_buy(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, noa, conversion = await setting(tx)
        await tell(tx, [won(50, 2_000_000, "78")])
        decision = Decision(
            kind="give", parts=(Part(noa.id, 10_000),), reason="The customer is Noa's.", whole_customer=True
        )
        seen = await outcomes.preview(tx, conversion, decision, "mara@host.example", NOW)
        assert sorted((c.before_minor, c.after_minor) for c in seen.changes) == [(0, 450_000), (450_000, 0)]
        moved = await outcomes.decide(tx, conversion, decision, "mara@host.example", NOW)
        assert len(moved) == 2
        assert await standing(tx) == {"Noa Weiss": 450_000}
        await tell(tx, [won(70, 1_000_000, "79")])
        assert await standing(tx) == {"Noa Weiss": 600_000}
        assert await outcomes.rerun(tx, None, AT, "mara@host.example", days(80)) == []


async def test_a_new_policy_moves_nothing_until_it_is_run_and_then_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        noa = await second(tx, town)
        link = await programs.ensure_link(tx, noa)
        await outcomes.invite(tx, link, "Tom+work@prospect.example", days(-3))
        await joins(tx, town)
        await tell(tx, [won(45, 1_000_000)])
        assert await standing(tx) == {"Maya Ortiz": 150_000}
        await outcomes.set_policy(
            tx, outcomes.EVERYWHERE, AttributionPolicy(model="split"), actor="mara@host.example", reason="We share.", now=NOW,
            valid_from=AT,
        )  # fmt: skip
        assert await standing(tx) == {"Maya Ortiz": 150_000}
        dry = await outcomes.rerun(tx, town.program.id, AT, "mara@host.example", NOW, dry=True)
        assert [len(m.after) for m in dry] == [2]
        assert await standing(tx) == {"Maya Ortiz": 150_000}
        assert len(await outcomes.rerun(tx, town.program.id, AT, "mara@host.example", NOW)) == 1
        assert await standing(tx) == {"Maya Ortiz": 75_000, "Noa Weiss": 75_000}
        assert await outcomes.rerun(tx, town.program.id, AT, "mara@host.example", NOW) == []
        assert (await ledger.verify(tx)).ok


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "give", "reason": "x"},
        {"kind": "give", "parts": ((1, 9_999),), "reason": "x"},
        {"kind": "give", "parts": ((1, 10_000),), "reason": "  "},
        {"kind": "split", "parts": ((1, 10_000),), "reason": "x"},
        {"kind": "split", "parts": ((1, 5_000), (1, 5_000)), "reason": "x"},
        {"kind": "split", "parts": ((1, -1), (2, 10_001)), "reason": "x"},
        {"kind": "none", "parts": ((1, 10_000),), "reason": "x"},
        {"kind": "keep", "parts": ((1, 10_000),), "reason": "x"},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(bad: dict[str, Any]) -> None:
    parts = tuple(Part(UUID(int=i), bp) for i, bp in bad.pop("parts", ()))
    with pytest.raises(BadInput):
        Decision(parts=parts, **bad).check()


async def test_nobody_decides_for_themselves_or_for_nobody(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, noa, conversion = await setting(tx)
        give = Decision(kind="give", parts=(Part(noa.id, 10_000),), reason="Mine.")
        with pytest.raises(Forbidden):
            await outcomes.decide(tx, conversion, give, "Noa+me@elsewhere.example", NOW)
        with pytest.raises(Forbidden):  # nor takes it from others by giving their own to nobody
            await outcomes.decide(tx, conversion, Decision(kind="none", reason="x"), "maya@customer.example", NOW)
        stranger = Decision(kind="give", parts=(Part(UUID(int=5), 10_000),), reason="x")
        with pytest.raises(NotFound):
            await outcomes.decide(tx, conversion, stranger, "mara@host.example", NOW)
        with pytest.raises(NotFound):
            await outcomes.explain_credit(tx, UUID(int=5))
        assert await standing(tx) == {"Maya Ortiz": 150_000}


async def test_a_dispute_is_one_however_often_it_is_sent(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, noa, conversion = await setting(tx)
        for _ in range(3):
            await outcomes.dispute(tx, conversion, "advocate", noa.email, "I introduced Tom.", NOW, noa.id)
        assert len(await outcomes.disputes_of(tx, conversion)) == 1
        await outcomes.decide(
            tx, conversion, Decision(kind="keep", reason="Maya's link came last."), "mara@host.example", NOW
        )
        (closed,) = await outcomes.disputes_of(tx, conversion)
        assert (closed["state"], closed["answer"]) == ("rejected", "Maya's link came last.")
        with pytest.raises(BadInput):
            await outcomes.dispute(tx, conversion, "advocate", noa.email, "  ", NOW)


async def test_what_was_credited_comes_out_the_same_when_it_is_computed_from_nothing(
    db: Database, workspace: int
) -> None:
    """C8: touches, facts and policies are all it rests on; the permanent keys keep the money from being issued again."""
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        noa = await second(tx, town)
        await outcomes.invite(tx, await programs.ensure_link(tx, noa), "tom@prospect.example", days(-3))
        await outcomes.set_policy(
            tx, town.program.id, AttributionPolicy(model="position", first_bp=3_000, last_bp=7_000), actor="mara@host.example",
            reason="Both count.", now=AT,
        )  # fmt: skip
        made = await joins(tx, town)
        await tell(tx, [won(45, 1_000_000), won(50, 333_333, "78")])
        query = "select conversion_id, advocate_id, referral_id, share_bp, reason from attribution where workspace_id = $1 order by 1, 2"
        before, money = [dict(r) for r in await tx.rows(query, workspace)], await standing(tx)
        assert [r["share_bp"] for r in before] in (
            [3_000, 7_000] * 2,
            [7_000, 3_000] * 2,
            [3_000, 7_000, 7_000, 3_000],
            [7_000, 3_000, 3_000, 7_000],
        )
        await tx.run("delete from attribution where workspace_id = $1", workspace)
        await tx.run("delete from conversion where workspace_id = $1", workspace)
        assert (await outcomes.reconsider(tx, [made.referral.id], days(90))).credited == 2
        assert [dict(r) for r in await tx.rows(query, workspace)] == before
        assert await standing(tx) == money
        assert (await ledger.verify(tx)).ok
