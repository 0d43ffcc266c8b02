"""Install a program of the library in a workspace, and answer which group somebody belongs to."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.programs import tables
from honeyguide.programs.catalogue import load
from honeyguide.programs.groups import choose_group
from honeyguide.programs.placing import place
from honeyguide.programs.terms import Group, Program
from honeyguide.programs.versions import LIBRARY, store_live


async def ensure_program(tx: Tx, library_slug: str = "customer-referrals") -> Program:
    """The workspace's program of this slug, installed from the library when it is not there yet.

    One that is there stays as it is: people accepted its terms. Raises NotFound when the library has no such program.
    """
    found = await tables.program_by_slug(tx, library_slug)
    if found:
        return found
    file = load(library_slug)
    terms = structs.replace(file.terms, library=file.slug, kind=file.kind)
    at = clock.now()
    made = await tables.add_program(tx, file.slug, file.name, terms, file.version, at)
    if made is None:  # another transaction was faster
        again = await tables.program_by_slug(tx, library_slug)
        if again is None:
            raise RuntimeError(f"program {library_slug} vanished while it was installed")
        return again
    await place(tx, made.id, file, at, first=True)
    await store_live(tx, made.id, file, file.version, LIBRARY, at)
    return made


async def group_for(
    tx: Tx, program: Program, persona: Mapping[str, Any] | None, company: Mapping[str, Any] | None
) -> Group:
    """The group of the program somebody belongs to, with the reason in plain words.

    `company` holds the facts conditions speak of (segment, plan, industry, country, employees, partner); a `segment`
    or `partner` the person carries counts when the company's is unknown.
    """
    return choose_group(await tables.groups(tx, program.id), group_facts(persona, company))


def group_facts(persona: Mapping[str, Any] | None, company: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The facts the conditions see: the company's, completed by what the person carries."""
    carried = {k: v for k in ("segment", "partner") if (v := (persona or {}).get(k)) not in (None, "")}
    if company is None:
        return carried or None
    return {**carried, **{k: v for k, v in company.items() if v not in (None, "")}}
