"""Fraud: money waits where facts connect people, the honest are let go, and a person decides"""

from uuid import UUID

import pytest

from honeyguide import ledger, outcomes
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.db import Database, Tx
from honeyguide.outcomes import fraud
from tests.money_rules import rule
from tests.money_rules.ground import TAKEN_BACK
from tests.unit.outcomes.town import AT, Town, company, days, joins, person, settle, tell, won

IBAN = "DE89 3704 0044 0532 0130 00"
OLA = "ola@operator.example"


async def friend(tx: Tx, town: Town, email: str, deal: str, day: float = 0) -> UUID:
    """A friend whose deal is won thirty days later."""
    made = await joins(tx, town, email, days(day), email.split("@", maxsplit=1)[0].title())
    await tell(tx, [won(day + 30, number=deal, who=person(email), firm=company(email.split("@")[1]))])
    return made.referral.id


async def two_strangers(tx: Tx) -> tuple[Town, Town, UUID, UUID]:
    """Two advocates of two companies, paid into one account, each with a win."""
    maya, rita = await settle(tx), await settle(tx, email="rita@other.example", name="Rita Val")
    one, two = await friend(tx, maya, "tom@prospect.example", "1"), await friend(tx, rita, "ann@second.example", "2", 1)
    for town in (maya, rita):
        await fraud.mark(tx, "advocate", town.advocate.id, "payee", IBAN, days(40))
    await fraud.watch(tx, [one, two], days(40))
    return maya, rita, one, two


async def reward_of(tx: Tx, advocate_id: UUID) -> ledger.Reward:
    return (await ledger.rewards(tx, advocate_id=advocate_id))[0]


@rule("MR-180", "Strangers who are paid into one account wait for a person, both of them.")
async def test_one_account(tx: Tx) -> None:
    maya, rita, *_ = await two_strangers(tx)
    for town in (maya, rita):
        reward = await reward_of(tx, town.advocate.id)
        with pytest.raises(Conflict) as refused:
            await ledger.approve_reward(tx, reward.id, "finn@host.example", days(90))
        assert "same account" in refused.value.detail


@rule("MR-181", "Finding somebody honest lets their reward go on; a second person still approves it.")
async def test_honest_goes_on(tx: Tx) -> None:
    maya, _, one, _ = await two_strangers(tx)
    await fraud.resolve(tx, [one], "honest", "A married couple.", OLA, days(41))
    await fraud.watch(tx, [one], days(42))
    reward = await reward_of(tx, maya.advocate.id)
    assert reward.state == "held"
    await ledger.approve_reward(tx, reward.id, "finn@host.example", days(90))


@rule("MR-182", "A reward of proven fraud is taken back, and no later win of that friend earns one.")
async def test_fraud_earns_nothing(tx: Tx) -> None:
    maya, _, one, _ = await two_strangers(tx)
    await fraud.resolve(tx, [one], "fraud", "Both are the same man.", OLA, days(41))
    await tell(tx, [won(50, number="78", who=person("tom@prospect.example"))])
    assert {r.state in TAKEN_BACK for r in await ledger.rewards(tx, advocate_id=maya.advocate.id)} == {True}


@rule("MR-183", "A verdict says why, in one of the words there are, and is never about oneself.")
async def test_who_says_what(tx: Tx) -> None:
    _, _, one, _ = await two_strangers(tx)
    for verdict, reason in (("honest", " "), ("guilty", "So it seems.")):
        with pytest.raises(BadInput):
            await fraud.resolve(tx, [one], verdict, reason, OLA, days(41))
    with pytest.raises(Forbidden):
        await fraud.resolve(tx, [one], "honest", "It is me.", "maya+1@customer.example", days(41))


@rule("MR-184", "Colleagues behind one network and one machine are not held for that.")
async def test_an_office_is_spared(tx: Tx) -> None:
    towns = [
        await settle(tx, email=f"p{n}@customer.example", name=f"P{n} {['Abend', 'Brenn', 'Czern', 'Dorn'][n]}")
        for n in range(4)
    ]
    for town in towns:
        for kind in ("network", "device"):
            await fraud.mark(tx, "advocate", town.advocate.id, kind, "the meeting room", AT)
    for n, town in enumerate(towns):
        made = await joins(tx, town, f"guest{n}@firm{n}.example", days(n))
        await fraud.mark(tx, "friend", made.referral.id, "network", "the meeting room", days(n))
        await fraud.look(tx, made.referral.id, days(n))
    assert await fraud.count_cases(tx, fraud.Filter("open")) == 0


@rule("MR-185", "The same verdict twice is one verdict.")
async def test_one_verdict(tx: Tx) -> None:
    _, _, one, two = await two_strangers(tx)
    first = await fraud.resolve(tx, [one, two, one], "fraud", "One man.", OLA, days(41))
    assert await fraud.resolve(tx, [two, one], "fraud", "One man.", OLA, days(42)) == first


@rule("MR-186", "Looking again without anything new changes nothing.")
async def test_looking_again(tx: Tx) -> None:
    maya, _, one, two = await two_strangers(tx)
    before = (await fraud.case(tx, one), await reward_of(tx, maya.advocate.id))
    await fraud.watch(tx, [two, one, one], days(41))
    assert (await fraud.case(tx, one), await reward_of(tx, maya.advocate.id)) == before


@rule("MR-187", "What pays and identifies people is kept as a digest of this company's own, in one spelling.")
async def test_only_digests(db: Database, workspace: int, other_workspace: int) -> None:
    seen = []
    for place in (workspace, other_workspace):
        async with db.tx(place) as tx:
            town = await settle(tx)
            assert await fraud.mark(tx, "advocate", town.advocate.id, "payee", IBAN, AT)
            assert not await fraud.mark(
                tx, "advocate", town.advocate.id, "payee", IBAN.lower().replace(" ", ""), days(1)
            )
            seen.append(str(await tx.value("select digest from fraud_mark where workspace_id = $1", place)))
    assert seen[0] != seen[1]
    assert "3704" not in seen[0]


@rule("MR-188", "A mailbox of a team is nobody in particular: it is held, not refused.")
async def test_a_team_mailbox(tx: Tx) -> None:
    made = await outcomes.sign_up(tx, (await settle(tx)).link.code, "sales@prospect.example", "Sales", None, AT)
    assert [(f.rule, f.verdict) for f in made.findings] == [("role_inbox", "hold")]


@rule("MR-189", "Mailboxes that are thrown away after use wait for a person.")
@pytest.mark.parametrize("domain", ["mailinator.com", "guerrillamail.com", "yopmail.com"])
async def test_throw_away_mailboxes(tx: Tx, domain: str) -> None:
    town = await settle(tx)
    try:
        made = await outcomes.sign_up(tx, town.link.code, f"someone@{domain}", "Someone", None, AT)
    except BadInput:
        return  # refused at the door is as good
    assert "disposable_domain" in {f.rule for f in made.findings}


@rule("MR-190", "A case says what it could cost, why, and shows the part of the graph it rests on.")
async def test_a_case_is_explained(tx: Tx) -> None:
    await two_strangers(tx)
    for case in await fraud.cases(tx, fraud.Filter("open"), None, 10):
        assert case.expected_loss_minor == round(case.probability * case.stake_minor)
        assert case.reasons
        assert len(case.subgraph["nodes"]) >= 2


@rule("MR-191", "Which rules hold is the company's policy: a rule can be a note or off, by a kept version.")
async def test_the_policy(tx: Tx) -> None:
    wanted = fraud.Policy({"same_company": "hold", "role_inbox": "off"}, fraud.Costs(), 0)
    assert (await fraud.decide_policy(tx, wanted, fraud.RULE_NAMES, OLA, AT)).version == 1
    town = await settle(tx)
    await joins(tx, town, "lee@customer.example")
    await tell(tx, [won(5, who=person("lee@customer.example"))])
    assert ["both belong to" in r.review for r in await ledger.rewards(tx)] == [True]


@rule(
    "MR-195",
    "A colleague who brings another is noted and paid like anybody, unless the policy holds it or a second sign is there.",
)
async def test_colleagues(tx: Tx) -> None:
    town = await settle(tx)
    made = await joins(tx, town, "lee@customer.example")
    await tell(tx, [won(5, who=person("lee@customer.example"))])
    assert [(f.rule, f.verdict) for f in await fraud.findings_of(tx, made.referral.id)] == [("same_company", "note")]
    assert [r.review for r in await ledger.rewards(tx)] == [""]
    await fraud.see(tx, "advocate", town.advocate.id, [fraud.Used("payee", IBAN)], days(6))
    await fraud.see(tx, "friend", made.referral.id, [fraud.Used("payee", IBAN)], days(6))
    assert ["same account" in r.review for r in await ledger.rewards(tx)] == [True]


@rule("MR-196", "Where two advocates turn out to be paid into one account, what either earned before waits as well.")
async def test_what_was_earned_before(tx: Tx) -> None:
    maya, rita = await settle(tx), await settle(tx, email="rita@other.example", name="Rita Val")
    await friend(tx, maya, "tom@prospect.example", "1")
    await friend(tx, rita, "ann@second.example", "2", 1)
    await fraud.see(tx, "advocate", maya.advocate.id, [fraud.Used("payee", IBAN)], days(40))
    assert {r.review for r in await ledger.rewards(tx)} == {""}
    await fraud.see(tx, "advocate", rita.advocate.id, [fraud.Used("payee", IBAN)], days(41))
    for town in (maya, rita):
        assert "same account" in (await reward_of(tx, town.advocate.id)).review


@rule("MR-197", "An office behind one network is not held for it, however many of its people come and win.")
async def test_a_network_alone(tx: Tx) -> None:
    town = await settle(tx)
    await fraud.see(tx, "advocate", town.advocate.id, [fraud.Used("network", "93.184.216.0/24")], AT)
    for n in range(4):
        one = await friend(tx, town, f"p{n}@firm{n % 2}.example", str(n), n * 9)
        await fraud.see(tx, "friend", one, [fraud.Used("network", "93.184.216.0/24")], days(n * 9))
    assert {r.review for r in await ledger.rewards(tx)} == {""}


@rule("MR-192", "A flood of sign-ups through one advocate is looked at by a person before it pays.")
async def test_a_flood(tx: Tx) -> None:
    town = await settle(tx)
    held = 0
    for n in range(30):
        made = await outcomes.sign_up(tx, town.link.code, f"p{n}@firm{n}.example", "", None, days(n / 100))
        held += any(f.rule == "velocity" for f in made.findings)
    assert held >= 10


@rule("MR-193", "A case of one company is invisible to every other on the same installation.")
async def test_cases_are_private(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        *_, one, _ = await two_strangers(tx)
    async with db.tx(other_workspace) as tx:
        assert await fraud.case(tx, one) is None
        assert await fraud.cases(tx, fraud.Filter(), None, 10) == []


@rule("MR-194", "What a rule finds later still stops a reward that is approved and not paid.")
async def test_late_findings_stop_approved(tx: Tx) -> None:
    maya, rita = await settle(tx), await settle(tx, email="rita@other.example", name="Rita Val")
    one, two = await friend(tx, maya, "tom@prospect.example", "1"), await friend(tx, rita, "ann@second.example", "2", 1)
    reward = await reward_of(tx, maya.advocate.id)
    await ledger.approve_reward(tx, reward.id, "finn@host.example", days(70))
    for town in (maya, rita):
        await fraud.mark(tx, "advocate", town.advocate.id, "payee", IBAN, days(71))
    await fraud.watch(tx, [one, two], days(71))
    await fraud.resolve(tx, [one, two], "fraud", "One man.", OLA, days(72))
    assert (await ledger.reward(tx, reward.id)).state in TAKEN_BACK
