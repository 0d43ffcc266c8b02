"""Who takes part in programs: names, what waits for a person, advocates found by name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx


async def named(tx: Tx, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with their advocate's name (`advocate`) and `email`; empty for one who was erased."""
    found = await tx.rows(
        "select id, name, email from advocate where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id, list({row["advocate_id"] for row in rows}),
    )  # fmt: skip
    known = {r["id"]: r for r in found}
    return [
        row | {"advocate": one["name"] if one else "", "email": one["email"] if one else ""}
        for row in rows
        for one in [known.get(row["advocate_id"])]
    ]


async def waiting(tx: Tx) -> list[Row]:
    """For each program: how many applications, acts and registered deals wait for a person; the one with most of them first."""
    return await tx.rows(
        "select p.slug, p.name, p.state, coalesce(a.n, 0) as applications, coalesce(s.n, 0) as submissions, "
        "coalesce(d.n, 0) as registrations from program p "
        "left join (select program_id, count(*) as n from program_application where workspace_id = $1 and state = 'waiting' "
        "group by program_id) a on a.program_id = p.id "
        "left join (select program_id, count(*) as n from bounty_submission where workspace_id = $1 and state = 'waiting' "
        "group by program_id) s on s.program_id = p.id "
        "left join (select program_id, count(*) as n from deal_registration where workspace_id = $1 and state = 'waiting' "
        "group by program_id) d on d.program_id = p.id where p.workspace_id = $1 "
        "order by coalesce(a.n, 0) + coalesce(s.n, 0) + coalesce(d.n, 0) desc, p.name, p.slug",
        tx.workspace_id,
    )


async def advocates(tx: Tx, text: str, program_id: int | None, after: tuple[str, UUID] | None, limit: int) -> list[Row]:
    """Advocates by name, with their program and group; `text` stands in the name or the address."""
    name, ident = after or (None, None)
    return await tx.rows(
        "select a.id, a.name, a.email, lower(a.name) as sorted, p.id as program_id, p.slug as program, p.name as program_name, "
        "g.slug as group_slug, g.name as group_name, a.terms_accepted_at is not null as accepted "
        "from advocate a join program p on p.workspace_id = a.workspace_id and p.id = a.program_id "
        "join program_group g on g.workspace_id = a.workspace_id and g.id = a.group_id "
        "where a.workspace_id = $1 and ($2 = '' or position($2 in lower(a.name)) > 0 or position($2 in lower(a.email)) > 0) "
        "and ($3::integer is null or a.program_id = $3) and ($4::text is null or (lower(a.name), a.id) > ($4, $5::uuid)) "
        "order by lower(a.name), a.id limit $6",
        tx.workspace_id, text.lower(), program_id, name, ident, limit,
    )  # fmt: skip


async def count_advocates(tx: Tx, text: str, program_id: int | None) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from advocate where workspace_id = $1 and ($3::integer is null or program_id = $3) "
        "and ($2 = '' or position($2 in lower(name)) > 0 or position($2 in lower(email)) > 0)",
        tx.workspace_id, text.lower(), program_id,
    )  # fmt: skip
    return found
