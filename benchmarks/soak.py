"""Claim: a million events of mixed senders, servers killed in the middle, and every count is equal at the end.

Three web processes as they run in earnest, over one PostgreSQL; senders of five vendors, each retrying until it hears an
answer; 5 % repeats, 1 % other bodies under a known id, 1 % rubbish. A consumer reads the log meanwhile.
`python -m benchmarks.soak [EVENTS]`.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from msgspec import Struct, field

from benchmarks import cpu
from benchmarks.fleet import Caller, Fleet, NotSent, Unsure
from benchmarks.machine import facts
from benchmarks.traffic import AGAIN, FRESH, REUSED, RUBBISH, VENDORS, Request, Sender, outcomes_of
from honeyguide.db import cursors

SERVERS, SENDERS, MEMORY_MB = 3, 48, 200.0
_WANTED = {FRESH: "accepted", AGAIN: "duplicate", REUSED: "mismatch", RUBBISH: "dead_letter"}
_NAMED = re.compile(r"(s\d+)-(\d+)")
_OUTCOMES = ("accepted", "duplicate", "mismatch", "dead_letter", "refused")
ROOT = Path(__file__).resolve().parent.parent


class Account(Struct):
    """What the senders know: what they meant, what they were told, and what they were never told."""

    meant: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)  # the most that requests without an answer can have counted
    unheard: int = 0  # fresh ids that were in the log already when their acknowledgement was asked for again
    wrong: list[str] = field(default_factory=list)
    busy: int = 0
    retries: int = 0
    sent: int = 0
    fresh: int = 0


class Reader(Struct):
    """A consumer of the log: what its cursor showed."""

    rows: int = 0
    ids: set[bytes] = field(default_factory=set)
    disorder: int = 0
    last: dict[str, int] = field(default_factory=dict)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)

    def take(self, rows: list[Any]) -> None:
        """Count rows; each sender's must come in the order it sent them, each lane in that of the commits."""
        for row in rows:
            self.ids.add(row["event_id"].bytes)
            named = _NAMED.search(row["message_id"])  # in an id of CloudEvents or Stripe there is more
            sender, number = (named[1], int(named[2])) if named else ("", 0)
            place = (int(row["at_xid"]), row["seq"])
            if number <= self.last.get(sender, 0) or place <= self.places.get(row["lane"], (0, 0)):
                self.disorder += 1
            self.last[sender], self.places[row["lane"]] = number, place
        self.rows += len(rows)


async def run(folder: Path, events: int, *, seed: int = 11) -> dict[str, Any]:
    """Send `events` inputs through a fleet whose members are killed three times; returns what is true afterwards."""
    fleet = Fleet(folder, SERVERS)
    account, reader, stop = Account(), Reader(), asyncio.Event()
    reading: asyncio.Task[None] | None = None
    try:
        await fleet.prepare({v.source: (v.kind, v.secret) for v in VENDORS})
        idle = max(member.memory_mb() for member in fleet.members)
        reading = asyncio.create_task(_read(fleet, reader, stop))
        began, used = time.perf_counter(), cpu.seconds_in(fleet.cluster.data)
        async with asyncio.TaskGroup() as group:
            senders = [group.create_task(_send(n, fleet, account, events, seed)) for n in range(SENDERS)]
            group.create_task(_kills(fleet, account, events))
        took = time.perf_counter() - began
        used = cpu.seconds_in(fleet.cluster.data) - used
        for member in fleet.members:
            member.memory_mb()
        await _drained(fleet, reader, reading)
        stop.set()
        await reading
        found = await _compare(fleet, account, reader)
        peak = max(member.peak_mb for member in fleet.members)
        found |= {
            "servers": SERVERS, "senders": len(senders), "kills": sum(m.kills for m in fleet.members), "seconds": round(took, 1),
            "events_per_second": round(account.sent / took), "postgres_cpu_s": round(used, 1),
            "server_idle_mb": round(idle, 1), "server_peak_mb": round(peak, 1),
        }  # fmt: skip
        found["held"] = all(found["checks"].values()) and peak <= MEMORY_MB
        return found
    finally:
        stop.set()
        if reading is not None:
            reading.cancel()
        await fleet.close()


async def _send(number: int, fleet: Fleet, account: Account, events: int, seed: int) -> None:
    sender = Sender(number, seed, lambda vendor: fleet.keys[vendor.source])
    caller = Caller(fleet, number % SERVERS)
    while account.sent < events:
        request = sender.request(events - account.sent)
        account.sent += len(request.classes)
        await _until_answered(caller, request, account)
        sender.heard(request)
    caller.close()


async def _until_answered(caller: Caller, request: Request, account: Account) -> None:
    """Send until there is an answer that says what became of it, to the next server when one does not answer."""
    unsure = False
    for _ in range(3_000):
        try:
            status, head, body = await caller.post(request.path, request.headers, request.body)
        except NotSent:
            caller.to = (caller.to + 1) % SERVERS
            await asyncio.sleep(0.05)
            continue
        except Unsure:
            unsure = True
            _may_have_counted(request, account)
            caller.to = (caller.to + 1) % SERVERS
            continue
        if status in (429, 503):
            if b"retry-after:" not in head.lower():
                account.wrong.append(f"{status} without Retry-After")
            if status == 503:  # the commit may have happened although nobody heard of it
                unsure = True
                _may_have_counted(request, account)
            account.busy += 1
            await asyncio.sleep(0.2)
            continue
        _note(request, status, body, account, unsure=unsure)
        return
    raise TimeoutError(f"{request.path} was never answered")


def _may_have_counted(request: Request, account: Account) -> None:
    account.retries += 1
    if request.status != 200:
        account.unsure["refused"] += 1
    for one in request.classes if request.status == 200 else ():
        account.unsure["duplicate" if one is FRESH else _WANTED[one]] += 1


def _note(request: Request, status: int, body: bytes, account: Account, *, unsure: bool) -> None:
    account.fresh += len(request.fresh)
    if status != request.status:
        account.wrong.append(f"{request.path}: {status}, not {request.status}: {body[:200]!r}")
        return
    if status != 200:
        account.meant["refused"] += 1
        account.told["refused"] += 1
        return
    for meant, told in zip(request.classes, outcomes_of(body), strict=True):
        account.meant[_WANTED[meant]] += 1
        account.told[told] += 1
        if meant is FRESH and told == "duplicate" and unsure:
            account.unheard += 1
        elif told != _WANTED[meant]:
            account.wrong.append(f"{request.path}: {told}, not {_WANTED[meant]}")


async def _kills(fleet: Fleet, account: Account, events: int) -> None:
    """One server, another one, and then all of them at once, each in the middle of its work."""
    for share, members in ((0.25, (0,)), (0.5, (1,)), (0.75, tuple(range(SERVERS)))):
        await _until(lambda s=share: account.sent >= events * s, 3_600)  # type: ignore[misc]
        await fleet.restart(*members)


async def _until(done: Callable[[], bool], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.01)


async def _read(fleet: Fleet, reader: Reader, stop: asyncio.Event) -> None:
    while not stop.is_set():
        async with cursors.batch(fleet.db, fleet.workspace, "soak", limit=1_000) as batch:
            if batch is not None:
                reader.take(batch.rows)
        await asyncio.sleep(0 if batch is not None else 0.05)


async def _drained(fleet: Fleet, reader: Reader, reading: "asyncio.Task[None]") -> None:
    """Wait until the consumer has seen everything there is."""
    for _ in range(6_000):
        if reading.done():
            reading.result()
        async with fleet.db.tx(fleet.workspace) as tx:
            if not await cursors.lag(tx, "soak"):
                return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"the consumer stands at {reader.rows} rows")


async def _compare(fleet: Fleet, account: Account, reader: Reader) -> dict[str, Any]:
    async with fleet.db.tx(fleet.workspace) as tx:
        rows = await tx.rows(
            "select outcome, sum(n)::bigint as n from ingest_count where workspace_id = $1 group by 1", tx.workspace_id
        )
        log = await tx.row(
            "select count(*) as n, count(distinct event_id) as ids from event_log where workspace_id = $1",
            tx.workspace_id,
        )
        letters = await tx.rows(
            "select reason = 'id_reuse' as reused, coalesce(sum(attempts), 0)::bigint as n from dead_letter where workspace_id = $1 group by 1",
            tx.workspace_id,
        )  # fmt: skip
    counted = dict.fromkeys(_OUTCOMES, 0) | {row["outcome"]: row["n"] for row in rows}
    kept = {row["reused"]: row["n"] for row in letters}
    stored, distinct = (log["n"], log["ids"]) if log is not None else (0, 0)
    more = {o: counted[o] - account.told[o] for o in _OUTCOMES}
    checks = {
        "every input was told what it should be": not account.wrong,
        "inputs sent = inputs answered": account.sent == sum(account.told.values()) == sum(account.meant.values()),
        "log rows = distinct ids = fresh ids sent": stored == distinct == account.fresh,
        "counter accepted = log rows": counted["accepted"] == stored,
        "accepted = told accepted + those whose answer was lost": more["accepted"] == account.unheard,
        "duplicate, mismatch, dead letter, refused: counter = told + at most what unanswered requests held": all(
            0 <= more[o] <= account.unsure[o] for o in _OUTCOMES[1:]
        ),
        "dead letters = their counters": (kept.get(True, 0), kept.get(False, 0)) == (counted["mismatch"], counted["dead_letter"]),
        "the consumer saw every row once": reader.rows == len(reader.ids) == stored,
        "in each sender's order, in each lane's": reader.disorder == 0,
        "the kills were felt": account.retries > 0,
    }  # fmt: skip
    return {
        "claim": "a million events through kills: nothing lost, doubled, skipped or miscounted", "sent": account.sent, "meant": dict(account.meant),
        "told": dict(account.told), "counted": counted, "answers_lost": {"requests": account.retries, "accepted_in_them": account.unheard,
        "other_inputs_in_them": dict(account.unsure), "counted_twice_because_sent_twice": {o: n for o, n in more.items() if o != "accepted"}},
        "log_rows": stored, "consumer_rows": reader.rows, "told_to_wait": account.busy, "wrong": account.wrong[:10], "checks": checks,
    }  # fmt: skip


def report(found: dict[str, Any]) -> None:
    """Print a result."""
    print(f"{found['sent']:,} inputs in {found['seconds']} s ({found['events_per_second']:,} a second), {found['kills']} kills, "
          f"{found['answers_lost']['requests']} requests without an answer, {found['told_to_wait']} told to wait")  # fmt: skip
    print(f"{'':12} {'meant':>10} {'told':>10} {'counted':>10}")
    for one in _OUTCOMES:
        print(
            f"{one:12} {found['meant'].get(one, 0):>10,} {found['told'].get(one, 0):>10,} {found['counted'][one]:>10,}"
        )
    print(
        f"log {found['log_rows']:,} rows, consumer {found['consumer_rows']:,}; server {found['server_idle_mb']} MB idle, {found['server_peak_mb']} MB at most"
    )
    for name, held in found["checks"].items():
        print(f"{'holds' if held else 'FAILS'}  {name}")
    for one in found["wrong"]:
        print(f"       {one}")


async def _measured(events: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hg-soak-", ignore_cleanup_errors=True) as folder:
        return await run(Path(folder), events)


def main() -> int:
    """Run, store, print; exit 1 when a count is off."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found: dict[str, Any] = runner.run(_measured(events))
    found["machine"] = facts()
    report(found)
    if events >= 1_000_000:
        (ROOT / "benchmarks" / "results" / "soak.json").write_text(json.dumps(found, indent=2) + "\n")
    return 0 if found["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
