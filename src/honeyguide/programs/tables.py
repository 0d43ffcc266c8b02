"""The tables of programs (program, program_group, offer, advocate, link) and the SQL that reads and writes them."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import to_builtins

from honeyguide.core.errors import NotFound
from honeyguide.db import Row, Tx
from honeyguide.programs.terms import Advocate, Conditions, Group, Link, Offer, Program, Terms

OWNED = ("program", "program_group", "offer", "advocate", "link")
_PROGRAM = "id, slug, name, state, terms, version, created_at"
_GROUP = "id, program_id, slug, name, conditions, position"
_OFFER = "id, group_id, slug, label, incentive, amount_minor, rate_bp, currency, cap_minor, position, size"
_ADVOCATE = "id, record_id, name, email, program_id, group_id, created_at, terms_accepted_at"
_LINK = "id, code, advocate_id, program_id, group_id, destination, created_at, disabled_at"


def _program(row: Row) -> Program:
    return Program(**{**dict(row), "terms": msgspec.convert(row["terms"], Terms)})


def _group(row: Row) -> Group:
    return Group(**{**dict(row), "conditions": msgspec.convert(row["conditions"], Conditions)})


async def program_by_slug(tx: Tx, slug: str) -> Program | None:
    """The program of this slug."""
    row = await tx.row(f"select {_PROGRAM} from program where workspace_id = $1 and slug = $2", tx.workspace_id, slug)
    return _program(row) if row else None


async def program(tx: Tx, program_id: int) -> Program:
    """A program by id. Raises NotFound."""
    row = await tx.row(
        f"select {_PROGRAM} from program where workspace_id = $1 and id = $2", tx.workspace_id, program_id
    )
    if row is None:
        raise NotFound(f"There is no program {program_id}.")
    return _program(row)


async def programs(tx: Tx) -> list[Program]:
    """Every program, oldest first."""
    return [
        _program(r)
        for r in await tx.rows(f"select {_PROGRAM} from program where workspace_id = $1 order by id", tx.workspace_id)
    ]


async def live_program(tx: Tx) -> Program | None:
    """The program advocates are asked for: the oldest live one that rewards referrals."""
    row = await tx.row(
        f"select {_PROGRAM} from program where workspace_id = $1 and state = 'live' "
        "and coalesce(terms->>'kind', '') not in ('advocacy', 'deal_registration') order by id limit 1",
        tx.workspace_id,
    )
    return _program(row) if row else None


async def add_program(tx: Tx, slug: str, name: str, terms: Terms, version: int, at: datetime) -> Program | None:
    """Insert a live program; None when the slug was taken."""
    row = await tx.row(
        "insert into program (workspace_id, slug, name, state, terms, version, created_at) "
        f"values ($1, $2, $3, 'live', $4, $5, $6) on conflict (workspace_id, slug) do nothing returning {_PROGRAM}",
        tx.workspace_id, slug, name, to_builtins(terms), version, at,
    )  # fmt: skip
    return _program(row) if row else None


async def groups(tx: Tx, program_id: int, *, retired: bool = False) -> list[Group]:
    """The groups of a program in the order their conditions are tried; with `retired` those of former versions, too."""
    found = await tx.rows(
        f"select {_GROUP} from program_group where workspace_id = $1 and program_id = $2 and ($3 or retired_at is null) "
        "order by position, id",
        tx.workspace_id, program_id, retired,
    )  # fmt: skip
    return [_group(r) for r in found]


async def offers(tx: Tx, group_id: int | None = None, *, retired: bool = False, every: bool = False) -> list[Offer]:
    """What an advocate of a group (of any group when None) can be offered for a referral, in order.

    With `every` what friends and parents get and what acts earn, too; with `retired` all that, and what was once offered.
    """
    found = await tx.rows(
        f"select {_OFFER} from offer where workspace_id = $1 and ($2::int is null or group_id = $2) "
        "and ($3 or (retired_at is null and ($4 or role = 'advocate'))) order by group_id, position, id",
        tx.workspace_id, group_id, retired, every,
    )  # fmt: skip
    return [Offer(**dict(r)) for r in found]


async def offer(tx: Tx, offer_id: int) -> Offer:
    """An offer by id. Raises NotFound."""
    row = await tx.row(f"select {_OFFER} from offer where workspace_id = $1 and id = $2", tx.workspace_id, offer_id)
    if row is None:
        raise NotFound(f"There is no offer {offer_id}.")
    return Offer(**dict(row))


async def offer_of(tx: Tx, group_id: int, slug: str, at: datetime) -> Offer:
    """The offer a version that was in force at a time means by this name. Raises NotFound."""
    row = await tx.row(
        f"select {_OFFER} from offer where workspace_id = $1 and group_id = $2 and slug = $3 "
        "order by ((since is null or since <= $4) and (retired_at is null or retired_at > $4)) desc, since nulls first, id limit 1",
        tx.workspace_id, group_id, slug, at,
    )  # fmt: skip
    if row is None:
        raise NotFound(f"There is no offer {slug!r} in this group.")
    return Offer(**dict(row))


async def add_advocate(tx: Tx, advocate: Advocate, portal_digest: bytes) -> bool:
    """Insert; False when this record is an advocate of the program already."""
    changed = await tx.run(
        f"insert into advocate (workspace_id, portal_digest, {_ADVOCATE}) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        tx.workspace_id,
        portal_digest,
        advocate.id,
        advocate.record_id,
        advocate.name,
        advocate.email,
        advocate.program_id,
        advocate.group_id,
        advocate.created_at,
        advocate.terms_accepted_at,
    )  # fmt: skip
    return changed > 0


async def advocate_of(tx: Tx, record_id: int, email: str, program_id: int) -> Advocate | None:
    """The account of a record in a program, else the oldest one with the same address."""
    row = await tx.row(
        f"select {_ADVOCATE} from advocate where workspace_id = $1 and program_id = $2 "
        "and (record_id = $3 or ($4 <> '' and email = $4)) order by (record_id = $3) desc, created_at, id limit 1",
        tx.workspace_id, program_id, record_id, email,
    )  # fmt: skip
    return Advocate(**dict(row)) if row else None


async def advocate(tx: Tx, advocate_id: UUID) -> Advocate:
    """An advocate by id. Raises NotFound."""
    row = await tx.row(
        f"select {_ADVOCATE} from advocate where workspace_id = $1 and id = $2", tx.workspace_id, advocate_id
    )
    if row is None:
        raise NotFound("There is no such advocate.")
    return Advocate(**dict(row))


async def advocates_by_group(tx: Tx) -> dict[int, int]:
    """How many advocates each group has."""
    found = await tx.rows(
        "select group_id, count(*) as n from advocate where workspace_id = $1 group by group_id", tx.workspace_id
    )
    return {r["group_id"]: r["n"] for r in found}


async def advocate_by_portal(tx: Tx, digest: bytes) -> Advocate | None:
    """The advocate a portal token was made for, by its digest."""
    row = await tx.row(
        f"select {_ADVOCATE} from advocate where workspace_id = $1 and portal_digest = $2", tx.workspace_id, digest
    )
    return Advocate(**dict(row)) if row else None


async def accept_terms(tx: Tx, advocate_id: UUID, at: datetime) -> Advocate:
    """The advocate accepts the program's terms; the first time stays. Raises NotFound."""
    await tx.run(
        "update advocate set terms_accepted_at = $3 where workspace_id = $1 and id = $2 and terms_accepted_at is null",
        tx.workspace_id, advocate_id, at,
    )  # fmt: skip
    return await advocate(tx, advocate_id)


async def lock_advocate(tx: Tx, advocate_id: UUID) -> None:
    """Hold the advocate's row until the transaction ends."""
    await tx.row("select id from advocate where workspace_id = $1 and id = $2 for update", tx.workspace_id, advocate_id)


async def replace_portal_digest(tx: Tx, advocate_id: UUID, digest: bytes) -> bytes | None:
    """Set another portal digest; returns the former one."""
    await lock_advocate(tx, advocate_id)
    former: bytes | None = await tx.value(
        "select portal_digest from advocate where workspace_id = $1 and id = $2", tx.workspace_id, advocate_id
    )
    await tx.run(
        "update advocate set portal_digest = $3 where workspace_id = $1 and id = $2",
        tx.workspace_id,
        advocate_id,
        digest,
    )
    return former


async def claim(tx: Tx, kind: str, digest: bytes) -> bool:
    """Register a digest for this workspace; False when it was registered before, by anybody."""
    changed = await tx.run(
        "insert into directory (kind, digest, workspace_id) values ($2, $3, $1) on conflict (kind, digest) do nothing",
        tx.workspace_id,
        kind,
        digest,
    )  # fmt: skip
    return changed > 0


async def add_link(tx: Tx, link: Link) -> None:
    """Insert a link."""
    await tx.run(
        f"insert into link (workspace_id, {_LINK}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.workspace_id, link.id, link.code, link.advocate_id, link.program_id, link.group_id, link.destination,
        link.created_at, link.disabled_at,
    )  # fmt: skip


async def link_of(tx: Tx, advocate_id: UUID) -> Link | None:
    """The advocate's newest working link."""
    row = await tx.row(
        f"select {_LINK} from link where workspace_id = $1 and advocate_id = $2 and disabled_at is null "
        "order by created_at desc, id limit 1",
        tx.workspace_id, advocate_id,
    )  # fmt: skip
    return Link(**dict(row)) if row else None


async def link_by_code(tx: Tx, code: str) -> Link | None:
    """The working link of a code in its one spelling."""
    row = await tx.row(
        f"select {_LINK} from link where workspace_id = $1 and code = $2 and disabled_at is null", tx.workspace_id, code
    )
    return Link(**dict(row)) if row else None
