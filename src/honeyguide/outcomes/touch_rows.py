"""SQL: which touches belong to whom, and the people and companies that deals speak of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx


class LinkTouch(Struct, frozen=True):
    """A touch with the link it was of."""

    id: UUID
    kind: str
    at: datetime
    agent: str
    mailbox: str
    domain: str
    link_id: UUID
    advocate_id: UUID
    program_id: int


_TOUCH = "t.id, t.kind, t.at, t.agent, t.mailbox, t.domain, t.link_id, l.advocate_id, l.program_id"


async def of_mailboxes(tx: Tx, mailboxes: Sequence[str]) -> list[LinkTouch]:
    """Touches of these mailboxes (digests), oldest first."""
    rows = await tx.rows(
        f"select {_TOUCH} from touch t join link l on l.workspace_id = t.workspace_id and l.id = t.link_id "
        "where t.workspace_id = $1 and t.mailbox = any($2::text[]) and t.mailbox <> '' order by t.at, t.id",
        tx.workspace_id, [m for m in mailboxes if m],
    )  # fmt: skip
    return [LinkTouch(**dict(r)) for r in rows]


async def invitations(tx: Tx, mailboxes: Sequence[str], domains: Sequence[str]) -> list[LinkTouch]:
    """What advocates said of these mailboxes and companies before anybody came: the oldest first."""
    rows = await tx.rows(
        f"select {_TOUCH} from touch t join link l on l.workspace_id = t.workspace_id and l.id = t.link_id "
        "where t.workspace_id = $1 and t.kind = 'email_hash' and t.mailbox = any($2::text[]) and t.mailbox <> '' "
        f"union all select {_TOUCH} from touch t join link l on l.workspace_id = t.workspace_id and l.id = t.link_id "
        "where t.workspace_id = $1 and t.kind = 'company' and t.domain = any($3::text[]) and t.domain <> '' order by at, id",
        tx.workspace_id, [m for m in mailboxes if m], [d for d in domains if d],
    )  # fmt: skip
    return [LinkTouch(**dict(r)) for r in rows]


async def any_invitation(tx: Tx) -> bool:
    """Has any advocate ever named a person or company? Otherwise nothing needs to be looked for."""
    found: bool = await tx.value(
        "select exists (select 1 from touch where workspace_id = $1 and kind in ('email_hash', 'company'))",
        tx.workspace_id,
    )
    return found


async def forget_mailboxes(tx: Tx, mailboxes: Sequence[str]) -> int:
    """Touches no longer belong to these mailboxes: nothing leads from a touch to an erased person."""
    return await tx.run(
        "update touch set mailbox = $3, referrer_host = $3, utm = $4 where workspace_id = $1 and mailbox = any($2::text[])",
        tx.workspace_id, [m for m in mailboxes if m], "", {},
    )  # fmt: skip


class PersonOnDeal(Struct, frozen=True):
    """A person a deal's events name, as their source knows them."""

    deal: str
    kind: str
    source: str
    ext_id: str
    name: str
    email: str


async def people_of_deals(tx: Tx, deals: Sequence[str]) -> dict[str, list[PersonOnDeal]]:
    """The people with an e-mail address on these deals, one record each, in the order of their addresses."""
    rows = await tx.rows(
        "select distinct on (f.deal, i.value) f.deal, r.kind, r.source, r.ext_id, "
        "coalesce(r.traits -> 'name' ->> 'v', r.traits ->> 'name', '') as name, i.value as email from deal_fact f "
        "join deal_fact_record d on d.workspace_id = f.workspace_id and d.event_id = f.event_id "
        "join record r on r.workspace_id = f.workspace_id and r.id = d.record_id and r.kind = 'persona' "
        "join identifier i on i.workspace_id = r.workspace_id and i.record_id = r.id and i.ns = 'email' "
        "where f.workspace_id = $1 and f.deal = any($2::text[]) order by f.deal, i.value, r.source, r.ext_id",
        tx.workspace_id, list(deals),
    )  # fmt: skip
    found: dict[str, list[PersonOnDeal]] = {}
    for r in rows:
        found.setdefault(r["deal"], []).append(PersonOnDeal(**dict(r)))
    return found
