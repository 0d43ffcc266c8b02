"""Models and columns for sets of persons made by others: the schema's own comparisons, the machinery of the pass.

Written after seeing the columns, never the truth: thresholds are the pass's own, weights are estimated unsupervised.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from honeyguide.identity.background import blocking, engine
from honeyguide.identity.background.guard import Limits, Signs, Thresholds, cluster_best_first
from honeyguide.identity.background.model import Block, Comparison, Lesson, Level, Model, Test, weight_at

Ids = NDArray[np.int64]
ELSE = Test("else")


def fuzzy(field: str, *, near: float = 0.88, far: float = 0.75, common: bool = True) -> Comparison:
    """A word that may be misspelt: same, near, far, different."""
    return Comparison(
        field, (field,),
        (
            Level(Test("exact", field), "agree", 0.75, 0.01, frequency=field if common else ""),
            Level(Test("jaro_winkler", field, at=near), "close", 0.15, 0.01),
            Level(Test("jaro_winkler", field, at=far), "close", 0.04, 0.05),
            Level(ELSE, "differ", 0.06, 0.93),
        ),
    )  # fmt: skip


def digits(field: str) -> Comparison:
    """A number or date as text: same, up to two digits off, different."""
    return Comparison(
        field, (field,),
        (
            Level(Test("exact", field), "agree", 0.8, 0.001),
            Level(Test("levenshtein", field, at=1), "close", 0.1, 0.001),
            Level(Test("levenshtein", field, at=2), "close", 0.05, 0.01),
            Level(ELSE, "differ", 0.05, 0.988),
        ),
    )  # fmt: skip


FEBRL = Model(
    "febrl", "1", "hand-set", 1e-4,
    (
        Comparison(
            "names", ("given", "surname"),
            (
                Level(Test("all", tests=(Test("exact", "given"), Test("exact", "surname"))), "agree", 0.6, 0.0005),
                Level(Test("swapped", "given", "surname"), "close", 0.05, 0.0001),
                Level(Test("all", tests=(Test("jaro_winkler", "given", at=0.85), Test("jaro_winkler", "surname", at=0.85))), "close", 0.2, 0.001),
                Level(Test("any", tests=(Test("jaro_winkler", "given", at=0.92), Test("jaro_winkler", "surname", at=0.92))), "close", 0.1, 0.03),
                Level(ELSE, "differ", 0.05, 0.97),
            ),
        ),
        digits("birth"), digits("security"), fuzzy("street"), fuzzy("suburb"), digits("postcode"), fuzzy("address"),
    ),
    (
        Block(("security",)), Block(("birth", "surname")), Block(("birth", "given")), Block(("given", "surname")),
        Block(("postcode", "given")), Block(("postcode", "surname")), Block(("birth", "postcode")), Block(("street", "suburb")),
        Block(("substr(security, 1, 5)", "substr(surname, 1, 2)")), Block(("street", "birth")),
    ),
    lessons=(Lesson(("security",), ("names", "birth", "street", "suburb", "postcode", "address")), Lesson(("birth", "postcode"), ("security",))),
    certain=(("security",), ("birth", "given", "surname")),
)  # fmt: skip


def born(field: str, day: str) -> Comparison:
    """A date of birth: same, one digit off, within a month, a year, ten years, different."""
    return Comparison(
        field, (field, day),
        (
            Level(Test("exact", field), "agree", 0.6, 0.001),
            Level(Test("levenshtein", field, at=1), "close", 0.15, 0.001),
            Level(Test("within", day, at=31), "close", 0.08, 0.003),
            Level(Test("within", day, at=366), "close", 0.1, 0.02),
            Level(Test("within", day, at=3653), "close", 0.05, 0.2),
            Level(ELSE, "differ", 0.02, 0.77),
        ),
    )  # fmt: skip


def spelt(field: str, other: str) -> Comparison:
    """A name: same, one or two letters off, swapped with the other, alike, different."""
    return Comparison(
        field, (field,),
        (
            Level(Test("exact", field), "agree", 0.6, 0.006, frequency=field),
            Level(Test("levenshtein", field, at=1), "close", 0.15, 0.003),
            Level(Test("swapped", field, other), "close", 0.1, 0.0001),
            Level(Test("jaro_winkler", field, at=0.88), "close", 0.1, 0.008),
            Level(ELSE, "differ", 0.05, 0.98),
        ),
    )  # fmt: skip


FAKE = Model(
    "fake_1000", "1", "hand-set", 1e-3,
    (
        spelt("given", "surname"), spelt("surname", "given"), born("birth", "day"),
        Comparison(
            "city", ("city",),
            (
                Level(Test("exact", "city"), "agree", 0.7, 0.08, frequency="city"),
                Level(Test("jaro_winkler", "city", at=0.8), "close", 0.15, 0.02),
                Level(ELSE, "differ", 0.15, 0.9),
            ),
        ),
        Comparison(
            "email", ("email",),
            (
                Level(Test("exact", "email"), "agree", 0.65, 0.002),
                Level(Test("levenshtein", "email", at=3), "close", 0.2, 0.001),
                Level(Test("jaro_winkler", "local", at=0.85), "close", 0.1, 0.01),
                Level(ELSE, "differ", 0.05, 0.98),
            ),
        ),
    ),
    (
        Block(("email",)), Block(("given", "surname")), Block(("birth",)), Block(("given", "city"), 80), Block(("surname", "city"), 80),
        Block(("surname", "substr(birth, 1, 4)")), Block(("given", "substr(birth, 1, 4)")), Block(("given", "substr(birth, 6, 5)")),
        Block(("surname", "substr(birth, 6, 5)")), Block(("substr(local, 1, 5)",)), Block(("substr(birth, 1, 7)", "city"), 80),
        Block(("surname", "substr(given, 1, 2)")), Block(("given", "substr(surname, 1, 2)")), Block(("host", "given"),), Block(("host", "surname"),),
        Block(("swapped",)), Block(("letters",)), Block(("substr(birth, 1, 4)", "substr(birth, 9, 2)", "city")),
    ),
    lessons=(Lesson(("email",), ("given", "surname", "birth", "city")), Lesson(("birth", "given"), ("surname", "email", "city"))),
    certain=(("email",), ("birth", "given", "surname")),
)  # fmt: skip


def resolve(
    table: pa.Table, model: Model, folder: Path, truth: Ids, signs: Signs | None = None, limits: Limits | None = None
) -> dict[str, Any]:
    """Estimate, score, cluster; everything measured that the fact of a set allows. One threshold for all: .5 asks, .5 joins."""
    con = engine.connect(folder, engine.Budget(memory_mb=800))
    con.register("given_table", table)
    con.execute("create table prepared as select * from given_table")
    con.unregister("given_table")
    blocking.keyed(con, model, "prepared", "ready")
    con.register("truth_table", pa.table({"unique_id": np.arange(len(truth)), "person": truth}))
    con.execute("create table truth as select * from truth_table")
    ceiling = blocking.ceiling(con, model, "ready", "truth")
    learnt = engine.train(con, model, "ready", engine.Budget(memory_mb=800, u_pairs=3e6), "the set itself")
    pairs = engine.predict(con, learnt, "ready", floor=weight_at(0.5))
    con.close()
    none = np.array([], np.int64)
    found = cluster_best_first(
        np.arange(len(truth)), pairs.left, pairs.right, pairs.weight, signs or Signs((), none, none, none),
        limits or Limits({}), Thresholds(0.5, 0.5),
    )  # fmt: skip
    said = truth[pairs.left] == truth[pairs.right]
    true = pairs_of(truth)
    p, r = float(np.mean(said)), float(np.sum(said)) / true
    return {
        "records": len(truth), "true_pairs": true, "ceiling": round(ceiling, 4), "pairs": (round(p, 4), round(r, 4), f1(p, r)),
        "clusters": cluster_quality(found.cluster, truth), "largest": int(np.bincount(found.cluster).max()),
    }  # fmt: skip


def cluster_quality(found: Ids, truth: Ids) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of records in one cluster."""
    both = np.unique(np.stack([found, truth]), axis=1, return_counts=True)[1]
    hits = int((both * (both - 1) // 2).sum())
    p, r = hits / pairs_of(found), hits / pairs_of(truth)
    return round(p, 4), round(r, 4), f1(p, r)


def pairs_of(ids: Ids) -> int:
    """How many pairs of records share an id."""
    n = np.bincount(ids)
    return int((n * (n - 1) // 2).sum())


def f1(p: float, r: float) -> float:
    return round(2 * p * r / (p + r), 4)
