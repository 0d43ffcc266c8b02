"""Bare Splink over the same records, as its documentation would have one do it: plain columns, usual comparisons and blocks.

Training is capped as in the pass. Run as a process of its own by `identity.py`: python -m benchmarks.identity_bare FOLDER
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

_PLAIN = """
create table plain as select row_number() over (order by id) - 1 as unique_id, id, entity,
  nullif(split_part(lower(name), ' ', 1), '') as given, nullif(list_last(string_split(lower(name), ' ')), '') as surname,
  lower(email) as email, phone, lower(company) as company, title, city
from read_csv($1, header = false, nullstr = '', all_varchar = true, names = ['id', 'entity', 'source', 'own', 'name', 'email',
  'phone', 'title', 'company', 'domain', 'country', 'city'])
"""


def run(folder: Path, memory_mb: int, threads: int) -> dict[str, Any]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    began = time.perf_counter()
    con = duckdb.connect(str(folder / "bare.duckdb"))
    con.execute(f"set memory_limit = '{memory_mb}MB'; set threads = {threads}; set temp_directory = '{folder}'")
    con.execute(_PLAIN.replace("$1", f"'{folder}/records.csv'"))
    api = DuckDBAPI(con)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("company", [0.9]),
            cl.ExactMatch("title"),
            cl.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"), block_on("phone"), block_on("given", "surname"), block_on("surname", "company"),
            block_on("given", "company"),
        ],
        retain_matching_columns=False,
    )  # fmt: skip
    linker = Linker(api.register("plain"), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email", "surname"), block_on("given", "surname", "phone")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=4e6, seed=7)
    for rule in (block_on("given", "surname"), block_on("email")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
    trained = time.perf_counter()
    predictions = linker.inference.predict(threshold_match_probability=0.5, warning_mode="never")
    linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=0.95)
    took = time.perf_counter() - began
    found = con.execute(
        f"select l.id::bigint as left_id, r.id::bigint as right_id, p.match_weight as weight from {predictions.physical_name} p "
        "join plain l on l.unique_id = p.unique_id_l join plain r on r.unique_id = p.unique_id_r"
    ).fetchnumpy()
    np.savez(
        folder / "bare_pairs.npz", left=found["left_id"].astype(np.int64), right=found["right_id"].astype(np.int64),
        weight=found["weight"].astype(float),
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": round(took, 1), "train_s": round(trained - began, 1), "pairs": len(found["weight"]),
        "peak_mb": used.ru_maxrss // 1024,
    }  # fmt: skip


if __name__ == "__main__":
    out = Path(sys.argv[1])
    (out / "bare.json").write_text(json.dumps(run(out, int(sys.argv[2]), int(sys.argv[3]))))
