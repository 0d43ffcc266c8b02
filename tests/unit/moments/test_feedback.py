"""Labels, versions and rates in the database: what people say counts, and a stored moment never changes for it."""

from uuid import UUID, uuid4

import pytest

from honeyguide import moments
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database
from honeyguide.moments import KINDS, Sample
from tests.unit.inference.story import company, derived, event, hour, person, walk
from tests.unit.moments.test_learned import asks

ANA, ACME = person("ana", "hubspot"), company("acme", "hubspot", employees=2_000)
BOB = person("bob", "hubspot")


async def two_promoters(db: Database, workspace: int) -> list[UUID]:
    await walk(
        db,
        workspace,
        [
            event("survey.answered", hour(n), who, ACME, source="hubspot", survey="nps", score=10, scale_max=10)
            for n, who in enumerate((ANA, BOB))
        ],
    )
    async with db.tx(workspace) as tx:
        return [m.id for m in await moments.open(tx, hour(5), 10)]


async def test_a_false_moment_is_closed_and_counts_against_its_kind(db: Database, workspace: int) -> None:
    one, two = await two_promoters(db, workspace)
    before = await derived(db, workspace)
    async with db.tx(workspace) as tx:
        await moments.dispute(tx, one, "wrong_moment", "mia", "She was joking.", hour(6))
        assert [m.id for m in await moments.open(tx, hour(7), 10)] == [two]
        assert one not in await moments.by_ids(tx, [one], hour(7))
        (shown,) = (await moments.by_ids(tx, [one], hour(7), disputed=True)).values()
        left = (await moments.by_ids(tx, [two], hour(7)))[two]
        precision = (await moments.precision(tx))["survey_promoter"]
        quality = {(q.kind, q.segment): q for q in await moments.quality(tx)}
        said = await tx.value(
            "select count(*) from audit_entry where workspace_id = $1 and action = 'moment.disputed'", workspace
        )
    assert shown.disputed == "wrong_moment"
    assert (precision.right, precision.wrong, precision.n) == (19, 2, 1)
    assert left.strength == pytest.approx(0.7 * precision.factor, abs=1e-6)
    assert left.strength_now < left.strength < 0.7
    assert quality["survey_promoter", "enterprise"].labels == 1
    assert quality["survey_promoter", ""].precision == round(19 / 21, 4)
    assert quality["praise", ""].labels == 0
    assert said == 1
    assert await derived(db, workspace) == before, "what is derived from events stays"


async def test_other_reasons_do_not_close_it_and_the_last_word_counts(db: Database, workspace: int) -> None:
    one, _ = await two_promoters(db, workspace)
    async with db.tx(workspace) as tx:
        await moments.dispute(tx, one, "bad_timing", "mia", "", hour(6))
        assert (await moments.by_ids(tx, [one], hour(7)))[one].disputed == "bad_timing"
        assert (await moments.precision(tx))["survey_promoter"].n == 0
        await moments.dispute(tx, one, "wrong_moment", "mia", "", hour(8))
        await moments.affirm(tx, one, "mia", hour(7))
        assert (await moments.precision(tx))["survey_promoter"].wrong == 2, "what was said before is no last word"
        await moments.affirm(tx, one, "mia", hour(9))
        assert (await moments.precision(tx))["survey_promoter"].right == 20
        assert one in [m.id for m in await moments.open(tx, hour(9), 10)]


async def test_what_cannot_be_said_is_refused(db: Database, workspace: int, other_workspace: int) -> None:
    one, _ = await two_promoters(db, workspace)
    async with db.tx(workspace) as tx:
        with pytest.raises(BadInput):
            await moments.dispute(tx, one, "because", "mia", "", hour(6))
        with pytest.raises(NotFound):
            await moments.dispute(tx, uuid4(), "other", "mia", "", hour(6))
        with pytest.raises(BadInput):
            await moments.learn(tx, [Sample("no_kind", "", 1.0, True)], hour(6))
    async with db.tx(other_workspace) as tx:
        with pytest.raises(NotFound):
            await moments.dispute(tx, one, "other", "mia", "", hour(6))


async def test_half_lives_are_learned_by_version_and_used(db: Database, workspace: int) -> None:
    one, _ = await two_promoters(db, workspace)
    samples = asks("survey_promoter", "enterprise", 12, 3_000, 1) + asks("survey_promoter", "partner", 150, 3_000, 2)
    async with db.tx(workspace) as tx:
        built_in = (await moments.by_ids(tx, [one], hour(48)))[one]
        assert await moments.learn(tx, [], hour(6)) == 0
        assert await moments.half_lives(tx) == {}
        assert await moments.learn(tx, samples, hour(6)) == 1
        assert await moments.learn(tx, samples[::-1], hour(7)) == 1, "the same asks in another order teach nothing new"
        lives = await moments.half_lives(tx)
        now = (await moments.by_ids(tx, [one], hour(48)))[one]
        assert await moments.learn(tx, samples + asks("praise", "partner", 20, 50, 3), hour(8)) == 2
        kept = await tx.value("select count(distinct version) from moment_half_life where workspace_id = $1", workspace)
    assert lives["survey_promoter", "enterprise"] < 20 < 100 < lives["survey_promoter", "partner"]
    assert now.half_life_hours < built_in.half_life_hours
    assert now.strength_now < built_in.strength_now
    assert kept == 2


async def test_rates_follow_people_and_their_segments(db: Database, workspace: int) -> None:
    await two_promoters(db, workspace)
    lone = person("eve", "hubspot")
    won = event("deal.won", hour(9), None, ACME, source="hubspot", deal="1", amount_minor=900, currency="EUR")
    await walk(db, workspace, [event("persona.identified", hour(0), lone, ACME, source="hubspot"), won])
    async with db.tx(workspace) as tx:
        await moments.day(tx, hour(24 * 30))
        rates = await moments.rates(tx, [ANA.id, lone.id, 12345], hour(24 * 30))
        again = await moments.rates(tx, [lone.id, ANA.id], hour(24 * 30))
        speakers = await moments.speakers_for(tx, [ACME.id], hour(24 * 30))
        (speaker, _) = speakers[ACME.id]
        spoken = (await moments.rates(tx, [speaker], hour(24 * 30)))[speaker]
        silent = next(r for p, r in rates.items() if p != speaker and p != 12345)
    place = KINDS.index("survey_promoter")
    assert rates[ANA.id][place] > rates[12345][place] > rates[lone.id][place], (
        "a month without one tells something, too"
    )
    assert all(len(r) == len(KINDS) and min(r) > 0 for r in rates.values())
    assert again == {i: rates[i] for i in (ANA.id, lone.id)}
    bought = KINDS.index("purchase_euphoria")
    assert spoken[bought] > silent[bought], "a moment of the company counts for who speaks for it"
