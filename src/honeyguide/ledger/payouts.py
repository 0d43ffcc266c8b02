"""Payouts: requested by one person, approved by another, exported, and paid with the bank's reference."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Tx, audit
from honeyguide.ledger import disburse, payee_rows, settling, tax
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.payout_moves import check_payable, into_payout
from honeyguide.ledger.rail import Instruction, Rail, plain_reference
from honeyguide.ledger.reversing import owed
from honeyguide.ledger.sheets import Payment, Sheet, SheetLine, to_csv
from honeyguide.ledger.states import Payout, Reward, why_not_approve_payout

_MOST_REWARDS = 5_000
Unseal = Callable[[bytes], dict[str, object]]


class PayoutView(Struct, frozen=True):
    """A payout with its rewards, and what one operator may do with it."""

    payout: Payout
    rewards: list[Reward]
    can_approve: bool
    why_not: str | None


async def request_payout(tx: Tx, reward_ids: Sequence[UUID], rail: str, actor: str, now: datetime) -> Payout:
    """Put payable rewards of one currency into a payout: available -> in_payout, less what their advocates owe.

    Asking again for exactly the rewards of a payout one requested, while it waits, returns that payout (a lost
    answer can be repeated). Raises BadInput on an empty or mixed list, Conflict on a reward in another state or an
    advocate who has not accepted the terms, NotFound.
    """
    wanted = sorted(set(reward_ids))
    if not wanted or len(wanted) > _MOST_REWARDS:
        raise BadInput(f"A payout takes 1 to {_MOST_REWARDS} rewards; {len(wanted)} were given.")
    if not rail.strip():
        raise BadInput("A payout needs a rail.", "`manual` pays by hand.")
    chosen = await rows.rewards_by_id(tx, wanted, lock=True)
    if len(chosen) != len(wanted):
        raise NotFound("One of these rewards does not exist.", "Nothing was requested.")
    repeated = await _requested_before(tx, chosen, actor)
    if repeated:
        return repeated
    _check_payable(chosen, now)
    if names := await rows.without_terms(tx, [r.advocate_id for r in chosen]):
        raise Conflict(
            f"{', '.join(names)} cannot be paid yet.", "The program's terms are not accepted.",
            advice="They accept them on their own page; their mail carries its link.", code="terms_not_accepted",
        )  # fmt: skip
    setup = await lines.rails(tx, rail.strip())
    if setup and setup[0].sends and len({r.advocate_id for r in chosen}) > 1:
        raise BadInput(
            "This rail pays one person a payout.", "What becomes of one payment must not hang on another's.",
            advice="Request one payout per advocate.", code="one_advocate",
        )  # fmt: skip
    await tax.refuse_untaxed(tx, await _by_advocate(tx, chosen), chosen[0].currency, now)
    payout_id = new_id()
    inside = await into_payout(tx, chosen, payout_id, actor, now)
    total = sum(r.pay_minor for r in inside)
    made = Payout(
        payout_id, rail.strip(), "requested", chosen[0].currency, total, len(chosen), actor, now, None, None, None, None, "",
    )  # fmt: skip
    await rows.insert_payout(tx, made)
    await audit.write(
        tx, actor, "payout.requested", f"payout:{made.id}", {"rewards": len(chosen), "total_minor": made.total_minor}
    )
    return made


async def _by_advocate(tx: Tx, chosen: list[Reward]) -> dict[tuple[UUID, str], int]:
    """What each advocate would be paid, less what they owe."""
    sums: dict[tuple[UUID, str], int] = {}
    for one in chosen:
        key = (one.advocate_id, one.advocate_name)
        sums[key] = sums.get(key, 0) + one.amount_minor
    currency = chosen[0].currency
    return {key: max(0, minor - await owed(tx, key[0], currency)) for key, minor in sums.items()}


async def request_payouts(tx: Tx, reward_ids: Sequence[UUID], rail: str, actor: str, now: datetime) -> list[Payout]:
    """As `request_payout`, and for a rail that pays one person a payout one payout per advocate. All or none."""
    setup = await lines.rails(tx, rail.strip())
    if not setup or not setup[0].sends:
        return [await request_payout(tx, reward_ids, rail, actor, now)]
    groups: dict[UUID, list[UUID]] = {}
    for found in await rows.rewards_by_id(tx, sorted(set(reward_ids)), lock=True):
        groups.setdefault(found.advocate_id, []).append(found.id)
    if sum(len(ids) for ids in groups.values()) != len(set(reward_ids)):
        raise NotFound("One of these rewards does not exist.", "Nothing was requested.")
    return [await request_payout(tx, ids, rail, actor, now) for _, ids in sorted(groups.items())]


async def _requested_before(tx: Tx, chosen: list[Reward], actor: str) -> Payout | None:
    """The waiting payout of this person that holds exactly these rewards."""
    payout_id = chosen[0].payout_id
    if payout_id is None or any(r.payout_id != payout_id for r in chosen):
        return None
    found = await rows.payout_by_id(tx, payout_id)
    if found is None or found.lines != len(chosen) or found.state != "requested" or found.requested_by != actor:
        return None
    return found


def _check_payable(chosen: list[Reward], now: datetime) -> None:
    for found in chosen:
        if found.amount_minor == 0 and not found.issued_minor and found.state != "capped":
            raise BadInput(f"The reward '{found.label}' is worth no money.", "It is granted by approving it.")
    check_payable(chosen, now)
    currencies = sorted({r.currency for r in chosen})
    if len(currencies) > 1:
        raise BadInput(
            f"A payout has one currency; these rewards have {', '.join(currencies)}.", "Make one payout each."
        )


async def _locked(tx: Tx, payout_id: UUID) -> Payout:
    found = await rows.payout_by_id(tx, payout_id, lock=True)
    if found is None:
        raise NotFound("There is no such payout.")
    return found


async def _again(tx: Tx, payout_id: UUID) -> Payout:
    found = await rows.payout_by_id(tx, payout_id)
    if found is None:
        raise NotFound("There is no such payout.")
    return found


async def approve_payout(tx: Tx, payout_id: UUID, actor: str, now: datetime) -> Payout:
    """Requested -> approved, by somebody who neither requested it nor is paid by it.

    Approving again what one approved oneself changes nothing. Raises Forbidden, Conflict, NotFound.
    """
    found = await _locked(tx, payout_id)
    if found.approved_by == actor and found.state == "approved":
        return found
    inside = await rows.rewards_of_payout(tx, payout_id)
    refusal = why_not_approve_payout(found, inside, actor)
    if refusal and found.state == "requested":
        raise Forbidden("You cannot approve this payout.", refusal)
    if refusal:
        raise Conflict("The payout cannot be approved.", refusal, code="not_approvable")
    await rows.set_payout_approved(tx, payout_id, actor, now)
    await disburse.promise(tx, found, inside, now)
    await audit.write(tx, actor, "payout.approved", f"payout:{payout_id}", {"total_minor": found.total_minor})
    return await _again(tx, payout_id)


async def cancel_payout(tx: Tx, payout_id: UUID, actor: str, reason: str, now: datetime) -> Payout:
    """Give up a payout that is not paid: its rewards are payable again, their money available.

    Cancelling twice changes nothing. Raises BadInput without a reason, Conflict when it was paid, NotFound.
    """
    if not reason.strip():
        raise BadInput("Cancelling a payout needs a reason.")
    found = await _locked(tx, payout_id)
    if found.state == "cancelled":
        return found
    if found.state == "paid":
        raise Conflict("The payout was paid.", f"The bank's reference is {found.reference}.", code="already_paid")
    made = await lines.of_payout(tx, payout_id, lock=True)
    if any(one.state in ("unknown", "sent") for one in made):
        raise Conflict(
            "The payout cannot be cancelled.", "The provider was asked to pay and may have done so.",
            advice="Wait for its answer, or mark the payout as paid with the provider's reference.", code="in_flight",
        )  # fmt: skip
    await settling.release(tx, found, "payout.cancelled", actor, reason.strip(), now)
    for one in made:
        await lines.set_state(tx, one.id, "cancelled", "", None, now, None)
    await audit.write(tx, actor, "payout.cancelled", f"payout:{payout_id}", {"reason": reason.strip()})
    return await _again(tx, payout_id)


async def sheet_of(tx: Tx, payout_id: UUID) -> Sheet:
    """An approved payout as a sheet. Raises Conflict before approval and after cancelling, NotFound."""
    found = await _again(tx, payout_id)
    if found.state not in ("approved", "exported", "paid") or found.approved_by is None or found.approved_at is None:
        raise Conflict(
            "The payout cannot be exported.",
            f"It is {found.state}; a second person approves it first.",
            code="not_exportable",
        )
    inside = await rows.rewards_of_payout(tx, payout_id)
    lines = tuple(
        SheetLine(r.id, r.advocate_name, r.advocate_email, r.incentive, r.label, r.reason, r.pay_minor)
        for r in inside
        if r.pay_minor
    )
    if sum(line.amount_minor for line in lines) != found.total_minor:
        raise Conflict("The payout's lines do not add up to its total.", advice="Run `honeyguide ledger verify`.")
    return Sheet(payout_id, found.currency, found.total_minor, found.approved_by, found.approved_at, lines)


async def export_payout(tx: Tx, payout_id: UUID, actor: str = "") -> bytes:
    """The payout as CSV (one line a reward, total last); it is `exported` from then on. Same payout, same bytes.

    `actor` is written to the audit trail when given. Raises Conflict before approval, NotFound.
    """
    await _locked(tx, payout_id)
    body = to_csv(await sheet_of(tx, payout_id))
    await _mark_exported(tx, payout_id, actor)
    return body


async def hand_over(
    tx: Tx, payout_id: UUID, rail: Rail, actor: str, *, payee_kind: str = "", unseal: Unseal | None = None,
    now: datetime | None = None,
) -> Instruction:  # fmt: skip
    """The payout as its rail takes it; it is `exported` from then on. `unseal` opens accounts for a rail that pays into them.

    Raises Conflict when it was requested for another rail, is not approved, or an account is missing or too new,
    BadInput when the rail cannot pay a line.
    """
    found = await _locked(tx, payout_id)
    if found.rail != rail.name:
        raise Conflict(f"The payout goes over '{found.rail}', not '{rail.name}'.", code="other_rail")
    sheet = await sheet_of(tx, payout_id)
    for line in sheet.lines:
        if not rail.accepts(line.incentive, sheet.currency):
            raise BadInput(
                f"The rail '{rail.name}' cannot pay a {line.incentive} in {sheet.currency}.", f"It is for {line.label}."
            )
    if payee_kind and unseal is not None and now is not None:
        sheet = structs.replace(sheet, payments=await _payments(tx, payout_id, payee_kind, unseal, now))
    instruction = rail.render(sheet)
    await _mark_exported(tx, payout_id, actor)
    return instruction


async def _payments(tx: Tx, payout_id: UUID, kind: str, unseal: Unseal, now: datetime) -> tuple[Payment, ...]:
    """What each advocate gets and where. An account a file was made with is kept for the next file of the payout."""
    made, refused = [], []
    for line in await lines.of_payout(tx, payout_id, lock=True):
        if not line.amount_minor:
            continue
        payee, why = await payee_rows.usable(tx, line.advocate_id, kind, line.payee_id, now)
        if payee is None:
            refused.append(f"{line.advocate_name}: {why}")
            continue
        await lines.set_payee(tx, line.id, payee.id)
        made.append(Payment(line.id, line.advocate_name, unseal(payee.sealed), line.amount_minor, line.label))
    if refused:
        raise Conflict("Some of these payments have nowhere to go.", " ".join(refused[:10]), code="no_account",
                       advice="Cancel the payout and request it without them, or wait.")  # fmt: skip
    return tuple(made)


async def _mark_exported(tx: Tx, payout_id: UUID, actor: str) -> None:
    found = await _again(tx, payout_id)
    if found.state == "approved":
        await rows.set_payout_state(tx, payout_id, "exported")
    if actor:
        await audit.write(tx, actor, "payout.exported", f"payout:{payout_id}", {})


async def mark_paid(tx: Tx, payout_id: UUID, actor: str, reference: str, now: datetime) -> Payout:
    """-> paid, with the bank's reference: the money moves from in_payout to paid.

    The same reference again changes nothing. Raises BadInput without a reference, Conflict before approval or when
    it was paid under another reference, NotFound.
    """
    proof = plain_reference(reference)
    found = await _locked(tx, payout_id)
    if found.state == "paid" and found.reference == proof:
        return found
    if found.state not in ("approved", "exported"):
        raise Conflict(
            "The payout cannot be marked as paid.",
            f"It was paid with the reference {found.reference}." if found.state == "paid" else f"It is {found.state}.",
            code="not_payable",
        )
    await _close(tx, found, actor, proof, now)
    await audit.write(tx, actor, "payout.paid", f"payout:{payout_id}", {"reference": proof})
    return await _again(tx, payout_id)


async def _close(tx: Tx, found: Payout, actor: str, proof: str, now: datetime) -> None:
    """Paid, with its payments: whoever comes to send one of them afterwards finds it settled."""
    await settling.pay(tx, found, actor, proof, now)
    for one in await lines.of_payout(tx, found.id, lock=True):
        if one.state in disburse.OPEN:
            look = now + timedelta(days=1) if one.attempts else None  # a provider that was asked has a word in it, too
            await lines.set_state(tx, one.id, "paid", "", None, now, look)


async def payouts(tx: Tx, after: str | None = None, limit: int = 50) -> list[Payout]:
    """Payouts, newest first; `after` is the last one's id."""
    return await rows.payouts_page(tx, UUID(after) if after else None, limit)


async def payout(tx: Tx, payout_id: UUID, actor: str = "") -> PayoutView:
    """A payout with its rewards, and whether `actor` may approve it (and if not, why). Raises NotFound."""
    found = await _again(tx, payout_id)
    inside = await rows.rewards_of_payout(tx, payout_id)
    refusal = why_not_approve_payout(found, inside, actor)
    return PayoutView(found, inside, refusal is None, refusal)
