"""Personal links: a code people can read aloud, found without knowing its workspace."""

import re
import unicodedata

from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.core.ids import digest, new_id, short_code
from honeyguide.db import Tx
from honeyguide.programs import tables
from honeyguide.programs.terms import Advocate, Link

_CODE = re.compile(r"([a-z0-9]{1,16})-([2-9A-HJKMNP-Z]{6,12})")
_TRIES = 8


def name_part(name: str) -> str:
    """The readable half of a code: the first name in plain small letters, `friend` when there is none."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    first = next((w for w in re.split(r"[\s,.@_]+", plain) if w), "")
    letters = re.sub(r"[^a-z0-9]", "", first.casefold())[:12]
    return letters or "friend"


def canonical_code(text: str) -> str | None:
    """The one spelling of a code however it was typed (`Maya 7q4kx9`, `MAYA-7Q4KX9`), or None when it is none."""
    head, dash, tail = text.strip().replace(" ", "-").rpartition("-")
    code = f"{head.casefold()}-{tail.upper()}" if dash else ""
    return code if _CODE.fullmatch(code) else None


async def ensure_link(tx: Tx, advocate: Advocate) -> Link:
    """The advocate's personal link, made when there is none; its code is registered in the directory as `link`.

    Six random symbols carry about 30 bits, so codes cannot be listed by guessing names. Raises Conflict when no free
    code was found (which a healthy random source never causes).
    """
    await tables.lock_advocate(tx, advocate.id)
    found = await tables.link_of(tx, advocate.id)
    if found:
        return found
    program = await tables.program(tx, advocate.program_id)
    for _ in range(_TRIES):
        code = f"{name_part(advocate.name)}-{short_code()}"
        if not await tables.claim(tx, "link", digest(code)):
            continue
        link = Link(
            id=new_id(),
            code=code,
            advocate_id=advocate.id,
            program_id=advocate.program_id,
            group_id=advocate.group_id,
            destination=program.terms.destination,
            created_at=clock.now(),
            disabled_at=None,
        )
        await tables.add_link(tx, link)
        return link
    raise Conflict("No free link code was found.", advice="Try again.")


async def find_link(tx: Tx, code: str) -> Link | None:
    """The link of a code in this workspace, however the code was typed; None when unknown or switched off."""
    canonical = canonical_code(code)
    return await tables.link_by_code(tx, canonical) if canonical else None
