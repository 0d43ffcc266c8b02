"""What is wrong with this installation, in sentences."""

from typing import Literal

from msgspec import Struct

from honeyguide import ledger
from honeyguide.app import releasing, store, supervise
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, cursors, workspace
from honeyguide.db.schema import head, revision_of
from honeyguide.inference.models.standing import standing
from honeyguide.inference.models.store import Store
from honeyguide.settings import Settings


class Finding(Struct, frozen=True):
    """One check: its verdict, what was found, and what to do about it."""

    verdict: Literal["good", "warn", "bad"]
    title: str
    detail: str
    advice: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Run every check; a store that cannot be reached is a finding, not a failure."""
    where = "yours, by DATABASE_URL" if settings.database_url else f"embedded, in {settings.data}"
    supervised = supervise.is_supervised(settings)
    found = [
        Finding("good", "data", where),
        Finding("good" if supervised else "warn", "supervisor", "running" if supervised else "not running",
                "" if supervised else "Start it with `honeyguide up`; commands start the store for themselves meanwhile."),
    ]  # fmt: skip
    found += _models(settings)
    try:
        async with store.database(settings, size=2, migrated=False) as db:
            found += await _store(db)
            for workspace_id in await db.workspaces():
                found += await _workspace(db, workspace_id)
                found += await _autonomy(db, workspace_id, settings)
    except HoneyguideError as e:
        found.append(Finding("bad", "store", e.sentence()))
    return found


async def _autonomy(db: Database, workspace_id: int, settings: Settings) -> list[Finding]:
    """The signed history, where something ever ran alone."""
    history = await releasing.verify(db, workspace_id, settings)
    if history.ok and not history.acts:
        return []
    advice = "" if history.ok else "Levels that are not signed count as 0. See `honeyguide autonomy verify`."
    return [Finding("good" if history.ok else "bad", "autonomy", history.sentence, advice)]


def _models(settings: Settings) -> list[Finding]:
    """A model that is absent or declined is nobody's fault; one that was asked for and cannot be had is a warning."""
    lines = []
    for tier, one in standing(settings, Store(settings.models)).items():
        share = f" {one.progress:.0%}" if one.progress is not None else ""
        wrong = one.state == "failing" or (one.state == "absent" and bool(one.problem))
        detail = " ".join(part for part in (one.name, one.state + share, one.problem) if part)
        lines.append(
            Finding(
                "warn" if wrong else "good", f"model, {tier}", detail, "" if one.state == "ready" else one.works_without
            )
        )
    return lines


async def _store(db: Database) -> list[Finding]:
    async with db.admin() as owner:
        version = await owner.fetchval("show server_version")
        at = await revision_of(owner)
    return [
        Finding("good" if version.startswith("18") else "warn", "PostgreSQL", version,
                "" if version.startswith("18") else "Tested on 18."),
        Finding("good" if at == head() else "bad", "schema", f"at {at}, this release knows {head()}",
                "" if at == head() else "Run `honeyguide up` once to bring it up to date."),
    ]  # fmt: skip


def _lanes(name: str, waiting: dict[int, int]) -> Finding:
    """History may wait: it is live events that must not."""
    late = waiting[cursors.LIVE] + waiting[cursors.OVERFLOW]
    lanes = ", ".join(f"{n:,} {cursors.LANES[lane]}" for lane, n in waiting.items())
    return Finding(
        "good" if late < 10_000 else "warn", name, f"{sum(waiting.values()):,} events wait for the road: {lanes}",
        "" if late < 10_000 else "The worker does not keep up with what is sent now: is it running?",
    )  # fmt: skip


async def _workspace(db: Database, workspace_id: int) -> list[Finding]:
    async with db.tx(workspace_id) as tx:
        name = (await workspace(tx)).slug
        waiting = await cursors.lags(tx, "road")
        dead = await tx.value(
            "select count(*) from dead_letter where workspace_id = $1 and state = 'open'", workspace_id
        )
        unsent = await tx.value(
            "select count(*) from outbox where workspace_id = $1 and state = 'failed'", workspace_id
        )
        books = await ledger.verify(tx)
        ahead = await tx.value(
            "select max(xid::text::bigint) - pg_current_xact_id()::text::bigint from event_log where workspace_id = $1",
            workspace_id,
        )
    restored = Finding(
        "bad", name, f"The log is {ahead or 0:,} transaction numbers ahead of this server: it was restored from a dump.",
        "Consumers wait for the numbers to come: see docs/how-to/backup.md.",
    )  # fmt: skip
    return [restored] * ((ahead or 0) > 0) + [
        _lanes(name, waiting),
        Finding("warn" if dead else "good", name, f"{dead:,} dead letters", "Read them under Sources." if dead else ""),
        Finding(
            "warn" if unsent else "good", name, f"{unsent:,} effects given up", "See the outbox." if unsent else ""
        ),
        Finding("good" if books.ok else "bad", name, books.sentence),
    ]
