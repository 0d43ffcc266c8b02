"""Where asking does nothing the brain stops asking; where it pays it goes on. In a small world of its own, no simulator."""

import numpy as np

from honeyguide.decisions.brain import Brain, Chooser
from tests.unit.decisions.brain import small


def months(brain: Brain, chance: float, unasked: float, seed: int) -> list[float]:
    """The share asked, batch after batch of 600, while everybody who is asked shares with one chance."""
    rng = np.random.default_rng(seed)
    asked = []
    for n in range(20):
        batch, ahead, seeds = small.people(600, seed=1_000 * seed + n)
        made = Chooser(brain.snapshot(), brain.design).decide(batch, ahead, n, seeds)
        go = np.flatnonzero(made.action >= 0)
        asked.append(len(go) / 600)
        brain.learn_shares(batch.take(go), made.action[go], (rng.random(len(go)) < chance).astype(float))
        alone = np.flatnonzero(made.action < 0)
        came = (rng.random(len(alone)) < unasked).astype(float)
        brain.learn_organic(batch.take(alone), came, np.ones(len(alone)))
    return asked


def test_it_stops_where_nobody_shares() -> None:
    asked = months(small.brain(), 0.0, 0.0, 1)
    assert asked[0] > 0.3
    assert max(asked[-3:]) < 0.06, "little more than the exploration floor may be left"


def test_it_stops_where_people_share_what_they_would_have_shared_anyway() -> None:
    asked = months(small.brain(), 0.06, 0.06, 2)
    assert max(asked[-3:]) < 0.55 * asked[0]


def test_it_goes_on_where_asking_adds_something() -> None:
    assert min(months(small.brain(), 0.12, 0.01, 3)[-3:]) > 0.3
