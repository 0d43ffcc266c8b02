"""An outside provider as data: an address, a mapping of its JSON answer, a licence, a budget. Asked at most once a while."""

from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import msgspec

from honeyguide.core import clock, normalise
from honeyguide.core.errors import Unavailable
from honeyguide.db import Database
from honeyguide.enrichment import tables
from honeyguide.enrichment.consent import ProviderSpec
from honeyguide.enrichment.port import Finding, Kind, Known
from honeyguide.funnel.definitions import path

# Gets an https address: the body of a 200, None for "not known" (404). Raises Unavailable. The app gives a guarded one.
Fetch = Callable[[str], Awaitable[bytes | None]]
_VALUE_MAX = 500


class Provider:
    """An enricher by HTTP, of one workspace."""

    def __init__(self, db: Database, workspace_id: int, spec: ProviderSpec, fetch: Fetch) -> None:
        self._db, self._workspace_id, self._spec, self._fetch = db, workspace_id, spec, fetch
        self._paths = {field: path(where) for field, where in spec.map.items()}

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._spec.name

    async def enrich(self, kind: Kind, known: Known) -> list[Finding]:
        """Ask, or remember. Empty for another kind of record, for one that cannot be named, and when the budget is spent."""
        url = self._address(known) if kind == self._spec.kind else None
        if url is None:
            return []
        subject = blake2b(url.encode(), digest_size=16).digest()
        now = clock.now()
        async with self._db.tx(self._workspace_id) as tx:
            answer = await tables.cached(tx, self.name, subject, now)
            if answer is None and not await tables.take_call(
                tx, self.name, now.astimezone(UTC).date(), self._spec.per_day
            ):
                return []
        if answer is None:
            answer = _json(await self._fetch(url))
            async with self._db.tx(self._workspace_id) as tx:
                until = now + timedelta(days=self._spec.fresh_days)
                await tables.keep(tx, self.name, subject, answer, now, until)
        return self._findings(answer)

    def _address(self, known: Known) -> str | None:
        values = {"domain": normalise.registrable_domain(known.domain) or "", "name": known.name, "email": known.email}
        url = self._spec.url
        for name, value in values.items():
            if f"{{{name}}}" in url:
                if not value or (name == "email" and self._spec.kind != "persona"):
                    return None
                url = url.replace(f"{{{name}}}", quote(value, safe=""))
        return url

    def _findings(self, answer: Any) -> list[Finding]:
        if not isinstance(answer, dict | list):
            return []
        found = []
        for field, read in self._paths.items():
            value = read(answer)
            if isinstance(value, str | int | float | bool) and value != "":
                value = value[:_VALUE_MAX] if isinstance(value, str) else value
                found.append(Finding(field, value, self._spec.confidence, self.name, self._spec.licence))
        return found


def _json(body: bytes | None) -> Any:
    if body is None:
        return {}  # not known: remembered too, so that it is not asked for again every day
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        raise Unavailable("The provider answered with something that is no JSON.", str(e)) from e
