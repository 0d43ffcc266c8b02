"""Training from the log: deterministic in any steps, each factor at its own delay, and it stops where asking does nothing."""

from datetime import timedelta

import numpy as np

from honeyguide import decisions, learning
from honeyguide.db import Database, Row, Tx
from honeyguide.decisions import tables
from honeyguide.decisions.brain import Design, Snapshot, load
from honeyguide.learning import training_tables
from tests.unit.learning.training_world import START, World

MOMENTS = 14


async def played(tx: Tx, made: World, days: int, *, people: int = 150, train_from: int | None = None) -> None:
    """Some days of a world, trained every day from a day on."""
    await made.settle(tx, people)
    for day in range(days):
        if train_from is not None and day >= train_from:
            await learning.train(tx, START + timedelta(days=day))
        await made.live(tx, day, MOMENTS)


async def snapshot_of(tx: Tx) -> bytes:
    policy = await tables.current_policy(tx)
    assert policy is not None
    return (await tables.with_snapshot(tx, policy)).snapshot


def fond_of_help(row: Row) -> float:
    """Those who were helped share often, others hardly ever."""
    return 0.5 if row["kind"] == "support_success" else 0.02


async def test_the_same_log_gives_the_same_policy_to_the_bit_in_one_training_or_in_many(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        await played(tx, World(1, fond_of_help, unasked=0.002), 40)
        for day in (10, 21, 22, 30, 36):
            await learning.train(tx, START + timedelta(days=day))
        end = START + timedelta(days=40)
        stepwise = await learning.train(tx, end)
        assert stepwise is not None
        assert not stepwise.anew
        bits = await snapshot_of(tx)
        again = await learning.train(tx, end)
        assert again is not None
        assert (again.policy_version, again.days) == (stepwise.policy_version, 0)
        await tx.run("delete from brain_state where workspace_id = $1", workspace)
        whole = await learning.train(tx, end)
        assert whole is not None
        assert whole.days > stepwise.days
        assert whole.policy_version == stepwise.policy_version, "another snapshot would have made another version"
        assert await snapshot_of(tx) == bits
        counts = (stepwise.asks, stepwise.shares, stepwise.qualified, stepwise.wins)
        assert counts == (whole.asks, whole.shares, whole.qualified, whole.wins)
        assert counts == tuple(sorted(counts, reverse=True))


async def test_it_learns_what_people_share_after_and_nothing_before_a_window_is_over(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        await played(tx, World(2, fond_of_help), 40)
        early = await learning.train(tx, START + timedelta(days=13))
        assert early is not None
        assert (early.days, early.asks > 0) == (0, True)
        before = load(await snapshot_of(tx))
        await learning.train(tx, START + timedelta(days=60))
        after = load(await snapshot_of(tx))
        up = liking(after, "support_success") - liking(before, "support_success")
        down = liking(after, "purchase_euphoria") - liking(before, "purchase_euphoria")
        # whom it may ask, and so how fast it learns, hangs on each person's lot
        assert up > 0
        assert up - down > 0.3


def liking(snapshot: Snapshot, kind: str) -> float:
    """The log-odds of sharing at a fresh moment of a kind."""

    names = Design(snapshot.schema).names
    return float(
        snapshot.share_mean[names.index(f"kind:{kind}")] + snapshot.share_mean[names.index(f"kind:{kind}*fresh")]
    )


async def test_an_event_that_comes_late_is_learned_as_if_it_had_come_in_time(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = World(3, lambda _: 0.1)
        await played(tx, made, 30)
        end = START + timedelta(days=50)
        await learning.train(tx, end)
        bits = await snapshot_of(tx)
        asked = await training_tables.asks(tx, end)
        came = {r["persona"] for r in await training_tables.referrals(tx, end)}
        missed = next(r for r in asked if r["persona"] not in came)
        await made.refer(tx, missed["persona"], missed["at"] + timedelta(days=2), "late")
        found = await learning.train(tx, end)
        assert found is not None
        assert found.anew
        late = await snapshot_of(tx)
        assert late != bits
        await tx.run("delete from brain_state where workspace_id = $1", workspace)
        await learning.train(tx, end)
        assert await snapshot_of(tx) == late


async def test_it_stops_asking_where_asking_does_nothing_and_goes_on_where_it_pays(
    db: Database, workspace: int, other_workspace: int
) -> None:
    nothing = await kept_asking(db, workspace, chance=0.0)
    pays = await kept_asking(db, other_workspace, chance=0.3)
    assert nothing < 0.4
    assert pays > 0.45
    assert nothing < 0.7 * pays


async def kept_asking(db: Database, workspace: int, chance: float) -> float:
    """What is left of a day's asks after eleven weeks of training: the last eighteen days against the first twelve."""
    async with db.tx(workspace) as tx:
        made = World(4, lambda _: chance, leaves=0.02)
        await played(tx, made, 84, people=400, train_from=15)
        assert sum(made.asked[:12]) > 60
        return (sum(made.asked[-18:]) / 18) / (sum(made.asked[:12]) / 12)


async def test_opt_outs_and_junk_are_learned(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = World(5, lambda _: 0.0, leaves=0.3)
        await played(tx, made, 12)
        prior = load(await snapshot_of(tx))
        for row in (await training_tables.asks(tx, START + timedelta(days=30)))[:60]:
            await made.refer(tx, row["persona"], row["at"] + timedelta(days=1), "junk", stage="rejected")
        await learning.train(tx, START + timedelta(days=40))
        after = load(await snapshot_of(tx))
        a, b = prior.opt_out
        c, d = after.opt_out
        assert (c / (c + d))[0].mean() > 5 * (a / (a + b))[0].mean()
        assert np.mean(after.qualify[0] / sum(after.qualify)) < np.mean(prior.qualify[0] / sum(prior.qualify))


async def test_another_workspace_learns_nothing_from_it(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await played(tx, World(6, fond_of_help), 8)
        await learning.train(tx, START + timedelta(days=30))
        mine = await snapshot_of(tx)
    async with db.tx(other_workspace) as tx:
        found = await learning.train(tx, START + timedelta(days=30))
        assert found is not None
        assert (found.asks, found.days, found.alone) == (0, 0, 0)
        assert await snapshot_of(tx) != mine
        assert [r["policy_version"] for r in await learning.trainings(tx)] == [found.policy_version]


async def test_a_strategy_that_was_adopted_is_left_alone(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await decisions.adopt(tx, decisions.playbook_prior("customer-referrals"))
        assert await learning.train(tx, START) is None
