"""Programs that move here from another vendor: partners become advocates with their old codes, customers referrals,
commissions conversions with their history.

Nothing is paid twice: what the vendor has paid or refused stays history here; what it still owes becomes a reward that is
held until a person has checked it. Every row ends as imported, duplicate or refused, with the reason. A row is known by
the vendor's own id: the same again, also in another file, is a duplicate, whatever it says now.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide import ledger, programs
from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, Conflict, HoneyguideError
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Tx, audit
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.funnel.sources import INTERNAL
from honeyguide.outcomes import credit_rows, deal_rows, import_rows, tables, tracking_rows
from honeyguide.outcomes.aliases import add_alias, alias_text
from honeyguide.outcomes.credit_rows import Held
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.deals import SALE, day
from honeyguide.outcomes.sharing import conversion_id
from honeyguide.outcomes.signup import enter
from honeyguide.outcomes.terms import DealFact, Touch
from honeyguide.outcomes.tracking import Buyer, friend_of_buyer
from honeyguide.outcomes.tracking_rows import Customer

Verdict = Literal["imported", "duplicate", "refused"]
RULE = "imported_commission"
OWED, PAID, DEAD = "owed", "paid", "dead"


class Partner(Struct, frozen=True, kw_only=True):
    """A partner of the vendor."""

    id: str
    email: str
    name: str = ""
    codes: tuple[str, ...] = ()


class Buying(Struct, frozen=True, kw_only=True):
    """A customer a partner brought. `external_id` is the id in the customer's own system."""

    id: str
    email: str
    partner: str
    name: str = ""
    external_id: str = ""
    at: datetime


class Commission(Struct, frozen=True, kw_only=True):
    """A commission in minor units. `state` is owed, paid or dead (refused, voided); `invoice` the sale's own number."""

    id: str
    partner: str
    customer: str
    amount_minor: int
    sale_minor: int
    currency: str
    state: str
    state_there: str
    at: datetime
    invoice: str = ""


Imported = Partner | Buying | Commission


class Ended(Struct, frozen=True):
    """How a row ended."""

    kind: str
    id: str
    verdict: Verdict
    reason: str


class Importer:
    """Takes rows of one vendor into one program, within the caller's transaction."""

    def __init__(self, tx: Tx, vendor: str, program: programs.Program, group: programs.Group, now: datetime) -> None:
        self._tx, self._vendor, self._program, self._group, self._now = tx, vendor, program, group, now
        self._partners: dict[str, UUID] = {}

    async def take(self, rows: Sequence[Imported]) -> list[Ended]:
        """Take rows: partners first, then customers, then commissions; the answers in the same order."""
        ordered = sorted(rows, key=lambda r: _ORDER.index(_kind(r)))
        return [await self._one(row) for row in ordered]

    async def _one(self, row: Imported) -> Ended:
        kind = _kind(row)
        if not row.id:
            return Ended(kind, "", "refused", "It has no id of its own, so a repetition could not be told.")
        known = await import_rows.known(self._tx, self._vendor, kind, row.id)
        digest = hashlib.sha256(msgspec.json.encode(row)).digest()
        if known is not None:
            if isinstance(row, Partner):
                self._remember(row, UUID(known["target"]))
            changed = "" if known["digest"] == digest else " It says something else now; the first import stays."
            return Ended(kind, row.id, "duplicate", f"It was imported before.{changed}")
        await self._tx.run("savepoint imported_row")  # a row is taken whole or not at all
        try:
            target, note = await self._taken(row)
        except (_Duplicate, _Refused, HoneyguideError) as problem:
            await self._tx.run("rollback to savepoint imported_row")
            words = problem.sentence() if isinstance(problem, HoneyguideError) else str(problem)
            return Ended(kind, row.id, "duplicate" if isinstance(problem, _Duplicate) else "refused", words)
        await self._tx.run("release savepoint imported_row")
        await import_rows.keep(self._tx, self._vendor, kind, row.id, digest, target, self._now)
        return Ended(kind, row.id, "imported", note)

    async def _taken(self, row: Imported) -> tuple[str, str]:
        if isinstance(row, Partner):
            return await self._partner(row)
        return await (self._customer(row) if isinstance(row, Buying) else self._commission(row))

    def _remember(self, row: Partner, advocate_id: UUID) -> None:
        for key in (row.id, normalise.email(row.email) or ""):
            if key:
                self._partners[key] = advocate_id

    async def _partner(self, row: Partner) -> tuple[str, str]:
        address = normalise.email(row.email)
        if address is None:
            raise _Refused(f"{row.email!r} is no e-mail address.")
        named = {"email": address} | ({"name": row.name} if row.name else {})
        record = RecordRef("persona", INTERNAL, f"{self._vendor}:{row.id}", (Identifier("email", address),), named)
        event = own_event(
            f"import:{self._vendor}:partner:{row.id}", "persona.identified", self._now, name="Partner Imported",
            ref=f"{self._vendor} partner {row.id}", person=record,
        )  # fmt: skip
        await append(self._tx, await internal_source(self._tx), [event])
        advocate, _ = await programs.ensure_advocate(self._tx, record.id, row.name, address, self._program, self._group)
        link = await programs.ensure_link(self._tx, advocate)
        self._remember(row, advocate.id)
        notes = [note for code in row.codes if (note := await self._code(link.id, code))]
        return str(advocate.id), " ".join([f"{advocate.name}, link {link.code}.", *notes])

    async def _code(self, link_id: UUID, code: str) -> str:
        """The old code goes on working here; what cannot be one is said."""
        if alias_text(code) is None:
            return (
                f"The code {code} cannot be kept: it has other signs than letters, digits and dashes, or is too short."
            )
        try:
            await add_alias(self._tx, link_id, code, f"import:{self._vendor}", self._now)
        except (BadInput, Conflict) as problem:
            return f"The code {code} cannot be kept: {problem.title}"
        return ""

    async def _advocate(self, key: str) -> programs.Advocate:
        found = self._partners.get(key) or self._partners.get(normalise.email(key) or "")
        if found is None and (known := await import_rows.known(self._tx, self._vendor, "partner", key)):
            found = UUID(known["target"])
        if found is None and (address := normalise.email(key)):
            row = await import_rows.advocate_by_email(self._tx, self._program.id, address)
            found = row["id"] if row else None
        if found is None:
            raise _Refused(f"Its partner {key or '(none named)'} is not known here: import the partners first.")
        return await programs.advocate(self._tx, found)

    async def _customer(self, row: Buying) -> tuple[str, str]:
        advocate = await self._advocate(row.partner)
        if row.at > self._now:
            raise _Refused("It is of a time that has not come yet.")
        link = await programs.ensure_link(self._tx, advocate)
        external = row.external_id or f"{self._vendor}:{row.id}"
        buyer = Buyer(external_id=external, name=row.name, email=row.email)
        friend = friend_of_buyer(buyer)
        ident = content_id("imported touch", str(self._tx.workspace_id), self._vendor, row.id)
        touch = Touch(ident, link.id, "code", row.at, "person", ident, "")
        await tables.insert_touch(self._tx, touch)
        said = f"Brought by {advocate.name} at {self._vendor}, on {day(row.at)}."
        made = await enter(self._tx, link, friend, touch, row.at, said=said, told_at=self._now)
        own = RecordRef("persona", INTERNAL, f"customer:{external}")
        company = friend.company.id if friend.company else None
        kept = Customer(external, own.id, company, friend.email, made.referral.id, row.at)
        await tracking_rows.put_customer(self._tx, kept)
        if made.already:
            raise _Duplicate("Somebody of this address is a referral of this program.")
        return str(made.referral.id), said

    async def _commission(self, row: Commission) -> tuple[str, str]:
        if row.state == DEAD:
            raise _Refused(f"It is {row.state_there} there: there is nothing to carry over.")
        if row.amount_minor <= 0 or row.sale_minor < 0:
            raise _Refused("Its amount is no amount of money that is owed.")
        if len(row.currency) != 3 or not row.currency.isalpha():
            raise _Refused(f"{row.currency!r} is no currency.")
        referral_id = await self._referral_of(row)
        advocate = await self._advocate(row.partner)
        deal = f"{SALE}{row.invoice}" if row.invoice else f"import:{self._vendor}:{row.id}"
        event = own_event(
            f"import:{self._vendor}:commission:{row.id}", "purchase.completed", row.at, received_at=self._now,
            name="Commission Imported", ref=f"{self._vendor} commission {row.id}",
            props={"amount_minor": row.sale_minor, "currency": row.currency.upper(), "name": "Imported sale"},
        )  # fmt: skip
        (written,) = await append(self._tx, await internal_source(self._tx), [event])
        if written.event_id is None:
            raise _Refused("The log does not take it.")
        conversion = Conversion(
            conversion_id(self._tx.workspace_id, deal), referral_id, deal, row.sale_minor, row.currency.upper(), row.at,
            written.event_id,
        )  # fmt: skip
        if not await deal_rows.insert_conversion(self._tx, conversion, self._now):
            raise _Duplicate("Its sale is credited here already.")
        # A fact like any other sale's, so that what comes back of it later comes out of what was earned here.
        fact = DealFact(
            written.event_id,
            deal,
            "won",
            row.at,
            row.sale_minor,
            row.currency.upper(),
            "",
            "",
            f"{self._vendor} sale {row.id}",
        )
        friend = (await tables.referrals_by_id(self._tx, [referral_id]))[referral_id].friend_record_id
        await deal_rows.insert_facts(self._tx, [fact], {written.event_id: [friend]})
        note = await self._credit(row, conversion, advocate)
        return str(conversion.id), note

    async def _referral_of(self, row: Commission) -> UUID:
        known = await import_rows.known(self._tx, self._vendor, "customer", row.customer)
        if known is not None:
            return UUID(known["target"])
        address = normalise.email(row.customer)
        found = await import_rows.referral_by_email(self._tx, self._program.id, address) if address else None
        if found is None:
            raise _Refused(
                f"Its customer {row.customer or '(none named)'} is not known here: import the customers first."
            )
        ident: UUID = found["id"]
        return ident

    async def _credit(self, row: Commission, conversion: Conversion, advocate: programs.Advocate) -> str:
        link = await programs.ensure_link(self._tx, advocate)
        there = f"{self._vendor} commission {row.id} of {day(row.at)}, {row.state_there} there"
        reason = f"Imported: {there}. The whole credit goes to {advocate.name}."
        if row.state == PAID:
            note = "No reward: it was paid there."
            refused = {"reason": note, "vendor": self._vendor}
            await audit.write(self._tx, ledger.SYSTEM, "reward.refused", f"conversion:{conversion.id}", refused)
        else:
            note = await self._owed(row, conversion, advocate, there)
        held = Held(
            conversion.id,
            conversion.referral_id,
            link.id,
            advocate.id,
            None,
            RULE,
            10_000,
            f"{reason} {note}",
            self._now,
            0,
        )
        await credit_rows.insert_share(self._tx, held)
        return note

    async def _owed(self, row: Commission, conversion: Conversion, advocate: programs.Advocate, there: str) -> str:
        offers = await programs.offers(self._tx, advocate.group_id)
        offer = next((o for o in offers if o.incentive == "commission"), offers[0] if offers else None)
        if offer is None:
            raise _Refused("The program offers nothing to this group, so nothing can be owed by it.")
        money = Money(row.amount_minor, row.currency.upper())
        await ledger.issue_reward(
            self._tx,
            ledger.Earned(
                rule=f"{RULE}:{self._vendor}", role="advocate", conversion_id=conversion.id, advocate_id=advocate.id,
                program_id=self._program.id, offer_id=offer.id, incentive="commission", label=f"Commission from {self._vendor}",
                money=money, reason=f"Imported: {there}.", hold_until=self._now,
                review=f"Check that {self._vendor} has not paid commission {row.id}.",
            ),
            self._now,
        )  # fmt: skip
        return f"{money} is owed: held until somebody has checked that it was not paid there."


_ORDER = ("partner", "customer", "commission")


def _kind(row: Imported) -> str:
    if isinstance(row, Partner):
        return "partner"
    return "customer" if isinstance(row, Buying) else "commission"


class _Refused(Exception):
    """A row that cannot be taken, and why."""


class _Duplicate(Exception):
    """A row whose matter is here already."""
