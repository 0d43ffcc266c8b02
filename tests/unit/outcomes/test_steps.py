"""From deals to money: stages, conversions, attribution and rewards, each once, in any order of events."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core.money import Money
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.outcomes import fraud
from tests.unit.outcomes.town import AT, ask, company, days, deal, event, joins, person, settle, tell, won


async def only(tx: Tx) -> outcomes.ReferralRow:
    (row,) = await outcomes.list_referrals(tx)
    return row


async def test_a_deal_of_the_friend_becomes_credit_and_a_held_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [deal("created", 3)])
        assert (await only(tx)).stage_text == "Sales is talking to them."
        changes = await tell(tx, [won(45)])
        assert changes.credited == 1
        row = await only(tx)
        assert row.stage == "won"
        assert row.attribution_reason == (
            f"tom@prospect.example followed Maya Ortiz's link {town.link.code} on 2 March 2026 at 08:55 UTC and signed up on "
            "2 March 2026 at 09:00 UTC; HubSpot deal 77 (Prospect Ltd) was won on 16 April 2026 at 09:00 UTC, 45 days later "
            "(€48,000). Last touch with a code within 180 days of the sign-up: the whole credit goes to Maya Ortiz."
        )
        (reward,) = await ledger.rewards(tx)
        assert (reward.amount_minor, reward.state, reward.review) == (500_000, "held", "")
        assert reward.reason.endswith("Reward: 15 % of €48,000, at most €5,000.")
        assert reward.hold_until == days(45) + timedelta(days=30)
        assert row.reward == "€5,000, on hold until 16 May 2026"
        assert (await ledger.verify(tx)).ok


async def test_a_deal_that_names_only_the_company_counts(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [won(20, 1_000_000, who=None, firm=company("prospect.example"))])
        assert (await only(tx)).reward == "€1,500, on hold until 21 April 2026"


async def test_a_win_without_anybody_counts_through_its_deal(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [deal("created", 1)])
        await tell(tx, [won(2, who=None)])
        assert (await only(tx)).stage == "won"


async def test_the_offer_is_that_of_the_ask_else_the_groups_first(
    db: Database, workspace: int, other_workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx, group="enterprise")
        beta = (await programs.offers(tx, town.group.id))[1]
        made = await ask(tx, town, beta.id, by="mara@host.example", at=days(-1))
        await ask(tx, town, beta.id + 999, by="late@host.example", at=days(1))
        await joins(tx, town)
        await tell(tx, [won(5)])
        (reward,) = await ledger.rewards(tx)
        assert (reward.incentive, reward.amount_minor, reward.asked_by) == ("beta_access", 0, "mara@host.example")
        assert await tx.value("select ask_id from attribution where workspace_id = $1", workspace) == made
    async with db.tx(other_workspace) as tx:
        await joins(tx, await settle(tx, group="enterprise"))
        await tell(tx, [won(5)])
        (reward,) = await ledger.rewards(tx)
        assert (reward.incentive, reward.amount_minor, reward.asked_by) == ("renewal_credit", 150_000, None)


async def test_a_lost_deal_ends_the_referral_unless_another_runs(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [deal("created", 1), deal("lost", 9)])
        assert (await only(tx)).stage == "lost"
        await tell(tx, [deal("created", 20, "78")])
        assert (await only(tx)).stage == "qualified"
        await tell(tx, [won(40, number="78")])
        assert (await only(tx)).stage == "won"


async def test_a_win_before_the_sign_up_or_after_the_window_does_not_count_and_says_so(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [won(-1, number="1"), won(181, number="2")])
        row = await only(tx)
        assert row.reward is None
        said = {f.rule: f.reason for f in row.findings}
        assert said["won_before_sign_up"] == (
            "HubSpot deal 1 was won on 1 March 2026, before the sign-up on 2 March 2026: it does not count."
        )
        assert "more than 180 days" in said["outside_window"]
        assert row.stage == "signed_up"
        await tell(tx, [won(180, number="3")])
        assert (await only(tx)).stage == "won"


async def test_a_finding_holds_the_reward_for_review(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        held = fraud.Policy({"same_company": "hold"}, fraud.Costs(), 0)
        await fraud.decide_policy(tx, held, fraud.RULE_NAMES, "ola@operator.example", AT)
        await joins(tx, town, "lee@customer.example", name="Lee")
        await tell(tx, [won(5, who=person("lee@customer.example"))])
        (reward,) = await ledger.rewards(tx)
        assert reward.review == "lee@customer.example and Maya Ortiz both belong to customer.example."
        (row,) = await outcomes.referrals_of(tx, town.advocate.id)
        assert row.friend_email == "l•••@customer.example"
        assert row.stage_text == (
            "Became a customer. Held for review: l•••@customer.example and Maya Ortiz both belong to customer.example."
        )
        assert row.reward == "€5,000, held for review"


async def test_two_colleagues_one_deal_one_credit(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        maya = await settle(tx)
        rita = await settle(tx, email="rita@other.example", name="Rita Val")
        await joins(tx, maya)
        await joins(tx, rita, "zoe@prospect.example", days(1), "Zoe")
        await tell(tx, [won(5, firm=company("prospect.example"))])
        rows = {r.friend_email: r for r in await outcomes.list_referrals(tx)}
        assert rows["tom@prospect.example"].stage == "won", "the friend on the deal, though Zoe signed up later"
        assert [f.rule for f in rows["zoe@prospect.example"].findings] == ["credited_elsewhere"]
        await tell(tx, [won(6, number="78", who=None, firm=company("prospect.example"))])
        assert len(await ledger.rewards(tx)) == 2
        row = next(r for r in await outcomes.list_referrals(tx) if r.friend_email == "zoe@prospect.example")
        assert row.stage == "won", "without a friend on the deal, the last sign-up before the win"


async def test_a_spent_budget_credits_but_says_why_there_is_no_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await ledger.fund_budget(tx, "2026", town.program.id, Money(100_000, "EUR"), "noor@host.example", AT)
        await joins(tx, town)
        await tell(tx, [won(5)])
        row = await only(tx)
        assert (row.stage, row.reward) == ("won", None)
        assert row.attribution_reason is not None
        assert row.attribution_reason.endswith(
            f"No reward: The budget of program:{town.program.id} has €1,000 left; €5,000 was asked for."
        )
    async with db.tx(workspace) as tx:
        assert (await ledger.verify(tx)).ok


async def test_a_commission_on_a_deal_without_an_amount_is_refused_in_words(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [deal("won", 5)])
        row = await only(tx)
        assert row.reward is None
        assert "no amount to take a share of" in (row.attribution_reason or "")


async def test_a_deal_in_another_currency_is_held_because_the_cap_does_not_apply(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [won(5, 10_000_000, currency="USD")])
        (reward,) = await ledger.rewards(tx)
        assert (reward.amount_minor, reward.currency) == (1_500_000, "USD")
        assert reward.review == "The deal is in USD, the cap in EUR."


async def test_a_deal_lost_after_it_was_won_voids_the_unpaid_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        await tell(tx, [won(5)])
        await tell(tx, [deal("lost", 20)])
        (reward,) = await ledger.rewards(tx)
        assert reward.state == "reversed"
        row = await only(tx)
        assert (row.stage, row.reward) == ("lost", "€5,000, cancelled")
        assert (await ledger.verify(tx)).ok


async def test_a_merge_that_comes_late_still_finds_its_deal(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        await joins(tx, town)
        stranger = person("tom.private@elsewhere.example", ext_id="hs-9")
        await tell(tx, [won(5, who=stranger)])
        assert (await only(tx)).stage == "signed_up"
        await tell(tx, [event("persona.identified", days(6), who=person("tom@prospect.example", ext_id="hs-9"))])
        assert (await only(tx)).stage == "won"


async def snapshot(tx: Tx) -> Any:
    """Everything outcomes and ledger concluded, without the wall clock."""
    row = await only(tx)
    stages = await tx.rows(
        "select stage, at, event_id, reason from referral_stage where workspace_id = $1 order by stage", tx.workspace_id
    )
    conversions = await tx.rows(
        "select deal, amount_minor, currency, occurred_at, event_id from conversion where workspace_id = $1 order by deal",
        tx.workspace_id,
    )
    rewards = sorted((r.label, r.amount_minor, r.state, r.hold_until, r.review) for r in await ledger.rewards(tx))
    findings = sorted((f.rule, f.verdict, f.reason) for f in row.findings)
    return row.stage, row.stage_at, [tuple(s) for s in stages], [tuple(c) for c in conversions], rewards, findings


STORIES: dict[str, list[CanonicalEvent]] = {
    "won": [
        deal("created", 1),
        deal("stage_changed", 2, props={"stage": "demo"}),
        won(9, firm=company("prospect.example")),
    ],
    "taken back": [deal("created", 1), won(9), deal("lost", 12)],
    "lost, then another": [deal("created", 1), deal("lost", 5), deal("created", 7, "78")],
    "open before, won after": [deal("created", -5), won(9), won(-3, number="75")],
}


@pytest.mark.parametrize("story", STORIES)
async def test_any_order_and_any_repetition_give_the_same_outcome(db: Database, workspace: int, story: str) -> None:
    events = STORIES[story]
    seen = []
    async with db.tx(workspace) as tx:
        town = await settle(tx)
    for order in itertools.permutations(events):
        for together in (True, False):
            try:
                async with db.tx(workspace) as tx:
                    await joins(tx, town)
                    for batch in [list(order)] if together else [[e] for e in order]:
                        await tell(tx, batch)
                    await tell(tx, events)  # everything again
                    seen.append(await snapshot(tx))
                    assert (await ledger.verify(tx)).ok
                    raise _RollBack
            except _RollBack:
                pass
    assert len(seen) == 12
    for one in seen:
        assert one == seen[0]


class _RollBack(Exception):
    """Every order starts from the same empty workspace."""


async def test_nothing_happens_for_events_that_concern_no_referral(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await settle(tx)
        changes = await tell(tx, [won(5, who=person("nobody@nowhere.example"))])
        assert (changes.referrals, changes.credited) == ([], 0)


async def test_referrals_are_listed_in_pages_and_by_stage(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        for n in range(4):
            await joins(tx, town, f"p{n}@firm{n}.example", days(n))
        first = await outcomes.list_referrals(tx, limit=3)
        rest = await outcomes.list_referrals(tx, after=str(first[-1].id))
        assert [r.friend_email[:2] for r in [*first, *rest]] == ["p3", "p2", "p1", "p0"]
        assert await outcomes.list_referrals(tx, stage="won") == []
        assert await outcomes.count_referrals(tx, "signed_up") == 4
        assert len(await outcomes.referrals_of(tx, town.advocate.id)) == 4
