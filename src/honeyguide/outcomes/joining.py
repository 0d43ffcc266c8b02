"""Somebody applies to take part in a program: their record and its event, then the program's own rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from honeyguide.core import normalise
from honeyguide.core.errors import BadInput
from honeyguide.core.ids import digest
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.funnel.sources import INTERNAL
from honeyguide.programs import Program, partners
from honeyguide.programs.partners import Application


async def apply_as(
    tx: Tx, program: Program, name: str, email: str, answers: Sequence[str], facts: Mapping[str, Any], now: datetime
) -> Application:
    """Apply for the person behind a mail address; `facts` is what is known of their company and decides about eligibility.

    The same person again, while their application waits or was approved, changes nothing. Raises BadInput, Conflict when
    the program is not live.
    """
    address, told = normalise.email(email), " ".join(name.split())[:200]
    if address is None or not told:
        raise BadInput("An application needs a name and an e-mail address.", "A yes or a no is sent there.")
    traits = {"email": address, "name": told}
    person = RecordRef("persona", INTERNAL, f"email:{address}", (Identifier("email", address),), traits)
    event = own_event(
        f"application:{program.slug}:{digest(address).hex()}", "persona.identified", now, name="Application", ref=program.name,
        person=person,
    )  # fmt: skip
    await append(tx, await internal_source(tx), [event])
    return await partners.apply(tx, program, person.id, told, address, facts, answers, now)
