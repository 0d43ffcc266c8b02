"""The batch and the single decision are the same model, to the last bit; and the brain starts where the playbook stands."""

import numpy as np
import pytest

from honeyguide.decisions import science_choice
from honeyguide.decisions.batch import Columns, score
from honeyguide.decisions.science import NUMBERS, Described, words_of
from honeyguide.decisions.science_choice import ready
from honeyguide.decisions.science_prior import columns_of
from honeyguide.decisions.situation import CHANNELS, SENIORITIES
from honeyguide.programs.catalogue import GroupEntry
from tests.unit.decisions import brains
from tests.unit.decisions.brains import FILE, POLICY

MOMENTS = ["support_success", "purchase_euphoria", "product_milestone", "other"]


@pytest.mark.parametrize("group", FILE.groups, ids=lambda g: g.slug)
def test_batch_equals_one_by_one(group: GroupEntry) -> None:
    rng, size = np.random.default_rng(5), 60
    seniorities = [*SENIORITIES, "unheard of"]
    columns = Columns(
        group.slug,
        {"moment": MOMENTS, "seniority": seniorities},
        {"moment": rng.integers(0, len(MOMENTS), size), "seniority": rng.integers(0, len(seniorities), size)},
        {name: rng.random(size) * (rng.random(size) < 0.5) for name in NUMBERS},
    )
    actions = brains.actions(group.slug, ("brief", "warm"), CHANNELS)
    found = score(columns, actions, POLICY)
    for n in range(size):
        words = words_of(
            MOMENTS[columns.codes["moment"][n]], group.slug, "", "", seniorities[columns.codes["seniority"][n]], ""
        ) | {"seniority": seniorities[columns.codes["seniority"][n]]}
        numbers = {name: float(values[n]) for name, values in columns.numbers.items()}
        described = Described(words, numbers, {}, 365.0, 8.0)
        values = science_choice.values_of(ready(POLICY.snapshot), [(described, group.slug)], [actions])[0]
        assert found.value[n] == max(values.values())
        assert values[actions[found.best[n]].key] == found.value[n]


def test_actions_the_brain_does_not_know_are_passed_over() -> None:
    columns = Columns("enterprise", {"moment": MOMENTS}, {"moment": np.array([0, 1])}, {})
    known = brains.actions("enterprise", ("warm",), CHANNELS)
    unknown = brains.actions("partner", ("warm",), CHANNELS)
    found = score(columns, [*unknown, *known], POLICY)
    assert (found.best >= len(unknown)).all()
    with pytest.raises(ValueError, match="knows none"):
        score(columns, unknown, POLICY)


def test_before_any_outcome_the_brain_expects_what_the_playbook_does() -> None:
    """Same order of people, nearly the same scores and values, and neither a flood of asks nor silence."""
    there = brains.situations(300)
    ours = brains.judged(there, POLICY)
    theirs = brains.judged(there, brains.STRATEGY)
    score_of = np.array([[j.score.mean for j in made] for made in (ours, theirs)])
    value_of = np.array([[j.expected["value_minor"] for j in made] for made in (ours, theirs)])
    assert np.corrcoef(score_of)[0, 1] > 0.95
    assert np.corrcoef(value_of)[0, 1] > 0.9
    assert score_of[0].mean() == pytest.approx(score_of[1].mean(), rel=0.3)
    top = [set(np.argsort(-v)[:60]) for v in value_of]
    assert len(top[0] & top[1]) > 40
    asked = [sum(j.choice.action != "wait" for j in made) for made in (ours, theirs)]
    assert 0.6 * asked[1] < asked[0] <= asked[1]


def test_every_effect_of_the_library_has_its_place_in_the_brain() -> None:
    design = ready(POLICY.snapshot).chooser.design
    for name in FILE.playbook.factors["share"].effects:
        columns = columns_of(name, brains.CATALOGUE, design.schema)
        assert columns, name
        assert set(columns) <= set(design.names), (name, columns)
