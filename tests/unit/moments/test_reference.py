"""The reference says what the code does."""

import re
from pathlib import Path

from honeyguide.inference import THRESHOLD
from honeyguide.inference.registry import INFERRERS
from honeyguide.moments import KINDS, anniversary, job_change, praise, renewal, survey_promoter, usage_spike
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


def test_the_numbers_of_the_other_kinds_stand_there_too() -> None:
    rows = _rows("reference/moments.md")
    start = {c[0].strip("`"): n for n, c in enumerate(rows) if c[0].strip("`") in KINDS}
    told = {
        "renewal": [renewal.YEARLY, renewal.SHORTER, renewal.UNKNOWN, renewal.UPCOMING],
        "praise": [praise.OWN, praise.HEARD],
        "survey_promoter": [survey_promoter.BEST, survey_promoter.GOOD],
        "usage_spike": [(usage_spike.BASE, usage_spike.HOURS)],
        "anniversary": [anniversary.FIRST, anniversary.ROUND, anniversary.LATER],
        "job_change": [(strength, job_change.HOURS) for strength in job_change.GROUNDS.values()],
    }
    for kind, numbers in told.items():
        for n, (strength, hours) in enumerate(numbers):
            assert rows[start[kind] + n][2:] == [f"{strength:g}", f"{hours:g}"], (kind, n)


def test_every_threshold_of_a_running_inferrer_is_told() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in _rows("explanation/inference.md")}
    for kind in {"power_user_of"}.union(*(i.kinds for i in INFERRERS)):
        assert told[kind] == f"{THRESHOLD[kind]:g}"
