"""Replays that were asked for: reading the log again, in earnest or as a dry run that says what would change.

Here they are asked for and looked up; a worker carries them out (`app.replay_runs`), step by step.
"""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Tx, audit
from honeyguide.funnel import replay_tables
from honeyguide.funnel.sources import load_sources


class ReplayRun(Struct, frozen=True):
    """A replay. `n` of about `total` rows are read; `differently` of them decode to something else than before.

    `changes`: table -> how many rows stay the same, change, come and go. `sample`: a few of them.
    """

    id: int
    actor: str
    dry: bool
    source_id: int | None
    received_from: datetime | None
    received_to: datetime | None
    state: str
    n: int
    total: int
    differently: int
    changes: dict[str, Any]
    sample: list[Any]
    failure: str
    started_at: datetime
    updated_at: datetime

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ("done", "failed")

    @property
    def scratch(self) -> int:
        """The number its scratch copy stands under: no workspace has a negative one."""
        return -self.id


async def start_replay(
    tx: Tx, actor: str, *, dry: bool, source_id: int | None = None, start: datetime | None = None,
    end: datetime | None = None,
) -> ReplayRun:  # fmt: skip
    """Ask for a replay. A dry run may be limited to one source and to a time of arrival; then only those rows are read
    by today's mapping, and the others as they were. Raises NotFound, BadInput.
    """
    if not dry and (source_id is not None or start is not None or end is not None):
        raise BadInput(
            "A replay reads the whole log.",
            "What is derived rests on all of it.",
            advice="Only a dry run takes a part.",
        )
    if source_id is not None and source_id not in await load_sources(tx):
        raise NotFound(f"There is no source {source_id}.")
    if start is not None and end is not None and start > end:
        raise BadInput("The time `from` is after the time `to`.")
    row = await replay_tables.start(tx, actor, dry, source_id, (start, end), clock.now())
    found = _run(row)
    await audit.write(tx, actor, "replay.dry_run" if dry else "replay.start", f"replay:{found.id}")
    return found


async def replay_run(tx: Tx, run_id: int) -> ReplayRun:
    """One replay. Raises NotFound."""
    row = await replay_tables.run(tx, run_id)
    if row is None:
        raise NotFound(f"There is no replay {run_id}.")
    return _run(row)


async def replay_runs(tx: Tx, after: int | None, limit: int) -> list[ReplayRun]:
    """Replays, newest first."""
    return [_run(row) for row in await replay_tables.runs(tx, after, limit)]


async def count_replays(tx: Tx) -> int:
    """How many replays were asked for."""
    return await replay_tables.count(tx)


async def unfinished_replay(tx: Tx, run_id: int | None = None) -> ReplayRun | None:
    """A replay that is not finished: this one, or the oldest."""
    row = await replay_tables.unfinished(tx, run_id)
    return _run(row) if row is not None else None


def _run(row: Any) -> ReplayRun:
    return ReplayRun(**{f: row[f] for f in ReplayRun.__struct_fields__})
