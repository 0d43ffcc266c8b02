"""Payments over rails that call: promised with the approval, asked under one key, settled once by what the provider says.

Every step is one transaction, and between any two of them the process may die:

1. approving writes the payment and a row of the outbox;
2. `claim` says "unknown" before the provider is called, so that a call whose answer is lost is never taken for a failure;
3. `answered` writes the answer down, `looked` what a later look says; only then do the books move.

A repeat is sent under the same key, which the provider recognises. A webhook settles nothing: it makes us look.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.core.money import money_text
from honeyguide.db import Tx, audit, outbox
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import payee_rows, settling
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.disbursement_rows import Disbursement
from honeyguide.ledger.rail import Answer, Notice, Order, Refused, Status, Unknown
from honeyguide.ledger.states import Payout, Reward

TOPIC = "payout"
_KEY = "hg-"
# How long until the next look, by how often we have looked. Money on its way takes minutes to days.
_LOOKS_S = (60, 300, 1_800, 7_200, 21_600, 86_400)
_PAID_LOOKS = (timedelta(days=1), timedelta(days=7))  # a payment can come back after it was made
_HELD_S = 3_600
OPEN = frozenset({"promised", "unknown", "sent"})


class Claim(Struct, frozen=True):
    """A payment to be asked for now. `again`: it was asked for before. `sealed`: the account, None without one."""

    entry: outbox.Entry
    line: Disbursement
    again: bool
    sealed: bytes | None


def topic_of(rail: str) -> str:
    """The outbox's topic of a rail."""
    return f"{TOPIC}.{rail}"


async def promise(tx: Tx, found: Payout, inside: list[Reward], now: datetime) -> list[Disbursement]:
    """Write what each advocate gets of an approved payout, and for a rail that calls the outbox row; in the approving transaction."""
    setup = await lines.rails(tx, found.rail)
    by_advocate: dict[UUID, list[Reward]] = {}
    for reward in inside:
        by_advocate.setdefault(reward.advocate_id, []).append(reward)
    made = []
    for advocate_id, theirs in sorted(by_advocate.items()):
        netted, amount = sum(r.netted_minor for r in theirs), sum(r.pay_minor for r in theirs)
        one = Disbursement(
            content_id("disbursement", str(tx.workspace_id), str(found.id), str(advocate_id)), found.id, advocate_id,
            theirs[0].advocate_name, theirs[0].advocate_email, found.rail, theirs[0].incentive, theirs[0].label[:200],
            found.currency, netted + amount, netted, amount, None, "promised", "", None, "", 0, 0, now, None, None, None,
        )  # fmt: skip
        await lines.insert(tx, one)
        made.append(one)
    if setup and setup[0].sends:
        for one in made:
            if one.amount_minor:
                await outbox.put(tx, topic_of(found.rail), str(one.id), {"disbursement": str(one.id)}, now)
    return made


async def claim(tx: Tx, rail: str, interval_ms: int, now: datetime) -> Claim | None:
    """The next payment to ask for, marked as unknown; None when nothing is due or the rail's turn has not come.

    Commit before calling the provider.
    """
    setup = await lines.rails(tx, rail, lock=True)
    if not setup or not setup[0].enabled or setup[0].next_call_at > now:
        return None
    for entry in await outbox.take(tx, topic_of(rail), 1, now):
        line = await lines.by_id(tx, UUID(entry.payload["disbursement"]), lock=True)
        if line is None or line.state not in ("promised", "unknown"):
            await outbox.done(tx, entry.id, {"skipped": line.state if line else "gone"})
            continue
        payee = None
        if setup[0].payee_kind:
            payee, refusal = await payee_rows.usable(tx, line.advocate_id, setup[0].payee_kind, line.payee_id, now)
            if payee is None:
                await _hold(tx, entry, line, refusal, now)
                continue
        await lines.put_off_calls(tx, rail, now + timedelta(milliseconds=interval_ms))
        await lines.asking(tx, line.id, payee.id if payee else None, now, now + _wait(line.looks))
        await rows.set_payout_state(tx, line.payout_id, "exported")
        fresh = await lines.by_id(tx, line.id)
        return Claim(entry, fresh or line, line.attempts > 0, payee.sealed if payee else None)
    return None


async def _hold(tx: Tx, entry: outbox.Entry, line: Disbursement, why: str, now: datetime) -> None:
    """Not now: nothing was asked for, and the try does not count."""
    await tx.run(
        "update outbox set due_at = $3, attempts = attempts - 1, failure = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, entry.id, now + timedelta(seconds=_HELD_S), why,
    )  # fmt: skip
    await lines.set_problem(tx, line.id, why)


def _wait(looks: int) -> timedelta:
    return timedelta(seconds=_LOOKS_S[min(looks, len(_LOOKS_S) - 1)])


async def answered(tx: Tx, entry: outbox.Entry, line_id: UUID, answer: Answer, now: datetime) -> Disbursement:
    """Write down what the provider answered; the books move when it is final. The same answer again changes nothing."""
    line = await locked(tx, line_id)
    if isinstance(answer, Unknown):
        if answer.wait_s:
            await lines.put_off_calls(tx, line.rail, now + timedelta(seconds=answer.wait_s))
        if not await outbox.retry(tx, entry, answer.reason, now) and line.state == "unknown":
            await lines.set_problem(
                tx, line.id, f"Nobody knows whether it was paid: {answer.reason} Look it up at the provider."
            )
        return await locked(tx, line_id)
    await outbox.done(tx, entry.id, {"answer": type(answer).__name__.lower()})
    if isinstance(answer, Refused):
        await _apply(tx, line, Status("refused", reason=answer.reason), now)
    else:
        taken = Status("paid" if answer.paid else "sent", answer.provider_id, answer.reported_minor)
        await _apply(tx, line, taken, now)
    return await locked(tx, line_id)


async def found_again(tx: Tx, entry: outbox.Entry, line_id: UUID, status: Status, now: datetime) -> Disbursement:
    """A repeat was refused, but a look has found what an earlier try did: that is what counts."""
    line = await locked(tx, line_id)
    await outbox.done(tx, entry.id, {"answer": status.standing})
    await _apply(tx, line, status, now)
    return await locked(tx, line_id)


async def looked(tx: Tx, line_id: UUID, status: Status, now: datetime) -> Disbursement:
    """Write down what a look found; late, doubled and disordered news change nothing that stands."""
    line = await locked(tx, line_id)
    if status.wait_s:
        await lines.put_off_calls(tx, line.rail, now + timedelta(seconds=status.wait_s))
    if status.standing == "unknown":
        await lines.look_at(tx, line.id, now + max(_wait(line.looks), timedelta(seconds=status.wait_s)))
    else:
        await _apply(tx, line, status, now)
    return await locked(tx, line_id)


async def locked(tx: Tx, line_id: UUID) -> Disbursement:
    """The payment, its payout's row locked first: everybody takes them in this order. Raises LookupError."""
    seen = await lines.by_id(tx, line_id)
    if seen is None:
        raise LookupError(f"no disbursement {line_id}")
    await rows.payout_by_id(tx, seen.payout_id, lock=True)
    found = await lines.by_id(tx, line_id, lock=True)
    return found or seen


async def _apply(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
    """The table of what news does to a payment in each state."""
    if line.state in OPEN:
        await _open_hears(tx, line, status, now)
    elif line.state == "paid":
        await _paid_hears(tx, line, status, now)
    elif status.standing in ("sent", "paid"):
        what = "is paying" if status.standing == "sent" else "has paid"
        await lines.set_problem(
            tx, line.id, f"The provider {what} this although it was {line.state}. Do not pay it again before this is settled.",
            status.reported_minor,
        )  # fmt: skip
        await lines.look_at(tx, line.id, now + _wait(line.looks))
    else:
        await lines.look_at(tx, line.id, None)


async def _open_hears(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
    again = now + _wait(line.looks)
    if status.standing == "absent":
        problem = "" if line.state != "sent" else "The provider took it and now says it does not know it."
        if problem:
            await lines.set_problem(tx, line.id, problem)
        await lines.look_at(tx, line.id, again)
    elif status.standing in ("refused", "returned"):
        await _refuse(tx, line, status, now)
    elif wrong := _wrong_amount(line, status):
        await lines.set_state(tx, line.id, "sent", status.provider_id, status.reported_minor, None, again, wrong)
    elif status.standing == "sent":
        await lines.set_state(tx, line.id, "sent", status.provider_id, status.reported_minor, None, again)
        await lines.look_at(tx, line.id, again)
    else:
        await _pay(tx, line, status, now)


def _wrong_amount(line: Disbursement, status: Status) -> str:
    said = status.reported_minor
    if said is None or said == line.amount_minor:
        return ""
    return f"The provider says {money_text(said, line.currency)}; {money_text(line.amount_minor, line.currency)} was ordered."


async def _pay(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
    found = await rows.payout_by_id(tx, line.payout_id, lock=True)
    assert found is not None  # noqa: S101  # a payment's payout is a foreign key
    await settling.pay(tx, found, f"rail:{line.rail}", status.provider_id or line.provider_id or str(line.id), now)
    await lines.set_state(
        tx, line.id, "paid", status.provider_id, status.reported_minor, now, now + _PAID_LOOKS[0]
    )  # fmt: skip
    await _tell(tx, line, "payout.paid", {"provider_id": status.provider_id or line.provider_id})


async def _refuse(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
    found = await rows.payout_by_id(tx, line.payout_id, lock=True)
    assert found is not None  # noqa: S101  # see above
    why = status.reason or "The provider refused it."
    await settling.release(tx, found, "payout.refused", f"rail:{line.rail}", why, now)
    await lines.set_state(tx, line.id, "refused", status.provider_id, status.reported_minor, now, None, why)
    await _tell(tx, line, "payout.refused", {"reason": why})


async def _paid_hears(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
    if status.standing == "returned":
        found = await rows.payout_by_id(tx, line.payout_id, lock=True)
        assert found is not None  # noqa: S101  # see above
        why = status.reason or "The payment came back."
        await settling.take_back(tx, found, f"rail:{line.rail}", why, now)
        await lines.set_state(tx, line.id, "returned", status.provider_id, status.reported_minor, None, None, why)
        await _tell(tx, line, "payout.returned", {"reason": why})
        return
    problem = _wrong_amount(line, status)
    if status.standing in ("refused", "absent"):
        problem = f"It stands as paid, and the provider says: {status.reason or status.standing}."
    later = next((line.settled_at + d for d in _PAID_LOOKS if line.settled_at and line.settled_at + d > now), None)
    await lines.set_state(tx, line.id, "paid", status.provider_id, status.reported_minor, None, later, problem)


async def _tell(tx: Tx, line: Disbursement, act: str, detail: dict[str, object]) -> None:
    await audit.write(
        tx, f"rail:{line.rail}", act, f"payout:{line.payout_id}", {**detail, "disbursement": str(line.id)}
    )


async def next_look(tx: Tx, rail: str, interval_ms: int, now: datetime) -> tuple[Disbursement, bytes | None] | None:
    """The payment to look up now, with its account, its turn taken; None when none is due. Commit before calling."""
    setup = await lines.rails(tx, rail, lock=True)
    if not setup or setup[0].next_call_at > now:
        return None
    ident = await lines.to_look_at(tx, rail, now)
    line = await lines.by_id(tx, ident) if ident else None
    if line is None:
        return None
    await lines.put_off_calls(tx, rail, now + timedelta(milliseconds=interval_ms))
    await lines.look_at(tx, line.id, now + _wait(line.looks))
    payee = await payee_rows.one(tx, line.payee_id) if line.payee_id else None
    return line, payee.sealed if payee else None


async def heard(tx: Tx, rail: str, notices: list[Notice], now: datetime) -> int:
    """Webhooks whose signature was checked: each is kept once and makes us look at its payment. How many had one."""
    known = 0
    for one in notices:
        key = _uuid(one.key.removeprefix(_KEY))
        about = await lines.notice(tx, rail, one.id[:200], one.kind[:100], key, one.provider_id, now)
        if about is not None:
            await lines.look_at(tx, about, now, counted=False)
            known += 1
    return known


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def order_of(line: Disbursement, account: dict[str, object]) -> Order:
    """The payment as its rail is asked for it."""
    return Order(
        line.id, line.amount_minor, line.currency, line.incentive, line.label, line.advocate_name, line.advocate_email,
        account, line.provider_id, line.asked_at,
    )  # fmt: skip


async def listed(
    tx: Tx, state: str | None, rail: str | None, after: UUID | None, limit: int, *, problem: bool = False
) -> tuple[list[Disbursement], int]:
    """Payments, newest first from behind `after`, and how many there are; `problem`: only those with one."""
    found = await lines.page(tx, state, rail, after, limit, problem)
    return found, await lines.count(tx, state, rail, problem)
