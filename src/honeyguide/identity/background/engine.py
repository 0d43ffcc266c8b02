"""Splink on DuckDB: estimate the weights, score the pairs. Imported only by the process that runs a pass.

Bounded on purpose: DuckDB gets a memory limit and spills to a folder, training sees a capped sample of pairs (uncapped it
is four fifths of a run at a million rows), prediction runs in chunks and writes only pairs above a floor.
"""

import logging
import math
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException, SplinkException

from honeyguide.identity.background import lessons
from honeyguide.identity.background.dialects import level_of, settings
from honeyguide.identity.background.model import Lesson, Model, with_weights

_log = logging.getLogger(__name__)
_ROWS_PER_CHUNK = 750_000
_SEEN = 2_000
_LEAST = {"m": 1e-4, "u": 1e-8}  # an estimate of never is a small sample's, not the world's


class Budget(Struct, frozen=True):
    """What a pass may take."""

    memory_mb: int = 1_500
    threads: int = 2
    em_pairs: float = 1e6
    u_pairs: float = 4e6
    enough: int = 20_000  # records from which on a workspace's own weights are better than the shipped ones


class Pairs(Struct, frozen=True):
    """Scored pairs by dense record numbers, weight in bits (log2 odds)."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight)

    def above(self, floor: float) -> "Pairs":
        """Only those of at least this weight."""
        kept = self.weight >= floor
        return Pairs(self.left[kept], self.right[kept], self.weight[kept])


def connect(folder: Path, budget: Budget) -> Any:
    """A DuckDB that keeps to its memory and spills to `folder`."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect(str(folder / "pass.duckdb"))
    con.execute(f"set memory_limit = '{budget.memory_mb}MB'")
    con.execute(f"set threads = {budget.threads}")
    con.execute(f"set temp_directory = '{folder}'")
    con.execute("set preserve_insertion_order = false")
    return con


def train(con: Any, model: Model, table: str, budget: Budget, trained_on: str) -> Model:
    """The model with weights estimated from the records of `table`, unsupervised.

    u by sampling random pairs, m by expectation maximisation over blocks (Winkler 2000). What the data does not show keeps
    its shipped weight. Fixed levels are left alone.
    """
    linker = _linker(con, model, table)
    try:
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*columns) for columns in model.certain], recall=0.6
        )
    except (ValueError, SplinkException) as problem:
        _log.info("the prior stays as shipped: %s", problem)
    prior = float(linker._settings_obj._probability_two_random_records_match)
    linker.training.estimate_u_using_random_sampling(max_pairs=budget.u_pairs, seed=7)
    learnt = _learnt(model, linker, "u")
    learnt = msgspec.structs.replace(learnt, prior=prior if 0 < prior < 1 else model.prior, partners=0.0)
    taught = 0
    for i, lesson in enumerate(model.lessons):
        if lesson.certain:
            seen = lessons.shares(con, model, lesson, lessons.key(i), table)
            found = with_weights(learnt, seen, {}) if seen else None
        else:
            found = _taught(con, learnt, lesson, lessons.key(i), table, budget)
        taught += found is not None
        learnt = found or learnt
    return msgspec.structs.replace(learnt, trained_on=trained_on) if taught else model


def _taught(con: Any, model: Model, lesson: Lesson, key: str, table: str, budget: Budget) -> Model | None:
    """The model with m of the lesson's fields, or None where the records do not show it."""
    fields = tuple(c for c in model.comparisons if c.field in lesson.fields)
    linker = _linker(con, msgspec.structs.replace(model, comparisons=fields), table)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(key), max_pairs=budget.em_pairs, record_sample_proportion=0.02,
            estimate_without_term_frequencies=True,
        )  # fmt: skip
    except (EMTrainingException, SplinkException, ZeroDivisionError) as problem:
        _log.info("no estimate from the block %s: %s", lesson.on, problem)
        return None
    return _learnt(model, linker, "m")


def predict(con: Any, model: Model, table: str, *, floor: float, between: str = "", changed: str = "") -> Pairs:
    """Every candidate pair of at least `floor`, over all records or, with `changed`, those that touch a changed one."""
    linker = _linker(con, model, table, between=between)
    _weigh_frequencies(con, model, table, linker, fresh=True)
    inference = linker.inference
    found = []
    if changed:
        api = linker._db_api
        con.execute(f"create or replace table fresh as select * from {table} semi join {changed} using (unique_id)")
        con.execute(f"create or replace table unchanged as select * from {table} anti join {changed} using (unique_id)")
        new, old = api.register("fresh"), api.register("unchanged")
        within = inference.predict_within(new, threshold_match_weight=floor, warning_mode="never")
        across = inference.predict_between(new, old, threshold_match_weight=floor, warning_mode="never")
        found = [_pairs(con, within), _pairs(con, across)]
    else:
        rows = con.execute(f"select count(*) from {table}").fetchall()[0][0]
        chunks = max(1, math.ceil(rows / _ROWS_PER_CHUNK))
        for chunk in range(1, chunks + 1):
            made = inference.predict_chunk((1, 1), (chunk, chunks), threshold_match_weight=floor, warning_mode="never")
            found.append(_pairs(con, made))
    return Pairs(*(np.concatenate([getattr(p, name) for p in found]) for name in ("left", "right", "weight")))


def contributions(con: Any, model: Model, table: str, pairs: Pairs) -> list[list[tuple[int | None, float]]]:
    """Per pair and comparison: the level it is at (None: missing) and what that adds to the weight, frequency included."""
    if not len(pairs):
        return []
    linker = _linker(con, model, table, explain=True)
    _weigh_frequencies(con, model, table, linker, fresh=False)
    con.register("chosen_pairs", pa.table({"l": pairs.left, "r": pairs.right}))
    con.execute(
        "create or replace table chosen as select l as join_key_l, r as join_key_r, '0' as match_key from chosen_pairs"
    )
    con.unregister("chosen_pairs")
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("chosen"))
    made = linker.inference.predict(warning_mode="never")
    known: dict[tuple[int, int], list[tuple[int | None, float]]] = {}
    shape = con.execute(f"select * from {made.physical_name} limit 0")
    columns = [d[0] for d in shape.description]
    shape.fetchall()  # DuckDB refuses other work while a result is not read to its end
    wanted = []
    for c in model.comparisons:
        terms = [n for n in (f"mw_{c.field}", f"mw_tf_adj_{c.field}") if n in columns]
        wanted += [f"gamma_{c.field}", " + ".join(f'"{t}"' for t in terms)]
    for row in con.execute(
        f"select unique_id_l, unique_id_r, {', '.join(wanted)} from {made.physical_name}"
    ).fetchall():
        values = [(level_of(c, row[2 + 2 * i]), float(row[3 + 2 * i] or 0.0)) for i, c in enumerate(model.comparisons)]
        known[row[0], row[1]] = values
    made.drop_table_from_database_and_remove_from_cache()
    return [known[a, b] for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)]


def _linker(con: Any, model: Model, table: str, *, between: str = "", explain: bool = False) -> Any:
    api = DuckDBAPI(con)
    made = SettingsCreator.from_path_or_dict(settings(model, "duckdb", between=between, explain=explain))
    return Linker(api.register(table), made, log_level=logging.ERROR)


def _weigh_frequencies(con: Any, model: Model, table: str, linker: Any, *, fresh: bool) -> None:
    """Give the linker how often each value occurs, drawn to how often strangers agree on the field.

    The share in a few records says nothing about the world (in a workspace of ten, every name is a tenth): a Dirichlet prior
    worth `_SEEN` records with mean u keeps it at u until there is evidence.
    """
    told = {level.frequency: level.u for c in model.comparisons for level in c.levels if level.frequency}
    for column, u in told.items():
        name = f"frequency_{column}"
        if fresh:
            con.execute(
                f"create or replace table {name} as select {column}, (count(*) + {_SEEN * u}) / (sum(count(*)) over () + {_SEEN}) "
                f"as tf_{column} from {table} where {column} is not null group by {column}"
            )
        linker.table_management.register_term_frequency_lookup(linker._db_api.register(name), column)


def _pairs(con: Any, made: Any) -> Pairs:
    found = con.execute(f"select unique_id_l, unique_id_r, match_weight from {made.physical_name}").fetchnumpy()
    made.drop_table_from_database_and_remove_from_cache()
    return Pairs(
        found["unique_id_l"].astype(np.int64), found["unique_id_r"].astype(np.int64), found["match_weight"].astype(float)
    )  # fmt: skip


def _learnt(model: Model, linker: Any, side: str) -> Model:
    """Our model with the probabilities the linker estimated, by field and level."""
    estimated = {c.output_column_name: c for c in linker._settings_obj.core_model_settings.comparisons}
    found: dict[tuple[str, int], float] = {}
    for comparison in model.comparisons:
        if comparison.field not in estimated:
            continue
        levels = [one for one in estimated[comparison.field].comparison_levels if not one.is_null_level]
        for i, (ours, theirs) in enumerate(zip(comparison.levels, levels, strict=True)):
            value = getattr(theirs, f"_{side}_probability")
            if not ours.fixed and getattr(theirs, f"_has_estimated_{side}_values") and isinstance(value, float):
                found[comparison.field, i] = max(value, _LEAST[side])
    return with_weights(model, found, {}) if side == "m" else with_weights(model, {}, found)
