"""The vocabulary: code, documentation and schema say the same."""

import re
from pathlib import Path

from honeyguide.graph.kinds import EDGE, HALF_LIFE_DAYS, INFERABLE, NODE, partition
from honeyguide.inference import THRESHOLD

_ROOT = Path(__file__).resolve().parents[3]
_DOC = (_ROOT / "docs" / "reference" / "graph-vocabulary.md").read_text()


def _rows(heading: str) -> list[list[str]]:
    part = _DOC.split(f"## {heading}")[1].split("## ")[0]
    return [[c.strip() for c in row.strip("|").split("|")] for row in re.findall(r"^\| \d.*$", part, re.M)]


def test_the_reference_lists_every_kind_with_its_half_life() -> None:
    assert {r[1]: int(r[0]) for r in _rows("Nodes")} == NODE
    assert {r[1]: int(r[0]) for r in _rows("Edges")} == EDGE
    said = {EDGE[r[1]]: float(r[5]) for r in _rows("Edges") if r[5] != "-"}
    assert said == HALF_LIFE_DAYS


def test_the_guard_and_the_vocabulary_agree_on_what_may_be_inferred() -> None:
    assert THRESHOLD.items() <= INFERABLE.items()


def test_every_core_kind_has_its_partition() -> None:
    files = list((_ROOT / "src" / "honeyguide" / "db" / "migrations" / "versions").glob("0001*.py"))
    made = re.findall(r'"(\w+)"', files[0].read_text().split("_EDGE_KINDS = (")[1].split(")")[0])
    assert {kind: code for code, kind in enumerate(made, start=1)} == {k: c for k, c in EDGE.items() if c <= 25}
    assert partition("uses") == "edge_uses"
    assert partition("other") == partition("x_mentors") == "edge_other"
