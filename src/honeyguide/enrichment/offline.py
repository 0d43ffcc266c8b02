"""Enrichers that ask nobody: shipped lists of mail domains, titles read by our rules, numbering plans, domain endings."""

import disposable_email_domains
import phonenumbers

from honeyguide.core import normalise
from honeyguide.enrichment.port import Enricher, Finding, Kind, Known
from honeyguide.inference.titles import read_title

_DISPOSABLE: frozenset[str] = frozenset(disposable_email_domains.blocklist)
# Endings of countries that everybody uses: they tell nothing about where a company is.
_ANYWHERE = frozenset({
    "ac", "ag", "ai", "am", "as", "bz", "cc", "cd", "co", "cx", "dj", "eu", "fm", "ga", "gd", "gg", "gl", "gs", "im", "in",
    "io", "is", "it", "la", "li", "ly", "me", "ms", "mu", "nu", "pw", "re", "sc", "sh", "so", "st", "su", "tk", "tl", "to",
    "tv", "vc", "vg", "ws",
}) - {"in", "is", "it", "li"}  # fmt: skip  # of these four most holders are at home there
_OTHER_CODE = {"uk": "GB", "el": "GR"}


class MailDomains:
    """What an e-mail address says: the company's domain, or that it is a personal, throw-away or shared mailbox."""

    name = "mail-domains"

    async def enrich(self, kind: Kind, known: Known) -> list[Finding]:
        """`company_domain`, `free_mail`, `disposable_mail`, `role_inbox` of a persona."""
        address = normalise.email(known.email) if kind == "persona" and known.email else None
        if address is None:
            return []
        host = address.rsplit("@", 1)[1]
        registered = normalise.registrable_domain(host) or host
        throwaway = host in _DISPOSABLE or registered in _DISPOSABLE
        free = normalise.is_free_mail(host)
        found = [
            self._said("free_mail", free, 0.95, "honeyguide lists", "Apache-2.0"),
            self._said("disposable_mail", throwaway, 0.95, "disposable-email-domains", "MIT"),
            self._said("role_inbox", normalise.is_role_inbox(address), 0.9, "honeyguide lists", "Apache-2.0"),
        ]
        if not free and not throwaway:
            found.append(self._said("company_domain", registered, 0.9, "the address itself", "Apache-2.0"))
        return found

    @staticmethod
    def _said(field: str, value: str | bool, confidence: float, source: str, licence: str) -> Finding:
        return Finding(field, value, confidence, source, licence)


class TitleReader:
    """What a title says: role and seniority, by the rules the inferrer of titles uses."""

    name = "titles"

    async def enrich(self, kind: Kind, known: Known) -> list[Finding]:
        """`seniority` and `department` of a persona."""
        read = read_title(known.title) if kind == "persona" and known.title else None
        if read is None:
            return []
        found = [Finding("seniority", read.seniority, read.confidence, "honeyguide titles", "Apache-2.0")]
        if read.department:
            found.append(Finding("department", read.department, read.confidence, "honeyguide titles", "Apache-2.0"))
        return found


class Countries:
    """Where somebody is: by the numbering plan of an international number, else by the ending of the domain."""

    name = "countries"

    async def enrich(self, kind: Kind, known: Known) -> list[Finding]:
        """`country`, as two letters."""
        code = _of_phone(known.phone)
        if code:
            return [Finding("country", code, 0.9, "phonenumbers (numbering plans)", "Apache-2.0")]
        address = normalise.email(known.email) if known.email else None
        host = normalise.domain(known.domain) if known.domain else (address or "").rpartition("@")[2]
        code = _of_domain(host or "")
        return [Finding("country", code, 0.7, "the domain's ending", "Apache-2.0")] if code else []


def _of_phone(value: str) -> str | None:
    number = normalise.phone(value) if value else None
    if number is None or not number.startswith("+"):
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or None
    except phonenumbers.NumberParseException:
        return None


def _of_domain(host: str) -> str | None:
    ending = host.rsplit(".", 1)[-1] if "." in host else ""
    if len(ending) != 2 or not ending.isalpha() or ending in _ANYWHERE or normalise.is_free_mail(host):
        return None
    code = _OTHER_CODE.get(ending, ending.upper())
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


OFFLINE: tuple[Enricher, ...] = (MailDomains(), TitleReader(), Countries())
