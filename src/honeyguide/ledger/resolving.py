"""A payment nobody knows the end of: asked again under its own key by one person, or given up by two.

That it was paid after all is said as of any payout (`payouts.mark_paid`). Whatever people say, the provider is looked up
afterwards, and a contradiction stands at the payment as its problem; it is never paid a second time by itself.
"""

from datetime import datetime, timedelta
from uuid import UUID

from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.money import money_text
from honeyguide.db import Tx, audit, outbox
from honeyguide.ledger import disburse, settling
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.disbursement_rows import Disbursement

# A provider may take a day to carry out what it has taken in.
PATIENCE = timedelta(hours=24)
_WHY_NOT = {
    "promised": ("It was not asked for yet.", "Cancel its payout instead."),
    "sent": ("The provider has taken it.", "Wait for what it says, or ask the provider to stop it."),
    "paid": ("It was paid.", "If the money came back, the provider's word of that books it back."),
    "refused": ("The provider refused it.", "The money is back already; request another payout."),
    "returned": ("It came back.", "The money is back already; request another payout."),
}


async def ask_again(tx: Tx, line_id: UUID, actor: str, now: datetime) -> Disbursement:
    """Ask the provider now, and look it up, under the key it knows: what it did before it will not do again.

    Saying it twice is saying it once. Raises NotFound, and Conflict for a payment whose end is known.
    """
    line = await _locked(tx, line_id)
    if line.state != "unknown":
        said, advice = _WHY_NOT.get(line.state, ("It was given up.", "Request another payout."))
        raise Conflict("This payment is not asked for again.", said, advice=advice, code="not_unknown")
    if await outbox.revive(tx, disburse.topic_of(line.rail), str(line.id), now):
        await lines.look_at(tx, line.id, now, counted=False)
        await audit.write(tx, actor, "payout.asked_again", f"payout:{line.payout_id}", {"disbursement": str(line.id)})
    return await _locked(tx, line_id)


async def may_give_up(tx: Tx, line_id: UUID, advocate_id: UUID, minor: int, currency: str, now: datetime) -> None:
    """Whether this payment, of this amount to this advocate, may be given up now. Raises NotFound, BadInput, Conflict."""
    line = await _locked(tx, line_id)
    if (line.advocate_id, line.amount_minor, line.currency) != (advocate_id, minor, currency):
        raise BadInput("That is not this payment.", f"It is over {money_text(line.amount_minor, line.currency)}.")
    _refuse(line, now)


def _refuse(line: Disbursement, now: datetime) -> None:
    if line.state in _WHY_NOT:
        said, advice = _WHY_NOT[line.state]
        raise Conflict("This payment cannot be given up.", said, advice=advice, code="not_unknown")
    if line.state == "unknown" and line.asked_at is not None and now - line.asked_at < PATIENCE:
        raise Conflict(
            "It is too early to give this payment up.", "It was asked for less than a day ago: the provider may still pay it.",
            advice="Look it up at the provider, or ask again.", code="too_early",
        )  # fmt: skip


async def give_up(tx: Tx, line_id: UUID, actor: str, reason: str, now: datetime) -> Disbursement:
    """Nobody asks for it any more, and its money is the advocate's again. Again it changes nothing.

    The caller has two persons' word for it (`proposals`). The provider is looked up a day later. Raises NotFound, Conflict.
    """
    line = await _locked(tx, line_id)
    if line.state == "cancelled":
        return line
    _refuse(line, now)
    found = await rows.payout_by_id(tx, line.payout_id, lock=True)
    if found is None:
        raise NotFound("There is no such payout.")
    await settling.release(tx, found, "payout.cancelled", actor, reason, now)
    await outbox.withdraw(tx, disburse.topic_of(line.rail), str(line.id), {"given_up": actor})
    await lines.set_state(tx, line.id, "cancelled", "", None, now, now + PATIENCE)
    await audit.write(
        tx, actor, "payout.given_up", f"payout:{line.payout_id}", {"disbursement": str(line.id), "reason": reason}
    )
    return await _locked(tx, line_id)


async def _locked(tx: Tx, line_id: UUID) -> Disbursement:
    try:
        return await disburse.locked(tx, line_id)
    except LookupError as absent:
        raise NotFound("There is no such payment.") from absent
