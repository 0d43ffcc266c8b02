"""How somebody becomes an advocate of a program, and who brought a partner in.

Applications: whoever is eligible may apply; who meets the conditions is in at once, the others wait for a person. The second
tier is one step deep: a parent earns on what a partner brings, not on what the partner's own partners bring.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import content_id
from honeyguide.db import Row, Tx, audit
from honeyguide.programs import partner_tables, tables
from honeyguide.programs.advocates import ensure_advocate
from honeyguide.programs.conditions import met
from honeyguide.programs.earnings import months_after
from honeyguide.programs.file import ProgramFile
from honeyguide.programs.groups import choose_group
from honeyguide.programs.partner_tables import Application as Application
from honeyguide.programs.terms import Group, Program
from honeyguide.programs.versions import Version, terms_at
from honeyguide.programs.wording import in_sentence

AUTOMATIC = "honeyguide"
_MOST_TEXT, _MOST_ANSWERS = 2_000, 20


class Parent(Struct, frozen=True):
    """Who brought an advocate in, and when."""

    parent_id: UUID
    since: datetime


async def parents(tx: Tx, advocates: Sequence[UUID]) -> dict[UUID, Parent]:
    """Of those among these advocates whom somebody brought in: who did."""
    return {k: Parent(r["parent_id"], r["since"]) for k, r in (await partner_tables.parents(tx, advocates)).items()}


def earns_for_parent(file: ProgramFile, parent: Parent | None, at: datetime) -> bool:
    """Does whoever brought the advocate in still earn on what happens at `at`?"""
    if parent is None or file.second_tier is None:
        return False
    return parent.since <= at < months_after(parent.since, file.second_tier.months)


async def set_parent(tx: Tx, advocate_id: UUID, parent_id: UUID, actor: str, at: datetime) -> Parent:
    """Note who brought an advocate in, once for ever. The same again changes nothing.

    Raises BadInput for oneself, another program's advocate, or a circle; Conflict when it was somebody else; NotFound.
    """
    await partner_tables.lock(tx, "parent")
    child, parent = await tables.advocate(tx, advocate_id), await tables.advocate(tx, parent_id)
    if child.program_id != parent.program_id:
        raise BadInput("The two are advocates of different programs.")
    same = child.email and normalise.mailbox(child.email) == normalise.mailbox(parent.email)
    if child.id == parent.id or child.record_id == parent.record_id or same:
        raise BadInput("Nobody brings themselves in.")
    above, seen = parent.id, {child.id}
    while (step := (await parents(tx, [above])).get(above)) is not None:
        if step.parent_id in seen:
            raise BadInput(f"{parent.name} was brought in by {child.name}, directly or through others.")
        seen.add(above)
        above = step.parent_id
    if await partner_tables.add_parent(tx, child.id, parent.id, at, actor):
        await audit.write(tx, actor, "advocate.parent", f"advocate:{child.id}", {"parent": str(parent.id)})
    standing = (await parents(tx, [child.id]))[child.id]
    if standing.parent_id != parent.id:
        raise Conflict(f"Somebody else brought {child.name} in.", "That is set once.")
    return standing


def why_not_eligible(file: ProgramFile, facts: Mapping[str, Any]) -> str | None:
    """Why somebody with these facts may not take part, or None."""
    if file.eligibility is None or met(file.eligibility, facts):
        return None
    return f"Only those may take part where {in_sentence(file.eligibility, file.terms.currency)}."


async def apply(
    tx: Tx, program: Program, record_id: int, name: str, email: str, facts: Mapping[str, Any], answers: Sequence[str], at: datetime
) -> Application:  # fmt: skip
    """Ask to take part. `facts` of the company and person decide about eligibility and being let in at once.

    Applying again changes nothing while the first one waits or was approved. Raises BadInput, Conflict when the program is
    not live.
    """
    if program.state != "live":
        raise Conflict("Nobody can join this program now.", f"It is {program.state}.")
    found = await terms_at(tx, program.id, at)
    address = normalise.email(email)
    if address is None:
        raise BadInput(f"{email!r} is not an e-mail address.", advice="It is where a yes or a no is sent.")
    asked = found.file.application.questions if found.file.application else []
    said = [a.strip()[:_MOST_TEXT] for a in answers[:_MOST_ANSWERS]]
    if len(said) < len(asked) or not all(said[: len(asked)]):
        raise BadInput("Not every question is answered.", " ".join(asked))
    known = await partner_tables.open_application(tx, program.id, record_id)
    if known is not None:
        return known
    why = why_not_eligible(found.file, facts)
    state = "rejected" if why else "approved" if _at_once(found.file, facts) else "waiting"
    ident = content_id("application", str(tx.workspace_id), str(program.id), str(record_id), at.isoformat())
    made = Application(
        ident, program.id, record_id, name.strip()[:200], address, dict(facts), said, "waiting", "", "", at, None, None
    )
    if not await partner_tables.add_application(tx, made):
        again = await partner_tables.open_application(tx, program.id, record_id)
        if again is None:
            raise Conflict("The application was decided at the same time.", advice="Apply again.")
        return again
    if state == "rejected":
        return await _decided(tx, made, found, program, "rejected", why or "", AUTOMATIC, at)
    return await _decided(tx, made, found, program, "approved", "", AUTOMATIC, at) if state == "approved" else made


def _at_once(file: ProgramFile, facts: Mapping[str, Any]) -> bool:
    rules = file.application
    if rules is None or rules.mode == "open":
        return True
    return (
        rules.auto_approve is not None
        and bool(rules.auto_approve.all or rules.auto_approve.any)
        and met(rules.auto_approve, facts)
    )


async def application(tx: Tx, ident: UUID) -> Application:
    """One application. Raises NotFound."""
    found = await partner_tables.application(tx, ident)
    if found is None:
        raise NotFound("There is no such application.")
    return found


async def decide(
    tx: Tx, ident: UUID, state: str, reason: str, actor: str, at: datetime, group: str = ""
) -> Application:
    """Say yes or no to an application that waits; a no takes one of the program's reasons, or a sentence.

    `group`: the slug of the group they join, instead of the first one that fits. The same answer again changes nothing.
    Raises BadInput, Conflict, NotFound.
    """
    found = await partner_tables.application(tx, ident, lock=True)
    if found is None:
        raise NotFound("There is no such application.")
    if state not in ("approved", "rejected"):
        raise BadInput("An application is approved or rejected.")
    if found.state == state:
        return found
    if found.state != "waiting":
        raise Conflict(f"The application was {found.state} already.", f"By {found.decided_by}.")
    if state == "rejected" and not reason.strip():
        raise BadInput("A no needs a reason.", "Whoever applied will read it.")
    program = await tables.program(tx, found.program_id)
    version = await terms_at(tx, program.id, at)
    return await _decided(tx, found, version, program, state, reason.strip()[:_MOST_TEXT], actor, at, group)


async def _decided(
    tx: Tx, found: Application, version: Version, program: Program, state: str, reason: str, actor: str, at: datetime,
    wanted: str = "",
) -> Application:  # fmt: skip
    advocate_id = None
    if state == "approved":
        groups = await tables.groups(tx, program.id)
        joined = next((g for g in groups if g.slug == wanted), None) if wanted else choose_group(groups, found.facts)
        if joined is None:
            raise BadInput(f"There is no group {wanted!r} in this program.", f"There are: {_slugs(groups)}.")
        advocate, _ = await ensure_advocate(tx, found.record_id, found.name, found.email, program, joined)
        advocate_id = advocate.id
    await partner_tables.decide_application(tx, found.id, state, reason, actor, at, advocate_id)
    told = {"program": program.slug, "version": version.version, "reason": reason}
    await audit.write(tx, actor, f"application.{state}", f"application:{found.id}", told)
    again = await partner_tables.application(tx, found.id)
    if again is None:
        raise RuntimeError("an application vanished while it was decided")
    return again


def _slugs(groups: Sequence[Group]) -> str:
    return ", ".join(g.slug for g in groups)


async def forget(tx: Tx, records: Sequence[int], emails: Sequence[str]) -> int:
    """For an erasure: nothing of the person is left in applications, proofs and the contacts of registered deals."""
    return await partner_tables.forget(tx, records, [e.casefold() for e in emails])


async def page(
    tx: Tx, table: str, program_id: int, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """A page of applications, submissions or registered deals, the newest first."""
    return await partner_tables.page(tx, table, program_id, state, after, limit)


async def counted(tx: Tx, table: str, program_id: int, state: str | None) -> int:
    """How many of them there are in all."""
    return await partner_tables.counted(tx, table, program_id, state)
