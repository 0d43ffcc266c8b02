"""Touches: kept on the server, so no browser setting or lost cookie takes the credit away."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.db import Tx
from honeyguide.outcomes import tables
from honeyguide.outcomes.agents import classify
from honeyguide.outcomes.terms import Touch, TouchKind
from honeyguide.programs import Link


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
) -> Touch:
    """Record that `link` was followed. `agent` is the User-Agent header, `referrer` the Referer (its host is kept).

    Without a `visitor` a new one is made; hand the answer's `visitor` on (in the address, no cookie needed).
    A machine's touch is recorded as such and never carries credit.
    """
    made = Touch(
        new_id(), link.id, kind, at or clock.now(), classify(agent, method), visitor or new_id(), _host(referrer)
    )
    await tables.insert_touch(tx, made)
    return made


def _host(referrer: str) -> str:
    try:
        return (urlsplit(referrer).hostname or "")[:253]
    except ValueError:
        return ""
