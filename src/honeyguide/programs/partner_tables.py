"""The tables of how people take part: advocate_parent, program_application, bounty_submission, deal_registration and its moves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.programs.terms import Protection

OWNED = ("advocate_parent", "program_application", "bounty_submission", "deal_registration", "registration_move")
_APPLICATION = "id, program_id, record_id, name, email, facts, answers, state, reason, decided_by, applied_at, decided_at, advocate_id"
_SUBMISSION = "id, program_id, bounty, advocate_id, number, proof, state, reason, decided_by, submitted_at, decided_at"
_DEAL = (
    "id, program_id, advocate_id, company, domain, contact, contact_email, amount_minor, currency, state, stage, registered_at, "
    "protected_until, expires_at"
)


class Application(Struct, frozen=True):
    """Somebody who wants to take part."""

    id: UUID
    program_id: int
    record_id: int
    name: str
    email: str
    facts: dict[str, Any]
    answers: list[str]
    state: str
    reason: str
    decided_by: str
    applied_at: datetime
    decided_at: datetime | None
    advocate_id: UUID | None


class Submission(Struct, frozen=True):
    """An act of advocacy with its proof."""

    id: UUID
    program_id: int
    bounty: str
    advocate_id: UUID
    number: int
    proof: str
    state: str
    reason: str
    decided_by: str
    submitted_at: datetime
    decided_at: datetime | None


class Registered(Struct, frozen=True):
    """A deal a partner registered."""

    id: UUID
    program_id: int
    advocate_id: UUID
    company: str
    domain: str
    contact: str
    contact_email: str
    amount_minor: int | None
    currency: str
    state: str
    stage: str
    registered_at: datetime
    protected_until: datetime
    expires_at: datetime


async def parents(tx: Tx, advocates: Sequence[UUID]) -> dict[UUID, Row]:
    """Who brought these advocates in, and since when."""
    found = await tx.rows(
        "select advocate_id, parent_id, since from advocate_parent where workspace_id = $1 and advocate_id = any($2::uuid[])",
        tx.workspace_id, list(advocates),
    )  # fmt: skip
    return {r["advocate_id"]: r for r in found}


async def add_parent(tx: Tx, advocate_id: UUID, parent_id: UUID, since: datetime, actor: str) -> bool:
    """Set who brought an advocate in; False when it was set before."""
    made = await tx.run(
        "insert into advocate_parent (workspace_id, advocate_id, parent_id, since, actor) values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.workspace_id, advocate_id, parent_id, since, actor,
    )  # fmt: skip
    return made == 1


async def lock(tx: Tx, what: str) -> None:
    """One transaction at a time does this in the workspace."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{what}:{tx.workspace_id}")


async def add_application(tx: Tx, one: Application) -> bool:
    """Insert; False when this person has applied already and was not rejected."""
    made = await tx.run(
        f"insert into program_application (workspace_id, {_APPLICATION}) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing",
        tx.workspace_id, one.id, one.program_id, one.record_id, one.name, one.email, one.facts, one.answers, one.state, one.reason,
        one.decided_by, one.applied_at, one.decided_at, one.advocate_id,
    )  # fmt: skip
    return made == 1


async def open_application(tx: Tx, program_id: int, record_id: int) -> Application | None:
    """The application of a record that waits or was approved."""
    row = await tx.row(
        f"select {_APPLICATION} from program_application where workspace_id = $1 and program_id = $2 and record_id = $3 "
        "and state <> 'rejected'",
        tx.workspace_id, program_id, record_id,
    )  # fmt: skip
    return Application(**dict(row)) if row else None


async def application(tx: Tx, ident: UUID, *, lock: bool = False) -> Application | None:
    """One application."""
    row = await tx.row(
        f"select {_APPLICATION} from program_application where workspace_id = $1 and id = $2{' for update' if lock else ''}",
        tx.workspace_id, ident,
    )  # fmt: skip
    return Application(**dict(row)) if row else None


async def decide_application(
    tx: Tx, ident: UUID, state: str, reason: str, actor: str, at: datetime, advocate_id: UUID | None
) -> None:
    """Say yes or no."""
    await tx.run(
        "update program_application set state = $3, reason = $4, decided_by = $5, decided_at = $6, advocate_id = $7 "
        "where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, state, reason, actor, at, advocate_id,
    )  # fmt: skip


async def add_submission(tx: Tx, one: Submission) -> None:
    """Insert an act with its proof."""
    await tx.run(
        f"insert into bounty_submission (workspace_id, {_SUBMISSION}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tx.workspace_id, one.id, one.program_id, one.bounty, one.advocate_id, one.number, one.proof, one.state, one.reason,
        one.decided_by, one.submitted_at, one.decided_at,
    )  # fmt: skip


async def submissions_of(tx: Tx, program_id: int, bounty: str) -> list[Submission]:
    """Every submission for a bounty, oldest first."""
    found = await tx.rows(
        f"select {_SUBMISSION} from bounty_submission where workspace_id = $1 and program_id = $2 and bounty = $3 "
        "order by submitted_at, id",
        tx.workspace_id, program_id, bounty,
    )  # fmt: skip
    return [Submission(**dict(r)) for r in found]


async def submission(tx: Tx, ident: UUID, *, lock: bool = False) -> Submission | None:
    """One submission."""
    row = await tx.row(
        f"select {_SUBMISSION} from bounty_submission where workspace_id = $1 and id = $2{' for update' if lock else ''}",
        tx.workspace_id, ident,
    )  # fmt: skip
    return Submission(**dict(row)) if row else None


async def decide_submission(tx: Tx, ident: UUID, state: str, reason: str, actor: str, at: datetime) -> None:
    """Say yes or no."""
    await tx.run(
        "update bounty_submission set state = $3, reason = $4, decided_by = $5, decided_at = $6 where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, state, reason, actor, at,
    )  # fmt: skip


async def page(
    tx: Tx, table: str, program_id: int, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """A page of applications, submissions or registered deals, the newest first."""
    columns, at = {
        "program_application": (_APPLICATION, "applied_at"),
        "bounty_submission": (_SUBMISSION, "submitted_at"),
        "deal_registration": (_DEAL, "registered_at"),
    }[table]
    return await tx.rows(
        f"select {columns} from {table} where workspace_id = $1 and program_id = $2 and ($3::text is null or state = $3) "
        f"and ($4::timestamptz is null or ({at}, id) < ($4, $5::uuid)) order by {at} desc, id desc limit $6",
        tx.workspace_id, program_id, state, after[0] if after else None, after[1] if after else None, limit,
    )  # fmt: skip


async def counted(tx: Tx, table: str, program_id: int, state: str | None) -> int:
    """How many there are in all."""
    if table not in OWNED:
        raise ValueError(table)
    found: int = await tx.value(
        f"select count(*) from {table} where workspace_id = $1 and program_id = $2 and ($3::text is null or state = $3)",
        tx.workspace_id, program_id, state,
    )  # fmt: skip
    return found


async def holder(tx: Tx, program_id: int, domain: str) -> Registered | None:
    """The registration that holds a company."""
    row = await tx.row(
        f"select {_DEAL} from deal_registration where workspace_id = $1 and program_id = $2 and domain = $3 and state in ('waiting', 'open')",
        tx.workspace_id, program_id, domain,
    )  # fmt: skip
    return Registered(**dict(row)) if row else None


async def protections(tx: Tx, domains: Sequence[str]) -> list[Protection]:
    """Every accepted registration of these companies; it ends with its protection, or earlier when it was lost or lapsed."""
    rows = await tx.rows(
        "select d.id, d.program_id, d.advocate_id, d.company, d.domain, d.registered_at as since, least(d.protected_until, (select min(m.at) "
        "from registration_move m where m.workspace_id = d.workspace_id and m.registration_id = d.id and m.state in ('lost', 'expired'))) as until "
        "from deal_registration d where d.workspace_id = $1 and d.domain = any($2::text[]) and exists (select 1 from registration_move m "
        "where m.workspace_id = d.workspace_id and m.registration_id = d.id and m.state in ('open', 'won')) order by d.registered_at, d.id",
        tx.workspace_id, list(domains),
    )  # fmt: skip
    return [Protection(**dict(r)) for r in rows]


async def add_deal(tx: Tx, one: Registered) -> None:
    """Insert a registered deal."""
    await tx.run(
        f"insert into deal_registration (workspace_id, {_DEAL}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        tx.workspace_id, one.id, one.program_id, one.advocate_id, one.company, one.domain, one.contact, one.contact_email,
        one.amount_minor, one.currency, one.state, one.stage, one.registered_at, one.protected_until, one.expires_at,
    )  # fmt: skip


async def deal(tx: Tx, ident: UUID, *, lock: bool = False) -> Registered | None:
    """One registered deal."""
    row = await tx.row(
        f"select {_DEAL} from deal_registration where workspace_id = $1 and id = $2{' for update' if lock else ''}",
        tx.workspace_id, ident,
    )  # fmt: skip
    return Registered(**dict(row)) if row else None


async def move_deal(tx: Tx, ident: UUID, state: str, stage: str, actor: str, reason: str, at: datetime) -> None:
    """Change state or stage, with a line in its history."""
    await tx.run(
        "update deal_registration set state = $3, stage = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id,
        ident,
        state,
        stage,
    )
    await add_move(tx, ident, state, stage, actor, reason, at)


async def add_move(tx: Tx, ident: UUID, state: str, stage: str, actor: str, reason: str, at: datetime) -> None:
    """A line in the history of a registered deal."""
    await tx.run(
        "insert into registration_move (workspace_id, registration_id, number, state, stage, actor, reason, at) "
        "select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7 from registration_move where workspace_id = $1 and registration_id = $2",
        tx.workspace_id, ident, state, stage, actor, reason, at,
    )  # fmt: skip


async def moves(tx: Tx, ident: UUID) -> list[Row]:
    """The history of a registered deal, oldest first."""
    return await tx.rows(
        "select number, state, stage, actor, reason, at from registration_move where workspace_id = $1 and registration_id = $2 order by number",
        tx.workspace_id, ident,
    )  # fmt: skip


async def lapsed(tx: Tx, at: datetime, limit: int) -> list[UUID]:
    """Open registrations whose time is over."""
    found = await tx.rows(
        "select id from deal_registration where workspace_id = $1 and state in ('waiting', 'open') and expires_at <= $2 "
        "order by expires_at, id limit $3 for update skip locked",
        tx.workspace_id, at, limit,
    )  # fmt: skip
    return [r["id"] for r in found]


async def forget(tx: Tx, records: Sequence[int], emails: Sequence[str]) -> int:
    """Nothing of a person is left in applications, proofs and the contacts of registered deals."""
    gone = await tx.run(
        "delete from program_application where workspace_id = $1 and (record_id = any($2::bigint[]) or lower(email) = any($3::text[]))",
        tx.workspace_id, list(records), list(emails),
    )  # fmt: skip
    gone += await tx.run(
        "update bounty_submission b set proof = $4 from advocate a where b.workspace_id = $1 and a.workspace_id = $1 "
        "and a.id = b.advocate_id and (a.record_id = any($2::bigint[]) or lower(a.email) = any($3::text[])) and b.proof <> $4",
        tx.workspace_id, list(records), list(emails), "",
    )  # fmt: skip
    gone += await tx.run(
        "update deal_registration set contact = $3, contact_email = $3 where workspace_id = $1 and lower(contact_email) = any($2::text[])",
        tx.workspace_id, list(emails), "",
    )  # fmt: skip
    return gone
