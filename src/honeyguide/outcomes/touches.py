"""Touches: kept on the server, so no browser setting or lost cookie takes the credit away.

A click or a page is a touch of a browser; once its visitor leaves an address, it is that person's. A code, an
invitation by e-mail (only a digest of the address is kept), a company an advocate named, and a claim afterwards are
touches without any browser: they find their person by the mailbox or the company.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from honeyguide.core import clock, normalise
from honeyguide.core.errors import BadInput
from honeyguide.core.ids import content_id, new_id
from honeyguide.db import Tx
from honeyguide.outcomes import tables, touch_rows
from honeyguide.outcomes.agents import classify
from honeyguide.outcomes.terms import Touch, TouchKind
from honeyguide.programs import Link

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
_UTM_MAX = 100
_SHA256_HEX = 64


async def record_touch(
    tx: Tx,
    link: Link,
    kind: TouchKind,
    *,
    agent: str,
    method: str = "GET",
    visitor: UUID | None = None,
    referrer: str = "",
    at: datetime | None = None,
    utm: Mapping[str, str] | None = None,
) -> Touch:
    """Record that `link` was followed. `agent` is the User-Agent header, `referrer` the Referer (its host is kept).

    Without a `visitor` a new one is made; hand the answer's `visitor` on (in the address, no cookie needed).
    A machine's touch is recorded as such and never carries credit.
    """
    made = Touch(
        new_id(), link.id, kind, at or clock.now(), classify(agent, method), visitor or new_id(), _host(referrer),
        utm=dict(utm or {}),
    )  # fmt: skip
    await tables.insert_touch(tx, made)
    return made


async def invite(tx: Tx, link: Link, address: str, at: datetime) -> Touch:
    """The advocate says whom they invite, by e-mail address or by the SHA-256 of one (hex). No address is kept.

    Whoever turns up under this address, by whatever road, came through `link`. The same again is the same touch.
    Raises BadInput when it is neither.
    """
    hashed = address.strip().lower()
    if len(hashed) == _SHA256_HEX and all(c in "0123456789abcdef" for c in hashed):
        return await _named(tx, link, "email_hash", _digest(tx.workspace_id, hashed), "", at)
    mailbox = mailbox_digest(tx.workspace_id, address)
    if not mailbox:
        raise BadInput("This is neither an e-mail address nor the SHA-256 of one.", code="not_an_email")
    return await _named(tx, link, "email_hash", mailbox, normalise.work_domain(address) or "", at)


async def name_company(tx: Tx, link: Link, domain: str, at: datetime) -> Touch:
    """The advocate names a company they recommend us to. The same again is the same touch. Raises BadInput."""
    registered = normalise.work_domain(f"x@{normalise.domain(domain) or domain.strip()}")
    if registered is None:
        raise BadInput("This is no company's domain.", "It has the form company.com.", code="not_a_domain")
    return await _named(tx, link, "company", "", registered, at)


async def claimed(tx: Tx, link: Link, address: str, at: datetime) -> Touch:
    """Somebody says afterwards through whom they came. It is a person's word: a claim is looked at before it pays."""
    mailbox = mailbox_digest(tx.workspace_id, address)
    return await _named(tx, link, "claim", mailbox, normalise.work_domain(address) or "", at)


async def _named(tx: Tx, link: Link, kind: TouchKind, mailbox: str, domain: str, at: datetime) -> Touch:
    ident = content_id("touch", str(tx.workspace_id), kind, str(link.id), mailbox, domain)
    made = Touch(ident, link.id, kind, at, "person", ident, "", mailbox, domain)
    await tables.insert_touch(tx, made)
    return (await tables.touches_of(tx, [ident]))[ident]


async def forget_touches(tx: Tx, addresses: Iterable[str]) -> int:
    """Nothing leads from a touch to the person of these addresses any more; how many touches did."""
    return await touch_rows.forget_mailboxes(tx, [mailbox_digest(tx.workspace_id, a) for a in addresses])


def mailbox_digest(workspace_id: int, address: str) -> str:
    """What stands for a mailbox in touches: a digest of this workspace's own, so no two workspaces can compare. Empty
    when it is no address.
    """
    mailbox = normalise.mailbox(address)
    return _digest(workspace_id, hashlib.sha256(mailbox.encode()).hexdigest()) if mailbox else ""


def _digest(workspace_id: int, sha256_hex: str) -> str:
    return content_id("mailbox", str(workspace_id), sha256_hex).hex


def utm_of(query: str) -> dict[str, str]:
    """The campaign's words in the query of an address; at most 100 printable characters each."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query[:4_000], max_num_fields=None):
        if name in UTM and name not in found:
            words = "".join(c for c in value if c.isprintable())[:_UTM_MAX]
            if words:
                found[name] = words
    return found


def _host(referrer: str) -> str:
    try:
        return (urlsplit(referrer).hostname or "")[:253]
    except ValueError:
        return ""
