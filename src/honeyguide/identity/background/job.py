"""The worker's side of a pass: what changed goes out to files, a process of its own thinks, its decisions come back.

The worker itself never imports Splink, DuckDB or Arrow, and stays small.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx
from honeyguide.identity import guard_rows
from honeyguide.identity.background import exchange, exporting, models, proposal_rows
from honeyguide.identity.background.exchange import Decision, Found, Job, Kind
from honeyguide.identity.background.model import encode
from honeyguide.identity.background.thresholds import REVIEW
from honeyguide.identity.decisions import link_pairs
from honeyguide.identity.records import members, resolve

ACTOR = "background pass"
_TIMEOUT_S = 3_600
_LOCK_CLASS = 7_041_002
# Above this share of changed records a complete pass costs no more than an incremental one.
_MOSTLY = 0.2
_MONEY = "Money flows to both: only a person may join them."


class Passed(Struct, frozen=True):
    """What a pass did: nothing when nothing had changed (`report` None)."""

    kind: str
    changed: int
    complete: bool
    joined: int = 0
    asked: int = 0
    closed: int = 0
    report: exchange.Report | None = None


async def identify(
    db: Database, workspace_id: int, *, kinds: Sequence[Kind] = ("company", "persona"), dry_run: bool = False,
    complete: bool = False, memory_mb: int = 1_500, python: str = sys.executable,
) -> list[Passed]:  # fmt: skip
    """One pass over persons and companies. `dry_run` decides and writes nothing; `complete` looks at every record again.

    Raises Unavailable when the process of the pass failed; what had changed is then looked at again next time.
    """
    async with db.dedicated() as connection:
        # The lock is the connection's, so a worker that dies frees it: two passes at once would ask everything twice.
        if not dry_run and not await connection.fetchval(
            "select pg_try_advisory_lock($1::int, $2::int)", _LOCK_CLASS, workspace_id
        ):
            return []
        return [await _one(db, workspace_id, kind, dry_run, complete, memory_mb, python) for kind in kinds]


async def _one(
    db: Database, workspace_id: int, kind: Kind, dry_run: bool, complete: bool, memory_mb: int, python: str
) -> Passed:
    with tempfile.TemporaryDirectory(prefix="honeyguide-pass-") as name:
        folder = Path(name)
        ident = new_id()
        async with db.tx(workspace_id) as tx:
            upto = await _position(tx)
            last = await _last(tx, kind)
            if not (dry_run or complete) and last and last["state"] == "done" and last["upto"] == upto:
                return Passed(kind, 0, False)
            changed = 0 if dry_run else await exporting.mark_changed(tx, kind, folder)
            await proposal_rows.close_stale(tx, clock.now())
            await models.learn_from_answers(tx, kind, clock.now())
            used = await models.in_use(tx, kind)
            await exporting.export(tx, kind, folder)
            known = await tx.value("select count(*) from identity_seen s join record r on r.workspace_id = s.workspace_id and r.id = s.record_id where s.workspace_id = $1 and r.kind = $2", workspace_id, kind)  # fmt: skip
            whole = dry_run or complete or last is None or last["state"] != "done" or changed > _MOSTLY * known
            if not dry_run:
                await _begin(tx, ident, kind, upto, changed)
        if not (folder / "records.csv").stat().st_size or not (whole or changed):
            async with db.tx(workspace_id) as tx:
                await _end(tx, ident, "done", {})
            return Passed(kind, changed, False)
        if whole:
            (folder / "changed.csv").unlink(missing_ok=True)
        job = Job(kind, used.accept, REVIEW[kind], memory_mb=memory_mb, train=whole, keep=dry_run)
        exchange.write(folder, "job.json", job)
        (folder / "model.json").write_bytes(encode(used.model))
        try:
            found = await _think(folder, python)
        except BaseException:
            if not dry_run:
                await asyncio.shield(_failed(db, workspace_id, ident, folder, whole))
            raise
        if dry_run:
            asked = sum(d.state == "open" for d in found.decisions)
            return Passed(kind, changed, whole, len(found.decisions) - asked, asked, 0, found.report)
        async with db.tx(workspace_id) as tx:
            return await _take(tx, ident, kind, found, used, changed, whole)


async def _think(folder: Path, python: str) -> Found:
    """Run the pass in its own process, and never leave one behind."""
    process = await asyncio.create_subprocess_exec(
        python, "-m", "honeyguide.identity.background", str(folder), stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        _, said = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except TimeoutError as problem:
        raise Unavailable("The identity pass took too long.", f"It was stopped after {_TIMEOUT_S} s.") from problem
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise Unavailable("The identity pass failed.", said.decode(errors="replace")[-2_000:].strip())
    return exchange.read_found(folder)


async def _take(tx: Tx, ident: Any, kind: Kind, found: Found, used: models.InUse, changed: int, whole: bool) -> Passed:
    """Write what the pass decided: joins as events, questions as proposals, a newly trained model as a version."""
    now = clock.now()
    version = used.version
    if found.model.trained_on != used.model.trained_on:
        version = (
            await models.keep(tx, kind, found.model, used.accept, f"trained on {found.model.trained_on}", now)
        ).version
    decisions = await _still_allowed(tx, found.decisions)
    joins = [d for d in decisions if d.state == "auto"]
    await link_pairs(
        tx, [(d.a, d.b) for d in joins], ACTOR, f"likelihood above {used.accept:g} under guard, model {version}"
    )
    await proposal_rows.write(tx, kind, decisions, version, now)
    asked = [d for d in decisions if d.state == "open"]
    closed = 0
    if whole and not found.report.left_out:
        closed = await proposal_rows.close_unproposed(
            tx, kind, [proposal_rows.proposal_id(d.a, d.b) for d in asked], now
        )
    await _end(tx, ident, "done", msgspec.to_builtins(found.report))
    return Passed(kind, changed, whole, len(joins), len(asked), closed, found.report)


async def _still_allowed(tx: Tx, decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions as they may be carried out now: the world went on while the pass was thinking.

    Nothing joins automatically what money is tied to on both sides (also by a chain of joins), what somebody separated,
    or records that are gone.
    """
    decisions = list(decisions)
    ids = {i for d in decisions for i in (d.a, d.b)}
    await guard_rows.lock(tx)
    entity = await resolve(tx, ids)
    held = await members(tx, set(entity.values()))
    protected = {r for r, _, _ in await guard_rows.protections(tx, {r for one in held.values() for r in one})}
    money = {e for e, records in held.items() if protected.intersection(records)}
    standing = guard_rows.effective(await guard_rows.decisions_about(tx, ids))
    apart = {p for p, d in standing.items() if d.verdict == "separated"}
    root: dict[int, int] = {}

    def top(e: int) -> int:
        while root.get(e, e) != e:
            e = root[e]
        return e

    allowed = []
    for d in sorted(decisions, key=lambda d: -d.weight):
        if not held.get(entity[d.a]) or not held.get(entity[d.b]) or (min(d.a, d.b), max(d.a, d.b)) in apart:
            continue
        x, y = top(entity[d.a]), top(entity[d.b])
        both = x != y and x in money and y in money
        if both and d.state == "auto":
            d = msgspec.structs.replace(d, state="open", guard=_MONEY, money=True)
        elif both and not d.money:
            d = msgspec.structs.replace(d, money=True)
        elif d.state == "auto" and x != y:
            root[y] = x
            if y in money:
                money.add(x)
        allowed.append(d)
    return allowed


async def _position(tx: Tx) -> int:
    """How far the road has carried the log."""
    found = await tx.value(
        "select last_seq from consumer_cursor where workspace_id = $1 and consumer = 'road'", tx.workspace_id
    )
    return int(found or 0)


async def _last(tx: Tx, kind: str) -> Any:
    return await tx.row(
        "select state, upto from identity_pass where workspace_id = $1 and kind = $2 order by started_at desc limit 1",
        tx.workspace_id, kind,
    )  # fmt: skip


async def _begin(tx: Tx, ident: Any, kind: str, upto: int, changed: int) -> None:
    await tx.run(
        "insert into identity_pass (workspace_id, id, kind, state, upto, changed, report, started_at) "
        "values ($1, $2, $3, 'running', $4, $5, '{}', $6)",
        tx.workspace_id, ident, kind, upto, changed, clock.now(),
    )  # fmt: skip


async def _end(tx: Tx, ident: Any, state: str, report: dict[str, Any]) -> None:
    await tx.run(
        "update identity_pass set state = $3, report = $4, finished_at = $5 where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, state, report, clock.now(),
    )  # fmt: skip


async def _failed(db: Database, workspace_id: int, ident: Any, folder: Path, whole: bool) -> None:
    async with db.tx(workspace_id) as tx:
        if not whole:
            await exporting.forget_changed(tx, folder)
        await _end(tx, ident, "failed", {})
