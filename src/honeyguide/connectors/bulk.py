"""The transport `bulk`: Salesforce Bulk API 2.0. A query becomes a job; its result is read as pages of CSV.

The job's id is the position, so a crash goes on with the job that runs. `request.path` is the API's folder
(/services/data/v62.0, with or without /jobs/query), `request.sql` (or the `query` of `request.json`) the SOQL with `{since}`.
With `deleted` set, deleted rows are asked for too.
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from honeyguide.connectors.marks import since_of
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.connectors.templates import filled, text_of
from honeyguide.funnel.definitions.spec import RequestSpec

PAGE = 10_000
POLLS, POLL_S, POLL_MAX_S = 8, 0.5, 8.0
_RUNNING = frozenset({"UploadComplete", "InProgress"})
_WORDS = {"": None, "true": True, "false": False}


class Bulk:
    """Pages out of a job."""

    name = "bulk"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """Create the job, wait for it, read its result."""
        jobs = f"{ask.spec.request.path.removesuffix('/jobs/query').rstrip('/')}/jobs/query"
        at: dict[str, Any] = dict(ask.position or {})
        if "job" not in at:
            at = {"job": await self._create(session, ask, jobs)}
            yield Page([], at)  # the job is ours from here on, whatever happens to us
        total = at.get("total")
        if "locator" not in at:
            async for waiting in self._wait(session, jobs, at["job"]):
                if isinstance(waiting, int):
                    total = waiting
                else:
                    yield Page([], at)
                    return
        while True:
            page, locator = await self._result(session, ask, jobs, at)
            at = {"job": at["job"], "locator": locator, "total": total}
            yield Page(page, at if locator else None, total)
            if not locator:
                return

    async def reach(self, session: Session, /) -> str:
        """Nothing is asked beyond the streams themselves."""
        return session.base()

    async def _create(self, session: Session, ask: Ask, jobs: str) -> str:
        root = {**session.root, "since": since_of(ask.spec.cursor, ask.since)}
        body = filled(ask.spec.request.json, root) if ask.spec.request.json else {}
        if ask.spec.request.sql:
            body["query"] = " ".join(text_of(ask.spec.request.sql, root).split())
        body.setdefault("operation", "queryAll" if ask.spec.deleted else "query")
        literal = {k: str(v).replace("{", "{{").replace("}", "}}") for k, v in body.items()}
        reply = await session.ask(RequestSpec(path=jobs, method="POST", json=literal), {})
        found = reply.json()
        if not isinstance(found, dict) or not found.get("id"):
            raise VendorProblem("Salesforce did not accept the bulk query.", reply.body[:300].decode(errors="replace"))
        return str(found["id"])

    async def _wait(self, session: Session, jobs: str, job: str) -> AsyncIterator[int | None]:
        """The number of records once the job is complete; None when it takes longer than we wait in one go."""
        pause = POLL_S
        for _ in range(POLLS):
            found = (await session.ask(RequestSpec(path=f"{jobs}/{job}"), {})).json()
            state = found.get("state") if isinstance(found, dict) else None
            if state == "JobComplete":
                yield int(found.get("numberRecordsProcessed") or 0)
                return
            if state not in _RUNNING:
                # 410 lets the sync forget the job and start the pass again.
                raise VendorProblem(
                    f"Salesforce gave the bulk query up ({state}).", str(found.get("errorMessage") or ""), status_code=410,
                    code="job_failed", advice="If it happens again, try the query in Salesforce's developer console.",
                )  # fmt: skip
            await asyncio.sleep(pause)
            pause = min(pause * 2, POLL_MAX_S)
        yield None

    async def _result(self, session: Session, ask: Ask, jobs: str, at: dict[str, Any]) -> tuple[list[bytes], str]:
        params: dict[str, Any] = {"maxRecords": ask.limit or ask.spec.paging.size or PAGE}
        if at.get("locator"):
            params["locator"] = str(at["locator"])
        reply = await session.ask(
            RequestSpec(path=f"{jobs}/{at['job']}/results", params=params, headers={"accept": "text/csv"}), {}
        )
        locator = reply.headers.get("sforce-locator", "")
        rows = csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig", "replace")))
        return [record_of(row) for row in rows], "" if locator in ("", "null") else locator


def record_of(row: dict[str, Any]) -> bytes:
    """A row of CSV in the shape the REST API gives: `Account.Name` nested, empty as null, true and false as such."""
    made: dict[str, Any] = {}
    for column, value in row.items():
        if column is None:
            continue
        *outer, last = column.split(".")
        inner = made
        for name in outer:
            following = inner.get(name)
            if not isinstance(following, dict):
                following = inner[name] = {}
            inner = following
        inner[last] = _WORDS.get(value, value) if isinstance(value, str) else value
    return msgspec.json.encode(made)


BULK = Bulk()
