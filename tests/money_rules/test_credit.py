"""Credit: who signed up through whom, which win counts, and why in words."""

import asyncio
import itertools

import pytest

from honeyguide import ledger, outcomes
from honeyguide.core.errors import BadInput, HoneyguideError, NotFound
from honeyguide.core.ids import new_id
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from honeyguide.outcomes import fraud
from tests.money_rules import rule
from tests.money_rules.ground import TAKEN_BACK
from tests.unit.outcomes.town import AT, BROWSER, company, days, deal, event, joins, logged, person, settle, tell, won


class _RollBack(Exception):
    """Every order starts from the same empty workspace."""


async def only(tx: Tx) -> outcomes.ReferralRow:
    (row,) = await outcomes.list_referrals(tx)
    return row


@rule("MR-110", "The first sign-up of a friend in a program stays; a later one through somebody else changes nothing.")
async def test_the_first_sign_up_stays(tx: Tx) -> None:
    maya = await settle(tx)
    rita = await settle(tx, email="rita@other.example", name="Rita Val")
    first = await joins(tx, maya)
    again = await outcomes.sign_up(tx, rita.link.code, "TOM@prospect.example", "Tom", None, days(1))
    assert (again.already, again.referral.id, again.referral.advocate_id) == (True, first.referral.id, maya.advocate.id)


@rule("MR-111", "A double click on the form is one referral.")
async def test_a_double_click(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
    together = asyncio.Barrier(4)

    async def click() -> outcomes.SignUp:
        async with db.tx(workspace) as tx:
            await together.wait()
            return await outcomes.sign_up(tx, town.link.code, "tom@prospect.example", "Tom", None, AT)

    made = await asyncio.gather(*(click() for _ in range(4)))
    assert len({one.referral.id for one in made}) == 1
    async with db.tx(workspace) as tx:
        assert len(await logged(tx)) == len(await outcomes.list_referrals(tx)) == 1


@rule("MR-112", "An own mailbox under a tag or other letters is no friend: it is held and says so.")
@pytest.mark.parametrize("email", ["maya+friend@customer.example", "MAYA@customer.example"])
async def test_self_referral_is_held(tx: Tx, email: str) -> None:
    town = await settle(tx)
    made = await outcomes.sign_up(tx, town.link.code, email, "A friend", None, AT)
    found = {f.rule: f for f in made.findings}
    assert (found["same_email"].verdict, "Maya Ortiz" in found["same_email"].reason) == ("hold", True)


@rule("MR-113", "Another address of the advocate is the advocate.")
async def test_another_address_is_held(tx: Tx) -> None:
    town = await settle(tx)
    both = person("maya@private.example", ext_id="hs-maya@customer.example")
    await tell(tx, [event("persona.identified", days(-9), who=both)])
    made = await outcomes.sign_up(tx, town.link.code, "maya@private.example", "M", None, AT)
    assert "same_persona" in {f.rule for f in made.findings}


async def colleagues_wait(tx: Tx) -> None:
    """The policy that holds whoever works where the advocate does."""
    held = fraud.Policy({"same_company": "hold"}, fraud.Costs(), 0)
    await fraud.decide_policy(tx, held, fraud.RULE_NAMES, "ola@operator.example", AT)


@rule(
    "MR-114",
    "A colleague's sign-up is not refused: where the policy holds it, it waits for a person and says which company the two share.",
)
async def test_a_colleague_waits(tx: Tx) -> None:
    town = await settle(tx)
    await colleagues_wait(tx)
    await joins(tx, town, "lee@customer.example", name="Lee")
    await tell(tx, [won(5, who=person("lee@customer.example"))])
    (reward,) = await ledger.rewards(tx)
    assert "customer.example" in reward.review
    with pytest.raises(HoneyguideError):
        await ledger.approve_reward(tx, reward.id, "noor@host.example", days(60))


@rule("MR-115", "A company that is a customer already is not brought anew; what it bought is named.")
async def test_a_customer_is_not_new(tx: Tx) -> None:
    town = await settle(tx)
    await tell(tx, [won(-20, who=None, firm=company("prospect.example", name="Prospect Ltd"))])
    made = await joins(tx, town)
    (finding,) = (f for f in made.findings if f.rule == "existing_customer")
    assert "HubSpot deal 77" in finding.reason


@rule("MR-116", "A deal that was open before the sign-up is not the advocate's without a person's word.")
async def test_an_open_deal_is_held(tx: Tx) -> None:
    town = await settle(tx)
    await joins(tx, town)
    await tell(tx, [deal("created", -5), won(9)])
    (reward,) = await ledger.rewards(tx)
    assert reward.review


@rule("MR-117", "A win before the sign-up counts for nobody, and the referral says so with both days.")
async def test_won_before(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(-1)])
    assert "before the sign-up on 2 March 2026" in " ".join(f.reason for f in (await only(tx)).findings)
    assert await ledger.rewards(tx) == []


@rule("MR-118", "A win after the program's window counts for nobody; the last day of the window still does.")
@pytest.mark.parametrize(("day", "rewards"), [(181, 0), (180, 1)])
async def test_the_window(tx: Tx, day: int, rewards: int) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(day)])
    assert len(await ledger.rewards(tx)) == rewards


@rule("MR-119", "A won deal is credited once, however often and from wherever it is told.")
async def test_a_win_is_credited_once(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    for n in range(3):
        await tell(tx, [won(5, message=f"again {n}")])
    assert len(await ledger.rewards(tx)) == 1


@rule("MR-120", "Late, repeated and shuffled events of a deal end in the same credit and the same money.")
async def test_any_order(db: Database, workspace: int) -> None:
    events = [deal("created", 1), won(9), deal("lost", 12)]
    ends = set()
    for order in itertools.permutations(events):
        try:
            async with db.tx(workspace) as tx:
                await joins(tx, await settle(tx))
                for one in order:
                    await tell(tx, [one])
                await tell(tx, events)
                (reward,) = await ledger.rewards(tx)
                ends.add(((await only(tx)).stage, reward.amount_minor, reward.state))
                assert (await ledger.verify(tx)).ok
                raise _RollBack
        except _RollBack:
            pass
    assert len(ends) == 1


@rule("MR-121", "A deal lost after it was won takes its unpaid reward back.")
async def test_lost_after_won(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5)])
    await tell(tx, [deal("lost", 20)])
    (reward,) = await ledger.rewards(tx)
    assert (reward.state in TAKEN_BACK, (await only(tx)).stage) == (True, "lost")


@rule("MR-122", "A lost deal ends a referral only while no other deal of the friend runs.")
async def test_another_deal_runs(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [deal("created", 1), deal("lost", 9), deal("created", 20, "78")])
    assert (await only(tx)).stage == "qualified"
    await tell(tx, [won(40, number="78")])
    assert ((await only(tx)).stage, len(await ledger.rewards(tx))) == ("won", 1)


@rule("MR-123", "Credit is the company's: a deal with the friend's firm counts although somebody else signs it.")
async def test_the_company_counts(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, who=None, firm=company("prospect.example"))])
    assert len(await ledger.rewards(tx)) == 1


@rule("MR-124", "Two advocates of one customer never both earn the whole of one deal.")
async def test_one_deal_one_whole(tx: Tx) -> None:
    maya = await settle(tx)
    rita = await settle(tx, email="rita@other.example", name="Rita Val")
    await joins(tx, maya)
    await joins(tx, rita, "zoe@prospect.example", days(1), "Zoe")
    await tell(tx, [won(5, 1_000_000, firm=company("prospect.example"))])
    assert sum(r.amount_minor for r in await ledger.rewards(tx)) == 150_000


@rule("MR-125", "The friend who is on the deal comes before a colleague who signed up later.")
async def test_the_friend_on_the_deal(tx: Tx) -> None:
    maya = await settle(tx)
    rita = await settle(tx, email="rita@other.example", name="Rita Val")
    await joins(tx, maya)
    await joins(tx, rita, "zoe@prospect.example", days(1), "Zoe")
    await tell(tx, [won(5, firm=company("prospect.example"))])
    assert {r.advocate_id for r in await ledger.rewards(tx)} == {maya.advocate.id}


@rule("MR-126", "When two records turn out to be one person later, the deal that waited is credited.")
async def test_a_late_merge(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, who=person("tom.private@elsewhere.example", ext_id="hs-9"))])
    assert await ledger.rewards(tx) == []
    await tell(tx, [event("persona.identified", days(6), who=person("tom@prospect.example", ext_id="hs-9"))])
    assert len(await ledger.rewards(tx)) == 1


@rule("MR-127", "A share of a deal is exact whole cents, never more than the share.")
@pytest.mark.parametrize(("minor", "share"), [(33_333, 4_999), (7, 1), (6, 0), (1_000_001, 150_000)])
async def test_shares_are_whole_cents(tx: Tx, minor: int, share: int) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, minor)])
    assert sum(r.amount_minor for r in await ledger.rewards(tx)) == share


@rule("MR-128", "One deal earns at most the offer's cap, however large it is.")
async def test_one_deal_capped(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, 1_000_000_000)])
    assert [r.amount_minor for r in await ledger.rewards(tx)] == [500_000]


@rule("MR-129", "A deal in another currency than the cap's is paid by a person's word only.")
async def test_another_currency_waits(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, 10_000_000, currency="USD")])
    (reward,) = await ledger.rewards(tx)
    assert (reward.currency, "USD" in reward.review) == ("USD", True)


@rule("MR-130", "A deal without an amount earns no share, and the credit says why.")
async def test_no_amount_no_share(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [deal("won", 5)])
    assert await ledger.rewards(tx) == []
    assert "no amount" in ((await only(tx)).attribution_reason or "")


@rule("MR-131", "When the budget is spent the win is still credited, and it says why nothing is paid.")
async def test_a_spent_budget_says_so(tx: Tx) -> None:
    town = await settle(tx)
    await ledger.fund_budget(tx, "2026", town.program.id, Money(100_000, "EUR"), "noor@host.example", AT)
    await joins(tx, town)
    await tell(tx, [won(5)])
    row = await only(tx)
    assert (row.stage, "€1,000 left" in (row.attribution_reason or "")) == ("won", True)


@rule("MR-132", "The hold begins with the win, and lasts as long as the program's terms say.")
async def test_the_hold_begins_with_the_win(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5)])
    (reward,) = await ledger.rewards(tx)
    assert reward.hold_until == days(35)


@rule("MR-133", "Whoever follows no link earns nobody anything.")
async def test_strangers_earn_nobody(tx: Tx) -> None:
    await settle(tx)
    await tell(tx, [won(5, who=person("nobody@nowhere.example"))])
    assert await ledger.rewards(tx) == []


@rule("MR-134", "A mistyped, unknown or hostile code opens nothing; a code read out aloud is understood.")
async def test_codes(tx: Tx) -> None:
    town = await settle(tx)
    for code in ("maya-222222", "", "'; drop table link", town.link.code[:-1]):
        with pytest.raises(NotFound):
            await outcomes.sign_up(tx, code, "tom@prospect.example", "Tom", None, AT)
    made = await outcomes.sign_up(
        tx, f" {town.link.code.upper().replace('-', ' ')} ", "tom@prospect.example", "", None, AT
    )
    assert made.referral.advocate_id == town.advocate.id


@rule("MR-135", "A program for companies takes work addresses: private and invented mailboxes are refused in words.")
@pytest.mark.parametrize("email", ["tom@gmail.com", "tom@server.local", "nonsense", ""])
async def test_work_addresses(tx: Tx, email: str) -> None:
    town = await settle(tx)
    with pytest.raises(BadInput) as refused:
        await outcomes.sign_up(tx, town.link.code, email, "Tom", None, AT)
    assert refused.value.detail
    assert await outcomes.list_referrals(tx) == []


@rule("MR-136", "A machine that follows a link is written down as one, and a mere look is nobody's proof of a person.")
@pytest.mark.parametrize(
    "agent", ["Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.9", ""]
)
async def test_machines_are_told_apart(tx: Tx, agent: str) -> None:
    town = await settle(tx)
    touch = await outcomes.record_touch(tx, town.link, "click", agent=agent, visitor=new_id(), at=AT)
    assert touch.agent == "scanner"
    said = [outcomes.classify(BROWSER, method) for method in ("GET", "HEAD", "POST")]
    assert said == ["unknown", "scanner", "person"]


@rule("MR-137", "Every credit says in words whose it is and why.")
async def test_credit_says_why(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5)])
    row = await only(tx)
    assert row.attribution_reason
    assert "Tom" in row.attribution_reason or "prospect" in row.attribution_reason


@rule("MR-138", "An advocate sees the stage of their referral, and not the friend's whole address.")
async def test_the_friend_is_masked(tx: Tx) -> None:
    town = await settle(tx)
    await joins(tx, town)
    (row,) = await outcomes.referrals_of(tx, town.advocate.id)
    assert (row.friend_email, bool(row.stage_text)) == ("t•••@prospect.example", True)
