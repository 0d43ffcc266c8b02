"""Autonomy at work: what has earned it is approved through the very path a person's approval takes."""

from datetime import datetime
from uuid import UUID

from honeyguide import decisions
from honeyguide.core import clock
from honeyguide.db import Database, Tx
from honeyguide.decisions import autonomy_history
from honeyguide.decisions.autonomy import Approve
from honeyguide.decisions.autonomy_history import Seal, Verified
from honeyguide.funnel.vault import Vault
from honeyguide.learning import promotion
from honeyguide.learning.earned import proofs
from honeyguide.learning.promotion import Change
from honeyguide.settings import Settings
from honeyguide.web import approve as approving


def approver(settings: Settings) -> Approve:
    """The console's approval: guardrails at this minute, account, link and message, all or nothing."""

    async def approve(tx: Tx, ask_id: UUID, actor: str, now: datetime) -> bool:
        _, message = await approving.approve(tx, ask_id, actor, decisions.Edits(), base_url=settings.base_url, now=now)
        return message.state != "blocked"

    return approve


def seal_of(settings: Settings) -> Seal:
    """The seal of these settings' key."""
    return Seal.of(Vault.of(settings))


async def release(db: Database, workspace_id: int, settings: Settings) -> int:
    """Approve what may run alone now; returns how many asks."""
    async with db.tx(workspace_id) as tx:
        return await decisions.release(tx, clock.now(), approver(settings), seal=seal_of(settings))


async def review(db: Database, workspace_id: int, settings: Settings) -> list[Change]:
    """Lower what harms, raise what has earned it as far as the workspace lets it rise by itself."""
    async with db.tx(workspace_id) as tx:
        return await promotion.review(tx, clock.now(), proofs, seal=seal_of(settings))


async def verify(db: Database, workspace_id: int, settings: Settings) -> Verified:
    """Check the signed history."""
    async with db.tx(workspace_id) as tx:
        return await autonomy_history.verify(tx, seal_of(settings))
