"""How wide beliefs are is learned from the data, block by block; and how much of the doubt is explored by what is at stake."""

import numpy as np
import pytest
from msgspec import structs

from honeyguide.decisions.brain import Batch, Design, Prior, Schema, prior_of
from honeyguide.decisions.brain.logistic import sigmoid
from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.brain.widths import Widths
from honeyguide.decisions.brain.worth import tempers_of
from tests.unit.decisions.brain import small

WORDS = tuple(f"s{n}" for n in range(12))
OFFERS = tuple(f"o{n}" for n in range(6))
SCHEMA = Schema(
    context={"segment": WORDS, "role": WORDS},
    numbers=(),
    actions={"offer": OFFERS},
    table=tuple((n,) for n in range(6)),
    pairs=(("segment", "offer"), ("role", "offer")),
    scaled=(),
    group="segment",
)
DESIGN = Design(SCHEMA)
PRIOR = Prior(base=0.0, base_sd=1.0, sd=0.3)
WIDE, NARROW = "segment*offer", "role*offer"


def learned(seed: int = 1, *, doubted: bool = False, learning: bool = True) -> tuple[Floats, Widths, Floats, Floats]:
    """Truth that lies three times as far from the playbook as it says in one block, and nowhere in another."""
    rng = np.random.default_rng(seed)
    truth = np.zeros(DESIGN.size)
    block = DESIGN.blocks[WIDE]
    truth[block] = 0.9 * rng.standard_normal(block.stop - block.start)
    posterior, widths = prior_of(DESIGN, PRIOR), Widths(DESIGN, PRIOR, worth=6.0)
    for day in range(6):
        codes = rng.integers(0, 12, (1500, 2))
        actions = rng.integers(0, 6, 1500)
        x = DESIGN.dense(Batch(codes, np.zeros((1500, 0)), np.ones((1500, 6), bool)), actions)
        y = (rng.random(1500) < sigmoid(x @ truth)).astype(float)
        if doubted and day == 3:
            posterior.doubt(block, 2.0)
            widths.doubt(block, 2.0)
        posterior.update(x, y)
        if learning:
            widths.learn(posterior)
    return truth, widths, posterior.mean, posterior.precision


def factor(widths: Widths, name: str) -> float:
    return float(widths.factors[list(DESIGN.blocks).index(name)])


@pytest.mark.parametrize("doubted", [False, True])
def test_a_block_the_playbook_knows_less_of_than_it_says_is_widened_and_the_other_way_round(doubted: bool) -> None:
    truth, widths, mean, precision = learned(doubted=doubted)
    assert factor(widths, WIDE) > 2.5
    assert factor(widths, NARROW) < 0.6
    assert factor(widths, "base") == 1.0
    assert np.linalg.eigvalsh(precision).min() > 0
    _, _, fixed, _ = learned(doubted=doubted, learning=False)
    assert np.square(mean - truth).mean() < np.square(fixed - truth).mean()


def test_what_the_outcomes_said_stays_as_it_was() -> None:
    posterior, widths = prior_of(DESIGN, PRIOR), Widths(DESIGN, PRIOR, worth=6.0)
    rng = np.random.default_rng(2)
    x = DESIGN.dense(
        Batch(rng.integers(0, 12, (500, 2)), np.zeros((500, 0)), np.ones((500, 6), bool)), rng.integers(0, 6, 500)
    )
    posterior.update(x, (rng.random(500) < 0.3).astype(float))
    told = posterior.precision - widths.precision()
    pull = posterior.precision @ posterior.mean - widths.precision() @ widths.mean
    widths.learn(posterior)
    assert not np.allclose(widths.factors, 1.0, atol=0.02)
    assert posterior.precision - widths.precision() == pytest.approx(told, abs=1e-8)
    assert posterior.precision @ posterior.mean - widths.precision() @ widths.mean == pytest.approx(pull, abs=1e-8)


def test_without_outcomes_nothing_is_learned_of_widths() -> None:
    posterior, widths = prior_of(DESIGN, PRIOR), Widths(DESIGN, PRIOR, worth=6.0)
    widths.learn(posterior)
    assert widths.factors == pytest.approx(np.ones(len(DESIGN.blocks)))
    assert posterior.mean == pytest.approx(widths.mean)


def test_more_of_the_doubt_is_explored_where_less_is_at_stake() -> None:
    snapshot = small.brain().snapshot()
    assert tempers_of(snapshot) == pytest.approx(np.full(4, snapshot.temper))
    cheap, dear, *_ = tempers_of(structs.replace(snapshot, config=structs.replace(snapshot.config, stakes=0.5)))
    assert cheap > snapshot.temper > dear
    assert cheap / dear == pytest.approx(3**0.5)  # deals of 2,000 and 6,000, all else the same
