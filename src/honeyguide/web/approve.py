"""Approving an ask: decision, advocate account, personal link and message in one transaction, or none of them."""

from datetime import datetime
from uuid import UUID

from honeyguide import decisions, delivery, programs
from honeyguide.core.errors import Conflict
from honeyguide.db import Tx, workspace
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
    person = await reads.person_of_record(tx, row.record_id)
    if person is None:
        raise Conflict("The person of this ask is not known any more.", "Their record is gone.")
    offer = await programs.offer(tx, row.offer_id)
    program, group = await _terms(tx, offer)
    advocate, token = await programs.ensure_advocate(tx, row.record_id, person.name, person.email, program, group)
    link = await programs.ensure_link(tx, advocate)
    place = await workspace(tx)
    first = _first_name(person.name)

    def message(portal_link: str) -> AskMessage:
        return AskMessage(
            ask_id=str(row.id),
            record_id=row.record_id,
            company_record_id=row.company_record_id,
            channel=row.channel,
            to_address=person.email,
            subject=row.subject,
            body=row.body,
            link=f"{base_url}/r/{link.code}",
            portal_link=portal_link,
            workspace=place.name,
            timezone=person.timezone,
            fields={
                "first_name": first, "name": person.name, "title": person.title, "company": person.company,
                "offer": offer.label,
            },
        )  # fmt: skip

    delivery.compose(message(f"{base_url}/p/"), f"{base_url}/u/")  # text that cannot be sent stops here
    if token is None and await delivery.refusal(tx, message(""), now) is None:
        # The page's address is kept as a digest only; a new message brings a new address for it.
        token = await programs.renew_portal_token(tx, advocate)
    portal_link = f"{base_url}/p/{token}" if token else ""
    queued = await delivery.queue_message(tx, message(portal_link), base_url=base_url, actor=actor, now=now)
    return row, queued


def _first_name(name: str) -> str:
    """The first word of a name; the draft already carries the one that was checked."""
    return name.split(maxsplit=1)[0] if name.split() else ""


async def _terms(tx: Tx, offer: Offer) -> tuple[Program, Group]:
    for program in await programs.programs(tx):
        for group in await programs.groups(tx, program.id, retired=True):
            if group.id == offer.group_id:
                return program, group
    raise Conflict("The offer of this ask belongs to no program any more.", advice="Choose another offer.")
