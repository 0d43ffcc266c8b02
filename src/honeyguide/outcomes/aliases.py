"""Vanity codes: another name for a link, chosen by people. Whose it is never changes, so nobody's old post pays another.

A name has 3 to 40 small letters, digits and dashes. It cannot look like a personal code (which ends in random symbols), nor like words
people would trust on a link of somebody else's (admin, login, support ...).
"""

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from honeyguide import programs
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Row, Tx, audit
from honeyguide.outcomes import alias_rows

_ALIAS = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
_LONGEST = 64
RESERVED = frozenset(
    [
        "admin",
        "administrator",
        "api",
        "app",
        "account",
        "accounts",
        "auth",
        "billing",
        "claim",
        "console",
        "dashboard",
        "help",
        "invoice",
        "login",
        "logout",
        "official",
        "pay",
        "payment",
        "portal",
        "root",
        "security",
        "settings",
        "sign-in",
        "signin",
        "signup",
        "sign-up",
        "support",
        "system",
        "team",
        "test",
        "undefined",
        "null",
        "www",
    ]
)


def alias_text(text: str) -> str | None:
    """The one spelling of a vanity code, or None when it is none: letters of ASCII only, so that no two look alike."""
    name = unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "-").replace("_", "-")
    return name if _ALIAS.fullmatch(name) and "--" not in name else None


def spellings(text: str) -> tuple[str, ...]:
    """The names under which a link may be known by this text: a personal code, a vanity code. Empty for anything else."""
    if len(text) > _LONGEST:
        return ()
    return tuple(n for n in (programs.canonical_code(text), alias_text(text)) if n)


async def link_of_code(tx: Tx, text: str) -> programs.Link | None:
    """The working link of a code or vanity code, however it was typed; None when there is none."""
    if found := await programs.find_link(tx, text):
        return found
    name = alias_text(text)
    code = await alias_rows.code_of_alias(tx, name) if name else None
    return await programs.find_link(tx, code) if code else None


async def add_alias(tx: Tx, link_id: UUID, text: str, actor: str, at: datetime) -> str:
    """Give a link a vanity code; the same again changes nothing. Raises BadInput, NotFound, Conflict."""
    name = alias_text(text)
    if name is None:
        raise BadInput(
            "A vanity code has 3 to 40 letters, digits and dashes.", "It begins and ends with a letter or digit."
        )
    if name in RESERVED:
        raise BadInput(f"The code {name} is kept back.", "People would take it for something else than an invitation.")
    if programs.canonical_code(name):
        raise BadInput("This looks like a personal code.", "Those end in six random symbols and are made by us.")
    if await alias_rows.link_by_id(tx, link_id) is None:
        raise NotFound("There is no such link, or it was switched off.")
    known = await alias_rows.alias(tx, name)
    if known is not None and known["link_id"] == link_id and known["disabled_at"] is None:
        return name
    if known is not None or not await alias_rows.claim(tx, "link", name):
        raise Conflict(f"The code {name} is taken.", "A code belongs to its first link for ever.", code="alias_taken")
    await alias_rows.insert_alias(tx, name, link_id, actor, at)
    await audit.write(tx, actor, "link.alias", f"link:{link_id}", {"alias": name})
    return name


async def disable_alias(tx: Tx, text: str, actor: str, at: datetime) -> None:
    """Switch a vanity code off. It stays its link's: nobody else gets it. Raises NotFound."""
    name = alias_text(text)
    if name is None or not await alias_rows.disable_alias(tx, name, at):
        raise NotFound("There is no such vanity code.")
    await audit.write(tx, actor, "link.alias_off", f"alias:{name}", {})


async def aliases_of(tx: Tx, link_id: UUID | None = None) -> list[Row]:
    """The vanity codes of a link, or of all."""
    return await alias_rows.aliases(tx, link_id)


async def links(tx: Tx, words: str | None, after: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[Row]:
    """Links with their advocates, vanity codes, clicks of people and referrals, newest first."""
    return await alias_rows.links(tx, like(words), after, limit)


async def count_links(tx: Tx, words: str | None) -> int:
    """How many there are."""
    return await alias_rows.count_links(tx, like(words))


async def code_of(tx: Tx, link_id: UUID) -> str:
    """The code of a working link. Raises NotFound."""
    row = await alias_rows.link_by_id(tx, link_id)
    if row is None:
        raise NotFound("There is no such link, or it was switched off.")
    return str(row["code"])


def like(words: str | None) -> str | None:
    """Words as a pattern that matches them anywhere and nothing else; None without any."""
    if not words or not words.strip():
        return None
    plain = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
