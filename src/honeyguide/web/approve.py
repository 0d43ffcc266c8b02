"""Approving an ask: decision, advocate account, personal link and message in one transaction, or none of them."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from honeyguide import decisions, delivery, programs
from honeyguide.core.errors import Conflict
from honeyguide.db import Tx, workspace
from honeyguide.decisions import follow_up
from honeyguide.delivery import AskMessage, Message
from honeyguide.programs import Group, Offer, Program
from honeyguide.web.reads import asks as reads


async def approve(
    tx: Tx, ask_id: UUID, actor: str, edits: decisions.Edits, *, base_url: str, now: datetime
) -> tuple[decisions.AskRow, Message]:
    """Approve and queue. Consent or the contact budget may still block the message: it then says why.

    Raises what `decisions.approve` raises, and BadInput when the text needs a field this person does not have; then
    nothing was changed and the ask can be mended.
    """
    row = await decisions.approve(tx, ask_id, actor, edits, now)
    person = await _person(tx, row)
    offer = await programs.offer(tx, row.offer_id)
    program, group = await _terms(tx, offer)
    advocate, token = await programs.ensure_advocate(tx, row.record_id, person.name, person.email, program, group)
    link = await programs.ensure_link(tx, advocate)
    written = AskMessage(
        ask_id=str(row.id),
        record_id=row.record_id,
        company_record_id=row.company_record_id,
        channel=row.channel,
        to_address=person.email,
        subject=row.subject,
        body=row.body,
        link=f"{base_url}/r/{link.code}",
        portal_link="",
        workspace=(await workspace(tx)).name,
        timezone=person.timezone,
        fields=_fields(person, offer),
    )

    def message(portal_link: str) -> AskMessage:
        return structs.replace(written, portal_link=portal_link)

    delivery.compose(message(f"{base_url}/p/"), f"{base_url}/u/")  # text that cannot be sent stops here
    if token is None and await delivery.refusal(tx, message(""), now) is None:
        # The page's address is kept as a digest only; a new message brings a new address for it.
        token = await programs.renew_portal_token(tx, advocate)
    portal_link = f"{base_url}/p/{token}" if token else ""
    queued = await delivery.queue_message(tx, message(portal_link), base_url=base_url, actor=actor, now=now)
    return row, queued


async def remind(tx: Tx, ready: follow_up.Ready, *, base_url: str, now: datetime) -> Message | None:
    """Take a due reminder and queue its message: the ask's link and offer, the reminder's words and channel.

    None when somebody was faster. Consent or the contact budget may still block the message, which cancels the reminder.
    Raises Conflict when the person, their account or the offer is gone.
    """
    row, planned = ready.ask, ready.row
    person = await _person(tx, row)
    offer = await programs.offer(tx, row.offer_id)
    program, _ = await _terms(tx, offer)
    advocate = await programs.find_advocate(tx, row.record_id, person.email, program.id)
    if advocate is None:
        raise Conflict("The advocate's account is gone.")
    link = await programs.ensure_link(tx, advocate)
    message = AskMessage(
        ask_id=str(row.id),
        record_id=row.record_id,
        company_record_id=row.company_record_id,
        channel=planned.channel,
        to_address=person.email,
        subject=ready.draft.subject,
        body=ready.draft.body,
        link=f"{base_url}/r/{link.code}",
        portal_link="",  # the address of the page in the first message stays the one that works
        workspace=(await workspace(tx)).name,
        timezone=person.timezone,
        fields=_fields(person, offer),
        follow_up=planned.number,
    )
    # Contact locks before the reminder's row, in the order an unsubscription takes them.
    await delivery.refusal(tx, message, now)
    if not await follow_up.claim(tx, row.id, planned.number, now):
        return None
    return await delivery.queue_message(tx, message, base_url=base_url, actor="honeyguide", now=now)


async def _person(tx: Tx, row: decisions.AskRow) -> reads.AskedPerson:
    person = await reads.person_of_record(tx, row.record_id)
    if person is None:
        raise Conflict("The person of this ask is not known any more.", "Their record is gone.")
    return person


def _fields(person: reads.AskedPerson, offer: Offer) -> dict[str, str]:
    return {
        "first_name": _first_name(person.name), "name": person.name, "title": person.title, "company": person.company,
        "offer": offer.label,
    }  # fmt: skip


def _first_name(name: str) -> str:
    """The first word of a name; the draft already carries the one that was checked."""
    return name.split(maxsplit=1)[0] if name.split() else ""


async def _terms(tx: Tx, offer: Offer) -> tuple[Program, Group]:
    for program in await programs.programs(tx):
        for group in await programs.groups(tx, program.id, retired=True):
            if group.id == offer.group_id:
                return program, group
    raise Conflict("The offer of this ask belongs to no program any more.", advice="Choose another offer.")
