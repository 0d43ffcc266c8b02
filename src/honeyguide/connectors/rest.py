"""The transport `http`: requests, pages, records and their children as the definition describes them."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from honeyguide.connectors import paging
from honeyguide.connectors.http import Reply
from honeyguide.connectors.marks import from_mark, mark_of, newer, since_of
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.funnel.definitions import StreamSpec, path, record_id, truthy
from honeyguide.funnel.definitions.spec import ChildSpec, RequestSpec
from honeyguide.funnel.records import pieces, with_children

CHILDREN_AT_ONCE = 6
FROM = "_from"


class Rest:
    """Pages over HTTP."""

    name = "http"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """The pages of a stream from a position on."""
        spec, cursor = ask.spec, ask.spec.cursor
        at: dict[str, Any] = dict(ask.position or {})
        while True:
            # `_from`: the list was cut off at the vendor's limit and is asked for anew from there.
            start = at.pop(FROM, None)
            since = from_mark(cursor, start) if cursor and start is not None else since_of(cursor, ask.since)
            request = spec.request
            if cursor and cursor.param and since is not None:
                request = msgspec.structs.replace(request, params={**request.params, cursor.param: since})
            asked, more, url = paging.placed(spec.paging, at or None, request)
            reply = await session.ask(asked, {**more, "since": since}, url)
            found, records = read(reply, spec.records)
            following = paging.following(spec.paging, at or None, reply, found, len(records))
            if following is not None and start is not None:
                following |= {FROM: start}
            if following is None and spec.paging.capped and truthy(path(spec.paging.capped)(found)):
                following = {FROM: _cut_off_at(spec, records, start)}
            whole = await gather_children(session, spec, records[: ask.limit or None])
            yield Page(whole, following, paging.total_of(found))
            if following is None:
                return
            at = dict(following)

    async def reach(self, session: Session, /) -> str:
        """Nothing is asked beyond the streams themselves."""
        return session.base()


def _cut_off_at(spec: StreamSpec, records: list[bytes], start: Any) -> Any:
    """The newest cursor value of a list that was cut off. Raises VendorProblem when going on from it leads nowhere."""
    mark = None
    for body in records:
        mark = newer(mark, mark_of(spec.cursor, msgspec.json.decode(body)) if spec.cursor else None)
    if mark is None or mark == start:
        raise VendorProblem(
            "The vendor's list ends at its limit, and nothing says how to go on.", f"The newest record stands at {mark}.",
            code="capped", advice="A stream whose list is capped needs a cursor finer than the limit.",
        )  # fmt: skip
    return mark


def read(reply: Reply, where: str) -> tuple[Any, list[bytes]]:
    """A reply and the records in it: JSON, JSON lines or CSV, by its content type. Raises VendorProblem."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/x-ndjson", "application/jsonl", "application/jsonlines", "application/stream+json"):
        return None, [line for line in reply.body.splitlines() if line.strip()]
    if kind == "text/csv":
        return None, csv_records(reply.body.decode("utf-8-sig", "replace"))
    if reply.status == 204 or not reply.body.strip():
        return None, []
    found = reply.json()
    try:
        records = pieces(reply.body, where)
    except ValueError as e:
        raise VendorProblem("The reply cannot be read.", str(e), code="not_json") from e
    return found, records or []


def csv_records(text: str) -> list[bytes]:
    """The rows of a CSV text as JSON objects."""
    return [msgspec.json.encode({k: v for k, v in row.items() if k}) for row in csv.DictReader(io.StringIO(text))]


async def gather_children(session: Session, spec: StreamSpec, records: list[bytes]) -> list[bytes]:
    """The records with the answers of their sub-requests. One whose sub-request is refused keeps what there is."""
    if not spec.children:
        return records
    whole: list[bytes] = []
    for start in range(0, len(records), CHILDREN_AT_ONCE):
        part = records[start : start + CHILDREN_AT_ONCE]
        whole += await asyncio.gather(*(_with_children(session, spec, body) for body in part))
    return whole


async def _with_children(session: Session, spec: StreamSpec, body: bytes) -> bytes:
    try:
        record = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return body  # the sync says what is wrong with it
    if not isinstance(record, dict):
        return body
    found: dict[str, list[bytes]] = {}
    for name, child in spec.children.items():
        if child.when and not truthy(path(child.when)(record)):
            continue
        try:
            found[name] = await _child(session, child, spec, record)
        except VendorProblem as e:
            # Gone meanwhile, or not ours to read for this one record: the record itself is still good.
            if e.needs_auth or e.status_code not in (403, 404, 410, 422):
                raise
    return with_children(body, found) if found else body


async def _child(session: Session, child: ChildSpec, spec: StreamSpec, record: dict[str, Any]) -> list[bytes]:
    request = RequestSpec(path=child.path, method=child.method, json=child.json)
    more = {**record, "id": record_id(spec, record), "record": record}
    reply = await session.ask(request, more)
    return read(reply, child.records)[1]


async def fetch_one(session: Session, spec: StreamSpec, ext_id: str) -> bytes | None:
    """A single record by its id, children included; None when the vendor no longer has it. Raises VendorProblem."""
    if spec.one is None:
        return None
    try:
        reply = await session.ask(spec.one, {"id": ext_id})
    except VendorProblem as e:
        if e.status_code in (404, 410):
            return None
        raise
    records = read(reply, spec.records)[1] or read(reply, "@")[1]
    whole = await gather_children(session, spec, records[:1])
    return whole[0] if whole else None


REST = Rest()
