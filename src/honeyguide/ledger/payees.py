"""Where advocates are paid: an account is proposed, confirmed by the advocate, and paid to after a cooling-off period.

The period begins with the confirmation of every account but the first: who has taken over a mailbox or an operator's seat
cannot change an account and be paid the same day. Accounts come in sealed; nothing here can read one.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from honeyguide.core.errors import Conflict, NotFound
from honeyguide.core.ids import digest, new_id, new_token
from honeyguide.db import Tx, audit, outbox
from honeyguide.ledger import payee_rows as rows
from honeyguide.ledger.payee_rows import Payee

MAIL = "payee.mail"
_VALID = timedelta(days=7)


async def propose_payee(
    tx: Tx, advocate_id: UUID, kind: str, sealed: bytes, masked: str, country: str, fingerprint: bytes, actor: str,
    now: datetime,
) -> tuple[Payee, str]:  # fmt: skip
    """Note a new account; nothing is paid to it until the advocate confirms. Returns it and the token for their mail.

    Another proposal of the kind that waits is withdrawn. Raises NotFound when there is no such advocate.
    """
    if not await rows.advocate_exists(tx, advocate_id):
        raise NotFound("There is no such advocate.")
    token, ident = new_token("hgp"), new_id()
    await rows.withdraw_proposed(tx, advocate_id, kind)
    await rows.insert(
        tx, ident, advocate_id, kind, sealed, masked, country, fingerprint, digest(token), actor, now
    )  # fmt: skip
    await audit.write(tx, actor, "payee.proposed", f"payee:{ident}", {"kind": kind})
    found = await rows.one(tx, ident)
    assert found is not None  # noqa: S101  # inserted above
    return found, token


async def confirm_payee(tx: Tx, token: str, cooling: timedelta, now: datetime) -> Payee:
    """The advocate's yes, by the token of their mail. The first account counts at once, a changed one after `cooling`.

    Confirming again changes nothing. Raises NotFound for no or an old proposal, Conflict when it was withdrawn.
    """
    found = await rows.by_token(tx, digest(token))
    if found is None:
        raise NotFound("This link is not valid any more.", advice="Ask for a new one.")
    if found.state == "confirmed":
        return found
    if found.state != "proposed" or now - found.proposed_at > _VALID:
        raise Conflict("This account cannot be confirmed any more.", "It was replaced, or a week has passed.",
                       advice="Enter it again.", code="too_late")  # fmt: skip
    first = not await rows.ever_confirmed(tx, found.advocate_id)
    await rows.replace_confirmed(tx, found.advocate_id, found.kind)
    await rows.confirm(tx, found.id, now, now if first else now + cooling)
    await audit.write(tx, f"advocate:{found.advocate_id}", "payee.confirmed", f"payee:{found.id}", {"kind": found.kind})
    return await rows.one(tx, found.id) or found


async def withdraw_payee(tx: Tx, payee_id: UUID, actor: str) -> None:
    """Take an account out of use; payments wait for another. Raises NotFound."""
    found = await rows.one(tx, payee_id, lock=True)
    if found is None:
        raise NotFound("There is no such account.")
    if found.state in ("proposed", "confirmed"):
        await rows.withdraw(tx, payee_id)
        await audit.write(tx, actor, "payee.withdrawn", f"payee:{payee_id}", {"kind": found.kind})


async def forget_payees(tx: Tx, record_ids: list[int]) -> None:
    """At an erasure: accounts and tax numbers of a person's records go; payments keep amounts and the provider's ids."""
    await rows.forget(tx, record_ids)


async def payees_of(tx: Tx, advocate_id: UUID) -> list[Payee]:
    """The advocate's accounts, newest first."""
    return await rows.of_advocate(tx, advocate_id)


async def payee_by_token(tx: Tx, token: str) -> Payee:
    """The account a mail's link is about. Raises NotFound."""
    found = await rows.by_token(tx, digest(token))
    if found is None:
        raise NotFound("This link is not valid any more.", advice="Ask for a new one.")
    return found


async def fingerprint_of(tx: Tx, payee_id: UUID) -> bytes:
    """The fingerprint kept with an account, empty when it was erased or there is none."""
    return await rows.fingerprint(tx, payee_id)


def fingerprint(key: bytes, kind: str, account: dict[str, str]) -> bytes:
    """A keyed digest of an account: the same account of two advocates has the same one, and nobody reads it backwards."""
    text = "\x1f".join([kind, *(f"{k}={v}" for k, v in sorted(account.items()) if k != "type")])
    return hmac.digest(key, text.encode(), "sha256")


async def known(tx: Tx, advocate_id: UUID) -> None:
    """Raises NotFound when there is no such advocate."""
    if not await rows.advocate_exists(tx, advocate_id):
        raise NotFound("There is no such advocate.")


async def promise_mail(tx: Tx, made: Payee, token: str, subject: str, words: str, now: datetime) -> None:
    """Promise the confirmation's mail in the proposing transaction, to the advocate's own address whatever the account is."""
    to = await rows.email_of(tx, made.advocate_id)
    await tx.register("payee", digest(token))
    if to:
        await outbox.put(tx, MAIL, str(made.id), {"to": to, "subject": subject, "text": words}, now)
