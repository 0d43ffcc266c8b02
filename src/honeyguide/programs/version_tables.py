"""The tables of drafts and versions (program_draft, program_version), and what puts a version in force."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, to_builtins

from honeyguide.db import Row, Tx
from honeyguide.programs.file import GroupEntry, OfferEntry
from honeyguide.programs.terms import Offer, Terms

OWNED = ("program_draft", "program_version")
_VERSION = (
    "program_id, version, state, body, based_on, money, authors, created_at, note, published_by, published_at, confirmed_by, "
    "live_from, live_until"
)


class VersionRow(Struct, frozen=True, kw_only=True):
    """A version as stored."""

    program_id: int
    version: int
    state: str
    body: dict[str, Any]
    based_on: int
    money: bool
    authors: list[str]
    created_at: datetime
    note: str = ""
    published_by: str = ""
    published_at: datetime | None = None
    confirmed_by: str = ""
    live_from: datetime | None = None
    live_until: datetime | None = None


class DraftRow(Struct, frozen=True):
    """A draft as stored."""

    program_id: int
    body: dict[str, Any]
    based_on: int
    authors: list[str]
    changed_at: datetime


def _version(row: Row) -> VersionRow:
    return VersionRow(**dict(row))


async def lock(tx: Tx, program_id: int) -> None:
    """One transaction at a time changes a program's versions."""
    await tx.row("select id from program where workspace_id = $1 and id = $2 for update", tx.workspace_id, program_id)


async def versions(tx: Tx, program_id: int) -> list[VersionRow]:
    """Every stored version, the newest first."""
    found = await tx.rows(
        f"select {_VERSION} from program_version where workspace_id = $1 and program_id = $2 order by version desc",
        tx.workspace_id, program_id,
    )  # fmt: skip
    return [_version(r) for r in found]


async def in_force_at(tx: Tx, program_id: int, at: datetime) -> VersionRow | None:
    """The version in force at a time; of a time before the first one, the first."""
    row = await tx.row(
        f"select {_VERSION} from program_version where workspace_id = $1 and program_id = $2 and live_from is not null "
        "order by (live_from <= $3) desc, case when live_from <= $3 then live_from end desc, live_from, version limit 1",
        tx.workspace_id, program_id, at,
    )  # fmt: skip
    return _version(row) if row else None


async def add_version(tx: Tx, row: VersionRow) -> None:
    """Write a version; its file never changes."""
    await tx.run(
        f"insert into program_version (workspace_id, {_VERSION}) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        tx.workspace_id, row.program_id, row.version, row.state, row.body, row.based_on, row.money, row.authors, row.created_at,
        row.note, row.published_by, row.published_at, row.confirmed_by, row.live_from, row.live_until,
    )  # fmt: skip


async def publish(tx: Tx, program_id: int, version: int, actor: str, at: datetime, note: str, money: bool) -> None:
    """A version waits for a second person."""
    await tx.run(
        "update program_version set state = 'waiting', published_by = $4, published_at = $5, note = $6, money = $7 "
        "where workspace_id = $1 and program_id = $2 and version = $3",
        tx.workspace_id, program_id, version, actor, at, note, money,
    )  # fmt: skip


async def go_live(tx: Tx, program_id: int, version: int, confirmed_by: str, at: datetime) -> None:
    """A version is in force from now on, in place of the one before."""
    await tx.run(
        "update program_version set state = 'replaced', live_until = $3 "
        "where workspace_id = $1 and program_id = $2 and state = 'live'",
        tx.workspace_id, program_id, at,
    )  # fmt: skip
    await tx.run(
        "update program_version set state = 'live', confirmed_by = $4, live_from = $5 "
        "where workspace_id = $1 and program_id = $2 and version = $3",
        tx.workspace_id, program_id, version, confirmed_by, at,
    )  # fmt: skip


async def withdraw(tx: Tx, program_id: int, version: int) -> None:
    """A version is not put in force."""
    await tx.run(
        "update program_version set state = 'withdrawn' where workspace_id = $1 and program_id = $2 and version = $3",
        tx.workspace_id, program_id, version,
    )  # fmt: skip


async def draft(tx: Tx, program_id: int) -> DraftRow | None:
    """What is being written."""
    row = await tx.row(
        "select program_id, body, based_on, authors, changed_at from program_draft where workspace_id = $1 and program_id = $2",
        tx.workspace_id, program_id,
    )  # fmt: skip
    return DraftRow(**dict(row)) if row else None


async def put_draft(tx: Tx, row: DraftRow) -> None:
    """Keep a draft in place of the one before."""
    await tx.run(
        "insert into program_draft (workspace_id, program_id, body, based_on, authors, changed_at) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, program_id) do update set body = excluded.body, based_on = excluded.based_on, "
        "authors = excluded.authors, changed_at = excluded.changed_at",
        tx.workspace_id, row.program_id, row.body, row.based_on, row.authors, row.changed_at,
    )  # fmt: skip


async def drop_draft(tx: Tx, program_id: int) -> None:
    """There is no draft any more."""
    await tx.run("delete from program_draft where workspace_id = $1 and program_id = $2", tx.workspace_id, program_id)


async def add_program(tx: Tx, slug: str, name: str, state: str, terms: Terms, version: int, at: datetime) -> int | None:
    """A program in any state; None when the slug is taken."""
    found: int | None = await tx.value(
        "insert into program (workspace_id, slug, name, state, terms, version, created_at) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (workspace_id, slug) do nothing returning id",
        tx.workspace_id, slug, name, state, to_builtins(terms), version, at,
    )  # fmt: skip
    return found


async def set_program(tx: Tx, program_id: int, name: str, state: str, terms: Terms, version: int) -> None:
    """What is in force of a program."""
    await tx.run(
        "update program set name = $3, state = $4, terms = $5, version = $6 where workspace_id = $1 and id = $2",
        tx.workspace_id, program_id, name, state, to_builtins(terms), version,
    )  # fmt: skip


async def set_state(tx: Tx, program_id: int, state: str) -> None:
    """Only the state of a program."""
    await tx.run(
        "update program set state = $3 where workspace_id = $1 and id = $2", tx.workspace_id, program_id, state
    )


async def put_group(tx: Tx, program_id: int, entry: GroupEntry, position: int) -> int:
    """A group as its version says; returns its id. One that was retired is back."""
    made: int = await tx.value(
        "insert into program_group (workspace_id, program_id, slug, name, conditions, position) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, program_id, slug) do update set name = excluded.name, conditions = excluded.conditions, "
        "position = excluded.position, retired_at = null returning id",
        tx.workspace_id, program_id, entry.slug, entry.name, to_builtins(entry.conditions), position,
    )  # fmt: skip
    return made


async def retire_groups(tx: Tx, program_id: int, kept: Sequence[str], to: int, at: datetime) -> int:
    """Groups a version does not have are retired with their offers; their advocates belong to group `to`. How many moved."""
    gone = [
        r["id"]
        for r in await tx.rows(
            "update program_group set retired_at = $4 where workspace_id = $1 and program_id = $2 and slug <> all($3::text[]) "
            "and retired_at is null returning id",
            tx.workspace_id, program_id, list(kept), at,
        )
    ]  # fmt: skip
    if not gone:
        return 0
    await tx.run(
        "update offer set retired_at = $3 where workspace_id = $1 and group_id = any($2::int[]) and retired_at is null",
        tx.workspace_id, gone, at,
    )  # fmt: skip
    return await tx.run(
        "update advocate set group_id = $3 where workspace_id = $1 and group_id = any($2::int[])",
        tx.workspace_id,
        gone,
        to,
    )


async def retire_offers(tx: Tx, offer_ids: Sequence[int], at: datetime) -> None:
    """Offers nobody is asked with any more."""
    await tx.run(
        "update offer set retired_at = $3 where workspace_id = $1 and id = any($2::int[])",
        tx.workspace_id,
        list(offer_ids),
        at,
    )


async def place_offer(tx: Tx, offer: Offer, entry: OfferEntry, role: str, position: int) -> None:
    """Where an offer stands, and its words; its terms stay."""
    await tx.run(
        "update offer set label = $3, position = $4, size = $5, role = $6 where workspace_id = $1 and id = $2",
        tx.workspace_id, offer.id, entry.label, position, entry.size, role,
    )  # fmt: skip


async def add_offer(
    tx: Tx, group_id: int, currency: str, entry: OfferEntry, role: str, position: int, since: datetime | None
) -> int:
    """An offer of a version; returns its id."""
    made: int = await tx.value(
        "insert into offer (workspace_id, group_id, slug, label, incentive, amount_minor, rate_bp, currency, cap_minor, position, "
        "size, role, since) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id",
        tx.workspace_id, group_id, entry.slug, entry.label, entry.incentive, entry.amount_minor, entry.rate_bp, currency,
        entry.cap_minor, position, entry.size, role, since,
    )  # fmt: skip
    return made
