"""What people teach at level 0: every approval, edit and not-now as a label for the policy (table ask_label).

Others read it: `since` for training, `tallies` for what a step still lacks. It holds ids and closed words, no text.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.decisions.autonomy import ACTOR
from honeyguide.decisions.tables import AskRow

OWNED = ("ask_label",)
APPROVE, EDIT, NOT_NOW = "approve", "edit", "not_now"


class Label(Struct, frozen=True):
    """What a person decided about one suggestion. `edited` names what was changed; `action` and `propensity` are the
    decision's, so that a learner can weigh the label.
    """

    ask_id: UUID
    decision_id: UUID
    step: str
    verdict: str
    reason: str
    edited: list[str]
    offer_id: int
    chosen_offer_id: int
    action: str
    propensity: float
    at: datetime


class Tally(Struct, frozen=True):
    """How people have decided about a step's suggestions."""

    approved: int = 0
    edited: int = 0
    declined: int = 0

    @property
    def seen(self) -> int:
        """How many suggestions people decided."""
        return self.approved + self.edited + self.declined


_LABEL = "ask_id, decision_id, step, verdict, reason, edited, offer_id, chosen_offer_id, action, propensity, at"


async def teach(
    tx: Tx, before: AskRow, after: AskRow, actor: str, at: datetime, *, edited: Sequence[str] = (), reason: str = ""
) -> None:
    """Keep a person's decision as a label; what autonomy approved teaches nothing. A later decision replaces an earlier."""
    if actor.startswith(ACTOR):
        return
    verdict = NOT_NOW if after.state == "declined" else EDIT if edited else APPROVE
    await tx.run(
        f"insert into ask_label (workspace_id, {_LABEL}) select $1, $2, d.id, d.playbook_step, $4, $5, $6, $7, $8, d.action, "
        "d.propensity, $9 from decision d where d.workspace_id = $1 and d.id = $3 "
        "on conflict (workspace_id, ask_id) do update set verdict = excluded.verdict, reason = excluded.reason, "
        "edited = excluded.edited, chosen_offer_id = excluded.chosen_offer_id, at = excluded.at",
        tx.workspace_id, before.id, before.decision_id, verdict, reason, list(edited), before.offer_id, after.offer_id, at,
    )  # fmt: skip


async def since(tx: Tx, after: tuple[datetime, UUID] | None, limit: int) -> list[Label]:
    """Labels in the order they were made, after the given position."""
    at, ask_id = after or (None, None)
    found = await tx.rows(
        f"select {_LABEL} from ask_label where workspace_id = $1 and ($2::timestamptz is null or (at, ask_id) > ($2, $3::uuid)) "
        "order by at, ask_id limit $4",
        tx.workspace_id, at, ask_id, limit,
    )  # fmt: skip
    return [Label(**dict(r)) for r in found]


async def tallies(tx: Tx) -> dict[str, Tally]:
    """How people have decided, by step."""
    found = await tx.rows(
        "select step, count(*) filter (where verdict = 'approve') as approved, count(*) filter (where verdict = 'edit') "
        "as edited, count(*) filter (where verdict = 'not_now') as declined from ask_label where workspace_id = $1 group by step",
        tx.workspace_id,
    )
    return {r["step"]: Tally(r["approved"], r["edited"], r["declined"]) for r in found}
