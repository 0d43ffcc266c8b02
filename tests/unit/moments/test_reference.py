"""The reference says what the code does."""

import re
from pathlib import Path

from honeyguide.inference import THRESHOLD
from honeyguide.inference.registry import INFERRERS
from honeyguide.moments import KINDS
from honeyguide.moments.product_milestone import USES
from honeyguide.moments.purchase_euphoria import _BY_KIND

DOCS = Path(__file__).parents[3] / "docs"


def _rows(name: str) -> list[list[str]]:
    lines = (DOCS / name).read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_every_kind_and_every_purchase_stands_with_its_numbers() -> None:
    rows = _rows("reference/moments.md")
    assert {cells[0].strip("`") for cells in rows} >= set(KINDS)
    for kind, (strength, hours) in _BY_KIND.items():
        assert any(f"`{kind}`" in cells[1] and cells[2:] == [f"{strength:g}", f"{hours:g}"] for cells in rows), kind
    for uses, (strength, hours) in USES.items():
        assert any(re.match(f"{uses:,}th use", c[1]) and c[2:] == [f"{strength:g}", f"{hours:g}"] for c in rows), uses


def test_every_threshold_of_a_running_inferrer_is_told() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in _rows("explanation/inference.md")}
    for kind in {"power_user_of"}.union(*(i.kinds for i in INFERRERS)):
        assert told[kind] == f"{THRESHOLD[kind]:g}"
