"""A town under rules of its own, and what a billing system tells of Tom, whom Maya brought."""

from typing import Any
from uuid import UUID

from honeyguide import ledger, programs
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.programs.catalogue import ProgramFile
from tests.unit.outcomes.town import Town, days, event, settle
from tests.unit.programs.files import commission, program

TOM = "tom@prospect.example"
PER_INVOICE = {"slug": "r", "when": {"event": "invoice.paid"}, "offer": "share"}
EACH = {**PER_INVOICE, "recurring": {"months": 12}}


async def under(tx: Tx, file: ProgramFile, email: str = "maya@customer.example", name: str = "Maya Ortiz") -> Town:
    """The town with an advocate in a program of this file, in force long before anything happened."""
    town = await settle(tx, email=email, name=name)
    found = next((p for p in await programs.programs(tx) if p.slug == file.slug), None)
    if found is None:
        found = await programs.versions.create_program(tx, file, "mara@host.example", days(-90))
        await programs.versions.publish(tx, found, 1, "mara@host.example", days(-90))
        await programs.versions.confirm_publish(tx, found, 1, "noor@host.example", days(-90))
        found = await programs.program(tx, found.id)
    group = (await programs.groups(tx, found.id))[0]
    made, _ = await programs.ensure_advocate(tx, town.advocate.record_id, name, email, found, group)
    return Town(found, group, made, await programs.ensure_link(tx, made))


def per_invoice(*rules: dict[str, Any], **offer: Any) -> ProgramFile:
    return program(list(rules) or [EACH], [commission(2000, **offer)])


def payer(email: str = TOM, source: str = "stripe") -> RecordRef:
    return RecordRef(
        "company", source, f"cus_{email}", (Identifier("domain", email.partition("@")[2]),), {"name": email}
    )


def invoice(
    number: str, day: float, minor: int = 100_000, email: str = TOM, message: str = "", **more: Any
) -> CanonicalEvent:
    """An invoice that was paid, as Stripe tells it."""
    props = {"invoice": number, "amount_minor": minor, "currency": "EUR", **more}
    return event(
        "invoice.paid", days(day), firm=payer(email), source="stripe", message=message or f"paid {number}", **props
    )


def refund(bill: str, day: float, minor: int, number: str = "re_1", **more: Any) -> CanonicalEvent:
    props = {"refund": number, "amount_minor": minor, "currency": "EUR", **({"invoice": bill} if bill else {}), **more}
    return event("refund.issued", days(day), source="stripe", message=f"refund {number}", **props)


async def nets(tx: Tx) -> dict[str, int]:
    """What stands of each deal or payment in all, in cents, by its name; and the books are sound."""
    report = await ledger.verify(tx)
    assert report.ok, report.problems
    rows = await tx.rows(
        "select c.deal, sum(r.issued_minor - r.reversed_minor)::bigint as net from reward r join conversion c "
        "on c.workspace_id = r.workspace_id and c.id = r.conversion_id where r.workspace_id = $1 group by c.deal",
        tx.workspace_id,
    )
    return {r["deal"]: r["net"] for r in rows if r["net"]}


async def who_got(tx: Tx) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for r in await ledger.rewards(tx, limit=500):
        found[r.advocate_id] = found.get(r.advocate_id, 0) + r.net_minor
    return {k: v for k, v in found.items() if v}
