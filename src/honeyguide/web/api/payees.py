"""Where an advocate is paid, their tax form, and their statements. Numbers go in and are never shown again."""

import asyncio
import importlib
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import workspace
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import payee_forms, payees, statements, tax
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import In, Out

router = APIRouter()
_Value = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
_Key = Annotated[str, StringConstraints(pattern="^[a-z_]{2,20}$")]


class PayeeOut(Out):
    """An account, masked. `usable_from`: when it may first be paid to."""

    id: str
    kind: str
    masked: str
    country: str
    state: str
    proposed_by: str
    proposed_at: datetime
    confirmed_at: datetime | None
    usable_from: datetime | None


class PayeeIn(In):
    """An account; the advocate confirms it by the link in their mail."""

    kind: Literal["iban", "us_bank", "paypal", "stripe", "email"]
    account: dict[_Key, _Value]


class TaxIn(In):
    """A tax form: `number` (SSN, EIN, VAT id or a foreign number), `name`, for a W-8 the `country`."""

    form: Literal["w9", "w8ben", "w8bene", "vat"]
    number: _Value = ""
    name: _Value = ""
    country: _Value = ""


class TaxOut(Out):
    """A tax form, masked; `form` is null when there is none."""

    form: str | None
    country: str
    masked: str
    given_by: str
    given_at: datetime | None
    valid_until: date | None


def _payee(one: ledger.Payee) -> PayeeOut:
    return PayeeOut(**{f: getattr(one, f) for f in PayeeOut.model_fields if f != "id"}, id=str(one.id))


@router.get("/api/advocates/{advocate_id}/payees", response_model=Listed[PayeeOut], responses=CSV_ANSWER)
async def payee_accounts(
    advocate_id: UUID, who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """The advocate's accounts, newest first, masked."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        await payees.known(tx, advocate_id)
        found = await payees.payees_of(tx, advocate_id)
    ids = [p.id for p in found]
    start = ids.index(after[0]) + 1 if after and after[0] in ids else 0
    return page.answer([_payee(p) for p in found[start:]], lambda r: (r.id,), len(found), "accounts")


@router.post("/api/advocates/{advocate_id}/payees", status_code=201)
async def propose_payee(
    request: Request, advocate_id: UUID, wanted: PayeeIn, who: Annotated[Principal, needs("payouts.request")]
) -> PayeeOut:
    """Enter an account. Nothing is paid to it before the advocate has confirmed it by the link we mail to them."""
    account, masked, country = payee_forms.account(wanted.kind, wanted.account)
    vault = Vault.of(request.app.state.settings)
    fingerprint = payees.fingerprint(vault.derived("payee")[0], wanted.kind, account)
    base = request.app.state.settings.base_url
    async with who.tx() as tx:
        made, token = await payees.propose_payee(
            tx,
            advocate_id,
            wanted.kind,
            vault.seal(dict(account)),
            masked,
            country,
            fingerprint,
            who.actor,
            clock.now(),
        )
        place = await workspace(tx)
        words = (
            f"Hello,\n\n{place.name} has been asked to pay you to the account {masked}. Confirm it here:\n\n"
            f"{base}/pay/{token}\n\nIf you did not ask for it, do nothing: it will not be paid to. The link is good for a week.\n"
        )
        await payees.promise_mail(tx, made, token, f"{place.name}: confirm your account", words, clock.now())
    return _payee(made)


@router.delete("/api/advocates/{advocate_id}/payees/{payee_id}")
async def withdraw_payee(
    advocate_id: UUID, payee_id: UUID, who: Annotated[Principal, needs("payouts.request")]
) -> PayeeOut:
    """Take an account out of use; payments wait for another."""
    async with who.tx() as tx:
        if payee_id not in [p.id for p in await payees.payees_of(tx, advocate_id)]:
            raise NotFound("There is no such account.")
        await payees.withdraw_payee(tx, payee_id, who.actor)
        return next(_payee(p) for p in await payees.payees_of(tx, advocate_id) if p.id == payee_id)


@router.get("/api/advocates/{advocate_id}/tax")
async def tax_form(advocate_id: UUID, who: Annotated[Principal, needs("money.read")]) -> TaxOut:
    """The advocate's tax form, masked."""
    async with who.tx() as tx:
        await payees.known(tx, advocate_id)
        found = await tax.tax_profile(tx, advocate_id)
    if found is None:
        return TaxOut(form=None, country="", masked="", given_by="", given_at=None, valid_until=None)
    return TaxOut(**{f: getattr(found, f) for f in TaxOut.model_fields})


@router.put("/api/advocates/{advocate_id}/tax")
async def put_tax(
    request: Request, advocate_id: UUID, wanted: TaxIn, who: Annotated[Principal, needs("payouts.request")]
) -> TaxOut:
    """Keep a tax form; it replaces the one before."""
    now = clock.now()
    given = {"number": wanted.number, "name": wanted.name, "country": wanted.country}
    form = tax.tax_form(wanted.form, given, now.date())
    sealed = Vault.of(request.app.state.settings).seal(dict(form.secret))
    async with who.tx() as tx:
        await payees.known(tx, advocate_id)
        found = await tax.give_tax_form(tx, advocate_id, form, sealed, who.actor, now)
    return TaxOut(**{f: getattr(found, f) for f in TaxOut.model_fields})


@router.get(
    "/api/advocates/{advocate_id}/statement", response_class=Response,
    responses={200: {"content": {"text/csv": {}, "text/html": {}, "application/pdf": {}}}},
)  # fmt: skip
async def advocate_statement(
    advocate_id: UUID, who: Annotated[Principal, needs("money.read")],
    month: Annotated[str | None, Query(max_length=7, description="Such as 2026-03; this month when left out.")] = None,
    format: Annotated[Literal["csv", "html", "pdf"], Query(description="`html` prints on A4.")] = "csv",
) -> Response:  # fmt: skip
    """The advocate's month: opening balance, what was earned, taken back and paid, closing balance."""
    chosen = month or f"{clock.now():%Y-%m}"
    async with who.tx() as tx:
        found = await statements.statement(tx, advocate_id, chosen)
        place = await workspace(tx)
    if format == "html":
        return Response(statements.statement_page(found, place.name), media_type="text/html; charset=utf-8",
                        headers={"cache-control": "no-store"})  # fmt: skip
    if format == "pdf":
        kind, body = "application/pdf", await asyncio.to_thread(_pdf, found, place.name)
    else:
        kind, body = "text/csv", statements.statement_csv(found)
    return Response(
        body, media_type=kind,
        headers={"content-disposition": f'attachment; filename="statement-{chosen}.{format}"', "cache-control": "no-store"},
    )  # fmt: skip


def _pdf(found: statements.Statement, company: str) -> bytes:
    """A statement as a PDF; what makes it is loaded when the first one is asked for."""
    return bytes(importlib.import_module("honeyguide.web.statement_pdf").statement_pdf(found, company))
