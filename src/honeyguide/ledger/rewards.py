"""Rewards: earned once per (rule, role, conversion), approved by a second person, or void."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money, money_text
from honeyguide.db import Tx, audit
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import Account, Draft, Line
from honeyguide.ledger.post import post, post_all
from honeyguide.ledger.states import STANDS_IN, Reward, why_not_approve, why_not_person

SYSTEM = "honeyguide"


class Earned(Struct, frozen=True, kw_only=True):
    """What a conversion earned, before it stands in the books.

    `rule`, `role` and `conversion_id` are the business key: one reward for ever. `cap_minor` is the most this
    advocate may earn on this offer in all (None = no cap). `review` says why a person must look first.
    """

    rule: str
    role: str
    conversion_id: UUID
    advocate_id: UUID
    program_id: int
    offer_id: int
    incentive: str
    label: str
    money: Money
    reason: str
    hold_until: datetime
    asked_by: str | None = None
    review: str = ""
    cap_minor: int | None = None

    @property
    def business_key(self) -> str:
        """Unique for ever in the workspace."""
        return f"{self.rule}:{self.role}:{self.conversion_id}"


async def issue_reward(tx: Tx, earned: Earned, at: datetime) -> Reward:
    """Issue a reward, held: its money leaves the program's budget (or expense) in the same transaction.

    The same business key again returns the reward that stands; with another amount, advocate or offer it raises
    Conflict. Raises OverFloor when the budget or the advocate's cap is used up, BadInput on a negative amount;
    then nothing was issued.
    """
    if earned.money.minor < 0:
        raise BadInput(f"A reward cannot be {earned.money}.")
    reward = _new_reward(tx.workspace_id, earned, at)
    known = await rows.rewards_by_id(tx, [reward.id])
    if not known and reward.amount_minor:
        # Posted before the row: it takes the locks and refuses what budget and cap do not allow, so that a caller
        # who goes on after a refusal leaves no reward without money behind.
        await _reserve(tx, reward, earned, at)
    if not known and await rows.insert_reward(tx, reward):
        await audit.write(
            tx, SYSTEM, "reward.issued", f"reward:{reward.id}",
            {"business_key": reward.business_key, "amount_minor": reward.amount_minor, "currency": reward.currency},
        )  # fmt: skip
    standing = (await rows.rewards_by_id(tx, [reward.id]))[0]
    if _terms(standing) != _terms(reward):
        raise Conflict(
            f"The reward {reward.business_key} was issued with other terms.",
            f"It stands at {money_text(standing.amount_minor, standing.currency)}.",
            code="key_reused",
        )
    return standing


def _terms(reward: Reward) -> tuple[object, ...]:
    return (reward.advocate_id, reward.offer_id, reward.incentive, reward.amount_minor, reward.currency)


def _new_reward(workspace_id: int, earned: Earned, at: datetime) -> Reward:
    return Reward(
        id=content_id("reward", str(workspace_id), earned.business_key), business_key=earned.business_key,
        advocate_id=earned.advocate_id, advocate_name="", advocate_email="", program_id=earned.program_id,
        offer_id=earned.offer_id, conversion_id=earned.conversion_id, role=earned.role, incentive=earned.incentive,
        label=earned.label, amount_minor=earned.money.minor, currency=earned.money.currency, state="held",
        reason=earned.reason, review=earned.review, asked_by=earned.asked_by, hold_until=earned.hold_until, created_at=at,
        approved_by=None, approved_at=None, payout_id=None,
    )  # fmt: skip


async def _reserve(tx: Tx, reward: Reward, earned: Earned, at: datetime) -> None:
    amount, currency = reward.amount_minor, reward.currency
    budget = Account("budget", f"program:{reward.program_id}", currency)
    if not await tables.has_account(tx, budget):
        budget = Account("expense", budget.owner, currency)
    lines = [Line(budget, -amount), Line(Account("held", f"advocate:{reward.advocate_id}", currency), amount)]
    if earned.cap_minor is not None:
        allowance = Account("allowance", f"offer:{reward.offer_id} advocate:{reward.advocate_id}", currency)
        await tables.set_cap(tx, allowance, earned.cap_minor)
        lines += [Line(allowance, -amount), Line(Account("allowed", f"offer:{reward.offer_id}", currency), amount)]
    await post(tx, _key(reward, "issue"), "reward.issued", reward.label, lines, at)


def _key(reward: Reward, step: str) -> str:
    return f"reward:{reward.id}:{step}"


def moves(rewards: list[Reward], step: str, kind: str, source: str, target: str) -> list[Draft]:
    """One transfer per reward with money, from one of the advocate's accounts to another."""
    return [
        Draft(
            _key(r, step),
            kind,
            r.label,
            (
                Line(Account(source, f"advocate:{r.advocate_id}", r.currency), -r.amount_minor),
                Line(Account(target, f"advocate:{r.advocate_id}", r.currency), r.amount_minor),
            ),
        )
        for r in rewards
        if r.amount_minor
    ]


async def reward(tx: Tx, reward_id: UUID) -> Reward:
    """One reward. Raises NotFound."""
    found = await rows.rewards_by_id(tx, [reward_id])
    if not found:
        raise NotFound("There is no such reward.")
    return found[0]


async def rewards(
    tx: Tx, state: str | None = None, after: str | None = None, limit: int = 50, *, advocate_id: UUID | None = None
) -> list[Reward]:
    """Rewards, newest first; `after` is the last one's id."""
    return await rows.rewards_page(tx, state, UUID(after) if after else None, limit, advocate_id)


async def _locked(tx: Tx, reward_id: UUID) -> Reward:
    found = await rows.rewards_by_id(tx, [reward_id], lock=True)
    if not found:
        raise NotFound("There is no such reward.")
    return found[0]


async def approve_reward(
    tx: Tx, reward_id: UUID, actor: str, now: datetime, *, reason: str = "", asked_by: str | None = None
) -> Reward:
    """Held -> approved, by `actor` (an operator's e-mail): the money becomes available for a payout.

    `reason` lifts the hold and a review, never the second-person rule. `asked_by` overrides who approved the ask
    when the reward does not know. Approving again what one approved oneself changes nothing.
    Raises Forbidden for the wrong person, Conflict in another state or on hold, NotFound.
    """
    found = await _locked(tx, reward_id)
    if found.state == "approved" and found.approved_by == actor:
        return found
    asked = _with_asker(found, asked_by)
    if found.state == "held" and (person := why_not_person(asked, actor)):
        raise Forbidden("You cannot approve this reward.", person)
    if refusal := why_not_approve(asked, actor, now, reason):
        raise Conflict("The reward cannot be approved now.", refusal, code="not_approvable")
    await rows.set_approved(tx, reward_id, actor, now)
    await post_all(tx, moves([found], "approve", "reward.approved", STANDS_IN["held"], STANDS_IN["approved"]), now)
    await audit.write(tx, actor, "reward.approved", f"reward:{reward_id}", {"reason": reason.strip()})
    return await reward(tx, reward_id)


def _with_asker(found: Reward, asked_by: str | None) -> Reward:
    if not asked_by or found.asked_by:
        return found
    return Reward(**{f: getattr(found, f) for f in Reward.__struct_fields__ if f != "asked_by"}, asked_by=asked_by)


async def void_reward(tx: Tx, reward_id: UUID, actor: str, reason: str, now: datetime) -> Reward:
    """Take a reward back before it is paid: its money returns to where it came from, once.

    Voiding a void reward changes nothing. Raises BadInput without a reason, Conflict when it is in a payout or paid.
    """
    if not reason.strip():
        raise BadInput("Voiding a reward needs a reason.", "The advocate will read it.")
    found = await _locked(tx, reward_id)
    if found.state == "void":
        return found
    if found.state not in ("held", "approved"):
        raise Conflict(
            "The reward cannot be voided.",
            "It was paid." if found.state == "paid" else "It is in a payout.",
            advice="" if found.state == "paid" else "Cancel the payout first.",
            code="not_voidable",
        )
    if found.amount_minor:
        await post_all(tx, [await _reversal(tx, found, reason.strip())], now)
    await rows.set_state(tx, [reward_id], "void", None)
    await audit.write(tx, actor, "reward.voided", f"reward:{reward_id}", {"reason": reason.strip()})
    return await reward(tx, reward_id)


async def _reversal(tx: Tx, found: Reward, reason: str) -> Draft:
    """The issue transfer turned round, out of the account the money stands in now."""
    issue = (await tables.transfers_by_key(tx, [_key(found, "issue")]))[_key(found, "issue")]
    lines = tuple(
        Line(
            Account(STANDS_IN[found.state], line.account.owner, line.account.currency)
            if line.account.kind == "held"
            else line.account,
            -line.amount_minor,
        )
        for line in issue.lines
    )
    return Draft(_key(found, "void"), "reward.voided", reason, lines, reversal_of=issue.id)


async def ask_for_review(tx: Tx, reward_id: UUID, review: str) -> None:
    """Note why a person must look before a held reward is approved. Nothing happens in any other state."""
    found = await _locked(tx, reward_id)
    if found.state == "held" and found.review != review:
        await rows.set_review(tx, reward_id, review)
        await audit.write(tx, SYSTEM, "reward.review", f"reward:{reward_id}", {"review": review})


async def fund_budget(tx: Tx, key: str, program_id: int, money: Money, actor: str, at: datetime) -> int:
    """Give a program a budget (or more of it); from then on rewards above it are refused. Returns what is left, minor units.

    The same `key` again changes nothing. Raises BadInput on zero or less.
    """
    if money.minor <= 0:
        raise BadInput("A budget grows by more than nothing.")
    owner = f"program:{program_id}"
    lines = [
        Line(Account("expense", owner, money.currency), -money.minor),
        Line(Account("budget", owner, money.currency), money.minor),
    ]
    known = await tables.transfers_by_key(tx, [f"budget:{key}"])
    await post(tx, f"budget:{key}", "budget.funded", f"Budget of {money}", lines, at)
    if not known:
        await audit.write(tx, actor, "budget.funded", owner, {"minor": money.minor, "currency": money.currency})
    standing = await tables.lock_accounts(tx, [lines[1].account])
    return standing[lines[1].account].balance_minor
