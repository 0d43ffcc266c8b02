"""What people and time do to an ask: approve, not now, sent, blocked, expired. Every act is in the audit."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct, structs

from honeyguide import moments, programs
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Tx, audit
from honeyguide.decisions import follow_up, guardrails, label_tables, reading, tables
from honeyguide.decisions.barring import barred
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.messages import Draft, compose, disclosure, kept, phrase_tables, plain, put_back
from honeyguide.decisions.situation import Action, Situation
from honeyguide.decisions.tables import AskRow
from honeyguide.decisions.wording import decided_action

NotNowReason = Literal[
    "wrong_moment", "bad_timing", "wrong_person", "wrong_offer", "already_asked", "sensitive_account", "other"
]
REASONS: tuple[str, ...] = get_args(NotNowReason)
# What a reason says of the moment; an offer that does not suit says nothing of it.
_OF_MOMENT = {r: r for r in moments.NOT_NOW_REASONS} | {"sensitive_account": "relationship"}
_SWEEP = 500


class Edits(Struct, frozen=True):
    """What the person who approves changed. None leaves the draft as it is; `follow_ups` false: no reminder goes."""

    subject: str | None = None
    body: str | None = None
    offer_id: int | None = None
    follow_ups: bool = True


async def approve(tx: Tx, ask_id: UUID, actor: str, edits: Edits | None = None, now: datetime | None = None) -> AskRow:
    """A person approves an ask, with edits if any; the rest (link, message) is for delivery, in this transaction.

    Raises NotFound; Conflict when it is decided already, its window is over, its moment no longer stands, or something
    now forbids asking; BadInput when the edits empty the text or name another group's offer.
    """
    now, edits = now or clock.now(), edits or Edits()
    row = before = await _open_ask(tx, ask_id)
    if now >= row.window_ends_at:
        raise Conflict(
            "The window of this ask is over.", f"It ended on {row.window_ends_at:%d %B %Y, %H:%M} UTC.",
            advice="Wait for the next moment.",
        )  # fmt: skip
    situation = await _situation(tx, row, now)
    offer = next((o.slug for o in situation.offers if o.id == (edits.offer_id or row.offer_id)), "")
    if refusal := guardrails.blocked(situation, row.channel) or barred(situation, offer):
        raise Conflict("Nobody may be asked this now.", refusal, advice="Choose Not now, or try again later.")
    decided = await decided_action(tx, row)
    row, written = _with_offer(row, edits, situation, decided)
    subject, body = _edited(edits.subject, row.subject, "subject"), _edited(edits.body, row.body, "message")
    said = disclosure((await programs.offer(tx, row.offer_id)).incentive)
    back = edits.body is not None and not kept(body, said)  # the law asks for it, whoever edits
    if back:
        body = put_back(body, said)
    if written is not None:
        await phrase_tables.replace(tx, ask_id, written.phrases)
    approved = structs.replace(
        row, state="approved", subject=" ".join(subject.split()), body=body, decided_by=actor, decided_at=now
    )
    await tables.save_ask(tx, approved)
    reminders = await follow_up.plan(
        tx, approved, follow_up.step_of(situation, decided), actor, now, wanted=edits.follow_ups
    )
    changed = [n for n in ("subject", "body", "offer_id") if getattr(before, n) != getattr(approved, n)]
    await label_tables.teach(tx, before, approved, actor, now, edited=changed)
    await audit.write(
        tx, actor, "ask.approved", f"ask:{ask_id}",
        {"offer": approved.offer_id, "edited": [n for n in ("subject", "body", "offer_id") if getattr(edits, n) is not None]}
        | ({"put_back": said} if back else {})
        | ({"reminders": sum(r.state == "planned" for r in reminders)} if reminders else {}),
    )  # fmt: skip
    if not actor.startswith("autonomy:"):  # what runs by itself is no judgement of a person
        await moments.affirm(tx, row.moment_id, actor, now)
    return approved


async def not_now(tx: Tx, ask_id: UUID, actor: str, reason: str, note: str = "", now: datetime | None = None) -> AskRow:
    """A person declines an ask, with a reason learning can use. Raises NotFound, Conflict, BadInput."""
    if reason not in REASONS:
        raise BadInput(f"{reason!r} is not a reason.", f"Use one of: {', '.join(REASONS)}.")
    row = await _open_ask(tx, ask_id)
    declined = structs.replace(
        row, state="declined", decided_by=actor, decided_at=now or clock.now(), not_now_reason=reason, note=note or None
    )
    await tables.save_ask(tx, declined)
    await label_tables.teach(tx, row, declined, actor, declined.decided_at or clock.now(), reason=reason)
    await audit.write(tx, actor, "ask.not_now", f"ask:{ask_id}", {"reason": reason, "note": note})
    if reason in _OF_MOMENT and row.moment_id in await moments.by_ids(tx, [row.moment_id], declined.decided_at):
        at = declined.decided_at or clock.now()
        await moments.dispute(tx, row.moment_id, _OF_MOMENT[reason], actor, note, at)
    return declined


async def mark_sent(tx: Tx, ask_id: UUID, at: datetime | None = None) -> None:
    """The message of an approved ask has gone. Nothing happens when the ask is in another state."""
    row = await tables.ask(tx, ask_id, lock=True)
    if row and row.state == "approved":
        await tables.save_ask(tx, structs.replace(row, state="sent"))
        await follow_up.mark_sent(tx, ask_id, 0, at or clock.now())


async def mark_blocked(tx: Tx, ask_id: UUID, reason: str) -> None:
    """Delivery may not send what was approved (consent, budget): the ask is closed and does not count as a contact."""
    row = await tables.ask(tx, ask_id, lock=True)
    if row and row.state == "approved":
        await tables.save_ask(tx, structs.replace(row, state="blocked", note=reason))
        await follow_up.cancel(tx, ask_id, 1, follow_up.NOT_SENT, clock.now())


async def mark_opted_out(tx: Tx, ask_id: UUID, at: datetime) -> None:
    """The person stopped our messages from this ask's message: they are never suggested again. Said twice is once."""
    row = await tables.ask(tx, ask_id, lock=True)
    if row and row.not_now_reason != tables.OPTED_OUT:
        state = "blocked" if row.state in ("suggested", "approved") else row.state
        await tables.save_ask(
            tx, structs.replace(row, state=state, not_now_reason=tables.OPTED_OUT, note=f"Opted out on {at:%Y-%m-%d}.")
        )
    if row:
        await follow_up.cancel(tx, ask_id, 1, follow_up.STOPPED, at)


async def expire(tx: Tx, now: datetime) -> int:
    """Close suggested asks that may no longer be made: window over, moment gone, or something now forbids it.

    Returns how many were closed.
    """
    rows = await tables.suggested(tx, _SWEEP)
    if not rows:
        return 0
    over = {r.id: r for r in rows if now >= r.window_ends_at}
    closing = [(r.id, "expired", "The moment's window ended.") for r in over.values()]
    standing = [r for r in rows if r.id not in over]
    terms = await reading.terms_in_force(tx)
    found = await reading.situations(tx, [r.moment_id for r in standing], terms, now) if standing else []
    by_moment = {s.moment.id: s for s in found}
    for row in standing:
        situation = by_moment.get(row.moment_id)
        if situation is None:
            closing.append((row.id, "expired", "What showed the moment is no longer believed."))
        elif refusal := (
            guardrails.veto(situation)
            or guardrails.missing(situation, row.channel)
            or barred(situation, next((o.slug for o in situation.offers if o.id == row.offer_id), ""))
        ):
            closing.append((row.id, "blocked", refusal))
    return await tables.close_asks(tx, closing, now) if closing else 0


async def _open_ask(tx: Tx, ask_id: UUID) -> AskRow:
    await tables.lock_deciding(tx)  # two approvals at one company must not both see an unspent contact budget
    row = await tables.ask(tx, ask_id, lock=True)
    if row is None:
        raise NotFound("There is no such ask.")
    if row.state != "suggested":
        by = f" by {row.decided_by}" if row.decided_by else ""
        raise Conflict(f"This ask is already {row.state}{by}.", row.note or "", advice="Reload the list.")
    return row


async def _situation(tx: Tx, row: AskRow, now: datetime) -> Situation:
    terms = await reading.terms_in_force(tx)
    found = await reading.situations(tx, [row.moment_id], terms, now, without_ask=row.id)
    if not found:
        raise Conflict("The moment of this ask no longer stands.", "What showed it was retracted.")
    return found[0]


def _with_offer(row: AskRow, edits: Edits, situation: Situation, decided: Action) -> tuple[AskRow, Draft | None]:
    """Another offer of the same group; the words about the offer follow unless the person wrote their own."""
    if edits.offer_id is None or edits.offer_id == row.offer_id:
        return row, None
    offer = next((o for o in situation.offers if o.id == edits.offer_id), None)
    if offer is None:
        raise BadInput(
            "This offer is not open to this person.", f"The group {situation.group.name} has other offers.",
            advice="Choose one of the listed offers.",
        )  # fmt: skip
    written = compose(situation, action_of(offer, row.channel, decided.tone, decided.length, decided.step))
    if not isinstance(written, Draft):
        raise Conflict("The message for this offer cannot be written.", written)
    return structs.replace(row, offer_id=offer.id, subject=written.subject, body=written.body), written


def _edited(edit: str | None, draft_text: str, what: str) -> str:
    if edit is None:
        return draft_text
    if not plain(edit):
        raise BadInput(f"The {what} is empty.", advice="Write something, or leave the draft as it is.")
    return edit
