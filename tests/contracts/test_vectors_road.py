"""Every payload we have of other people's systems, through its own door and then the whole road.

Each is in the log or refused with a reason at the door; nothing fails on the road but what says why it cannot be read.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from honeyguide.app import road
from honeyguide.db import Database
from honeyguide.funnel import create_source, source_totals
from honeyguide.funnel.definitions import library
from tests.unit.funnel.conftest import committer, door
from tests.unit.funnel.doors import call as post

__all__ = ["committer", "door"]  # fixtures of the door's own tests
_FOLDERS = {"signatures": "webhook", "segment-spec": "segment"}


def _system(file: Path, vectors: Path) -> str:
    where = file.relative_to(vectors).parts
    if where[0] == "hull-connectors":
        return where[1]
    if where[0] == "rudder-sources-mit":
        return file.stem.split("_source")[0]
    return _FOLDERS.get(where[0], where[0].split("-")[0])


def _bodies(file: Path) -> Iterator[Any]:
    if file.suffix == ".jsonl":
        yield from (json.loads(line) for line in file.read_text().splitlines() if line.strip())
        return
    found = json.loads(file.read_text())
    if file.name == "fixtures3.json":
        yield from ({"type": f"{kind}.updated", "id": f"evt_{kind}", "data": {"object": thing}} for kind, thing in found["resources"].items())  # fmt: skip
    yield found


async def test_all_of_them(db: Database, workspace: int, door: Any, shared_path: Callable[[str], Path]) -> None:
    vectors = shared_path("vectors")
    keys: dict[str, str] = {}
    answers = Counter[int]()
    async with db.tx(workspace) as tx:
        for system in ("webhook", *library()):
            _, keys[system] = await create_source(tx, system, system)
    others = itertools.cycle(keys)
    for file in sorted([*vectors.rglob("*.json"), *vectors.rglob("*.jsonl")]):
        system = _system(file, vectors)
        for body, other in zip(_bodies(file), others, strict=False):
            for sender in {system, other}:  # what is meant for one system also reaches another's address
                answer = await post(door, f"/hooks/{keys[sender]}", msgspec.json.encode(body))
                answers[answer.status] += 1
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        letters = await tx.rows("select stage, reason, detail from dead_letter where workspace_id = $1", workspace)
        totals = await source_totals(tx)
        rows = await tx.value("select count(*) from event_log where workspace_id = $1", workspace)
        records = await tx.value("select count(*) from record where workspace_id = $1", workspace)
    assert set(answers) == {200}
    assert answers[200] > 1_500
    assert sum(t["accepted"] for t in totals) == rows
    # What failed says why, and failed where it was read: no stage behind the decoders met anything it could not carry.
    assert {one["stage"] for one in letters} <= {"hook", "ingest", "decode"}, letters
    assert all(one["reason"] and len(one["detail"]) > 20 for one in letters)
    assert len(letters) < rows
    assert records > 80
