"""Experiments against the real schema: stored looks, replay, revenue, steps, reversals, job changes, erasure."""

from datetime import timedelta

import pytest

from honeyguide import learning, ledger
from honeyguide.core.errors import NotFound
from honeyguide.db import Database, Tx
from honeyguide.learning import evidence, experiments
from honeyguide.learning.experiments import Experiment
from honeyguide.learning.followed import by_step, episodes
from tests.unit.learning import books
from tests.unit.learning.books import day

ARMS = ["holdout" if n % 10 == 0 else "treated" for n in range(400)]


async def _all(tx: Tx) -> dict[str, Experiment]:
    return {e.id: e for e in await experiments.list(tx)}


async def _good_world(tx: Tx) -> list[tuple[int, int]]:
    """360 treated companies, half of which bring a referral; 40 held out, two of which do. Every referral wins 1,000."""
    firms = await books.firms(tx, ARMS)
    for n in range(30):
        await books.deal(tx, f"usual {n}", day(-40), 80_000 + 1_000 * n)
    came = [person for n, (_, person) in enumerate(firms) if (ARMS[n] == "treated" and n % 2 == 0) or n in (50, 110)]
    referrals = await books.refer_many(tx, [(person, day(3)) for person in came])
    await books.win_many(tx, [(referral, day(20), 100_000) for referral in referrals])
    return firms


async def test_nothing_to_compare_makes_no_experiment(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert await experiments.look(tx, day(0)) == 0
        assert await experiments.list(tx) == []
        with pytest.raises(NotFound):
            await experiments.get(tx, "referrals")
        found = await learning.evidence_for(tx, "no such step", day(0))
        assert (found.n, found.estimate, found.lower) == (0, None, None)
        assert not found.guards["opt_out"].holds


async def test_lift_on_referrals_and_on_money_is_proven_and_told_in_words(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _good_world(tx)
        await experiments.look(tx, day(29))
        found = await _all(tx)
        for ident in ("referrals", "revenue", "step-support-warm"):
            one = found[ident]
            assert one.verdict == "positive", one.sentence
            assert one.estimate is not None
            assert one.lower is not None
            assert one.upper is not None
            assert 0 < one.lower < one.estimate < one.upper
            assert one.proven_at == day(29)
        assert "between" in found["referrals"].sentence
        assert "Each win counts up to €1,000." in found["revenue"].sentence
        assert found["revenue"].currency == "EUR"


async def test_a_look_a_day_and_only_when_it_says_something_new(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _good_world(tx)
        assert await experiments.look(tx, day(10)) > 0
        assert await experiments.look(tx, day(10) + timedelta(hours=3)) == 0
        assert await experiments.look(tx, day(11)) == 0  # nothing has changed
        assert await experiments.look(tx, day(29)) > 0
        one, looks = await experiments.get(tx, "referrals")
        assert [look.look for look in looks] == [1, 2]
        assert (looks[0].verdict, looks[0].estimate) == ("not_enough_yet", None)
        assert one.proven_at == looks[1].at == day(29)


async def test_every_look_comes_out_again_from_its_statistics_and_a_changed_one_is_seen(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        await _good_world(tx)
        for n in (5, 29, 60):
            await experiments.look(tx, day(n))
        for one in await experiments.list(tx):
            assert one.looks >= 1
            assert await experiments.doubted(tx, one.id) == []
        await tx.run(
            "update experiment_look set lower = lower + 0.01 where workspace_id = $1 and experiment_id = 'referrals' and look = 2",
            workspace,
        )
        assert await experiments.doubted(tx, "referrals") == [2]


async def test_a_number_without_its_interval_cannot_be_stored(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _good_world(tx)
        await experiments.look(tx, day(29))

    async def bare() -> None:
        async with db.tx(workspace) as tx:
            await tx.run("update experiment_look set lower = null where workspace_id = $1", workspace)

    with pytest.raises(Exception, match="check"):
        await bare()


async def test_a_deal_taken_back_and_a_rejected_referral_undo_their_credit(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await books.firms(tx, ["treated"] * 3 + ["holdout"])
        kept = await books.refer(tx, firms[0][1], day(2))
        back = await books.refer(tx, firms[1][1], day(2))
        await books.win(tx, kept, day(9), 70_000)
        await books.win(tx, back, day(9), 50_000)
        before = await experiments.money_statistics(tx, day(60), None, "EUR")
        assert (before["candidate"][2], before["wins"]) == (120_000, 2)
        await books.deal(tx, f"deal {back}", day(50), None, kind="lost")
        after = await experiments.money_statistics(tx, day(60), None, "EUR")
        assert (after["candidate"][2], after["wins"]) == (70_000, 1)
        assert (await experiments.money_statistics(tx, day(49), None, "EUR"))["candidate"][2] == 0 + 120_000
        await tx.run("update referral set stage = 'rejected' where workspace_id = $1 and id = $2", workspace, kept)
        assert (await experiments.money_statistics(tx, day(60), None, "EUR"))["wins"] == 0


async def test_a_win_counts_up_to_the_cap_and_the_rest_is_told(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await books.firms(tx, ["treated", "holdout"])
        await books.win(tx, await books.refer(tx, firms[0][1], day(2)), day(9), 9_000_000)
        found = await experiments.money_statistics(tx, day(30), 1_000_000, "EUR")
        assert found["candidate"][2] == 1_000_000
        assert found["above_cap_minor"] == 8_000_000


async def test_the_cap_is_fixed_once_and_never_moved(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await books.firms(tx, ["treated", "holdout"])
        await experiments.look(tx, day(1))
        assert await experiments.cap_in_force(tx, "EUR", day(1)) is None
        for n in range(20):
            await books.deal(tx, f"a {n}", day(1), 100_000)
        await experiments.look(tx, day(2))
        for n in range(50):
            await books.deal(tx, f"b {n}", day(3), 9_000_000)
        await experiments.look(tx, day(4))
        assert await experiments.cap_in_force(tx, "EUR", day(4)) == 100_000
        assert await experiments.doubted(tx, "revenue") == []


async def test_a_champion_who_changes_jobs_does_not_take_past_referrals_along(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        (old, ana), (new, _) = await books.firms(tx, ["treated", "holdout"])
        await books.refer(tx, ana, day(3))
        await tx.run("update edge set valid_to = $3 where workspace_id = $1 and src = $2", workspace, ana, day(10))
        await tx.run(
            "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, last_seen_at, support, inferrer, recorded_at) "
            "select workspace_id, kind, src, $3, 0.99, $4, $4, 1, 'record', $4 from edge where workspace_id = $1 and src = $2",
            workspace, ana, new, day(10),
        )  # fmt: skip
        assert old != new
        found = await learning.measure(tx, day(40))
        assert (found[0].detail["successes_treated"], found[0].detail["successes_holdout"]) == (1, 0)


async def test_erasure_leaves_the_aggregates_as_they_were(db: Database, workspace: int) -> None:
    """What erasure and its replay leave of a person: ids and numbers, no record, no edge."""
    async with db.tx(workspace) as tx:
        firms = await _good_world(tx)
        await experiments.look(tx, day(29))
        before = await experiments.get(tx, "referrals"), await experiments.get(tx, "revenue")
        gone = [person for _, person in firms[:100]]
        for table, column in (("record", "id"), ("edge", "src")):
            await tx.run(
                f"delete from {table} where workspace_id = $1 and {column} = any($2::bigint[])", workspace, gone
            )
        assert await experiments.look(tx, day(30)) == 0, "nothing that was counted has changed"
        assert (await experiments.get(tx, "referrals"), await experiments.get(tx, "revenue")) == before


async def test_evidence_of_a_step_has_bounds_and_guards(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firms = await _good_world(tx)
        asked = 0
        for n, (firm, person) in enumerate(firms):
            if ARMS[n] == "treated":
                decision = await tx.value(
                    "select id from decision where workspace_id = $1 and record_id = $2", workspace, person
                )
                await books.ask(tx, decision, firm, person, day(0), reason="opted_out" if n in (1, 2) else None)
                asked += 1
        found = await learning.evidence_for(tx, "support/warm", day(29))
        assert (found.n, found.n_holdout, found.verdict) == (360, 40, "positive")
        assert found.lower is not None
        assert found.lower > 0
        opt_out = found.guards["opt_out"]
        assert opt_out.estimate == pytest.approx(2 / asked)
        assert opt_out.upper > 2 / asked
        assert opt_out.holds
        estimate, upper, limit = found.guards["complaint"]
        assert (estimate, limit) == (0.0, evidence.COMPLAINT_LIMIT)
        assert 0 < upper < 0.02
        assert found.guards["spend"].estimate == 0.0


async def test_money_paid_for_nothing_qualified_breaks_the_spend_guard(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        ((firm, person),) = await books.firms(tx, ["treated"])
        decision = await tx.value("select id from decision where workspace_id = $1", workspace)
        await books.ask(tx, decision, firm, person, day(0))
        referral = await books.refer(tx, person, day(1))
        reward = await books.win(tx, referral, day(3), 100_000, reward=5_000)
        await tx.run("update referral set stage = 'lost' where workspace_id = $1 and id = $2", workspace, referral)
        spend = (await learning.evidence_for(tx, "support/warm", day(29))).guards["spend"]
        assert spend.estimate is None
        assert not spend.holds
        assert reward is not None
        await ledger.void_reward(tx, reward, "honeyguide", "lost", day(5))
        spend = (await learning.evidence_for(tx, "support/warm", day(29))).guards["spend"]
        assert (spend.estimate, spend.upper) == (0.0, 0.0)


def test_episodes_are_apart_and_a_company_counts_once_a_step() -> None:
    asks = [
        {"entity": 1, "arm": "holdout", "at": day(n), "step": step}
        for n, step in ((0, "a"), (3, "b"), (27, "b"), (28, "b"), (60, "a"))
    ]
    found = episodes(asks)
    assert [(e.at, e.step) for e in found] == [(day(0), "a"), (day(28), "b"), (day(60), "a")]
    assert {step: len(rows) for step, rows in by_step(found).items()} == {"a": 1, "b": 1}


def test_what_may_be_spent_follows_the_groups_it_went_to_and_the_wins_that_came() -> None:
    economics = {"margin_minor": {"small": 100_000, "middle": 400_000, "large": 1_600_000}}
    assert evidence.spend_limit({}) == 0.0
    assert evidence.spend_limit(economics) == 0.5 * 0.25 * 400_000
    small, large = evidence.spend_limit(economics, {"small": 10}), evidence.spend_limit(economics, {"large": 10})
    assert large == 16 * small
    assert evidence.spend_limit(economics, {"small": 10, "large": 10}) > small
    assert evidence.spend_limit(economics, {"gone": 10}) == pytest.approx(
        evidence.spend_limit(economics, {"middle": 10})
    )
    limits = [evidence.spend_limit(economics, {"middle": 200}, won) for won in (0, 50, 200)]
    assert limits == sorted(limits)
    assert limits[0] < 0.1 * 400_000 * 0.5  # two hundred qualified and none won: hardly anything may be spent
    assert limits[2] <= 0.5 * 400_000
