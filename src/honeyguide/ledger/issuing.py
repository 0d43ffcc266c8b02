"""Issuing: what was earned becomes a reward, once per business key, within its budget and caps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money, money_text
from honeyguide.db import Tx, audit
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import Account, Line
from honeyguide.ledger.post import post
from honeyguide.ledger.states import Reward

SYSTEM = "honeyguide"
Period = Literal["", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = ("month", "quarter", "year", "")  # the narrowest first


class Part(Struct, frozen=True):
    """One part of what a deal over several years earns: its number (from 1), when it is due, and how much."""

    number: int
    due: datetime
    minor: int


class Cap(Struct, frozen=True):
    """At most so many minor units for `of` (`program:1`, `group:2`, `advocate:<id>` ...) in a calendar period (UTC) or in all."""

    of: str
    minor: int
    period: Period = ""


class Earned(Struct, frozen=True, kw_only=True):
    """What a conversion earned, before it stands in the books.

    `rule`, `role`, `conversion_id` and the part's number are the business key: one reward for ever. `cap_minor` is the
    most this advocate may earn on this offer in all (None = no cap), `caps` are further limits in the reward's currency.
    With `capped_ok` what does not fit is no error: the part that fits is issued, or with `all_or_nothing` nothing.
    `review` says why a person must look first. It is pending while `pending_for` says why, or until `pending_until`.
    Not claimed by `expires_at`, it expires. `advocate_id` is who receives it, whatever the `beneficiary`.
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
    caps: tuple[Cap, ...] = ()
    group_id: int | None = None
    capped_ok: bool = False
    cap_policy: Literal["partial", "all_or_nothing"] = "partial"
    beneficiary: Literal["advocate", "friend", "parent"] = "advocate"
    parts: tuple[Part, ...] = ()
    part: int = 0
    pending_for: str = ""
    pending_until: datetime | None = None
    expires_at: datetime | None = None

    @property
    def business_key(self) -> str:
        """Unique for ever in the workspace."""
        return f"{self.rule}:{self.role}:{self.conversion_id}" + (f":{self.part}" if self.part else "")


def period_of(period: Period, at: datetime) -> str:
    """The calendar period a time falls into: `2026-03`, `2026-Q1`, `2026`, or empty for all time."""
    return {"month": f"{at:%Y-%m}", "quarter": f"{at.year}-Q{(at.month + 2) // 3}", "year": f"{at.year}", "": ""}[
        period
    ]


async def issue_reward(tx: Tx, earned: Earned, at: datetime) -> Reward:
    """Issue a reward: its money leaves the budget (or expense) in the same transaction. Of several parts, the first.

    The same business key again returns the reward that stands; with another amount, advocate or offer it raises
    Conflict. Raises OverFloor when a budget or cap is used up (unless `capped_ok`), BadInput on a negative amount;
    then nothing was issued.
    """
    return (await issue_parts(tx, earned, at))[0]


async def issue_parts(tx: Tx, earned: Earned, at: datetime) -> list[Reward]:
    """Issue every part as a reward of its own (or the one there is), all or none. Otherwise as `issue_reward`."""
    if earned.money.minor < 0:
        raise BadInput(f"A reward cannot be {earned.money}.")
    parts = split(earned)
    if len(parts) == 1:
        return [await _issue(tx, parts[0], at)]
    await tx.run("savepoint issue_parts")  # a caller may go on after a refusal: no part stays behind
    try:
        found = [await _issue(tx, one, at) for one in parts]
    except Conflict:
        await tx.run("rollback to savepoint issue_parts")
        raise
    await tx.run("release savepoint issue_parts")
    return found


def split(earned: Earned) -> Sequence[Earned]:
    """The parts as rewards of their own. Raises BadInput when they do not add up."""
    if not earned.parts:
        return [earned]
    numbers = {p.number for p in earned.parts}
    if len(numbers) != len(earned.parts) or min(numbers) < 1 or any(p.minor < 0 for p in earned.parts):
        raise BadInput("The parts of a reward have numbers of their own from 1, and none is negative.")
    if sum(p.minor for p in earned.parts) != earned.money.minor:
        raise BadInput(f"The parts of this reward do not add up to {earned.money}.")
    return [
        replace(
            earned, parts=(), part=p.number, money=Money(p.minor, earned.money.currency), pending_until=p.due,
            hold_until=max(earned.hold_until, p.due),
        )
        for p in sorted(earned.parts, key=lambda p: p.number)
    ]  # fmt: skip


async def _issue(tx: Tx, earned: Earned, at: datetime) -> Reward:
    reward = _new_reward(tx.workspace_id, earned, at)
    known = await rows.rewards_by_id(tx, [reward.id])
    if not known:
        if reward.amount_minor:
            # Posted before the row: it takes the locks and refuses what budget and cap do not allow, so that a caller
            # who goes on after a refusal leaves no reward without money behind.
            reward = await _reserve(tx, reward, earned, at)
        await _write(tx, reward, at)
        known = await rows.rewards_by_id(tx, [reward.id])
    standing = known[0]
    if _terms(standing) != _terms(reward):
        raise Conflict(
            f"The reward {reward.business_key} was issued with other terms.",
            f"It stands at {money_text(standing.wanted_minor, standing.currency)}.",
            code="key_reused",
        )
    return standing


async def _write(tx: Tx, reward: Reward, at: datetime) -> None:
    if not await rows.insert_reward(tx, reward):
        return
    await rows.insert_moves(
        tx, [rows.Step(reward.id, "", reward.state, SYSTEM, reward.review or reward.pending_for, at)]
    )
    await audit.write(
        tx, SYSTEM, "reward.issued", f"reward:{reward.id}",
        {"business_key": reward.business_key, "amount_minor": reward.amount_minor, "currency": reward.currency,
         "state": reward.state},
    )  # fmt: skip


def _terms(reward: Reward) -> tuple[object, ...]:
    return (reward.advocate_id, reward.offer_id, reward.incentive, reward.wanted_minor, reward.currency)


def _new_reward(workspace_id: int, earned: Earned, at: datetime) -> Reward:
    waits = bool(earned.pending_for) or (earned.pending_until is not None and earned.pending_until > at)
    return Reward(
        id=content_id("reward", str(workspace_id), earned.business_key), business_key=earned.business_key,
        advocate_id=earned.advocate_id, advocate_name="", advocate_email="", program_id=earned.program_id,
        offer_id=earned.offer_id, conversion_id=earned.conversion_id, role=earned.role, incentive=earned.incentive,
        label=earned.label, amount_minor=earned.money.minor, currency=earned.money.currency,
        state="pending" if waits else "review" if earned.review else "held",
        reason=earned.reason, review=earned.review, asked_by=earned.asked_by, hold_until=earned.hold_until, created_at=at,
        approved_by=None, approved_at=None, payout_id=None, wanted_minor=earned.money.minor, issued_minor=earned.money.minor,
        beneficiary=earned.beneficiary, part=earned.part, pending_for=earned.pending_for,
        pending_until=earned.pending_until if waits else None, expires_at=earned.expires_at,
    )  # fmt: skip


async def _reserve(tx: Tx, reward: Reward, earned: Earned, at: datetime) -> Reward:
    """Post the reward's money out of its budget and caps; returns the reward as it was issued, perhaps capped."""
    currency = reward.currency
    source = await _source(tx, earned, at)
    limits = await _limits(tx, earned, at)
    fits = reward.amount_minor
    if earned.capped_ok:
        fits = await _fitting(tx, fits, [source, *(limit for limit, _ in limits)])
        if fits < reward.amount_minor and earned.cap_policy == "all_or_nothing":
            fits = 0
    if fits:
        lines = [Line(source, -fits), Line(Account("held", f"advocate:{reward.advocate_id}", currency), fits)]
        for limit, counter in limits:
            lines += [Line(limit, -fits), Line(counter, fits)]
        await post(tx, f"reward:{reward.id}:issue", "reward.issued", "A reward was earned.", lines, at)
    if fits == reward.amount_minor:
        return reward
    wanted, got = money_text(reward.wanted_minor, currency), money_text(fits, currency)
    why = f"{reward.reason} Of {wanted}, {got if fits else 'nothing'} was left in its budget and caps.".strip()
    return replace(
        reward, amount_minor=fits, issued_minor=fits, reason=why, state=reward.state if fits else "capped",
        pending_for=reward.pending_for if fits else "", pending_until=reward.pending_until if fits else None,
    )  # fmt: skip


async def _source(tx: Tx, earned: Earned, at: datetime) -> Account:
    """The narrowest budget there is: of the group before the program, of the month before the year; else expense."""
    currency, owners = earned.money.currency, [f"program:{earned.program_id}"]
    if earned.group_id is not None:
        owners.insert(0, f"group:{earned.group_id}")
    wanted = [budget_account(owner, period, currency, at) for owner in owners for period in PERIODS]
    there = await tables.which_exist(tx, wanted)
    return next((a for a in wanted if a in there), Account("expense", owners[-1], currency))


def budget_account(owner: str, period: Period, currency: str, at: datetime) -> Account:
    """The account of a budget of `program:1` or `group:2`, for all time or for the period `at` falls into."""
    return Account("budget", f"{owner} {period_of(period, at)}".strip(), currency)


async def _limits(tx: Tx, earned: Earned, at: datetime) -> list[tuple[Account, Account]]:
    """The allowances this reward counts down, each with its counter-account; their floors follow the caps as they are now."""
    currency, found = earned.money.currency, []
    if earned.cap_minor is not None:
        allowance = Account("allowance", f"offer:{earned.offer_id} advocate:{earned.advocate_id}", currency)
        found.append((allowance, Account("allowed", f"offer:{earned.offer_id}", currency), earned.cap_minor))
    for cap in sorted(set(earned.caps), key=lambda c: (c.of, c.period, c.minor)):
        name = f"{cap.of} {period_of(cap.period, at)}".strip()
        found.append(
            (Account("allowance", f"cap {name}", currency), Account("allowed", f"cap {name}", currency), cap.minor)
        )
    if len({limit for limit, _, _ in found}) != len(found):
        raise BadInput("Two caps limit the same thing in the same period.", "State the smaller one.")
    for limit, _, minor in found:
        await tables.set_cap(tx, limit, minor)
    return [(limit, counter) for limit, counter, _ in found]


async def _fitting(tx: Tx, wanted: int, accounts: Sequence[Account]) -> int:
    """How much of `wanted` all these accounts can give, under their locks."""
    await tables.open_accounts(tx, sorted(accounts))
    standings = await tables.lock_accounts(tx, sorted(accounts))
    room = [s.balance_minor - s.floor_minor for s in standings.values() if s.floor_minor is not None]
    return max(0, min([wanted, *room]))
