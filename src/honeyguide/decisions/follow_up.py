"""Reminders: an approval covers those its step names, and each goes only while nothing has come of the ask.

Whether one may go is a function of what is known when it is due, so events in any order give the same. A reminder is a
contact like an ask (budget, wear, readiness), but no decision: it has no propensity of its own and is part of what the
ask it belongs to does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from honeyguide import programs
from honeyguide.core.errors import Conflict, NotFound
from honeyguide.db import Tx, audit
from honeyguide.decisions import follow_up_tables, guardrails, reading, surroundings, tables
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.follow_up_tables import CANCELLED, OFF, PLANNED, FollowUpRow
from honeyguide.decisions.messages import Draft, remind
from honeyguide.decisions.situation import Action, Situation
from honeyguide.decisions.tables import AskRow
from honeyguide.decisions.wording import decided_action
from honeyguide.programs.playbooks import Step

LATEST = timedelta(days=14)
STOPPED = "The person asked us to stop."
NOT_SENT = "The ask itself was not sent."
_NO_REMINDER = "The step of this ask sends no reminder."
_OUTLASTS = "The moment's window ends before it would be due, and this step stops then."


class Ready(Struct, frozen=True):
    """A reminder nothing speaks against, with its words: what is left are consent, contact budget and quiet hours."""

    ask: AskRow
    row: FollowUpRow
    draft: Draft


def covered(row: AskRow, step: Step | None, actor: str, now: datetime) -> list[FollowUpRow]:
    """The reminders an approval of this ask covers; none where its step names none."""
    follow = step.follow_up if step else None
    if step is None or follow is None:
        return []
    over = any(rule.when == "window_over" for rule in step.stop)
    outlasts = over and now + timedelta(days=follow.after_days) >= row.window_ends_at
    state, reason = (CANCELLED, _OUTLASTS) if outlasts else (PLANNED, "")
    return [
        FollowUpRow(
            row.id, n, follow.most, follow.after_days, follow.tone, follow.channel, list(step.stop), state, reason,
            None, actor, now,
        )
        for n in range(1, follow.most + 1)
    ]  # fmt: skip


def step_of(situation: Situation, decided: Action) -> Step | None:
    """The step a decision was made under, as it stands in the playbook now."""
    return next((s for s in situation.steps if s.slug == decided.step), None)


async def plan(
    tx: Tx, row: AskRow, step: Step | None, actor: str, now: datetime, *, wanted: bool = True
) -> list[FollowUpRow]:
    """Write down what an approval covers. Reminders that were switched off, or are not `wanted`, are kept as such."""
    await follow_up_tables.drop(tx, row.id, (PLANNED, CANCELLED))
    rows = covered(row, step, actor, now)
    if not wanted:
        rows = [_off(r, actor) for r in rows]
    await follow_up_tables.put(tx, rows)
    return (await follow_up_tables.of_asks(tx, [row.id])).get(row.id, [])


def _off(row: FollowUpRow, actor: str) -> FollowUpRow:
    return row if row.state == CANCELLED else structs.replace(row, state=OFF, reason=f"Switched off by {actor}.")


async def of_ask(tx: Tx, ask_id: UUID, now: datetime) -> list[FollowUpRow]:
    """The reminders of an ask: what an approval would cover while it waits, then what became of each.

    Raises NotFound.
    """
    row = await tables.ask(tx, ask_id)
    if row is None:
        raise NotFound("There is no such ask.")
    kept = (await follow_up_tables.of_asks(tx, [ask_id])).get(ask_id, [])
    if row.state != "suggested":
        return kept
    off = {r.number: r for r in kept if r.state == OFF}
    return [off.get(r.number, r) for r in await _would_cover(tx, row, now)]


async def _would_cover(tx: Tx, row: AskRow, now: datetime) -> list[FollowUpRow]:
    terms = await reading.terms_in_force(tx)
    found = await reading.situations(tx, [row.moment_id], terms, now, without_ask=row.id)
    return covered(row, step_of(found[0], await decided_action(tx, row)), "", now) if found else []


async def switch(tx: Tx, ask_id: UUID, on: bool, actor: str, now: datetime) -> list[FollowUpRow]:
    """A person switches the reminders of an ask off, or on again. Saying it twice is saying it once.

    Raises NotFound, and Conflict when there is none to switch or the ask was never made.
    """
    row = await tables.ask(tx, ask_id, lock=True)
    if row is None:
        raise NotFound("There is no such ask.")
    if row.state not in ("suggested", "approved", "sent"):
        raise Conflict(f"This ask is already {row.state}.", "No reminder of it will go.")
    before = await of_ask(tx, ask_id, now)
    if not before:
        raise Conflict(_NO_REMINDER, "There is nothing to switch.", advice="Change the step in its playbook.")
    if row.state == "suggested":
        moved = await _switch_before(tx, row, before, on, actor)
    else:
        was, becomes = (OFF, PLANNED) if on else (PLANNED, OFF)
        moved = await follow_up_tables.switch(
            tx, ask_id, was, becomes, "" if on else f"Switched off by {actor}.", actor, now
        )
    if moved:
        await audit.write(tx, actor, f"follow_up.{'on' if on else 'off'}", f"ask:{ask_id}", {"reminders": moved})
    return await of_ask(tx, ask_id, now)


async def _switch_before(tx: Tx, row: AskRow, before: Sequence[FollowUpRow], on: bool, actor: str) -> int:
    if on:
        return await follow_up_tables.drop(tx, row.id, (OFF,))
    off = [structs.replace(_off(r, actor), changed_by=actor) for r in before if r.state == PLANNED]
    await follow_up_tables.drop(tx, row.id, (PLANNED, CANCELLED))
    await follow_up_tables.put(tx, off)
    return len(off)


async def due(tx: Tx, now: datetime, limit: int) -> list[tuple[AskRow, follow_up_tables.DueRow]]:
    """Reminders whose day has come, each with its ask, the longest due first."""
    found = []
    for one in await follow_up_tables.due(tx, now, limit):
        row = await tables.ask(tx, one.row.ask_id)
        if row is not None:
            found.append((row, one))
    return found


async def weigh(
    tx: Tx, found: Sequence[tuple[AskRow, follow_up_tables.DueRow]], heard: Mapping[UUID, str], now: datetime
) -> list[Ready]:
    """Of due reminders those that may go, with their words; the others are cancelled, each with its reason.

    `heard`: what came of asks since they were made, as sentences. Contact budget and consent are asked when it is queued.
    """
    ready = []
    terms = await reading.terms_in_force(tx)
    offers = {o.id for group in terms.offers.values() for o in group}
    for row, one in found:
        seen = await reading.situations(tx, [row.moment_id], terms, now, without_ask=row.id)
        situation = seen[0] if seen else None
        came: list[datetime] = []
        if situation is not None and situation.person is not None:
            who = situation.person.id
            came = (await surroundings.referred_at(tx, [who], now)).get(who, [])
        said = heard.get(row.id, "") or ("They have referred somebody since." if _after(came, one.asked_at) else "")
        reason = against(row, one.row, situation, said, now)
        if reason is None and row.offer_id not in offers:
            reason = "Its offer is not made any more."
        words = await _words(tx, row, one, situation) if reason is None and situation is not None else reason or ""
        if isinstance(words, Draft):
            ready.append(Ready(row, one.row, words))
        else:
            await cancel(tx, row.id, one.row.number, words, now)
    return ready


def _after(came: Sequence[datetime], asked_at: datetime) -> bool:
    return any(at >= asked_at for at in came)


def against(row: AskRow, planned: FollowUpRow, situation: Situation | None, heard: str, now: datetime) -> str | None:
    """Why a due reminder may not go, in words that name nobody; None when nothing speaks against it."""
    if row.not_now_reason == tables.OPTED_OUT or (situation and situation.contacts.opted_out_at):
        return STOPPED
    if row.state != "sent":
        return NOT_SENT
    if heard:
        return heard
    if planned.due_at is not None and now > planned.due_at + LATEST:
        return f"It was due on {planned.due_at:%d %B %Y} and could not go within {LATEST.days} days."
    if situation is None or situation.person is None:
        return "What showed the moment is no longer believed."
    return _veto(situation) or _stopped(planned, situation) or _unreachable(situation, planned.channel)


def _veto(situation: Situation) -> str | None:
    person, firm = situation.person, situation.firm
    if person and person.departed:
        return "The person no longer works there."
    if (person and person.quiet) or (firm and firm.quiet):
        return "The person or the company is marked as not to be contacted."
    return "Something is open at the company for which nobody there is asked." if situation.incident else None


def _stopped(planned: FollowUpRow, situation: Situation) -> str | None:
    signals = {s.name: s.amount for s in situation.signals}
    for rule in planned.stop:
        if rule.when == "window_over" and situation.now >= situation.moment.window_ends_at:
            return "The moment's window is over, and this step stops then."
        if rule.when == "complaint" and signals.get("complained", 0) > 0:
            return "The person has complained, and this step stops then."
        asks = 0 if signals.get("referred") else situation.contacts.ever
        if rule.when == "asks_without_share" and asks >= rule.n:
            return f"This step stops after {rule.n} asks without a share."
    return None


def _unreachable(situation: Situation, channel: str) -> str | None:
    if guardrails.missing_for(situation, channel) is None:
        return None
    way = "e-mail" if channel == "email" else "in-app messages"
    return f"There is no address or no consent for {way}."


async def _words(tx: Tx, row: AskRow, one: follow_up_tables.DueRow, situation: Situation) -> Draft | str:
    offer = await programs.offer(tx, row.offer_id)
    action = action_of(offer, one.row.channel, one.row.tone)
    return remind(situation, action, one.asked_at, one.row.number, one.row.most)


async def claim(tx: Tx, ask_id: UUID, number: int, now: datetime) -> bool:
    """Take a due reminder for the message this transaction queues; False when it is not to be had any more."""
    return await follow_up_tables.claim(tx, ask_id, number, now)


async def cancel(tx: Tx, ask_id: UUID, number: int, reason: str, now: datetime) -> None:
    """A reminder does not go, nor those behind it. Nothing happens to what has gone."""
    if await follow_up_tables.cancel(tx, ask_id, number, reason, now):
        await audit.write(
            tx, "honeyguide", "follow_up.cancelled", f"ask:{ask_id}", {"number": number, "reason": reason}
        )


async def mark_sent(tx: Tx, ask_id: UUID, number: int, at: datetime) -> None:
    """A message of the ask has gone (0: its first): the reminder is sent, and the next one's day is set."""
    await follow_up_tables.mark_sent(tx, ask_id, number, at)


async def asked_at(tx: Tx, ask_id: UUID) -> datetime | None:
    """When the first message of an ask with a reminder went out; None before it has."""
    return await follow_up_tables.asked_at(tx, ask_id)
