"""Heads: they learn what can be learnt, answer alike after a journey through a file, and refuse what is no head."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from honeyguide.core.errors import BadInput
from honeyguide.inference import heads

CLASSES = ("a", "b", "c")


def clouds(n: int, seed: int = 0, spread: float = 1.0) -> tuple[NDArray[np.float64], list[str]]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    centres = np.array([[2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 0]])
    return centres[y] + rng.normal(0, spread, (n, 4)), [CLASSES[c] for c in y]


def test_it_finds_the_optimum_that_another_implementation_finds() -> None:
    x, y = clouds(300)
    head = heads.fit(x, y, CLASSES, penalty=0.03)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    other = LogisticRegression(C=1 / (0.03 * len(y)), class_weight="balanced", max_iter=2000, tol=1e-8).fit(z, y)
    assert np.abs(head.probs(x) - other.predict_proba(z)).max() < 2e-3


def test_the_same_rows_give_the_same_bytes_and_the_file_answers_alike() -> None:
    x, y = clouds(120)
    first, second = heads.fit(x, y, CLASSES), heads.fit(x, y, CLASSES)
    assert first.dump() == second.dump()
    assert np.array_equal(heads.Head.load(first.dump()).probs(x), first.probs(x))
    assert np.allclose(first.probs(x).sum(axis=1), 1)


def test_a_rare_class_is_not_drowned() -> None:
    x, y = clouds(600, spread=0.7)
    kept = [n for n, label in enumerate(y) if label != "c" or n % 20 == 0]
    head = heads.fit(x[kept], [y[n] for n in kept], CLASSES)
    new, truth = clouds(600, seed=9, spread=0.7)
    rows = [n for n, label in enumerate(truth) if label == "c"]
    assert np.mean(head.probs(new[rows]).argmax(axis=1) == 2) > 0.85


def test_held_out_rows_do_not_see_themselves() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(90, 60)), [CLASSES[n % 3] for n in range(90)]  # nothing to be learnt
    own = heads.fit(x, y, CLASSES, penalty=0.003).probs(x)
    others = heads.held_out(x, y, CLASSES, penalty=0.003)
    codes = [CLASSES.index(label) for label in y]
    assert np.mean(own.argmax(axis=1) == codes) > 0.9
    assert np.mean(others.argmax(axis=1) == codes) < 0.6


def test_a_label_without_an_example_stays_possible() -> None:
    x, y = clouds(60)
    kept = [n for n, label in enumerate(y) if label != "c"]
    p = heads.fit(x[kept], [y[n] for n in kept], CLASSES).probs(x)
    assert (p[:, 2] > 0).all()
    assert p[:, 2].mean() < 0.2


@pytest.mark.parametrize("given", [["a"] * 4, ["a", "b", "x", "a"], ["a", "b"]])
def test_it_refuses_what_cannot_be_fitted(given: list[str]) -> None:
    with pytest.raises(BadInput):
        heads.fit(np.zeros((4, 2)), given, CLASSES)


def test_it_refuses_other_features_and_foreign_files() -> None:
    x, y = clouds(60)
    head = heads.fit(x, y, CLASSES)
    with pytest.raises(BadInput):
        head.probs(x[:, :3])
    paper = json.loads(head.dump())
    bad = [
        b"", b"{}", b"\x80\x04K\x01.", json.dumps(paper | {"format": "pickle"}).encode(),
        json.dumps(paper | {"width": 5}).encode(), json.dumps(paper | {"weights": "AAAA"}).encode(),
        json.dumps(paper | {"bias": "!!"}).encode(), json.dumps(paper | {"scale": paper["bias"]}).encode(),
        json.dumps(paper | {"more": 1}).encode(),
    ]  # fmt: skip
    for data in bad:
        with pytest.raises(BadInput):
            heads.Head.load(data)
