"""Where enrichment meets the guarded HTTP client: a workspace's enrichers, as its consent names them."""

from honeyguide import enrichment
from honeyguide.connectors.http import Call, Web
from honeyguide.connectors.pace import breaker_of, pace_of
from honeyguide.connectors.problems import VendorProblem
from honeyguide.core.errors import Unavailable
from honeyguide.db import Database

_REPLY_BYTES, _REQUESTS, _PER_SECOND = 1_000_000, 6, 2.0
_NOBODY = 0  # providers have no source of their own: one pace and one breaker a workspace


async def enrich(db: Database, workspace_id: int) -> int:
    """Enrich what the workspace allows. Returns how many rows of the log were looked at."""
    async with db.tx(workspace_id) as tx:
        consent = await enrichment.consent_of(tx)
    if not (consent.companies or consent.persons):
        return 0

    async def fetch(url: str) -> bytes | None:
        return await _fetch(workspace_id, url)

    providers = [enrichment.Provider(db, workspace_id, spec, fetch) for spec in consent.providers]
    return await enrichment.enrich_due(db, workspace_id, [*enrichment.OFFLINE, *providers])


async def _fetch(workspace_id: int, url: str) -> bytes | None:
    """The body of a public https address; None for 404. Raises Unavailable for everything else that is no 200."""
    pace, breaker = pace_of(workspace_id, _NOBODY, _PER_SECOND), breaker_of(workspace_id, _NOBODY)
    try:
        async with Web(frozenset(), pace, breaker, reply_bytes=_REPLY_BYTES, requests_max=_REQUESTS) as web:
            reply = await web.send(Call(url, headers={"accept": "application/json"}))
    except VendorProblem as e:
        raise Unavailable(e.title, e.detail) from e
    if reply.status == 404:
        return None
    if reply.status != 200:
        raise Unavailable(f"The provider answered {reply.status}.")
    return reply.body
