"""A pass from files to decisions: prepare, block, estimate, score, cluster under guard, explain. Runs in its own process."""

import resource
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from honeyguide.identity.background import blocking, engine, exchange, lessons, preparing, wording
from honeyguide.identity.background.exchange import COLUMNS, Decision, Found, Job, Report
from honeyguide.identity.background.guard import (
    JOINED,
    OPEN,
    Limits,
    Names,
    Outcome,
    Signs,
    Thresholds,
    cluster_best_first,
    components,
    in_words,
    source_limits,
)
from honeyguide.identity.background.model import Model, decode, probability, shipped, sized, weight_at

# How many distinct strong identifiers of a kind one entity may carry. Looser than anybody's usual number, because one step
# too tight loses true merges; `money` is one by decree.
MOST = {"work": 3, "personal": 3, "user_id": 1, "domain": 2, "money": 1}
_SURE = weight_at(0.99)
_OTHER = 2


class _Watch:
    """Seconds per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._since, 2)
        self._since = now


def run(folder: Path) -> Found:
    """Do the job of a folder and leave `found.json` in it."""
    job = exchange.read_job(folder)
    con = engine.connect(folder, engine.Budget(job.memory_mb, job.threads))
    try:
        load(con, job.kind, folder)
        given = folder / "model.json"
        found = find(con, job, decode(given.read_bytes()) if given.exists() else shipped(job.kind), folder)
    finally:
        con.close()
    exchange.write(folder, "found.json", found)
    return found


def find(con: Any, job: Job, model: Model, folder: Path) -> Found:
    """The decisions over the table `raw` (with `signs`, `apart`, `money` and, for an incremental pass, `changed`)."""
    watch = _Watch()
    preparing.prepare(con, job.kind, "raw", "prepared")
    watch.lap("prepare")
    proposed = blocking.keyed(con, model, "prepared", "ready")
    watch.lap("block")
    budget = engine.Budget(job.memory_mb, job.threads)
    records = int(_one(con, "select count(*) from raw"))
    model = sized(model, records)
    if job.train and records >= budget.enough:
        model = engine.train(con, model, "ready", budget, f"{records:,} records of this workspace")
    watch.lap("train")
    changed = "changed" if _one(con, "select count(*) from changed") else ""
    pairs = engine.predict(con, model, "ready", floor=weight_at(job.review), between="entity", changed=changed)
    watch.lap("predict")
    entity = _column(con, "select entity from raw order by unique_id")
    limits = _limits(con, model, entity, pairs)
    apart = con.execute("select a, b from apart").fetchall()
    outcome = cluster_best_first(
        entity, pairs.left, pairs.right, pairs.weight, _signs(con, job.kind), limits,
        Thresholds(job.accept, job.review), apart=apart, named=_named(con, job.kind),
    )  # fmt: skip
    watch.lap("cluster")
    if job.keep:
        ids = _column(con, "select id from raw order by unique_id")
        np.save(folder / "clusters.npy", np.stack([ids, outcome.cluster]))
        np.savez(folder / "pairs.npz", left=ids[pairs.left], right=ids[pairs.right], weight=pairs.weight)
    decisions, left_out = _decisions(con, job, model, pairs, outcome, limits)
    watch.lap("explain")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report = Report(
        records, int(entity.max()) + 1 if records else 0, proposed, len(pairs), int(np.sum(outcome.fate == JOINED)),
        dict(Counter(outcome.reason.values())), dict(limits.most),
        int(np.bincount(outcome.cluster).max()) if records else 0, watch.seconds, int(peak), left_out,
    )  # fmt: skip
    return Found(model, tuple(decisions), report)


def load(con: Any, kind: str, folder: Path) -> None:
    """The files as tables, records numbered from 0 and entities likewise."""
    typed = ", ".join(f"'{c}': 'BIGINT'" if c in ("id", "entity") else f"'{c}': 'VARCHAR'" for c in COLUMNS[kind])
    con.execute(
        f"create table given as select * from read_csv('{folder}/records.csv', header = false, columns = {{{typed}}}, "
        "quote = '\"', escape = '\"', nullstr = '', parallel = false)"
    )
    fields = ", ".join(c for c in COLUMNS[kind] if c not in ("id", "entity", "own"))
    con.execute(
        "create table raw as select row_number() over (order by id) - 1 as unique_id, id, "
        f"dense_rank() over (order by entity) - 1 as entity, own, {fields} from given"
    )
    con.execute("drop table given")
    for name, columns in (("signs", "kind varchar, value varchar"), ("money", ""), ("changed", "")):
        _optional(con, folder / f"{name}.csv", name, columns)
    path = folder / "apart.csv"
    pairs = f"read_csv('{path}', header = false, columns = {{'a': 'BIGINT', 'b': 'BIGINT'}})"
    con.execute(
        f"create table apart as select x.unique_id as a, y.unique_id as b from {pairs} p join raw x on x.id = p.a join raw y on y.id = p.b"
        if path.exists() and path.stat().st_size else "create table apart (a bigint, b bigint)"
    )  # fmt: skip


def _optional(con: Any, path: Path, name: str, columns: str) -> None:
    """A table by record number from a file that may be absent."""
    more = "".join(f", {c}" for c in columns.split(", ") if c)
    if not path.exists() or not path.stat().st_size:
        con.execute(f"create table {name} (unique_id bigint{more})")
        return
    named = {c.split()[0]: "VARCHAR" for c in columns.split(", ") if c}
    typed = ", ".join(["'id': 'BIGINT'", *(f"'{c}': '{t}'" for c, t in named.items())])
    kept = "".join(f", f.{c}" for c in named)
    con.execute(
        f"create table {name} as select r.unique_id{kept} from read_csv('{path}', header = false, columns = {{{typed}}}) f "
        "join raw r on r.id = f.id"
    )


def _limits(con: Any, model: Model, entity: NDArray[np.int64], pairs: engine.Pairs) -> Limits:
    """The limits, those of sources as near-certain records of this workspace show them."""
    rows = con.execute("select case when own = 't' then source end from raw order by unique_id").fetchall()
    owned = [row[0] for row in rows]
    per: dict[str, int] = {name: 1 for name in owned if name is not None}
    found = [source_limits(*_sure(entity, owned, pairs))]
    for i, lesson in enumerate(model.lessons):
        if lesson.certain:
            column = lessons.key(i)
            certain = _column(
                con, f"select case when {column} is null then -1 else dense_rank() over (order by {column}) end from ready order by unique_id"
            )  # fmt: skip
            found.append(source_limits(certain, owned))
    for limits in found:
        per |= {name: max(n, per[name]) for name, n in limits.items()}
    kinds = [row[0] for row in con.execute("select distinct kind from signs").fetchall()]
    most = dict.fromkeys(kinds, _OTHER) | MOST
    return Limits(most | {f"source {name}": n for name, n in per.items()})


def _sure(
    entity: NDArray[np.int64], owned: Sequence[str | None], pairs: engine.Pairs
) -> tuple[NDArray[np.int64], Sequence[str | None], NDArray[np.bool_]]:
    """Which records are surely one: entities as they are, and within a source what the model itself has no doubt about.

    Only pairs of one source join here, or chains across sources would look like duplicates. Also: which records have company.
    """
    sure = pairs.above(_SURE)
    several = np.zeros(len(entity), bool)
    several[sure.left] = several[sure.right] = True
    names = {name: i for i, name in enumerate(sorted({n for n in owned if n is not None}))}
    source = np.array([names.get(n, -1) if n is not None else -1 for n in owned], np.int64)
    within = (source[sure.left] == source[sure.right]) & (source[sure.left] >= 0)
    return components(entity, sure.left[within], sure.right[within]), owned, several


def _signs(con: Any, kind: str) -> Signs:
    """Strong identifiers: addresses by kind (domains of companies), ids of sources, money, and what the store knows."""
    own = "select unique_id, case when is_free then 'personal' else 'work' end as kind, mail as value from ready where mail is not null"
    if kind == "company":
        own = "select unique_id, 'domain' as kind, domain as value from ready where domain is not null"
    preparing.host_kinds(con, "select distinct split_part(value, '@', 2) from signs where kind = 'email'")
    con.execute(
        f"create or replace temp table all_signs as {own} union select s.unique_id, case when s.kind <> 'email' then s.kind "
        "when h.meant = 'free' then 'personal' else 'work' end, s.value from signs s left join host_of h "
        "on h.given = split_part(s.value, '@', 2) "
        "union select unique_id, 'source ' || source, id::varchar from raw where own = 't' "
        "union select m.unique_id, 'money', r.entity::varchar from money m join raw r on r.unique_id = m.unique_id"
    )
    kinds = [row[0] for row in con.execute("select distinct kind from all_signs order by kind").fetchall()]
    con.register("kinds_in", pa.table({"kind": pa.array(kinds, pa.string()), "place": list(range(len(kinds)))}))
    made = con.execute(
        "select s.unique_id, k.place, dense_rank() over (order by s.value) as value from all_signs s join kinds_in k on k.kind = s.kind"
    ).fetchnumpy()
    con.unregister("kinds_in")
    con.execute("drop table all_signs")
    return Signs(kinds, *(np.asarray(made[c], np.int64) for c in ("unique_id", "place", "value")))


def _named(con: Any, kind: str) -> Names | None:
    """What each record calls its person, as numbers."""
    if kind == "company":
        return None
    made = con.execute(
        "select unique_id, dense_rank() over (order by called) as code from "
        "(select unique_id, unnest(called) as called from ready where called is not null) where called is not null"
    ).fetchnumpy()
    return Names(*(np.asarray(made[c], np.int64) for c in ("unique_id", "code")))


def _decisions(
    con: Any, job: Job, model: Model, pairs: engine.Pairs, outcome: Outcome, limits: Limits
) -> tuple[list[Decision], int]:
    """The joins, and per pair of clusters that stay apart the best pair as a question; the weightiest when there are many."""
    joined = np.flatnonzero(outcome.fate == JOINED)
    joined = joined[np.argsort(-pairs.weight[joined], kind="stable")]
    asked = _questions(pairs, outcome)
    chosen = np.concatenate([joined[: job.auto_most], asked[: job.open_most]])
    picked = engine.Pairs(pairs.left[chosen], pairs.right[chosen], pairs.weight[chosen])
    told = engine.contributions(con, model, "ready", picked)
    shown = _shown(con, job.kind, np.unique(np.concatenate([picked.left, picked.right])))
    made = []
    for place, (i, levels) in enumerate(zip(chosen.tolist(), told, strict=True)):
        a, b = shown[int(pairs.left[i])], shown[int(pairs.right[i])]
        lines, text = wording.explain(model, levels, a, b)
        why = outcome.reason.get(i, "")
        weight = float(pairs.weight[i])
        made.append(
            Decision(
                int(a["id"]), int(b["id"]), "auto" if place < min(len(joined), job.auto_most) else "open",
                round(weight, 2), round(probability(weight), 5), lines, text, in_words(why, limits), why == "money",
            )
        )  # fmt: skip
    return made, len(joined) + len(asked) - len(chosen)


def _questions(pairs: engine.Pairs, outcome: Outcome) -> NDArray[np.int64]:
    """The best open pair between each two clusters, best first."""
    still = np.flatnonzero(outcome.fate == OPEN)
    x, y = outcome.cluster[pairs.left[still]], outcome.cluster[pairs.right[still]]
    still, x, y = still[x != y], np.minimum(x, y)[x != y], np.maximum(x, y)[x != y]
    order = np.argsort(-pairs.weight[still], kind="stable")
    _, first = np.unique(np.stack([x[order], y[order]]), axis=1, return_index=True)
    best: NDArray[np.int64] = still[order[np.sort(first)]]
    return best


def _shown(con: Any, kind: str, records: NDArray[np.int64]) -> dict[int, dict[str, Any]]:
    """The records' own words, for people to read."""
    names = ["unique_id", *(c for c in COLUMNS[kind] if c not in ("entity", "own"))]
    con.register("wanted", pa.table({"unique_id": records}))
    rows = con.execute(f"select {', '.join(names)} from raw semi join wanted using (unique_id)").fetchall()
    con.unregister("wanted")
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _column(con: Any, sql: str) -> NDArray[np.int64]:
    found: Sequence[Any] = next(iter(con.execute(sql).fetchnumpy().values()))
    return np.asarray(found, np.int64)


def _one(con: Any, sql: str) -> Any:
    return con.execute(sql).fetchall()[0][0]
