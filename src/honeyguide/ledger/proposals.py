"""Money that no single person moves: a budget, a manual reward, an adjustment or a write-off is proposed by one, confirmed by another."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money
from honeyguide.db import Tx, audit
from honeyguide.ledger import proposal_rows as rows
from honeyguide.ledger import resolving
from honeyguide.ledger.accounts import Account, Draft, Line, check_draft
from honeyguide.ledger.budgets import fund_budget
from honeyguide.ledger.issuing import Earned, Period, issue_reward
from honeyguide.ledger.post import post
from honeyguide.ledger.states import same_person

# What an adjustment may touch. Where a reward's money stands is moved by the reward's own moves only.
ADJUSTABLE = ("expense", "budget", "owed", "exchange")


class BudgetAsk(Struct, frozen=True, tag="budget", forbid_unknown_fields=True):
    """So much more budget for a program (or one of its groups), for good or for the period `period_at` falls into."""

    program_id: int
    minor: int
    currency: str
    group_id: int | None = None
    period: Period = ""
    period_at: datetime | None = None


class RewardAsk(Struct, frozen=True, tag="reward", forbid_unknown_fields=True):
    """A reward that no conversion earned. It is issued held and still needs an approval by another than the proposer."""

    advocate_id: UUID
    program_id: int
    offer_id: int
    incentive: str
    label: str
    minor: int
    currency: str


class LineAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an adjustment, in minor units."""

    kind: str
    owner: str
    currency: str
    minor: int


class AdjustmentAsk(Struct, frozen=True, tag="adjustment", forbid_unknown_fields=True):
    """A correction between budgets, expense and what is owed; its lines sum to zero."""

    lines: tuple[LineAsk, ...]


class WriteOffAsk(Struct, frozen=True, tag="write_off", forbid_unknown_fields=True):
    """Give up so much of what an advocate owes: the program bears it."""

    advocate_id: UUID
    program_id: int
    minor: int
    currency: str


class GiveUpAsk(Struct, frozen=True, tag="give_up", forbid_unknown_fields=True):
    """Give up a payment nobody knows the end of: its money is the advocate's again (`resolving`)."""

    disbursement_id: UUID
    advocate_id: UUID
    minor: int
    currency: str


Ask = BudgetAsk | RewardAsk | AdjustmentAsk | WriteOffAsk | GiveUpAsk
FOR_ADVOCATES = (RewardAsk, WriteOffAsk, GiveUpAsk)


class Proposal(Struct, frozen=True):
    """Something proposed: `open` until another person confirms or anybody rejects it."""

    id: UUID
    key: str
    kind: str
    ask: Ask
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str


async def propose(tx: Tx, ask: Ask, key: str, reason: str, actor: str, at: datetime) -> Proposal:
    """Propose it; nothing moves yet. The same again under its key returns what stands.

    Raises BadInput on what could never be posted or without a reason, Conflict when the key proposed something else.
    """
    if not reason.strip() or not key.strip():
        raise BadInput("A proposal needs a reason and a key.", "Who confirms it reads the reason.")
    _check(ask)
    if isinstance(ask, GiveUpAsk):
        await resolving.may_give_up(tx, ask.disbursement_id, ask.advocate_id, ask.minor, ask.currency, at)
    made = content_id("ledger-proposal", str(tx.workspace_id), key)
    body = msgspec.to_builtins(ask)
    if await rows.insert(tx, made, key, body["type"], body, reason.strip(), actor, at):
        await audit.write(tx, actor, "ledger.proposed", f"proposal:{made}", {"kind": body["type"]})
    found = await proposal(tx, made)
    if found.ask != ask or found.proposed_by != actor:
        raise Conflict(f"The key {key} proposed something else.", "It is used once.", code="key_reused")
    return found


async def confirm(tx: Tx, proposal_id: UUID, actor: str, at: datetime) -> Proposal:
    """Carry it out, by another person than the proposer, who does not gain by it. Confirming again changes nothing.

    Raises Forbidden for the wrong person, Conflict when it was decided otherwise, NotFound; and what the posting raises.
    """
    found = await _locked(tx, proposal_id)
    if found.state == "confirmed" and found.decided_by == actor:
        return found
    if found.state != "open":
        raise Conflict(f"The proposal is {found.state}.", f"By {found.decided_by}.", code="decided")
    if same_person(actor, found.proposed_by):
        raise Forbidden("You cannot confirm this.", "You proposed it: a second person confirms it.")
    if isinstance(found.ask, FOR_ADVOCATES) and same_person(
        actor, await rows.advocate_email(tx, found.ask.advocate_id)
    ):
        raise Forbidden("You cannot confirm this.", "You would gain by it: another person confirms it.")
    await _carry_out(tx, found, actor, at)
    await rows.decide(tx, proposal_id, "confirmed", actor, "", at)
    await audit.write(tx, actor, "ledger.confirmed", f"proposal:{proposal_id}", {"kind": found.kind})
    return await proposal(tx, proposal_id)


async def reject(tx: Tx, proposal_id: UUID, actor: str, reason: str, at: datetime) -> Proposal:
    """Turn it down (or take one's own back), with a reason. Rejecting again changes nothing. Raises Conflict, BadInput, NotFound."""
    if not reason.strip():
        raise BadInput("Rejecting a proposal needs a reason.")
    found = await _locked(tx, proposal_id)
    if found.state == "rejected":
        return found
    if found.state == "confirmed":
        raise Conflict("The proposal was confirmed.", f"By {found.decided_by}.", code="decided")
    await rows.decide(tx, proposal_id, "rejected", actor, reason.strip(), at)
    await audit.write(tx, actor, "ledger.rejected", f"proposal:{proposal_id}", {"reason": reason.strip()})
    return await proposal(tx, proposal_id)


async def proposal(tx: Tx, proposal_id: UUID) -> Proposal:
    """One proposal. Raises NotFound."""
    found = await rows.by_id(tx, proposal_id)
    if found is None:
        raise NotFound("There is no such proposal.")
    return _proposal(found)


async def proposals(tx: Tx, state: str | None = None, after: str | None = None, limit: int = 50) -> list[Proposal]:
    """Proposals, newest first; `after` is the last one's id."""
    return [_proposal(r) for r in await rows.page(tx, state, UUID(after) if after else None, limit)]


async def _locked(tx: Tx, proposal_id: UUID) -> Proposal:
    found = await rows.by_id(tx, proposal_id, lock=True)
    if found is None:
        raise NotFound("There is no such proposal.")
    return _proposal(found)


def _proposal(row: Any) -> Proposal:
    values = dict(row)
    return Proposal(**{k: v for k, v in values.items() if k != "body"}, ask=msgspec.convert(values["body"], Ask))


def _check(ask: Ask) -> None:
    if isinstance(ask, AdjustmentAsk):
        if wrong := [line.kind for line in ask.lines if line.kind not in ADJUSTABLE]:
            raise BadInput(f"An adjustment cannot touch '{wrong[0]}'.", f"It may touch {', '.join(ADJUSTABLE)}.")
        check_draft(Draft("check", "", "", _lines(ask)))
        return
    if ask.minor <= 0:
        raise BadInput("A proposal is over more than nothing.")
    check_draft(
        Draft("check", "", "", (Line(Account("expense", "a", ask.currency), -ask.minor),
                                Line(Account("budget", "b", ask.currency), ask.minor)))
    )  # fmt: skip


def _lines(ask: AdjustmentAsk) -> tuple[Line, ...]:
    return tuple(Line(Account(line.kind, line.owner, line.currency), line.minor) for line in ask.lines)


async def _carry_out(tx: Tx, found: Proposal, actor: str, at: datetime) -> None:
    ask, key = found.ask, f"proposal:{found.id}"
    if isinstance(ask, BudgetAsk):
        money = Money(ask.minor, ask.currency)
        await fund_budget(
            tx, key, ask.program_id, money, actor, at, group_id=ask.group_id, period=ask.period, period_at=ask.period_at
        )
    elif isinstance(ask, RewardAsk):
        await issue_reward(tx, _earned(ask, found, at), at)
    elif isinstance(ask, WriteOffAsk):
        lines = [
            Line(Account("expense", f"program:{ask.program_id}", ask.currency), -ask.minor),
            Line(Account("owed", f"advocate:{ask.advocate_id}", ask.currency), ask.minor),
        ]
        if await rows.owed_locked(tx, lines[1].account.owner, ask.currency) < ask.minor:
            raise Conflict("The advocate owes less than that.", "Nothing was written off.", code="not_owed")
        await post(tx, key, "ledger.written_off", "What an advocate owed was given up.", lines, at)
    elif isinstance(ask, GiveUpAsk):
        await resolving.give_up(tx, ask.disbursement_id, actor, found.reason, at)
    else:
        await post(tx, key, "ledger.adjusted", "A correction two persons agreed on.", _lines(ask), at)


def _earned(ask: RewardAsk, found: Proposal, at: datetime) -> Earned:
    return Earned(
        rule="manual", role="advocate", conversion_id=found.id, advocate_id=ask.advocate_id, program_id=ask.program_id,
        offer_id=ask.offer_id, incentive=ask.incentive, label=ask.label, money=Money(ask.minor, ask.currency),
        reason=found.reason, hold_until=at, asked_by=found.proposed_by,
    )  # fmt: skip
