"""The rows an explanation is made of. Read-only, across stages: nothing below app may look at all of them."""

from typing import Any
from uuid import UUID

from honeyguide.core.errors import NotFound
from honeyguide.db import Row, Tx
from honeyguide.funnel import load_sources, logged_events

_TABLES = {"payout": "payout", "reward": "reward", "referral": "referral", "ask": "ask", "moment": "moment"}


async def exists(tx: Tx, kind: str, ident: UUID) -> bool:
    """Whether the subject exists in this workspace."""
    return bool(
        await tx.value(f"select 1 from {_TABLES[kind]} where workspace_id = $1 and id = $2", tx.workspace_id, ident)
    )


async def _one(tx: Tx, sql: str, ident: UUID) -> Row:
    found = await tx.row(sql, tx.workspace_id, ident)
    if found is None:
        raise NotFound(f"There is no row {ident} behind this.")
    return found


async def payout(tx: Tx, ident: UUID) -> Row:
    """One payout."""
    return await _one(tx, "select * from payout where workspace_id = $1 and id = $2", ident)


async def rewards_of_payout(tx: Tx, ident: UUID) -> list[Row]:
    """The rewards a payout carries."""
    return await tx.rows(
        "select id from reward where workspace_id = $1 and payout_id = $2 order by created_at, id",
        tx.workspace_id,
        ident,
    )


async def reward(tx: Tx, ident: UUID) -> Row:
    """One reward with its advocate's name."""
    return await _one(
        tx,
        "select r.*, a.name as advocate_name from reward r "
        "join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id "
        "where r.workspace_id = $1 and r.id = $2",
        ident,
    )


async def transfers_of_reward(tx: Tx, ident: UUID) -> list[dict[str, Any]]:
    """The transfers whose key names the reward, newest first, with their lines."""
    found = await tx.rows(
        "select t.key, t.memo, t.at, p.line, p.amount_minor as minor, p.currency, l.kind || ' ' || l.owner as account "
        "from transfer t join posting p on p.workspace_id = t.workspace_id and p.transfer_id = t.id "
        "join ledger_account l on l.workspace_id = p.workspace_id and l.id = p.account_id "
        "where t.workspace_id = $1 and t.key like '%' || $2::text || '%' order by t.at desc, t.key, p.line",
        tx.workspace_id,
        str(ident),
    )
    transfers: dict[str, dict[str, Any]] = {}
    for r in found:
        held = transfers.setdefault(r["key"], {"key": r["key"], "memo": r["memo"], "at": r["at"], "lines": []})
        held["lines"].append({"account": r["account"], "minor": r["minor"], "currency": r["currency"]})
    return list(transfers.values())


async def conversion(tx: Tx, ident: UUID) -> Row | None:
    """A conversion with its attribution."""
    return await tx.row(
        "select c.*, a.reason, a.ask_id, a.rule from conversion c "
        "left join attribution a on a.workspace_id = c.workspace_id and a.conversion_id = c.id "
        "where c.workspace_id = $1 and c.id = $2",
        tx.workspace_id,
        ident,
    )


async def referral(tx: Tx, ident: UUID) -> Row:
    """A referral with its link, touch and advocate."""
    return await _one(
        tx,
        "select f.*, l.code, l.destination, l.created_at as link_at, a.name as advocate_name, a.record_id as advocate_record, "
        "t.at as touch_at, t.agent as touch_agent from referral f "
        "join link l on l.workspace_id = f.workspace_id and l.id = f.link_id "
        "join advocate a on a.workspace_id = f.workspace_id and a.id = f.advocate_id "
        "left join touch t on t.workspace_id = f.workspace_id and t.id = f.touch_id "
        "where f.workspace_id = $1 and f.id = $2",
        ident,
    )


async def referral_stages(tx: Tx, ident: UUID) -> list[Row]:
    """Its stages, newest first."""
    return await tx.rows(
        "select stage, at, event_id, reason from referral_stage where workspace_id = $1 and referral_id = $2 "
        "order by at desc, stage",
        tx.workspace_id,
        ident,
    )


async def findings(tx: Tx, ident: UUID) -> list[Row]:
    """What the fraud rules found."""
    return await tx.rows(
        "select rule, verdict, reason, at from fraud_finding where workspace_id = $1 and referral_id = $2 order by rule",
        tx.workspace_id,
        ident,
    )


async def ask_before(tx: Tx, record_id: int, at: Any) -> UUID | None:
    """The last ask sent to an advocate's persona before a time (the one the referral answers)."""
    found: UUID | None = await tx.value(
        "select a.id from ask a join record r on r.workspace_id = a.workspace_id and r.id = a.record_id "
        "join record me on me.workspace_id = r.workspace_id and me.entity_id = r.entity_id and me.id = $2 "
        "where a.workspace_id = $1 and a.state in ('approved', 'sent') and a.decided_at <= $3 "
        "order by a.decided_at desc limit 1",
        tx.workspace_id,
        record_id,
        at,
    )
    return found


async def messages(tx: Tx, ask_id: UUID) -> list[Row]:
    """The messages of an ask."""
    return await tx.rows(
        "select channel, to_address, subject, state, blocked_reason, failure, created_at, sent_at, follow_up from message "
        "where workspace_id = $1 and ask_id = $2 order by created_at desc",
        tx.workspace_id,
        ask_id,
    )


async def ask(tx: Tx, ident: UUID) -> Row:
    """An ask with its offer's label."""
    return await _one(
        tx,
        "select a.*, o.label as offer_label from ask a join offer o on o.workspace_id = a.workspace_id and o.id = a.offer_id "
        "where a.workspace_id = $1 and a.id = $2",
        ident,
    )


async def decision(tx: Tx, ident: UUID) -> Row:
    """A decision as it was logged."""
    return await _one(tx, "select * from decision where workspace_id = $1 and id = $2", ident)


async def moment(tx: Tx, ident: UUID) -> Row | None:
    """A moment with the names of its person and company, as they are known now."""
    return await tx.row(
        "select m.*, p.name as persona, c.name as company from moment m "
        "left join record rp on rp.workspace_id = m.workspace_id and rp.id = m.record_id "
        "left join node p on p.workspace_id = rp.workspace_id and p.id = rp.entity_id "
        "left join record rc on rc.workspace_id = m.workspace_id and rc.id = m.company_record_id "
        "left join node c on c.workspace_id = rc.workspace_id and c.id = rc.entity_id "
        "where m.workspace_id = $1 and m.id = $2",
        tx.workspace_id,
        ident,
    )


async def events(tx: Tx, idents: list[UUID]) -> list[dict[str, Any]]:
    """Raw rows of the log with their source's name, oldest first."""
    sources = await load_sources(tx)
    return [
        {**row, "source": sources[row["source_id"]].name}
        for row in await logged_events(tx, idents)
        if row["source_id"] in sources
    ]
