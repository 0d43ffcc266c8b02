"""SQL for the other names of links and for branded domains."""

from datetime import datetime
from uuid import UUID

from honeyguide.core.ids import digest
from honeyguide.db import Row, Tx


async def claim(tx: Tx, kind: str, name: str) -> bool:
    """Register a name (a link's, a host's) for this workspace; False when somebody has it."""
    changed = await tx.run(
        "insert into directory (kind, digest, workspace_id) values ($2, $3, $1) on conflict (kind, digest) do nothing",
        tx.workspace_id, kind, digest(name),
    )  # fmt: skip
    return changed > 0


async def insert_alias(tx: Tx, alias: str, link_id: UUID, actor: str, at: datetime) -> None:
    """Give a link another name."""
    await tx.run(
        "insert into link_alias (workspace_id, alias, link_id, created_by, created_at) values ($1, $2, $3, $4, $5) "
        "on conflict do nothing",
        tx.workspace_id, alias, link_id, actor, at,
    )  # fmt: skip


async def alias(tx: Tx, name: str) -> Row | None:
    """A link's other name."""
    return await tx.row(
        "select alias, link_id, created_by, created_at, disabled_at from link_alias where workspace_id = $1 and alias = $2",
        tx.workspace_id, name,
    )  # fmt: skip


async def code_of_alias(tx: Tx, name: str) -> str | None:
    """The code of the working link behind another name."""
    found: str | None = await tx.value(
        "select l.code from link_alias a join link l on l.workspace_id = a.workspace_id and l.id = a.link_id "
        "where a.workspace_id = $1 and a.alias = $2 and a.disabled_at is null and l.disabled_at is null",
        tx.workspace_id, name,
    )  # fmt: skip
    return found


async def aliases(tx: Tx, link_id: UUID | None = None) -> list[Row]:
    """The other names of a link, or of all."""
    return await tx.rows(
        "select a.alias, a.link_id, a.created_by, a.created_at, a.disabled_at, l.code, l.advocate_id from link_alias a "
        "join link l on l.workspace_id = a.workspace_id and l.id = a.link_id "
        "where a.workspace_id = $1 and ($2::uuid is null or a.link_id = $2) order by a.alias",
        tx.workspace_id, link_id,
    )  # fmt: skip


async def links(tx: Tx, words: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Links with their advocates, what followed them and what came of it, newest first."""
    at, ident = after or (None, None)
    return await tx.rows(
        "select l.id, l.code, l.created_at, l.disabled_at, l.advocate_id, l.program_id, a.name as advocate_name, "
        "(select count(*) from touch t where t.workspace_id = $1 and t.link_id = l.id and t.kind = 'click' and t.agent <> 'scanner') "
        "as clicks, (select count(*) from referral f where f.workspace_id = $1 and f.link_id = l.id) as referrals, "
        "(select coalesce(array_agg(x.alias order by x.alias), '{}') from link_alias x where x.workspace_id = $1 and x.link_id = l.id "
        "and x.disabled_at is null) as aliases from link l join advocate a on a.workspace_id = l.workspace_id and a.id = l.advocate_id "
        "where l.workspace_id = $1 and ($2::text is null or a.name ilike $2 or l.code ilike $2) "
        "and ($3::timestamptz is null or (l.created_at, l.id) < ($3, $4)) order by l.created_at desc, l.id desc limit $5",
        tx.workspace_id, words, at, ident, limit,
    )  # fmt: skip


async def count_links(tx: Tx, words: str | None) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from link l join advocate a on a.workspace_id = l.workspace_id and a.id = l.advocate_id "
        "where l.workspace_id = $1 and ($2::text is null or a.name ilike $2 or l.code ilike $2)",
        tx.workspace_id, words,
    )  # fmt: skip
    return found


async def link_by_id(tx: Tx, link_id: UUID) -> Row | None:
    """A working link's code and owner."""
    return await tx.row(
        "select id, code, advocate_id from link where workspace_id = $1 and id = $2 and disabled_at is null",
        tx.workspace_id, link_id,
    )  # fmt: skip


async def disable_alias(tx: Tx, name: str, at: datetime) -> bool:
    """Switch a name off; it stays its link's."""
    changed = await tx.run(
        "update link_alias set disabled_at = $3 where workspace_id = $1 and alias = $2 and disabled_at is null",
        tx.workspace_id, name, at,
    )  # fmt: skip
    return changed > 0


async def insert_domain(tx: Tx, host: str, proof: str, actor: str, at: datetime) -> None:
    """Note a domain that is to be proved; one that is there stays."""
    await tx.run(
        "insert into link_domain (workspace_id, host, proof, created_by, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.workspace_id, host, proof, actor, at,
    )  # fmt: skip


async def domains(tx: Tx) -> list[Row]:
    """The workspace's branded domains."""
    return await tx.rows(
        "select host, proof, created_by, created_at, verified_at, checked_at, problem from link_domain where workspace_id = $1 "
        "order by host",
        tx.workspace_id,
    )


async def set_checked(tx: Tx, host: str, at: datetime, verified_at: datetime | None, problem: str) -> None:
    """What a look at the DNS found."""
    await tx.run(
        "update link_domain set checked_at = $3, verified_at = $4, problem = $5 where workspace_id = $1 and host = $2",
        tx.workspace_id, host, at, verified_at, problem,
    )  # fmt: skip


async def remove_domain(tx: Tx, host: str) -> bool:
    """Forget a domain."""
    return await tx.run("delete from link_domain where workspace_id = $1 and host = $2", tx.workspace_id, host) > 0
