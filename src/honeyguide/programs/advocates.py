"""The account that accepts terms. Its portal token is shown once; we keep a digest."""

from honeyguide.core import clock, normalise
from honeyguide.core.errors import BadInput
from honeyguide.core.ids import content_id, digest, new_token
from honeyguide.db import Tx
from honeyguide.programs import tables
from honeyguide.programs.terms import Advocate, Group, Program

PORTAL = "hgp"


async def ensure_advocate(
    tx: Tx, record_id: int, name: str, email: str, program: Program, group: Group
) -> tuple[Advocate, str | None]:
    """The advocate of this record in the program, made when there is none, and the portal token when it is new.

    Another record with the same address in the same program is the same account. The group at the first time stays:
    it is the one whose terms were offered. An unknown address ("") is allowed: somebody asked inside the product can add
    it later. Raises BadInput when there is one and it is not an e-mail address.
    """
    found = await find_advocate(tx, record_id, email, program.id)
    if found:
        return found, None
    address = normalise.email(email)
    if address is None and email.strip():
        raise BadInput(f"{email!r} is not an e-mail address.", advice="An advocate needs one to be paid.")
    token = new_token(PORTAL)
    advocate = Advocate(
        id=content_id("advocate", str(tx.workspace_id), str(program.id), str(record_id)),
        record_id=record_id,
        name=name.strip() or (address or "friend").split("@", 1)[0],
        email=address or "",
        program_id=program.id,
        group_id=group.id,
        created_at=clock.now(),
        terms_accepted_at=None,
    )
    if await tables.add_advocate(tx, advocate, digest(token)):
        await tx.register("portal", digest(token))
        return advocate, token
    again = await find_advocate(tx, record_id, email, program.id)  # another transaction was faster
    if again is None:
        raise RuntimeError("an advocate vanished while it was made")
    return again, None


async def find_advocate(tx: Tx, record_id: int, email: str, program_id: int) -> Advocate | None:
    """The account of this record, or of the same address, in a program."""
    return await tables.advocate_of(tx, record_id, normalise.email(email) or "", program_id)


async def renew_portal_token(tx: Tx, advocate: Advocate) -> str:
    """A new portal token (shown once); the former one stops working in the same transaction."""
    token = new_token(PORTAL)
    former = await tables.replace_portal_digest(tx, advocate.id, digest(token))
    if former:
        await tx.unregister("portal", former)
    await tx.register("portal", digest(token))
    return token
