"""From marks to holds to verdicts: money waits for a person, the honest are let go, and verdicts teach."""

import time
from datetime import datetime
from uuid import UUID

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.errors import BadInput, Forbidden, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from honeyguide.outcomes import fraud
from tests.unit.outcomes.town import AT, Town, company, days, deal, joins, person, settle, tell, won

IBAN = "DE89 3704 0044 0532 0130 00"


async def friend(tx: Tx, town: Town, name: str, domain: str, at: datetime = AT) -> UUID:
    """A friend with a win thirty days later."""
    email = f"{name}@{domain}"
    made = await joins(tx, town, email, at, name.title())
    who, firm = person(email), company(domain)
    await tell(
        tx,
        [
            deal(
                "won",
                (at - AT).days + 30,
                domain,
                who=who,
                firm=firm,
                props={"amount_minor": 4_800_000, "currency": "EUR"},
            )
        ],
    )
    return made.referral.id


async def reward_of(tx: Tx, referral_id: UUID) -> ledger.Reward:
    found = await tx.value(
        "select w.id from reward w join conversion c on c.workspace_id = w.workspace_id and c.id = w.conversion_id "
        "where w.workspace_id = $1 and c.referral_id = $2", tx.workspace_id, referral_id,
    )  # fmt: skip
    return await ledger.reward(tx, found)


async def two_paid_alike(tx: Tx) -> tuple[Town, Town, UUID, UUID]:
    """Advocates of two companies with a referral and a win each, who turn out to be paid into one account."""
    maya, rita = await settle(tx), await settle(tx, email="rita@other.example", name="Rita Val")
    one, two = (
        await friend(tx, maya, "tom", "prospect.example"),
        await friend(tx, rita, "ann", "second.example", days(1)),
    )
    for town in (maya, rita):
        assert await fraud.mark(tx, "advocate", town.advocate.id, "payee", IBAN, days(40))
    return maya, rita, one, two


async def test_one_account_of_two_strangers_holds_both_rewards(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        assert (await reward_of(tx, one)).review == ""
        assert await fraud.watch(tx, [one, two], days(40)) == 2
        for referral_id in (one, two):
            assert "same account" in (await reward_of(tx, referral_id)).review
        cases = await fraud.cases(tx, fraud.Filter("open"), None, 10)
        assert {c.referral_id for c in cases} == {one, two}
        assert all(c.held and c.probability > c.threshold and c.reasons for c in cases)
        assert cases[0].expected_loss_minor == round(cases[0].probability * cases[0].stake_minor)
        nodes = {n["kind"] for n in cases[0].subgraph["nodes"]}
        assert nodes >= {"person"}


async def test_looking_again_changes_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
        before = (await fraud.case(tx, one), await fraud.findings_of(tx, one), await reward_of(tx, one))
        await fraud.watch(tx, [two, one, one], days(41))
        assert (await fraud.case(tx, one), await fraud.findings_of(tx, one), await reward_of(tx, one)) == before


async def test_honest_lifts_the_hold_for_good_but_not_the_second_person(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        maya, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
        (case,) = await fraud.resolve(tx, [one], "honest", "A married couple.", "ola@operator.example", days(41))
        assert (case.state, case.decided_by, case.reason) == ("honest", "ola@operator.example", "A married couple.")
        reward = await reward_of(tx, one)
        assert (reward.review, reward.state) == ("", "held")
        await fraud.look(tx, one, days(42))
        assert (await reward_of(tx, one)).review == ""
        await outcomes.reconsider(tx, [one], days(42))
        assert (await reward_of(tx, one)).review == ""
        assert all(f.verdict == "note" for f in await fraud.findings_of(tx, one))
        # Something new opens it again.
        await fraud.mark(tx, "advocate", maya.advocate.id, "device", "d-1", days(43))
        await fraud.mark(tx, "friend", one, "device", "D-1 ", days(43))
        await fraud.look(tx, one, days(43))
        again = await fraud.case(tx, one)
        assert again is not None
        assert again.state == "open"
        assert "same device" in (await reward_of(tx, one)).review


async def test_fraud_takes_the_reward_back_and_warns_of_the_same_hand(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one], days(40))
        before = await fraud.score(tx, two, days(40))
        await fraud.resolve(tx, [one], "fraud", "Both are the same man.", "ola@operator.example", days(41))
        assert (await reward_of(tx, one)).state == "reversed"
        (blocked,) = [f for f in await fraud.findings_of(tx, one) if f.verdict == "block"]
        assert blocked.rule == fraud.REVIEWED
        neighbour = await fraud.case(tx, two)
        assert neighbour is not None
        assert neighbour.probability > before.probability
        assert any("found to be fraud" in r for r in (await fraud.score(tx, two, days(41))).reasons)
        # A later win of the same friend earns nothing.
        who = person("tom@prospect.example")
        await tell(tx, [won(50, number="78", who=who)])
        assert (
            await tx.value("select count(*) from reward where workspace_id = $1 and state <> 'reversed'", workspace)
            == 1
        )
        report = await ledger.verify(tx)
        assert report.problems == []


async def test_the_same_word_twice_is_one_word(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
        first = await fraud.resolve(tx, [one, two, one], "fraud", "One man.", "ola@operator.example", days(41))
        count = await tx.value("select count(*) from audit_entry where workspace_id = $1", workspace)
        assert await fraud.resolve(tx, [two, one], "fraud", "One man.", "ola@operator.example", days(42)) == first
        assert await tx.value("select count(*) from audit_entry where workspace_id = $1", workspace) == count
        assert len(first) == 2


async def test_who_may_not_decide_and_what_is_no_verdict(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
        with pytest.raises(Forbidden):
            await fraud.resolve(tx, [one], "honest", "It is me.", "Maya+work@customer.example", days(41))
        with pytest.raises(BadInput):
            await fraud.resolve(tx, [one], "honest", "  ", "ola@operator.example", days(41))
        with pytest.raises(BadInput):
            await fraud.resolve(tx, [one], "guilty", "So it seems.", "ola@operator.example", days(41))
        with pytest.raises(NotFound):
            await fraud.resolve(tx, [new_id()], "honest", "Who?", "ola@operator.example", days(41))
        assert (await fraud.count_cases(tx, fraud.Filter("open"))) == 2


async def test_colleagues_in_one_office_are_spared(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        offices = []
        for n in range(5):
            town = await settle(tx, email=f"person{n}@customer.example", name=f"Person {chr(65 + n)}{'xyzuv'[n]}")
            await fraud.mark(tx, "advocate", town.advocate.id, "network", "10.0.0.1", AT)
            await fraud.mark(tx, "advocate", town.advocate.id, "device", "the meeting room", AT)
            offices.append(town)
        for n, town in enumerate(offices):
            made = await joins(tx, town, f"guest{n}@firm{n}.example", days(n))
            await fraud.mark(tx, "friend", made.referral.id, "network", "10.0.0.1", days(n))  # signed up as a visitor
            risk = await fraud.look(tx, made.referral.id, days(n))
            assert risk is not None
            assert not risk.hold
        assert await fraud.cases(tx, fraud.Filter(), None, 10) == []


async def test_marks_are_keyed_hashes_and_go_with_the_person(
    db: Database, workspace: int, other_workspace: int
) -> None:
    digests = []
    for w in (workspace, other_workspace):
        async with db.tx(w) as tx:
            town = await settle(tx)
            assert await fraud.mark(tx, "advocate", town.advocate.id, "payee", IBAN, AT)
            assert not await fraud.mark(
                tx, "advocate", town.advocate.id, "payee", IBAN.lower().replace(" ", ""), days(1)
            )
            with pytest.raises(BadInput):
                await fraud.mark(tx, "advocate", town.advocate.id, "shoe size", "43", AT)
            digests.append(await tx.value("select digest from fraud_mark where workspace_id = $1", w))
            assert await fraud.forget(tx, [town.advocate.record_id]) == 1
            assert await tx.value("select count(*) from fraud_mark where workspace_id = $1", w) == 0
    assert digests[0] != digests[1]
    assert "3704" not in digests[0]


async def test_verdicts_move_the_weights_and_versions_are_kept(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
        stated = await fraud.weights(tx)
        await fraud.resolve(tx, [one, two], "honest", "They share a company account.", "ola@operator.example", days(41))
        learned = await fraud.weights(tx)
        assert learned.labels == 2
        assert learned.mean["duplicate_payee"] < stated.mean["duplicate_payee"]
        assert await fraud.learn(tx, days(42)) == 1  # nothing new, no new version
        await fraud.resolve(tx, [one], "unsure", "Asked them.", "ola@operator.example", days(43))
        assert (await fraud.weights(tx)).labels == 1


async def test_deals_that_stood_become_weak_labels_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await friend(tx, town, "tom", "prospect.example")
        assert await fraud.settle(tx, days(60)) == 0
        assert await fraud.settle(tx, days(125)) == 1
        assert await fraud.settle(tx, days(126)) == 0
        row = await tx.row("select source, verdict, weight from fraud_label where workspace_id = $1", workspace)
        assert row is not None
        assert tuple(row) == ("outcome", "honest", 0.3)


async def test_the_policy_decides_what_rules_do(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        wanted = fraud.Policy({"same_company": "note", "role_inbox": "off"}, fraud.Costs(goodwill_minor=1), 0)
        made = await fraud.decide_policy(tx, wanted, fraud.RULE_NAMES, "ola@operator.example", AT)
        assert made.version == 1
        with pytest.raises(BadInput):
            await fraud.decide_policy(tx, fraud.Policy({"no rule": "off"}, version=1), fraud.RULE_NAMES, "o", AT)
        town = await settle(tx)
        colleague = await joins(tx, town, "lee@customer.example")
        assert [(f.rule, f.verdict) for f in await fraud.findings_of(tx, colleague.referral.id)] == [
            ("same_company", "note")
        ]
        box = await joins(tx, town, "sales@prospect.example", days(1))
        assert [f.rule for f in await fraud.findings_of(tx, box.referral.id)] == []
        assert await fraud.cases(tx, fraud.Filter(), None, 10) == []


async def test_a_hub_with_many_referrals_is_looked_at_in_time(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        ids = []
        for n in range(60):
            made = await outcomes.sign_up(tx, town.link.code, f"p{n}@firm{n}.example", "", None, days(n / 2))
            await fraud.mark(tx, "friend", made.referral.id, "device", f"d{n % 7}", days(n / 2))
            ids.append(made.referral.id)
        start = time.process_time()
        for referral_id in ids[:10]:
            await fraud.look(tx, referral_id, days(40))
        # CPU of this process: the server's share is small and the machine may be busy.
        assert (time.process_time() - start) / 10 < 0.1


async def test_nobody_sees_the_cases_of_another_workspace(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        _, _, one, two = await two_paid_alike(tx)
        await fraud.watch(tx, [one, two], days(40))
    async with db.tx(other_workspace) as tx:
        assert await fraud.case(tx, one) is None
        assert await fraud.look(tx, one, days(40)) is None
        assert await fraud.cases(tx, fraud.Filter(), None, 10) == []
        assert isinstance(await programs.programs(tx), list)
