"""The person an ask is for, how ready they are, and its state after an act."""

from collections.abc import Collection
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


class Ready(Struct, frozen=True):
    """How ready somebody is, 0 to 100 with its central 90 %, and where they stand."""

    persona: int
    score: float
    low: float
    high: float
    stage: str
    segment: str


async def readiness_of(tx: Tx, personas: Collection[int]) -> dict[int, Ready]:
    """The readiness of those of these personas for whom it was worked out."""
    rows = await tx.rows(
        "select r.persona, r.score, r.low, r.high, r.stage, r.segment from readiness r "
        "where r.workspace_id = $1 and r.persona = any($2::bigint[])",
        tx.workspace_id, sorted(personas),
    )  # fmt: skip
    return {r["persona"]: Ready(**dict(r)) for r in rows}


class Asked(Struct, frozen=True):
    """An ask's state, whom it is for now (None: gone), and the playbook step that suggested it."""

    state: str
    persona: int | None
    step: str


async def asked(tx: Tx, ask_id: UUID) -> Asked | None:
    """What an ask is about; None for one that does not exist."""
    row = await tx.row(
        "select a.state, r.entity_id as persona, d.playbook_step as step from ask a "
        "join decision d on d.workspace_id = a.workspace_id and d.id = a.decision_id "
        "left join record r on r.workspace_id = a.workspace_id and r.id = a.record_id "
        "where a.workspace_id = $1 and a.id = $2",
        tx.workspace_id, ask_id,
    )  # fmt: skip
    return Asked(**dict(row)) if row else None
