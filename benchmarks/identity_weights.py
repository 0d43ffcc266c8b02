"""Estimates the shipped weights of persons anew, unsupervised, from a generated CRM of another seed than the benchmark's.

python -m benchmarks.identity_weights [records] [seed]: writes src/honeyguide/identity/background/weights/persona.json
"""

import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.crm_world import generate
from benchmarks.identity import online, write_records
from honeyguide.identity.background import blocking, engine, passing, preparing
from honeyguide.identity.background.model import encode, shipped

_WEIGHTS = Path(__file__).parent.parent / "src/honeyguide/identity/background/weights/persona.json"


def main() -> None:
    """Train and store. What the levels are, and the fixed ones, stays as it is in the file."""
    records, seed = (int(a) for a in (sys.argv[1:] + ["200000", "77"][len(sys.argv) - 1 :]))
    rows, _ = generate(records, seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(folder, rows, online(rows))
        con = engine.connect(folder, engine.Budget())
        passing.load(con, "persona", folder)
        preparing.prepare(con, "persona", "raw", "prepared")
        model = shipped("persona")
        blocking.keyed(con, model, "prepared", "ready")
        told = f"{records:,} records of a generated CRM (benchmarks/crm_world.py), unsupervised"
        learnt = engine.train(con, model, "ready", engine.Budget(), told)
        con.close()
    _WEIGHTS.write_bytes(encode(msgspec.structs.replace(learnt, partners=round(learnt.prior * records, 3))) + b"\n")


if __name__ == "__main__":
    main()
