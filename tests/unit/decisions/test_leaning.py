"""What a person's asks brought against what was expected of them: from the log, and as a number of the next decision."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from honeyguide.db import Database
from honeyguide.decisions import reading, surroundings
from tests.unit.learning.training_world import START, World

DAY = timedelta(days=1)


def leaning(made: list[tuple[datetime, float]], came: list[datetime], after: int) -> float:
    return surroundings.leaning_of(made, came, START + after * DAY)


def test_a_hit_says_more_the_less_was_expected_and_a_miss_the_more() -> None:
    unlikely, likely = [(START, 0.02)], [(START, 0.6)]
    assert leaning([], [], 30) == 0.0
    assert leaning(unlikely, [START + DAY], 30) > leaning(likely, [START + DAY], 30) > 0
    assert leaning(likely, [], 30) < leaning(unlikely, [], 30) < 0
    assert leaning(likely, [], 13) == 0.0, "an ask whose days are not over says nothing yet"
    assert leaning(likely, [START - DAY], 30) < 0, "a referral from before the ask is none of its own"
    three = leaning([(START, 0.1), (START + 21 * DAY, 0.1), (START + 42 * DAY, 0.1)], [], 90)
    assert three == pytest.approx(np.log(2.0 / 2.3))


async def test_what_was_expected_is_read_from_the_log_of_sent_asks(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = World(7, lambda _: 0.0)
        await made.settle(tx, 60)
        for day in range(8):
            await made.live(tx, day, 12)
        end = START + 60 * DAY
        rows = await tx.rows(
            "select r.entity_id as person, (d.expected->'share'->>0)::float8 as hope from ask a join decision d "
            "on d.workspace_id = a.workspace_id and d.id = a.decision_id join record r on r.workspace_id = a.workspace_id "
            "and r.id = a.record_id where a.workspace_id = $1 and a.state = 'sent'",
            workspace,
        )
        hope = {r["person"]: r["hope"] for r in rows}
        assert len(rows) == len(hope) > 10
        found = {person: (await reading.contacts_of(tx, person, None, end)).leaning for person, _ in made.people}
        for person, leans in found.items():
            assert leans == pytest.approx(np.log(2.0 / (2.0 + hope.get(person, 0.0))), abs=1e-9)
        early = {person: (await reading.contacts_of(tx, person, None, START + 10 * DAY)).leaning for person in hope}
        assert set(early.values()) == {0.0}
