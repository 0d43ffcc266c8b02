"""The part of `benchmarks.graph` that runs under a Python with Ladybug: questions on stdin, times and answers on stdout.

The path is asked in two parts with WITH between them: asked as one pattern, release 0.22.0 gives wrong rows.
"""

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import ladybug  # type: ignore[import-not-found]  # only where this program runs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_VALID = "{a}.valid_from <= $at and ({a}.valid_to is null or {a}.valid_to > $at)"


def _load(connection: Any, asked: dict[str, Any], folder: Path) -> None:
    connection.execute("create node table N(id int64, kind int16, name string, primary key (id))")
    connection.execute(f"copy N from '{folder}/node.parquet'")
    edges = pq.read_table(folder / "edge.parquet")
    for column in ("valid_from", "valid_to"):
        at = edges.schema.get_field_index(column)
        edges = edges.set_column(at, column, edges[column].cast(pa.timestamp("us")))
    for kind, code in asked["kinds"].items():
        connection.execute(
            f"create rel table {kind}(from N to N, confidence float, valid_from timestamp, valid_to timestamp)"
        )
        some = edges.filter(pc.equal(edges["kind"], code)).select(
            ["src", "dst", "confidence", "valid_from", "valid_to"]
        )
        if len(some):
            pq.write_table(some, folder / f"{kind}.parquet")
            connection.execute(f"copy {kind} from '{folder}/{kind}.parquet'")


def _ms(call: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = call()
    return (time.perf_counter() - start) * 1_000, found


def main() -> None:
    asked = json.loads(sys.stdin.read())
    folder, at = Path(asked["folder"]), datetime.fromisoformat(asked["at"]).replace(tzinfo=None)
    start = time.perf_counter()
    connection = ladybug.Connection(ladybug.Database(str(folder / "ladybug.db")), num_threads=2)
    _load(connection, asked, folder)
    out: dict[str, Any] = {
        "load_s": round(time.perf_counter() - start, 1),
        "hop": [],
        "path": [],
        "counts": [],
        "answers": [],
    }
    hop = connection.prepare(
        f"match (p:N)-[e]-(o:N) where p.id = $id and {_VALID.format(a='e')} return label(e), o.id, o.name"
    )
    path = connection.prepare(
        f"match (p:N)-[r:referred]->(x:N) where p.id = $id and {_VALID.format(a='r')} with x "
        f"match (x)-[w:works_at]->(f:N) where {_VALID.format(a='w')} with x, f "
        f"match (f)<-[c:works_at]-(q:N) where {_VALID.format(a='c')} and q.id <> x.id with distinct q "
        f"match (q)-[u:uses]->(m:N) where m.id = $product and {_VALID.format(a='u')} return distinct q.id"
    )
    for i in asked["hops"]:
        out["hop"].append(_ms(lambda i=i: connection.execute(hop, {"id": i, "at": at}).get_all())[0])
    for persona, product in asked["questions"]:
        took, rows = _ms(
            lambda a=persona, b=product: connection.execute(path, {"id": a, "product": b, "at": at}).get_all()
        )
        out["path"].append(took)
        out["answers"].append(sorted(r[0] for r in rows))
    for _ in range(5):
        out["counts"].append(
            _ms(lambda: connection.execute(
                "match (a:N)-[e]->(b:N) where e.valid_from >= $at - interval('30 days') return label(e), count(*)", {"at": at}
            ).get_all())[0]
        )  # fmt: skip
    print(json.dumps(out))


if __name__ == "__main__":
    main()
