"""Growth against the real schema: money that adds up with the ledger to the cent, reversals, cohorts, the K-factor."""

from datetime import timedelta

import pytest

from honeyguide import ledger
from honeyguide.core.ids import entity_id
from honeyguide.db import Database, Tx
from honeyguide.learning import cohorts
from honeyguide.learning.cohorts import Customer, Growth
from tests.unit.learning import books
from tests.unit.learning.books import day

ARMS = ["holdout" if n % 10 == 0 else "treated" for n in range(400)]


def _kinds(found: Growth, currency: str = "EUR") -> dict[str, int]:
    return {line.kind: line.amount_minor for line in found.lines if line.currency == currency}


async def _world(tx: Tx, *, asking_works: bool = True) -> list[tuple[int, int]]:
    firms = await books.firms(tx, ARMS)
    for n in range(20):
        await books.deal(tx, f"usual {n}", day(-40), 100_000)
    share = {"treated": 2 if asking_works else 4, "holdout": 20 if asking_works else 4}
    seen = {"treated": 0, "holdout": 0}
    came = []
    for (_, person), arm in zip(firms, ARMS, strict=True):
        seen[arm] += 1
        if seen[arm] % share[arm] == 0:
            came.append((person, day(3)))
    referrals = await books.refer_many(tx, came)
    await books.win_many(tx, [(r, day(20), 100_000) for r in referrals[12:]])
    for n, referral in enumerate(referrals[:12]):
        await books.win(tx, referral, day(20), 100_000, reward=7_333 + n)
    return firms


async def test_an_empty_workspace_has_words_and_no_numbers(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        found = await cohorts.growth(tx, day(0))
    for name in ("k_factor", "caused_referrals", "caused", "given_away", "cost_per_incremental", "ltv_difference"):
        figure = getattr(found, name)
        assert (figure.estimate, figure.lower, figure.upper) == (None, None, None), name
        assert figure.sentence.endswith("."), name
    assert (found.lines, found.cohorts, found.adds_up) == ([], [], True)


async def test_rewards_add_up_with_the_books_to_the_cent(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await _world(tx)
        young = await books.refer(tx, firms[1][1], day(29))
        await books.win(tx, young, day(30), 100_000, reward=1_111)
        early = await books.refer(tx, firms[2][1], day(-5))
        await books.win(tx, early, day(5), 100_000, reward=2_222)
        held = await books.refer(tx, firms[0][1], day(4))
        await books.win(tx, held, day(9), 100_000, reward=3_333)
        stranger = await books.refer(tx, entity_id("persona", "books", "nobody"), day(4))
        await books.win(tx, stranger, day(9), 100_000, reward=4_444)
        abroad = await books.refer(tx, firms[3][1], day(4))
        await books.win(tx, abroad, day(9), 100_000, reward=5_555, currency="USD")
        found = await cohorts.growth(tx, day(31))
        kinds = _kinds(found)
        assert (kinds["running"], kinds["before"], kinds["holdout"], kinds["elsewhere"]) == (1_111, 2_222, 3_333, 4_444)
        assert _kinds(found, "USD") == {"treated": 5_555}
        rewards = sum(7_333 + n for n in range(12))
        assert kinds["caused"] + kinds["given_away"] == rewards
        assert found.adds_up
        books_hold = sum(a.balance_minor for a in await ledger.accounts(tx) if a.kind == "held" and a.currency == "EUR")
        assert sum(kinds.values()) == books_hold
        assert (await ledger.verify(tx)).ok


async def test_a_voided_reward_is_gone_exactly_and_paid_ones_stay(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _world(tx)
        before = _kinds(await cohorts.growth(tx, day(31)))
        rewards = sorted(await ledger.rewards(tx, limit=50), key=lambda r: r.amount_minor)
        await ledger.void_reward(tx, rewards[0].id, "honeyguide", "taken back", day(32))
        found = await cohorts.growth(tx, day(33))
        after = _kinds(found)
        assert found.adds_up
        assert sum(before.values()) - sum(after.values()) == rewards[0].amount_minor
        as_it_was = _kinds(await cohorts.growth(tx, day(31)))
        assert as_it_was == before, "what was true then is still told of then"


async def test_caused_and_given_away_bracket_the_truth(db: Database, workspace: int) -> None:
    """180 of 360 treated companies bring a referral, 2 of 40 held-out ones: 18 of the 180 would have come anyway."""
    async with db.tx(workspace) as tx:
        await _world(tx)
        found = await cohorts.growth(tx, day(29))
    caused = found.caused_referrals
    assert caused.estimate == pytest.approx(162)
    assert caused.lower is not None
    assert caused.upper is not None
    assert 0 < caused.lower < 162 < caused.upper <= 180
    away = found.given_away
    assert away.estimate is not None
    assert away.lower is not None
    assert away.upper is not None
    rewards = sum(7_333 + n for n in range(12))
    assert away.estimate == pytest.approx(rewards / 10, abs=1)
    assert 0 <= away.lower <= away.estimate <= away.upper < rewards
    assert "would have come anyway" in away.sentence
    money = found.caused
    assert money.lower is not None
    assert money.upper is not None
    assert 0 < money.lower < 16_200_000 < money.upper <= 18_000_000
    cost = found.cost_per_incremental
    assert cost.lower is not None
    assert cost.upper is not None
    assert cost.lower < rewards / 162 < cost.upper


async def test_where_asking_does_nothing_the_cost_has_no_upper_bound_and_the_sentence_says_so(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        await _world(tx, asking_works=False)
        found = await cohorts.growth(tx, day(29))
    assert "It may be that none did." in found.caused_referrals.sentence
    assert found.cost_per_incremental.upper is None
    assert (
        "no upper bound" in found.cost_per_incremental.sentence or "no such cost" in found.cost_per_incremental.sentence
    )
    kinds = _kinds(found)
    compared = kinds["caused"] + kinds["given_away"]
    assert found.given_away.upper == compared > 0, "it may be that all of it was given away"


async def test_the_k_factor_counts_customers_and_loses_the_ones_taken_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await books.firms(tx, ["treated"] * 40)
        for n, (firm, _) in enumerate(firms):
            await books.deal(tx, f"own {n}", day(-365), 500_000, record=firm)
        referrals = await books.refer_many(tx, [(person, day(-100)) for _, person in firms[:10]])
        for referral in referrals:
            await books.win(tx, referral, day(-50), 200_000)
        found = (await cohorts.growth(tx, day(0))).k_factor
        assert found.estimate == pytest.approx(10 / 40 * 365 / 364, rel=1e-6)
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower < 0.25 < found.upper
        assert "100 customers bring between" in found.sentence
        for referral in referrals[:5]:
            await books.deal(tx, f"deal {referral}", day(-10), None, kind="lost")
        after = (await cohorts.growth(tx, day(0))).k_factor
        assert after.estimate == pytest.approx(5 / 40 * 365 / 364, rel=1e-6)


def _customers(since: float, referred: bool, worth: int, n: int = 20) -> list[Customer]:
    return [
        Customer(1_000 * int(since) + i, day(since), referred, ((day(since), worth + i), (day(since + 200), worth)))
        for i in range(n)
    ]


def test_cohorts_are_quarters_and_the_young_are_marked() -> None:
    found = cohorts.cohorts_of(
        [*_customers(0, False, 100_000), *_customers(300, True, 90_000), *_customers(300, False, 80_000, 3)],
        "EUR", day(320),
    )  # fmt: skip
    assert [(c.cohort, c.origin, c.customers, c.young) for c in found] == [
        ("2026-Q4", "referred", 20, True), ("2026-Q4", "other", 3, True), ("2026-Q1", "other", 20, False),
    ]  # fmt: skip
    assert found[1].value.estimate is None, "three customers are no mean"
    old = found[2].value
    assert old.lower is not None
    assert old.upper is not None
    assert old.estimate is not None
    assert old.estimate == pytest.approx(200_009.5)
    assert old.lower < old.estimate < old.upper


def test_referred_and_other_customers_are_compared_at_equal_age_only() -> None:
    """Old customers have had a renewal; comparing what everybody brought so far would call the young ones worthless."""
    old, new = _customers(0, False, 100_000, 60), _customers(250, True, 100_000, 60)
    assert cohorts.ltv_difference([*old, *new], "EUR", day(300)).estimate is None
    found = cohorts.ltv_difference([*old, *new], "EUR", day(250) + timedelta(days=180))
    assert found.estimate == pytest.approx(0.0)
    assert found.lower is not None
    assert found.lower < 0
    assert "is open" in found.sentence


async def test_a_customer_is_referred_when_its_first_deal_was_credited(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await books.firms(tx, ["treated"] * 2)
        buyer, other = entity_id("company", "books", "buyer"), firms[1][0]
        referral = await books.refer(tx, firms[0][1], day(1))
        await books.win(tx, referral, day(9), 150_000, buyer=buyer)
        await books.deal(tx, "renewal", day(20), 50_000, record=buyer)
        await books.deal(tx, "own", day(5), 70_000, record=other)
        await books.deal(tx, "gone", day(6), 70_000, record=firms[0][0])
        await books.deal(tx, "gone", day(8), None, kind="lost", record=firms[0][0])
        found = (await cohorts.growth(tx, day(30))).cohorts
        assert {(c.origin, c.customers, c.total_minor) for c in found} == {
            ("referred", 1, 200_000),
            ("other", 1, 70_000),
        }
