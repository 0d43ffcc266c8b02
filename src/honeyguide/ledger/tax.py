"""Tax profiles, and when money waits for one. The rules are data of the workspace; this is no tax advice.

A payer in the United States files Form 1099-NEC from a yearly sum on (600 USD unless the policy says otherwise; the sum in
the law was raised for payments from 2026 on) and needs a W-9 of a US person, or a W-8 of another, before. So a payment that
would take the year to that sum waits until there is a form.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.money import money_text
from honeyguide.db import Tx, audit
from honeyguide.ledger import payee_forms as forms
from honeyguide.ledger import policy_rows as rows
from honeyguide.ledger.policy_rows import TaxProfile

FORMS = {"w9": "W-9", "w8ben": "W-8BEN", "w8bene": "W-8BEN-E", "vat": "VAT id"}


class TaxForm(Struct, frozen=True):
    """A form, checked: what is to be sealed, what may be shown, of which country, and until when it holds."""

    form: str
    secret: dict[str, str]
    masked: str
    country: str
    valid_until: date | None


def tax_form(form: str, given: Mapping[str, str], today: date) -> TaxForm:
    """Check a form. A W-8 holds until the end of the third year after it was signed. Raises BadInput that says what is wrong."""
    name, country = given.get("name", "").strip(), given.get("country", "").strip().upper()
    if form not in FORMS:
        raise BadInput(f"There is no form {form!r}.", f"Forms: {', '.join(FORMS)}.")
    if form == "vat":
        found, where = forms.vat(given.get("number", ""))
        return TaxForm(form, {"number": found, "name": name}, f"{found[:2]}••••{found[-3:]}", where, None)
    if not name:
        raise BadInput("The form needs the name of the person or company.")
    if form == "w9":
        number = forms.us_number(given.get("number", ""))
        return TaxForm(form, {"number": number, "name": name}, f"•••-••-{number[-4:]}", "US", None)
    if len(country) != 2 or not country.isalpha() or country == "US":
        raise BadInput("A W-8 names a country other than the United States.", "A US person gives a W-9.")
    number = given.get("number", "").strip()
    if len(number) > 40:
        raise BadInput("The foreign tax number is too long.")
    shown = f"••••{number[-3:]}" if number else country
    return TaxForm(
        form, {"number": number, "name": name, "country": country}, shown, country, date(today.year + 3, 12, 31)
    )


def why_withheld(
    profile: TaxProfile | None, payer_country: str, threshold_minor: int, paid_minor: int, amount_minor: int, currency: str, today: date
) -> str | None:  # fmt: skip
    """Why this payment waits for a tax form, as a sentence, or None. `paid_minor`: paid in this currency in this year."""
    if payer_country != "US" or currency != "USD" or paid_minor + amount_minor < threshold_minor:
        return None
    if profile is not None and profile.form != "vat":
        if profile.valid_until is None or profile.valid_until >= today:
            return None
        return f"The {FORMS[profile.form]} ended on {profile.valid_until:%d %B %Y}; a new one is needed before more is paid."
    total = money_text(paid_minor + amount_minor, currency)
    return (
        f"There is no W-9 or W-8 on file, and this payment would take {today.year} to {total}: "
        f"Form 1099-NEC is due from {money_text(threshold_minor, currency)}."
    )


async def give_tax_form(
    tx: Tx, advocate_id: UUID, form: TaxForm, sealed: bytes, actor: str, now: datetime
) -> TaxProfile:
    """Keep a checked form; the number inside is sealed. It replaces the one before."""
    made = TaxProfile(advocate_id, form.form, form.country, form.masked, actor, now, form.valid_until)
    await rows.put_profile(tx, made, sealed)
    await audit.write(tx, actor, "tax.form", f"advocate:{advocate_id}", {"form": form.form})
    return made


async def why_waits(
    tx: Tx, policy: rows.Policy, advocate_id: UUID, currency: str, amount_minor: int, now: datetime
) -> str | None:
    """Why a payment to an advocate waits for a tax form, or None."""
    start, end = datetime(now.year, 1, 1, tzinfo=UTC), datetime(now.year + 1, 1, 1, tzinfo=UTC)
    paid = await rows.paid_between(tx, advocate_id, currency, start, end)
    found = await rows.profile(tx, advocate_id)
    return why_withheld(
        found, policy.payer_country, policy.tax_threshold_minor, paid, amount_minor, currency, now.date()
    )


async def refuse_untaxed(tx: Tx, pays: Mapping[tuple[UUID, str], int], currency: str, now: datetime) -> None:
    """Raises Conflict that says whose payment waits and why. `pays`: minor units by advocate's id and name."""
    policy = await rows.policy(tx)
    if policy.payer_country != "US":
        return
    for (advocate_id, name), minor in sorted(pays.items()):
        if why := await why_waits(tx, policy, advocate_id, currency, minor, now):
            raise Conflict(f"{name or 'An advocate'} cannot be paid yet.", why, code="withheld",
                           advice="Ask for the form, or pay the others without them.")  # fmt: skip


async def tax_profile(tx: Tx, advocate_id: UUID) -> TaxProfile | None:
    """The advocate's tax form, as it may be shown."""
    return await rows.profile(tx, advocate_id)
