"""Bank accounts and tax numbers: what can be right at all, and what may be shown of it. Pure; nothing is looked up.

IBAN: ISO 13616 (length of the country, remainder 1 modulo 97). Routing numbers: ABA, weights 3-7-1. VAT ids: the form of
the country, not whether it was issued. US numbers: the forms of the IRS, with ranges that are never issued.
"""

import re
from collections.abc import Mapping

from honeyguide.core.errors import BadInput

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29,
    "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
# Where euros go by SEPA credit transfer (the EPC's list of countries, by the letters of their IBANs).
SEPA = frozenset(
    [
        "AD",
        "AL",
        "AT",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GI",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MC",
        "MD",
        "ME",
        "MK",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "SM",
        "VA",
    ]
)
_VAT = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}",
    "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}", "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}", "LT": r"(\d{9}|\d{12})", "LU": r"\d{8}",
    "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}",
    "SI": r"\d{8}", "SK": r"\d{10}", "XI": r"(\d{9}|\d{12}|(GD|HA)\d{3})", "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
    "CHE": r"\d{9}(MWST|TVA|IVA)?", "NO": r"\d{9}(MVA)?",
}  # fmt: skip
_MAIL = re.compile(r"[^\s@<>\"',;:]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}", re.IGNORECASE)
_TAX_WORDS = "The form asks for it; correct the number and send the form again."


def iban(text: str) -> str:
    """An IBAN without blanks, in capitals. Raises BadInput when it cannot be one."""
    flat = re.sub(r"[\s.-]", "", text).upper()
    length = IBAN_LENGTHS.get(flat[:2])
    if length is None or len(flat) != length or re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", flat, re.ASCII) is None:
        raise BadInput(
            "This is no IBAN.", "Its country or its length is not one of ISO 13616.", advice="Copy it from a statement."
        )
    number = int("".join(str(int(c, 36)) for c in flat[4:] + flat[:4]))
    if number % 97 != 1:
        raise BadInput("This is no IBAN.", "Its check digits do not fit: a digit is wrong or two are swapped.",
                       advice="Copy it from a statement.")  # fmt: skip
    return flat


def routing(text: str) -> str:
    """An ABA routing number of nine digits. Raises BadInput when its check digit does not fit."""
    flat = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d{9}", flat, re.ASCII) is None or flat == "0" * 9:
        raise BadInput("This is no routing number.", "It has nine digits.")
    d = [int(c) for c in flat]
    if (3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + d[2] + d[5] + d[8]) % 10:
        raise BadInput("This is no routing number.", "Its check digit does not fit.", advice="Copy it from a check.")
    return flat


def account(kind: str, given: Mapping[str, str]) -> tuple[dict[str, str], str, str]:
    """An account in its normal form, what may be shown of it, and its country. Raises BadInput when it cannot be right."""
    if kind == "iban":
        found = iban(given.get("iban", ""))
        return {"iban": found}, f"{found[:4]} •••• {found[-4:]}", found[:2]
    if kind == "us_bank":
        number = re.sub(r"[\s-]", "", given.get("account", ""))
        if re.fullmatch(r"\d{4,17}", number, re.ASCII) is None:
            raise BadInput("This is no account number.", "It has 4 to 17 digits.")
        what = given.get("type", "checking")
        if what not in ("checking", "savings"):
            raise BadInput("The account is `checking` or `savings`.")
        return (
            {"routing": routing(given.get("routing", "")), "account": number, "type": what},
            f"•••• {number[-4:]}",
            "US",
        )
    if kind in ("paypal", "email"):
        address = given.get("email", "").strip()
        if _MAIL.fullmatch(address) is None:
            raise BadInput("This is no e-mail address.")
        local, _, domain = address.partition("@")
        return {"email": address.lower()}, f"{local[:1]}•••@{domain.lower()}", ""
    if kind == "stripe":
        ident = given.get("id", "").strip()
        if re.fullmatch(r"(acct|cus)_[A-Za-z0-9]{1,60}", ident, re.ASCII) is None:
            raise BadInput("This is no id of Stripe's.", "A connected account is acct_..., a customer cus_... .")
        return {"id": ident}, f"{ident.partition('_')[0]}_••••{ident[-4:]}", ""
    raise BadInput(f"There is no kind of account {kind!r}.", "Kinds: iban, us_bank, paypal, stripe, email.")


def vat(text: str) -> tuple[str, str]:
    """A VAT id in its normal form and its country. Raises BadInput when it has not the form of its country."""
    flat = re.sub(r"[\s.-]", "", text).upper()
    for prefix in (flat[:3], flat[:2]):
        form = _VAT.get(prefix)
        if form and re.fullmatch(form, flat[len(prefix) :], re.ASCII):
            return flat, {"EL": "GR", "XI": "GB", "CHE": "CH"}.get(prefix, prefix)
    raise BadInput("This is no VAT id.", "It begins with its country and has that country's form.", advice=_TAX_WORDS)


def us_number(text: str) -> str:
    """An SSN, ITIN or EIN: nine digits, not in ranges that are never issued. Raises BadInput."""
    flat = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d{9}", flat, re.ASCII) is None or len(set(flat)) == 1:
        raise BadInput("This is no US tax number.", "An SSN, ITIN or EIN has nine digits.", advice=_TAX_WORDS)
    employer = re.fullmatch(r"\s*\d{2}-\d{7}\s*", text, re.ASCII) is not None
    if not employer and (flat.startswith(("000", "666")) or flat[3:5] == "00" or flat[5:] == "0000"):
        raise BadInput("This is no US tax number.", "No such number is issued.", advice=_TAX_WORDS)
    return flat
