"""Ten thousand decisions made again from the log, after the policy was trained on and in a process that knows nothing."""

from datetime import timedelta

import numpy as np

from honeyguide import decisions
from honeyguide.db import Database, Tx
from honeyguide.decisions import policy_tables, science_choice
from honeyguide.decisions.brain import dump, load
from honeyguide.decisions.policy import BRAIN, NewPolicy
from honeyguide.decisions.replay import logged_many, replay_many
from tests.unit.decisions import world
from tests.unit.decisions.world import NOW

PEOPLE, DAYS, VERSIONS, SINGLES = 5_000, 2, 4, 60


async def many(tx: Tx) -> None:
    """People at companies of their own, and one moment each a day, by few statements."""
    seed = await world.persona(tx, "ana", await world.company(tx, "seed", segment="enterprise"))
    for table, columns in (
        ("record", "kind, source, ext_id, entity_id, traits, first_seen_at, last_seen_at"),
        ("node", "kind, key, name, props, first_seen_at, updated_at"),
    ):
        shifted = (
            columns.replace("entity_id", f"{table}.id + n").replace("ext_id", "ext_id || n").replace("key", "key || n")
        )
        await tx.run(
            f"insert into {table} (workspace_id, id, {columns}) select {table}.workspace_id, {table}.id + n, {shifted} "
            f"from {table} cross join generate_series(1, $3) as n where {table}.workspace_id = $1 and {table}.id = $2",
            tx.workspace_id, seed, PEOPLE,
        )  # fmt: skip
    for day in range(DAYS):
        when = await world.moment(tx, seed, None, at=NOW + timedelta(days=day), strength=0.7, natural=True)
        await tx.run(
            "insert into moment (workspace_id, id, kind, subject, record_id, company_record_id, strength, title, occurred_at, "
            "window_ends_at, half_life_hours, detector_version, event_id, evidence) "
            "select m.workspace_id, gen_random_uuid(), (array['support_success', 'praise', 'renewal', 'usage_spike'])[1 + n % 4], "
            "m.subject + n, m.record_id + n, null, (0.3 + 0.7 * ((n * 37) % 100) / 100.0)::real, m.title, "
            "m.occurred_at - make_interval(hours => n % 60), m.window_ends_at, m.half_life_hours, '1', m.event_id, m.evidence "
            "from moment m cross join generate_series(1, $3) as n where m.workspace_id = $1 and m.id = $2",
            tx.workspace_id, when, PEOPLE,
        )  # fmt: skip


async def test_ten_thousand_decisions_replay_to_the_bit_from_the_log(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await many(tx)
    async with db.admin() as owner:
        await owner.execute("analyze record; analyze node; analyze moment")
    for day in range(DAYS):
        now = NOW + timedelta(days=day, hours=1)
        moved, batches = 1, 0
        while moved and batches <= PEOPLE // 1_000:  # everybody new, and a batch of yesterday's who wait
            async with db.tx(workspace) as tx:
                moved = await decisions.decide(tx, now, 1000)
                batches += 1
                if batches == PEOPLE // 2_000:  # in the middle of a day, so that looks of one day are of two versions
                    await retrained(tx, 2 * day)
        async with db.tx(workspace) as tx:
            await tx.run("update ask set state = 'expired' where workspace_id = $1 and state = 'suggested'", workspace)
            await retrained(tx, 2 * day + 1)
    policy_tables._AT_HAND.clear()
    science_choice.ready.cache_clear()  # what a restart forgets
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select id from decision where workspace_id = $1 order by at, id", workspace)
        ids = [r["id"] for r in rows]
        assert len(ids) >= 10_000
        versions, asked, waited, again_looked = set(), 0, 0, 0
        for begin in range(0, len(ids), 2_000):
            logged = await logged_many(tx, ids[begin : begin + 2_000])
            for one, again in zip(logged, replay_many(logged), strict=True):
                row = one.decision
                assert again.action == row.action
                assert again.propensity.hex() == row.propensity.hex()
                assert {k: v.hex() for k, v in again.distribution.items()} == {
                    k: float(v).hex() for k, v in row.distribution.items()
                }
                versions.add(row.policy_version)
                again_looked += row.look > 1
                asked += row.action != "wait"
                waited += row.action == "wait" and len(row.legal_actions) > 1
        assert len(versions) == VERSIONS
        assert again_looked > 40
        assert asked > 2_000
        assert waited > 200
        for ident in ids[:: len(ids) // SINGLES]:
            one = await decisions.logged(tx, ident)
            assert decisions.replay(one) == (one.decision.action, one.decision.propensity)


async def retrained(tx: Tx, number: int) -> None:
    """Another brain in force, as training would put it: believed otherwise, and with prices."""
    current = await decisions.ensure_policy(tx)
    snapshot = load(current.snapshot)
    rng = np.random.default_rng(number)
    moved = snapshot.share_mean + 0.1 * rng.standard_normal(len(snapshot.share_mean))
    other = dump(type(snapshot)(**{
        **{f: getattr(snapshot, f) for f in snapshot.__struct_fields__}, "share_mean": moved, "contact_price": 50.0 * (number // 2),
    }))  # fmt: skip
    await decisions.adopt(tx, NewPolicy(BRAIN, current.params, "test", current.level, other))
