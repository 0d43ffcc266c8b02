"""The court: moving credit is a decision with a reason, never an edit"""

from datetime import timedelta
from uuid import UUID

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.errors import BadInput, Forbidden
from honeyguide.db import Tx
from honeyguide.outcomes import AttributionPolicy, Decision, Part
from honeyguide.programs import load, registrations
from tests.money_rules import rule
from tests.money_rules.ground import TAKEN_BACK
from tests.unit.outcomes.town import AT, Town, company, days, deal, event, joins, person, settle, tell, won
from tests.unit.programs.test_partners import somebody
from tests.unit.programs.test_versions import published

NOW = days(60)
JUDGE = "mara@host.example"


class Case:
    """A won deal that Maya was credited with, and Noa, who says it is hers."""

    def __init__(self, town: Town, noa: programs.Advocate, conversion: UUID) -> None:
        self.town, self.noa, self.conversion = town, noa, conversion

    def give(self, advocate: programs.Advocate, reason: str = "Introduced in person.", **more: bool) -> Decision:
        return Decision(kind="give", parts=(Part(advocate.id, 10_000),), reason=reason, **more)


async def stands(tx: Tx) -> dict[str, int]:
    """What of each advocate's rewards stands."""
    found: dict[str, int] = {}
    for one in await ledger.rewards(tx):
        if one.state not in TAKEN_BACK:
            found[one.advocate_name] = found.get(one.advocate_name, 0) + one.amount_minor
    return found


@pytest.fixture
async def case(tx: Tx) -> Case:
    town = await settle(tx)
    noa = person("noa@elsewhere.example", ext_id="hs-noa", name="Noa Weiss")
    await tell(tx, [event("persona.identified", days(-90), who=noa, firm=company("elsewhere.example"))])
    other, _ = await programs.ensure_advocate(
        tx, noa.id, "Noa Weiss", "noa@elsewhere.example", town.program, town.group
    )
    await programs.ensure_link(tx, other)
    await joins(tx, town)
    await tell(tx, [won(45, 1_000_000)])
    row = await tx.value("select id from conversion where workspace_id = $1", tx.workspace_id)
    return Case(town, other, row)


@rule("MR-140", "Both sides can read why a credit is whose it is; the advocate does not read the friend's address.")
async def test_the_reason_for_both(tx: Tx, case: Case) -> None:
    told = await outcomes.explain_credit(tx, case.conversion)
    assert "Maya Ortiz 100 %" in told.for_advocate
    assert "tom@prospect.example" not in told.for_advocate
    assert "Maya Ortiz" in told.for_company
    assert "€1,500" in told.for_company


@rule("MR-141", "What a decision would change can be seen beforehand, and seeing it changes nothing.")
async def test_a_preview_writes_nothing(tx: Tx, case: Case) -> None:
    before = (await ledger.verify(tx)).transfers
    seen = await outcomes.preview(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    assert {c.advocate: c.after_minor for c in seen.changes} == {"Maya Ortiz": 0, "Noa Weiss": 150_000}
    assert ((await ledger.verify(tx)).transfers, await stands(tx)) == (before, {"Maya Ortiz": 150_000})


@rule("MR-142", "A decision does exactly what its preview said.")
async def test_the_preview_is_the_decision(tx: Tx, case: Case) -> None:
    seen = await outcomes.preview(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    await outcomes.decide(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    assert await stands(tx) == {c.advocate: c.after_minor for c in seen.changes if c.after_minor}


@rule("MR-143", "Moved credit is a reversal and a new reward: the old one stays readable with its amount.")
async def test_nothing_is_edited(tx: Tx, case: Case) -> None:
    (old,) = await ledger.rewards(tx)
    await outcomes.decide(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    kept = await ledger.reward(tx, old.id)
    assert (kept.state in TAKEN_BACK, kept.advocate_id) == (True, case.town.advocate.id)
    assert len(await ledger.rewards(tx)) == 2


@rule("MR-144", "Who moved the credit does not approve the money that follows from it.")
async def test_the_judge_does_not_pay(tx: Tx, case: Case) -> None:
    await outcomes.decide(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    new = next(r for r in await ledger.rewards(tx) if r.advocate_id == case.noa.id)
    with pytest.raises(Forbidden):
        await ledger.approve_reward(tx, new.id, JUDGE, days(200), reason="It is right.")


@rule("MR-145", "Nobody decides about credit that is theirs or would be.")
@pytest.mark.parametrize("actor", ["noa@elsewhere.example", "Noa+1@elsewhere.example", "maya@customer.example"])
async def test_not_in_ones_own_case(tx: Tx, case: Case, actor: str) -> None:
    with pytest.raises(Forbidden):
        await outcomes.decide(tx, case.conversion, case.give(case.noa), actor, NOW)
    assert await stands(tx) == {"Maya Ortiz": 150_000}


@rule("MR-146", "Credit that is split pays no cent more than the whole.")
@pytest.mark.parametrize("bp", [1, 3_333, 5_000, 9_999])
async def test_a_split_is_the_whole_at_most(tx: Tx, case: Case, bp: int) -> None:
    parts = (Part(case.noa.id, bp), Part(case.town.advocate.id, 10_000 - bp))
    await outcomes.decide(tx, case.conversion, Decision(kind="split", parts=parts, reason="Both."), JUDGE, NOW)
    total = sum((await stands(tx)).values())
    assert 149_999 <= total <= 150_000


@rule("MR-147", "Credit moved there and back many times ends where it began, and the books stay sound.")
async def test_there_and_back(tx: Tx, case: Case) -> None:
    for n in range(4):
        who = case.noa if n % 2 == 0 else case.town.advocate
        await outcomes.decide(tx, case.conversion, case.give(who, f"Round {n}."), JUDGE, NOW + timedelta(minutes=n))
        assert await stands(tx) == {who.name: 150_000}


@rule("MR-148", "What people decided outlives what is told later about the same deal.")
async def test_a_decision_stays(tx: Tx, case: Case) -> None:
    await outcomes.decide(tx, case.conversion, case.give(case.noa), JUDGE, NOW)
    await tell(tx, [won(45, 1_000_000, message="told again")])
    assert await stands(tx) == {"Noa Weiss": 150_000}
    await tell(tx, [deal("lost", 80)])
    assert sum((await stands(tx)).values()) == 0


@rule("MR-149", "A customer can be moved whole: what they bought before, and what they will buy.")
async def test_backfill(tx: Tx, case: Case) -> None:
    await tell(tx, [won(50, 2_000_000, "78")])
    await outcomes.decide(tx, case.conversion, case.give(case.noa, whole_customer=True), JUDGE, NOW)
    assert await stands(tx) == {"Noa Weiss": 450_000}
    await tell(tx, [won(70, 1_000_000, "79")])
    assert await stands(tx) == {"Noa Weiss": 600_000}


@rule(
    "MR-150",
    "A new policy moves nothing that was credited until somebody runs it; running it twice is running it once.",
)
async def test_a_policy_waits(tx: Tx, case: Case) -> None:
    link = await programs.ensure_link(tx, case.noa)
    await outcomes.invite(tx, link, "tom@prospect.example", days(-3))
    split = AttributionPolicy(model="split")
    await outcomes.set_policy(tx, outcomes.EVERYWHERE, split, actor=JUDGE, reason="We share.", now=NOW, valid_from=AT)
    assert await stands(tx) == {"Maya Ortiz": 150_000}
    assert len(await outcomes.rerun(tx, None, AT, JUDGE, NOW, dry=True)) == 1
    assert await stands(tx) == {"Maya Ortiz": 150_000}
    await outcomes.rerun(tx, None, AT, JUDGE, NOW)
    assert await stands(tx) == {"Maya Ortiz": 75_000, "Noa Weiss": 75_000}
    assert await outcomes.rerun(tx, None, AT, JUDGE, NOW) == []


@rule("MR-151", "A dispute is one however often it is sent, and it ends with an answer in words.")
async def test_a_dispute_ends(tx: Tx, case: Case) -> None:
    for _ in range(3):
        await outcomes.dispute(tx, case.conversion, "advocate", case.noa.email, "I introduced Tom.", NOW, case.noa.id)
    await outcomes.decide(tx, case.conversion, Decision(kind="keep", reason="Maya's link came last."), JUDGE, NOW)
    (closed,) = await outcomes.disputes_of(tx, case.conversion)
    assert closed["answer"] == "Maya's link came last."
    assert await stands(tx) == {"Maya Ortiz": 150_000}


@rule("MR-152", "Credit given to nobody gives all its money back.")
async def test_nobodys(tx: Tx, case: Case) -> None:
    await outcomes.decide(tx, case.conversion, Decision(kind="none", reason="They would have come."), JUDGE, NOW)
    assert sum((await stands(tx)).values()) == 0


@rule("MR-153", "A decision without a reason, or whose parts are not the whole, is none.")
@pytest.mark.parametrize("parts", [(9_999,), (5_000, 4_999), (10_001, -1), (5_000, 5_001)])
async def test_a_decision_is_whole(tx: Tx, case: Case, parts: tuple[int, ...]) -> None:
    who = (case.noa.id, case.town.advocate.id)
    made = tuple(Part(w, bp) for w, bp in zip(who, parts, strict=False))
    with pytest.raises(BadInput):
        await outcomes.decide(tx, case.conversion, Decision(kind="split", parts=made, reason="x"), JUDGE, NOW)
    with pytest.raises(BadInput):
        await outcomes.decide(tx, case.conversion, case.give(case.noa, "  "), JUDGE, NOW)
    assert await stands(tx) == {"Maya Ortiz": 150_000}


@rule("MR-154", "A policy is changed by a new version with a reason; the old versions stay readable.")
async def test_policies_are_kept(tx: Tx, case: Case) -> None:
    del case
    with pytest.raises(BadInput):
        await outcomes.set_policy(tx, outcomes.EVERYWHERE, AttributionPolicy(), actor=JUDGE, reason=" ", now=NOW)
    for model in ("first", "split"):
        await outcomes.set_policy(
            tx, outcomes.EVERYWHERE, AttributionPolicy(model=model), actor=JUDGE, reason=f"Now {model}.", now=NOW
        )
    kept = await outcomes.policy_versions(tx)
    assert sorted((v.policy.version, v.policy.model, v.reason) for v in kept) == [
        (1, "first", "Now first."),
        (2, "split", "Now split."),
    ]


@rule(
    "MR-139",
    "A company a partner registered is that partner's while it is protected; the court can still decide otherwise.",
)
async def test_registered_deals(tx: Tx) -> None:
    town = await settle(tx)
    made = await published(tx, load("deal-registration"), days(-90))
    partner = await somebody(tx, made, 1)
    deal_ = await registrations.register_deal(tx, made, partner, "Prospect", "prospect.example", days(-5))
    await registrations.accept_deal(tx, deal_.id, True, "", JUDGE, days(-4))
    await joins(tx, town)
    await tell(tx, [won(45, 1_000_000)])
    conversion = await tx.value("select id from conversion where workspace_id = $1", tx.workspace_id)
    assert "registered as their deal" in (await outcomes.explain_credit(tx, conversion)).for_company
    credit = "select advocate_id from attribution where workspace_id = $1"
    assert await tx.value(credit, tx.workspace_id) == partner.id
    said = Decision(kind="give", parts=(Part(town.advocate.id, 10_000),), reason="The partner had given it up.")
    await outcomes.decide(tx, conversion, said, JUDGE, NOW)
    assert await tx.value(credit, tx.workspace_id) == town.advocate.id
