"""Branded domains: personal links under a customer's own host, once a DNS record proves it is theirs.

A host is claimed with a proof that only its owner can publish: the TXT record `_honeyguide.<host>` with the value we
give. Until it is found the host means nothing to us, so nobody can claim another's; the first proof holds.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import digest, new_token
from honeyguide.db import Tx, audit
from honeyguide.outcomes import alias_rows

PREFIX = "_honeyguide"
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Answers the TXT records of a name; a name without any has none.
Lookup = Callable[[str], Awaitable[Sequence[str]]]


class Domain(Struct, frozen=True):
    """A branded domain: what to publish under which name, and whether it was found."""

    host: str
    record: str
    proof: str
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str


def host_text(text: str) -> str | None:
    """A host name in its one spelling, without a port; None for an address of a machine, or what is no public host."""
    name = text.strip().lower().rstrip(".")
    if name.startswith("["):
        return None
    name = name.partition(":")[0].rstrip(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return None
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(part) for part in labels):
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return None


async def claim_domain(tx: Tx, text: str, actor: str, now: datetime) -> Domain:
    """Note a host; the answer says what to publish. The same again gives the same. Raises BadInput."""
    host = host_text(text)
    if host is None:
        raise BadInput("This is no host name.", "It has the form go.company.com.", code="not_a_host")
    await alias_rows.insert_domain(tx, host, new_token("hgd"), actor, now)
    return await domain(tx, host)


async def domain(tx: Tx, host: str) -> Domain:
    """One branded domain. Raises NotFound."""
    found = next((d for d in await branded_domains(tx) if d.host == host), None)
    if found is None:
        raise NotFound("There is no such domain.")
    return found


async def branded_domains(tx: Tx) -> list[Domain]:
    """The workspace's branded domains."""
    return [
        Domain(r["host"], f"{PREFIX}.{r['host']}", r["proof"], r["verified_at"], r["checked_at"], r["problem"])
        for r in await alias_rows.domains(tx)
    ]


async def verify_domain(tx: Tx, text: str, published: Sequence[str], actor: str, now: datetime) -> Domain:
    """Look whether the proof is among what was published (`Lookup` of `record`). Raises NotFound, Conflict when another
    workspace proved this host before.
    """
    found = await domain(tx, host_text(text) or text)
    if found.verified_at is not None and found.proof in published:
        await alias_rows.set_checked(tx, found.host, now, found.verified_at, "")
        return await domain(tx, found.host)
    if found.proof not in published:
        problem = f"The TXT record {found.record} does not hold the proof yet."
        await alias_rows.set_checked(tx, found.host, now, None, problem)
        if found.verified_at is not None:  # it is somebody else's now
            await tx.unregister("host", digest(found.host))
        return await domain(tx, found.host)
    if not await alias_rows.claim(tx, "host", found.host):
        raise Conflict("Another workspace uses this domain.", advice="Remove it there first.", code="domain_taken")
    await alias_rows.set_checked(tx, found.host, now, now, "")
    await audit.write(tx, actor, "domain.verified", f"domain:{found.host}", {})
    return await domain(tx, found.host)


async def remove_domain(tx: Tx, text: str, actor: str) -> None:
    """Forget a domain: links under it end at once. Raises NotFound."""
    found = await domain(tx, host_text(text) or text)
    if found.verified_at is not None:
        await tx.unregister("host", digest(found.host))
    await alias_rows.remove_domain(tx, found.host)
    await audit.write(tx, actor, "domain.removed", f"domain:{found.host}", {})
