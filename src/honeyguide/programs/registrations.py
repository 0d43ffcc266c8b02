"""Deal registration: a partner names a company it works on, and for a time nobody else is credited for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money
from honeyguide.db import Row, Tx, audit
from honeyguide.programs import partner_tables, tables
from honeyguide.programs.file import ProgramFile
from honeyguide.programs.partner_tables import Registered
from honeyguide.programs.rules import Registration
from honeyguide.programs.terms import Advocate, Program, Protection
from honeyguide.programs.versions import terms_at

CLOSED = ("won", "lost", "rejected", "expired")


async def register_deal(
    tx: Tx, program: Program, advocate: Advocate, company: str, domain: str, at: datetime, *, amount: Money | None = None,
    contact: str = "", contact_email: str = "",
) -> Registered:  # fmt: skip
    """Register a deal with a company. By the same partner again it returns what stands.

    Raises Conflict when another partner holds the company (or the program is not live), BadInput, NotFound.
    """
    rules = _rules((await terms_at(tx, program.id, at)).file)
    if program.state != "live" or advocate.program_id != program.id or advocate.terms_accepted_at is None:
        raise Conflict(
            "Deals cannot be registered here now.", "The program is not live, or its terms are not accepted yet."
        )
    host = normalise.registrable_domain(domain)
    if host is None or not company.strip():
        raise BadInput("A deal needs a company and its domain.", "The domain has the form company.com.")
    if amount is not None and amount.minor < 0:
        raise BadInput("A deal is not worth less than nothing.")
    await partner_tables.lock(tx, f"registration {program.id} {host}")
    holder = await partner_tables.holder(tx, program.id, host)
    if holder is not None and holder.expires_at <= at:
        await partner_tables.move_deal(tx, holder.id, "expired", holder.stage, "honeyguide", "Its time is over.", at)
        holder = None
    if holder is not None:
        if holder.advocate_id == advocate.id:
            return holder
        if at < holder.protected_until:
            raise Conflict(f"{host} is registered already.", f"It is protected until {_day(holder.protected_until)}.")
        await partner_tables.move_deal(
            tx,
            holder.id,
            "expired",
            holder.stage,
            "honeyguide",
            "Its protection was over, and another partner registered the company.",
            at,
        )
    made = Registered(
        content_id("registration", str(tx.workspace_id), str(program.id), str(advocate.id), host, at.isoformat()), program.id,
        advocate.id, company.strip()[:200], host, contact.strip()[:200], (normalise.email(contact_email) or "") if contact_email else "",
        amount.minor if amount else None, amount.currency if amount else program.terms.currency,
        "waiting" if rules.needs_review else "open", rules.stages[0], at, at + timedelta(days=rules.protection_days),
        at + timedelta(days=rules.expires_days),
    )  # fmt: skip
    await partner_tables.add_deal(tx, made)
    await partner_tables.add_move(tx, made.id, made.state, made.stage, f"advocate:{advocate.id}", "Registered.", at)
    await audit.write(tx, f"advocate:{advocate.id}", "deal.registered", f"registration:{made.id}", {"domain": host})
    return made


def _rules(file: ProgramFile) -> Registration:
    if file.registration is None:
        raise NotFound("Deals are not registered in this program.")
    return file.registration


async def accept_deal(tx: Tx, ident: UUID, yes: bool, reason: str, actor: str, at: datetime) -> Registered:
    """A person accepts a registration that waits, or rejects it with a reason. The same again changes nothing.

    Raises BadInput, Conflict, NotFound.
    """
    found = await _found(tx, ident)
    wanted = "open" if yes else "rejected"
    if found.state == wanted:
        return found
    if found.state != "waiting":
        raise Conflict(f"The registration is {found.state}.")
    if not yes and not reason.strip():
        raise BadInput("A no needs a reason.", "The partner will read it.")
    return await _moved(tx, found, wanted, found.stage, actor, reason.strip(), at)


async def stage_deal(tx: Tx, ident: UUID, stage: str, actor: str, reason: str, at: datetime) -> Registered:
    """Move an open registration to another stage, `won` and `lost` end it. The same stage again changes nothing.

    Raises BadInput for a stage the program does not have, Conflict when it is not open, NotFound.
    """
    found = await _found(tx, ident)
    if stage == found.stage or stage == found.state:
        return found
    program = await tables.program(tx, found.program_id)
    rules = _rules((await terms_at(tx, program.id, found.registered_at)).file)
    if stage not in (*rules.stages, "lost"):
        raise BadInput(f"There is no stage {stage!r}.", f"There are: {', '.join(rules.stages)}, lost.")
    if found.state != "open":
        raise Conflict(f"The registration is {found.state}.")
    if at >= found.expires_at:
        raise Conflict("The registration has lapsed.", f"On {_day(found.expires_at)}.")
    state = stage if stage in ("won", "lost") else "open"
    return await _moved(tx, found, state, stage, actor, reason.strip(), at)


async def expire_deals(tx: Tx, at: datetime, limit: int = 200) -> int:
    """Registrations whose time is over lapse. How many did."""
    gone = await partner_tables.lapsed(tx, at, limit)
    for ident in gone:
        found = await _found(tx, ident)
        await _moved(tx, found, "expired", found.stage, "honeyguide", "Its time is over.", at)
    return len(gone)


async def holder_of(tx: Tx, program_id: int, domain: str, at: datetime) -> Registered | None:
    """The open registration that protects a company at `at`: while there is one, its partner is credited and nobody else."""
    host = normalise.registrable_domain(domain)
    found = await partner_tables.holder(tx, program_id, host) if host else None
    open_now = found is not None and found.state == "open" and found.registered_at <= at < found.protected_until
    return found if open_now else None


async def protecting(tx: Tx, addresses: Mapping[str, str]) -> dict[str, list[Protection]]:
    """Accepted registrations of companies, whenever they held, by the key each domain or address was given under."""
    hosts = {key: normalise.registrable_domain(value.rpartition("@")[2]) for key, value in addresses.items()}
    found = await partner_tables.protections(tx, sorted({h for h in hosts.values() if h})) if hosts else []
    return {key: [p for p in found if p.domain == host] for key, host in hosts.items()}


async def history(tx: Tx, ident: UUID) -> list[Row]:
    """Every move of a registration, oldest first. Raises NotFound."""
    if await partner_tables.deal(tx, ident) is None:
        raise NotFound("There is no such registration.")
    return await partner_tables.moves(tx, ident)


async def _found(tx: Tx, ident: UUID) -> Registered:
    found = await partner_tables.deal(tx, ident, lock=True)
    if found is None:
        raise NotFound("There is no such registration.")
    return found


async def _moved(
    tx: Tx, found: Registered, state: str, stage: str, actor: str, reason: str, at: datetime
) -> Registered:
    await partner_tables.move_deal(tx, found.id, state, stage, actor, reason, at)
    await audit.write(tx, actor, f"deal.{state}", f"registration:{found.id}", {"stage": stage, "reason": reason})
    return structs.replace(found, state=state, stage=stage)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
