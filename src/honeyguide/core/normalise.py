"""One spelling per identity: e-mail addresses, domains, phones and company names.

Pure and offline: registrable domains come from the public-suffix snapshot bundled with tldextract. A function
returns None where the value can name nobody (malformed, or a placeholder such as `null` and `000000`).
"""

import re
import unicodedata
from functools import lru_cache

import tldextract

# Providers whose mail system ignores the case of the mailbox (all we know of do) and, per line, also a "+tag" or dots.
# An unknown domain keeps its tag: some systems give `ana+x@` and `ana@` to different people.
_PLUS_TAG = frozenset({
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com",
    "fastmail.com", "fastmail.fm", "protonmail.com", "proton.me", "pm.me", "zoho.com", "yandex.com", "yandex.ru",
    "mailbox.org", "posteo.de", "hey.com", "tutanota.com", "tuta.io",
})  # fmt: skip
_DOTS_IGNORED = frozenset({"gmail.com"})
_SAME_PROVIDER = {"googlemail.com": "gmail.com", "ya.ru": "yandex.ru", "protonmail.ch": "protonmail.com"}

_FREE_MAIL = _PLUS_TAG | frozenset({
    "googlemail.com", "yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com", "gmx.com", "gmx.net", "gmx.de",
    "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "arcor.de", "mail.com", "email.com", "mail.ru", "bk.ru",
    "inbox.ru", "list.ru", "rambler.ru", "ya.ru", "qq.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com",
    "foxmail.com", "naver.com", "daum.net", "hanmail.net", "nate.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr",
    "laposte.net", "neuf.fr", "libero.it", "virgilio.it", "alice.it", "tin.it", "tiscali.it", "bluewin.ch", "hispeed.ch",
    "btinternet.com", "sky.com", "virginmedia.com", "ntlworld.com", "talktalk.net", "comcast.net", "verizon.net",
    "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "earthlink.net", "shaw.ca", "rogers.com",
    "bigpond.com", "optusnet.com.au", "telstra.com", "xtra.co.nz", "uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br",
    "rediffmail.com", "seznam.cz", "centrum.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "abv.bg", "ukr.net",
    "telenet.be", "skynet.be", "ziggo.nl", "kpnmail.nl", "planet.nl", "online.no", "telia.com", "duck.com",
    "privaterelay.appleid.com", "protonmail.ch", "tutanota.de", "hushmail.com", "mailinator.com", "yopmail.com",
    "guerrillamail.com", "10minutemail.com", "tempmail.com", "trashmail.com", "sharklasers.com", "dispostable.com",
})  # fmt: skip
# Brands with one mailbox domain per country: yahoo.co.uk, hotmail.fr, live.nl, outlook.de ...
_FREE_MAIL_BRANDS = re.compile(
    r"^(yahoo|hotmail|outlook|live|ymail|gmx|yandex)\.([a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})$"
)

_ROLE_INBOXES = frozenset({
    "abuse", "accounting", "accounts", "accountspayable", "accountsreceivable", "admin", "administrator", "all", "ap",
    "ar", "billing", "bookings", "buchhaltung", "careers", "compliance", "contact", "contacto", "contactus",
    "customercare", "customerservice", "customersuccess", "dataprotection", "dev", "developers", "devops",
    "donotreply", "dpo", "einkauf", "enquiries", "enquiry", "everyone", "facturation", "feedback", "finance", "ftp",
    "hello", "help", "helpdesk", "hi", "hostmaster", "hr", "info", "information", "inquiries", "invoice", "invoices",
    "invoicing", "it", "itsupport", "jobs", "kontakt", "legal", "mail", "mailbox", "mailerdaemon", "marketing", "media",
    "newsletter", "noc", "noreply", "notification", "notifications", "office", "operations", "ops", "orders", "partner",
    "partners", "payments", "payroll", "postmaster", "pr", "press", "privacy", "procurement", "purchasing", "rechnung",
    "reception", "recruiting", "root", "sales", "security", "service", "services", "shop", "social", "staff", "subscribe",
    "success", "support", "sysadmin", "team", "tech", "unsubscribe", "usenet", "uucp", "verkauf", "vertrieb", "webmaster",
    "welcome", "www",
})  # fmt: skip

_BLOCKED_WORDS = frozenset({
    "", "null", "none", "nil", "nan", "undefined", "anonymous", "anon", "unknown", "invalid", "n/a", "na", "not set",
    "not provided", "empty", "false", "true", "guest", "-1", "(null)", "<null>", "[object object]", "default", "dummy",
    "test", "xxx", "tbd", "nobody", "noone", "deleted",
})  # fmt: skip
_BLOCKED_SHAPE = re.compile(r"[0\W_]+|([^\W\d])\1{4,}|(\d)\2{7,}")

_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\U0010ffff-]{1,64}@[^@\s<>\"]{3,253}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
_LEGAL_FORMS = frozenset({
    "ab", "ag", "aktiengesellschaft", "aps", "as", "asa", "bv", "bvba", "co", "company", "corp", "corporation", "cv",
    "doo", "ead", "eg", "eirl", "eood", "ev", "gbr", "gesmbh", "gmbh", "haftungsbeschrankt", "hf", "inc", "incorporated",
    "kft", "kg", "kgaa", "kk", "kommanditgesellschaft", "limited", "limitada", "llc", "llp", "lp", "ltd", "ltda", "mbh",
    "nv", "nyrt", "od", "ohg", "ood", "ooo", "ou", "oy", "oyj", "plc", "pllc", "pte", "pty", "pvt", "private", "sa", "sab",
    "sadecv", "sapi", "sarl", "sas", "sasu", "scrl", "se", "sia", "sl", "slu", "spa", "spolka", "spzoo", "srl", "sro",
    "stichting", "uab", "ug", "zrt",
})  # fmt: skip

_extract = tldextract.TLDExtract(
    cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True, include_psl_private_domains=True,
    extra_suffixes=("example", "test"),  # RFC 2606: nobody owns them, so demos and tests name companies under them
)  # fmt: skip


def is_blocked(value: str) -> bool:
    """Is this a placeholder (null, anonymous, zeros, dashes, one character repeated) that identifies nobody?"""
    text = value.strip().casefold()
    return text in _BLOCKED_WORDS or _BLOCKED_SHAPE.fullmatch(text) is not None


@lru_cache(maxsize=65_536)
def email(value: str) -> str | None:
    """The address in the one spelling its provider delivers to, or None when it is not an address.

    Lower case, IDN domain as punycode; for providers known to ignore them, without "+tag" and dots.
    """
    parts = _split_email(value)
    if parts is None:
        return None
    local, host = parts
    if host in _PLUS_TAG:
        local = local.split("+", 1)[0]
    if host in _DOTS_IGNORED:
        local = local.replace(".", "")
    return f"{local}@{host}" if local and not is_blocked(local) else None


@lru_cache(maxsize=65_536)
def mailbox(value: str) -> str | None:
    """The address without any "+tag", whatever the provider: for comparing people, never for sending to them."""
    address = email(value)
    if address is None:
        return None
    local, host = address.rsplit("@", 1)
    return f"{local.split('+', 1)[0] or local}@{host}"


def _split_email(value: str) -> tuple[str, str] | None:
    text = unicodedata.normalize("NFKC", value).strip().strip("<>").lower().removeprefix("mailto:")
    if not _EMAIL.fullmatch(text):
        return None
    local, host = text.rsplit("@", 1)
    known = domain(host)
    if known is None or local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    return local, _SAME_PROVIDER.get(known, known)


@lru_cache(maxsize=65_536)
def domain(value: str) -> str | None:
    """The host name of a domain or URL: lower case, punycode, without scheme, port, path and a leading `www.`."""
    text = unicodedata.normalize("NFKC", value).strip().lower()
    text = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text)
    text = re.split(r"[/?#]", text, maxsplit=1)[0].rsplit("@", 1)[-1]
    text = re.sub(r":\d*$", "", text).rstrip(".").removeprefix("www.")
    try:
        text = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return None
    return text if len(text) <= 253 and _DOMAIN.fullmatch(text) and not text[-1].isdigit() else None


@lru_cache(maxsize=65_536)
def registrable_domain(value: str) -> str | None:
    """The part of a host name or URL one owner registered: `mail.acme.co.uk` gives `acme.co.uk`.

    Hosts under a shared suffix stay apart (`a.myshopify.com`). None for free-standing suffixes, addresses and
    names without a public suffix (`server.local`).
    """
    host = domain(value)
    if host is None:
        return None
    parts = _extract(host)
    return f"{parts.domain}.{parts.suffix}" if parts.domain and parts.suffix else None


def email_domain(address: str) -> str | None:
    """The registrable domain of an e-mail address, or None when it is no address."""
    text = email(address)
    return None if text is None else registrable_domain(text.rsplit("@", 1)[1])


@lru_cache(maxsize=65_536)
def is_free_mail(value: str) -> bool:
    """Does this domain (or address) belong to a provider of personal mailboxes, so that it names no company?"""
    host = domain(value.rsplit("@", 1)[-1]) or ""
    return host in _FREE_MAIL or _FREE_MAIL_BRANDS.match(host) is not None


@lru_cache(maxsize=65_536)
def is_role_inbox(address: str) -> bool:
    """Is this a mailbox of a function (info@, support@, billing@ ...) that many people read?"""
    local = address.strip().lower().split("@", 1)[0].split("+", 1)[0]
    return re.sub(r"[._\-\d]", "", local) in _ROLE_INBOXES


def work_domain(address: str) -> str | None:
    """The company an e-mail address speaks for: its registrable domain, or None for personal mailboxes."""
    return None if is_free_mail(address) else email_domain(address)


def phone(value: str) -> str | None:
    """Digits of a telephone number: `+` and 8 to 15 digits when international, else 7 to 15 digits as dialled.

    Extensions and a trunk zero in brackets are dropped: `+49 (0)30 123456 ext. 9` gives `+4930123456`.
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    text = re.sub(r"(?:ext\.?|extension|x|#)\s*\d+$", "", text).removeprefix("tel:").strip()
    if not re.fullmatch(r"[+\d\s().\-/]+", text):
        return None
    international = text.startswith(("+", "00"))
    if international:
        text = text.replace("(0)", "").removeprefix("00")
    digits = re.sub(r"\D", "", text)
    if not (8 if international else 7) <= len(digits) <= 15 or len(set(digits)) == 1:
        return None
    return f"+{digits}" if international else digits


@lru_cache(maxsize=65_536)
def company_name(value: str) -> str | None:
    """A company's name without accents, punctuation and legal form: `Acme Söhne GmbH & Co. KG` gives `acme sohne`.

    For suggesting matches; a name alone never joins two records.
    """
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = re.sub(r"(?<=\b\w)[./](?=\w\b)", "", plain).replace("&", " & ")  # b.v. -> bv., a/s -> as
    words = [w for w in re.split(r"[^\w&]+", plain) if w]
    kept = list(words)
    while len(kept) > 1 and (kept[-1] in _LEGAL_FORMS or kept[-1] in {"&", "and", "und"}):
        kept.pop()
    name = " ".join(w for w in kept if w != "&")
    return name if name and not is_blocked(name) else None
