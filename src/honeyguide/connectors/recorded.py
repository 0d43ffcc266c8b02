"""A definition tried on recorded replies: no network, no database, the same code that syncs.

A folder holds the replies as files: `STREAM.1.json`, `STREAM.2.json` ... in the order of the pages (also .jsonl, .csv),
`STREAM.CHILD.ID.json` for the sub-request of one record, `webhook.1.json` ... for deliveries. Headers a page came with stand
beside it in `STREAM.1.headers.json`.
"""

import re
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
from msgspec import Struct, field

from honeyguide.connectors.bulk import record_of
from honeyguide.connectors.port import Ask
from honeyguide.connectors.probe import Shown, shown
from honeyguide.connectors.registry import transport_of
from honeyguide.connectors.rest import csv_records
from honeyguide.connectors.session import bare_connection, session_with
from honeyguide.connectors.templates import path_of
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError
from honeyguide.funnel import hooks
from honeyguide.funnel.connections import TOKENS, questions
from honeyguide.funnel.decode import decode
from honeyguide.funnel.definitions import Definition, StreamSpec
from honeyguide.funnel.events import Broken, Undecodable, event_id
from honeyguide.funnel.records import pieces
from honeyguide.funnel.sources import Source
from honeyguide.settings import Settings

PLACEHOLDER = "recorded.example"
_PAGE = re.compile(r"(?P<stream>[^.]+)\.(?P<n>\d+)\.(?P<kind>json|jsonl|ndjson|csv)")
_CHILD = re.compile(r"(?P<stream>[^.]+)\.(?P<child>[^.]+)\.(?P<id>.+)\.json")
_TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
}


class Recording(Struct):
    """The replies of a folder."""

    pages: dict[str, list[tuple[dict[str, str], bytes]]]
    children: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    @staticmethod
    def read(folder: Path) -> "Recording":
        """Read a folder. Raises BadInput when it holds none."""
        pages: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
        found = Recording({})
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            if file.name.endswith(".headers.json"):
                continue
            if page := _PAGE.fullmatch(file.name):
                beside = file.with_name(f"{page['stream']}.{page['n']}.headers.json")
                headers = msgspec.json.decode(beside.read_bytes(), type=dict[str, str]) if beside.exists() else {}
                headers = {"content-type": _TYPES[page["kind"]]} | {k.lower(): v for k, v in headers.items()}
                pages.setdefault(page["stream"], []).append((int(page["n"]), headers, file.read_bytes()))
            elif child := _CHILD.fullmatch(file.name):
                found.children[child["stream"], child["child"], child["id"]] = file.read_bytes()
        if not pages:
            raise BadInput(
                f"{folder} holds no recorded reply.", "They are named STREAM.1.json, STREAM.2.json, webhook.1.json ..."
            )
        found.pages = {name: [(h, b) for _, h, b in sorted(every, key=lambda p: p[0])] for name, every in pages.items()}
        return found


class Played(Struct):
    """What came of the replies of one stream (or of the webhooks)."""

    name: str
    pages: int
    rows: list[Shown]
    problems: list[str]


async def play(definition: Definition, recording: Recording) -> list[Played]:
    """Read every recorded stream and webhook with a definition. Problems are told, not raised."""
    unknown = sorted(set(recording.pages) - set(definition.streams) - {"webhook"})
    played = [Played(name, 0, [], [f"The definition has no stream {name}."]) for name in unknown]
    source = source_of(definition)
    for name, spec in definition.streams.items():
        if name in recording.pages:
            played.append(await _stream(definition, source, name, spec, recording))
    if "webhook" in recording.pages:
        played.append(_webhooks(definition, source, recording.pages["webhook"]))
    return played


def source_of(definition: Definition) -> Source:
    """A source that is read by this definition."""
    settings = {"definition": msgspec.to_builtins(definition), "config": _config(definition)}
    return Source(0, 1, "webhook", definition.label, "", clock.now(), None, settings)


def _config(definition: Definition) -> dict[str, str]:
    return {q.name: q.default or PLACEHOLDER for q in questions(definition) if not q.secret}


async def _stream(definition: Definition, source: Source, name: str, spec: StreamSpec, recording: Recording) -> Played:
    played = Played(name, 0, [], [])
    replies, now = recording.pages[name], clock.now()
    if spec.transport != "http" or spec.hook:
        for headers, body in replies:
            played.rows += shown(source, name, spec, _records(spec, headers, body), now)
        played.pages = len(replies)
        return played
    desk = Replies(name, spec, recording, strict=True)
    secrets: dict[str, Any] = {q.name: PLACEHOLDER for q in questions(definition) if q.secret}
    secrets[TOKENS] = {"access_token": PLACEHOLDER, "instance_url": f"https://{PLACEHOLDER}"}
    connection = bare_connection(definition, _config(definition), now)
    try:
        async with session_with(definition, connection, secrets, Settings.load({})) as session:
            session.web.client = httpx2.AsyncClient(transport=httpx2.MockTransport(desk.respond))
            async with aclosing(transport_of(spec).pages(session, Ask(name, spec))) as pages:  # type: ignore[type-var]
                async for page in pages:
                    played.pages += 1
                    played.rows += shown(source, name, spec, page.records, now)
    except HoneyguideError as e:
        played.problems.append(e.sentence())
    if played.pages < len(replies) and not played.problems:
        played.problems.append(f"Paging ended after {played.pages} of {len(replies)} recorded pages.")
    return played


def _records(spec: StreamSpec, headers: dict[str, str], body: bytes) -> list[bytes]:
    kind = headers["content-type"]
    if kind == "text/csv":
        rows = csv_records(body.decode("utf-8-sig", "replace"))
        return [record_of(msgspec.json.decode(row)) for row in rows] if spec.transport == "bulk" else rows
    if kind == "application/x-ndjson":
        return [line for line in body.splitlines() if line.strip()]
    return pieces(body, spec.records) or []


class Replies:
    """Answers requests out of a recording: the same request the same reply, a new one the next page.

    `strict`: a request beyond the last page is a failure; else the pages begin again (a second sync).
    """

    def __init__(self, name: str, spec: StreamSpec, recording: Recording, *, strict: bool) -> None:
        self._name, self._recording, self._strict = name, recording, strict
        self._seen: dict[tuple[str, str, bytes], int] = {}
        self._given = 0
        self._paths = {}
        for stream, child, ident in recording.children:
            if stream == name and child in spec.children:
                where = path_of(spec.children[child].path, {"id": ident, "record": {}})
                self._paths["/" + where.lstrip("/").partition("?")[0]] = (stream, child, ident)
        self._child_paths = [re.compile(_pattern(c.path)) for c in spec.children.values()]
        self._own_path = re.compile(_pattern(spec.request.path))  # `/deals/search` may look like the deal `search`

    def answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The reply to a request."""
        for suffix, key in self._paths.items():
            if path.endswith(suffix):
                return 200, {"content-type": "application/json"}, self._recording.children[key]
        if any(p.search(path) for p in self._child_paths) and not self._own_path.search(path):
            return 404, {"content-type": "application/json"}, b'{"message": "no such sub-request was recorded"}'
        pages = self._recording.pages[self._name]
        request = (method, f"{path}?{query}", body)
        if request not in self._seen:
            if self._strict and self._given >= len(pages):
                words = f"page {self._given + 1} was asked for and is not recorded: does paging see the end?"
                return 400, {"content-type": "application/json"}, msgspec.json.encode({"message": words})
            self._seen[request] = self._given % len(pages)
            self._given += 1
        headers, reply = pages[self._seen[request]]
        return 200, headers, reply

    async def respond(self, request: httpx2.Request) -> httpx2.Response:
        """The same as a client's transport."""
        raw = request.url.raw_path.decode().partition("?")
        status, headers, body = self.answer(request.method, raw[0], raw[2], await request.aread())
        return httpx2.Response(status, headers=headers, content=body)


def _pattern(template: str) -> str:
    parts = re.split(r"\{[^{}]+\}", template.partition("?")[0])
    return "[^/]+".join(re.escape(quote(p, safe="/")) for p in parts) + "$"


def _webhooks(definition: Definition, source: Source, deliveries: list[tuple[dict[str, str], bytes]]) -> Played:
    played = Played("webhook", len(deliveries), [], [])
    for headers, body in deliveries:
        for one in hooks.heard(source, body, headers, clock.now()).inputs:
            if isinstance(one, Broken):
                played.rows.append(Shown(body[:200].decode(errors="replace"), "", [], f"{one.reason}: {one.detail}"))
                continue
            row = {f: getattr(one, f) for f in ("format", "kind", "message_id", "event_time", "received_at", "body")}
            row["event_id"] = event_id(0, source.id, one.message_id)
            try:
                played.rows.append(Shown(msgspec.json.decode(one.body), one.message_id, decode(row, source)))
            except Undecodable as e:
                played.rows.append(Shown(msgspec.json.decode(one.body), one.message_id, [], f"{e.reason}: {e.detail}"))
    return played
