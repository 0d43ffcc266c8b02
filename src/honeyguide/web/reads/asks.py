"""The person an ask is for, and its state after an act."""

from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx


class AskedPerson(Struct, frozen=True):
    """Whom a message is for; what is unknown is empty."""

    name: str
    email: str
    title: str
    company: str
    timezone: str


async def person_of_record(tx: Tx, record_id: int) -> AskedPerson | None:
    """The persona a record belongs to now, as the graph knows it."""
    row = await tx.row(
        "select coalesce(nullif(n.name, ''), n.props ->> 'name', '') as name, coalesce(n.props ->> 'email', '') as email, "
        "coalesce(n.props ->> 'title', '') as title, coalesce(n.props ->> 'timezone', '') as timezone, "
        "coalesce(c.name, '') as company from record r "
        "join node n on n.workspace_id = r.workspace_id and n.id = r.entity_id "
        "left join node c on c.workspace_id = r.workspace_id "
        "and c.id = case when n.props ->> 'company' ~ '^[0-9]{1,19}$' then (n.props ->> 'company')::numeric end "
        "where r.workspace_id = $1 and r.id = $2",
        tx.workspace_id,
        record_id,
    )
    return AskedPerson(**dict(row)) if row else None


async def state_of(tx: Tx, ask_id: UUID) -> str:
    """The ask's state now."""
    found: str = await tx.value("select state from ask where workspace_id = $1 and id = $2", tx.workspace_id, ask_id)
    return found
