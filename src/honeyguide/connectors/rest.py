"""The transport `http`: requests, pages, records and their children as the definition describes them."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from honeyguide.connectors import paging
from honeyguide.connectors.http import Reply
from honeyguide.connectors.marks import since_of
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.funnel.definitions import StreamSpec, path, record_id, truthy
from honeyguide.funnel.definitions.spec import ChildSpec, RequestSpec
from honeyguide.funnel.records import pieces, with_children

CHILDREN_AT_ONCE = 6


class Rest:
    """Pages over HTTP."""

    name = "http"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """The pages of a stream from a position on."""
        spec, position = ask.spec, ask.position
        cursor = spec.cursor
        since = since_of(cursor, ask.since)
        request = spec.request
        if cursor and cursor.param and since is not None:
            request = msgspec.structs.replace(request, params={**request.params, cursor.param: since})
        while True:
            asked, more, url = paging.placed(spec.paging, position, request)
            reply = await session.ask(asked, {**more, "since": since}, url)
            found, records = read(reply, spec.records)
            following = paging.following(spec.paging, position, reply, found, len(records))
            whole = await gather_children(session, spec, records[: ask.limit or None])
            yield Page(whole, following, paging.total_of(found))
            if following is None:
                return
            position = following

    async def reach(self, session: Session, /) -> str:
        """Nothing is asked beyond the streams themselves."""
        return session.base()


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
