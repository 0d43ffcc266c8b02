"""How sources are: waiting, ok, late, failing or paused, with the reason in words; and what an operator does to them."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx, audit
from honeyguide.funnel import live_tables
from honeyguide.funnel.definitions import definition_of
from honeyguide.funnel.events import Verdict
from honeyguide.funnel.sources import SERVER_ONLY, Source, create_source, load_sources, renew_key, set_server_only

_OUTCOMES = frozenset(v.value for v in Verdict)
State = Literal["waiting", "ok", "late", "failing", "paused"]
WATCHED = timedelta(days=7)
REGULAR_DAYS = 4  # a source that sent on so many of the last seven days is expected to send every day
FAILING_LETTERS, FAILING_SHARE = 10, 0.05


class Health(Struct, frozen=True):
    """The state of a source and why."""

    state: State
    reason: str


class Day(Struct, frozen=True):
    """What came of a source's inputs on one day."""

    day: date
    accepted: int = 0
    duplicate: int = 0
    mismatch: int = 0
    dead_letter: int = 0
    refused: int = 0


async def source_health(tx: Tx, now: datetime) -> dict[int, Health]:
    """The health of every source."""
    rows = await live_tables.recent(tx, (now - WATCHED).astimezone(UTC).date(), now - timedelta(days=1))
    return {
        row["id"]: judge(
            row["paused_at"],
            row["ever"],
            row["last_at"],
            row["accepted"] or 0,
            row["days"] or 0,
            row["letters"] or 0,
            now,
        )
        for row in rows
    }


def judge(
    paused_at: datetime | None, ever: datetime | None, last_at: datetime | None, accepted: int, days: int, letters: int,
    now: datetime,
) -> Health:  # fmt: skip
    """The state of a source from its last seven days and the open dead letters of the last day. Pure."""
    if paused_at is not None:
        return Health("paused", f"Paused since {paused_at:%Y-%m-%d %H:%M}: what it sends is refused.")
    if ever is None:
        return Health("waiting", "Nothing has arrived yet.")
    per_day = accepted / max(days, 1)
    if letters >= FAILING_LETTERS and letters >= FAILING_SHARE * per_day:
        return Health("failing", f"{letters:,} of the last day's events wait in dead letters.")
    if days >= REGULAR_DAYS and last_at is not None and now - last_at > timedelta(days=1):
        silent = (now - last_at).total_seconds() / 3_600
        return Health("late", f"Silent for {silent:,.0f} hours; it usually sends about {per_day:,.0f} events a day.")
    if last_at is None:
        return Health("ok", f"Last heard of on {ever:%Y-%m-%d}.")
    return Health("ok", f"{accepted:,} events in seven days.")


async def source_days(tx: Tx, source_id: int, now: datetime, days: int = 30) -> list[Day]:
    """The last days of a source, oldest first, without gaps."""
    today = now.astimezone(UTC).date()
    since = today - timedelta(days=days - 1)
    counted: dict[date, dict[str, int]] = {since + timedelta(days=n): {} for n in range(days)}
    for row in await live_tables.days(tx, source_id, since):
        if row["day"] in counted and row["outcome"] in _OUTCOMES:
            counted[row["day"]][row["outcome"]] = row["n"]
    return [Day(day, **values) for day, values in counted.items()]


async def source_of(tx: Tx, source_id: int) -> Source:
    """One source. Raises NotFound."""
    found = (await load_sources(tx)).get(source_id)
    if found is None:
        raise NotFound(f"There is no source {source_id}.")
    return found


async def source_named(tx: Tx, name: str) -> Source:
    """The source of this name. Raises NotFound that lists the names there are."""
    known = await load_sources(tx)
    found = next((s for s in known.values() if name in (s.name, s.slug)), None)
    if found is None:
        raise NotFound(f"There is no source {name!r}.", f"There are: {', '.join(s.name for s in known.values())}.")
    return found


def connector_of(source: Source) -> str | None:
    """The connector whose definition reads a source, None without one."""
    found = definition_of(source)
    return found.connector if found is not None else None


async def add_source(
    tx: Tx, kind: str, name: str, secret: str | None, actor: str, *, server_only: bool = False
) -> tuple[Source, str]:
    """Make a source and its key, and write down who did. With `server_only` its key never stands in a page, and what it
    tells of money is believed. Raises what `create_source` raises.
    """
    made, key = await create_source(tx, kind, name, secret, {SERVER_ONLY: True} if server_only else None)
    told = {"kind": kind, "name": name} | ({SERVER_ONLY: True} if server_only else {})
    await audit.write(tx, actor, "source.create", f"source:{made.id}", told)
    return made, key


async def trust_source(tx: Tx, source: Source, yes: bool, actor: str) -> Source:
    """Say whether a source's key lives on servers only, so that what it tells of money is believed; audited."""
    changed = await set_server_only(tx, source, yes)
    await audit.write(tx, actor, "source.trust", f"source:{source.id}", {SERVER_ONLY: yes})
    return changed


async def pause(tx: Tx, source_id: int, actor: str) -> None:
    """Refuse what a source sends from now on (running doors notice within ten seconds). Raises NotFound."""
    await _set_paused(tx, source_id, clock.now(), actor, "source.pause")


async def resume(tx: Tx, source_id: int, actor: str) -> None:
    """Take what a source sends again. Raises NotFound."""
    await _set_paused(tx, source_id, None, actor, "source.resume")


async def _set_paused(tx: Tx, source_id: int, at: datetime | None, actor: str, act: str) -> None:
    if not await live_tables.set_paused(tx, source_id, at):
        raise NotFound(f"There is no source {source_id}.")
    await audit.write(tx, actor, act, f"source:{source_id}")


async def new_key(tx: Tx, source_id: int, actor: str, secret: str | None = None) -> str:
    """Another write key (and signing secret when given); the old one stops working. Raises NotFound."""
    key = await renew_key(tx, await source_of(tx, source_id), secret)
    await audit.write(tx, actor, "source.key", f"source:{source_id}")
    return key


def snippet(source: Source, key: str, base_url: str) -> tuple[str, str]:
    """The address a source sends to, and a command that sends a first event."""
    if source.kind == "segment":
        body = '{"userId":"ana","event":"Feature Used","properties":{"feature":"export"}}'
        url = f"{base_url}/v1/track"
        return url, f"curl -u {key}: -H 'content-type: application/json' \\\n  -d '{body}' \\\n  {url}"
    url = f"{base_url}/hooks/{key}"
    return url, f"""curl -H 'content-type: application/json' -d '{{"id":"test-1","type":"test"}}' \\\n  {url}"""
