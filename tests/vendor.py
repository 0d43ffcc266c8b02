"""A vendor's server on a port of its own: pages, tokens that turn over, bulk jobs, and every way of failing.

It runs in a thread, so that a test may also block (a crashed child syncs against it).
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import parse_qs

import uvicorn

Answer = tuple[int, dict[str, str], bytes]


class Vendor:
    """What the server knows and how it behaves. `faults[path]` are answered first, one a request."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.faults: dict[str, deque[Any]] = defaultdict(deque)
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.tokens = {"t0"}
        self.refresh = "r0"
        self.issued = 0
        self.size = 10
        self.jobs: dict[str, dict[str, Any]] = {}
        self.url = ""
        self.pause_s = 0.0
        self.call_in_thread = False  # an answer that looks things up by itself

    def add(self, *numbers: int, at: str = "2026-03-01T10:00:00Z", **more: Any) -> None:
        """Contacts by number, all changed at a time."""
        for n in numbers:
            ident = str(n)
            self.contacts[ident] = {
                "id": ident, "updatedAt": at, "archived": False,
                "properties": {"email": f"p{n}@firm{n % 7}.example", "name": f"Person {n}"}, **more,
            }  # fmt: skip

    def paths(self, path: str = "") -> list[str]:
        """The paths that were asked."""
        return [p for _, p, _, _ in self.asked if p.startswith(path)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, headers = scope["path"], {k.decode(): v.decode() for k, v in scope["headers"]}
        query = {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()}
        self.asked.append((scope["method"], path, query, headers))
        if self.pause_s:
            time.sleep(self.pause_s)
        fault = self.faults[path].popleft() if self.faults[path] else None
        if fault == "drop":
            await send({"type": "http.response.start", "status": 200,
                        "headers": [(b"content-type", b"application/json"), (b"content-length", b"1000")]})  # fmt: skip
            await send({"type": "http.response.body", "body": b'{"results": [{"id": "1"', "more_body": False})
            return
        asked = (scope["method"], path, query, headers, body)
        if fault is None:
            fault = await asyncio.to_thread(self.answer, *asked) if self.call_in_thread else self.answer(*asked)
        status, more, content = fault
        given = {"content-type": "application/json", "content-length": str(len(content)), **more}
        await send({"type": "http.response.start", "status": status,
                    "headers": [(k.encode(), v.encode()) for k, v in given.items()]})  # fmt: skip
        await send({"type": "http.response.body", "body": content})

    def answer(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Answer:
        if path == "/token":
            return self._token(parse_qs(body.decode()))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return refused(401, "The token is not valid.")
        if path == "/contacts":
            return self._contacts(query)
        if path == "/search":
            asked = json.loads(body)
            return self._contacts({"after": asked.get("paging", {}).get("after", ""), "updatedAfter": asked["since"]})
        if path.startswith("/contacts/"):
            ident, _, rest = path.removeprefix("/contacts/").partition("/")
            if rest == "notes":
                return found({"data": self.notes.get(ident, [])})
            return found(self.contacts[ident]) if ident in self.contacts else refused(404, "No such contact.")
        if path == "/secret-scope":
            return refused(403, "This app lacks the scope.", requiredScopes=["crm.objects.contacts.read"])
        if path.startswith("/jobs/query"):
            return self._bulk(method, path, query, body)
        return refused(404, "Nothing here.")

    def _contacts(self, query: dict[str, str]) -> Answer:
        rows = sorted(self.contacts.values(), key=lambda c: (c["updatedAt"], int(c["id"])))
        rows = [c for c in rows if c["updatedAt"] >= query.get("updatedAfter", "")]
        start = int(query.get("after") or 0)
        page = rows[start : start + self.size]
        more = {"next": {"after": str(start + self.size)}} if start + self.size < len(rows) else {}
        return found({"results": page, "paging": more, "total": len(rows)})

    def _token(self, form: dict[str, list[str]]) -> Answer:
        kind = form.get("grant_type", [""])[0]
        if form.get("client_id") != ["app"] or form.get("client_secret") != ["hush"]:
            return refused(401, "Unknown client.")
        if kind == "authorization_code" and form.get("code") != ["right-code"]:
            return refused(400, "The code is not valid.", error="invalid_grant")
        if kind == "refresh_token" and form.get("refresh_token") != [self.refresh]:
            return refused(400, "The refresh token was used before.", error="invalid_grant")
        self.issued += 1
        access, self.refresh = f"t{self.issued}", f"r{self.issued}"
        self.tokens = {access}
        return found(
            {"access_token": access, "refresh_token": self.refresh, "expires_in": 3600, "token_type": "bearer"}
        )

    def _bulk(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        if method == "POST":
            ident = f"job{len(self.jobs) + 1}"
            self.jobs[ident] = {"polls": 2, "query": json.loads(body)}
            return found({"id": ident, "state": "UploadComplete"})
        ident, _, rest = path.removeprefix("/jobs/query/").partition("/")
        job = self.jobs[ident]
        if not rest:
            job["polls"] -= 1
            state = "JobComplete" if job["polls"] <= 0 else "InProgress"
            return found({"id": ident, "state": state, "numberRecordsProcessed": len(self.contacts)})
        rows = list(self.contacts.values())
        start, size = int(query.get("locator", 0)), int(query["maxRecords"])
        lines = ["Id,Email,IsDeleted,SystemModstamp,Account.Name"]
        lines += [f"{c['id']},{c['properties']['email']},{str(c['archived']).lower()},{c['updatedAt']},Firm {c['id']}"
                  for c in rows[start : start + size]]  # fmt: skip
        locator = str(start + size) if start + size < len(rows) else "null"
        return 200, {"content-type": "text/csv", "sforce-locator": locator}, "\n".join(lines).encode()


def found(value: Any) -> Answer:
    """200 with JSON."""
    return 200, {}, json.dumps(value).encode()


def refused(status: int, words: str, **more: Any) -> Answer:
    """An error in a usual form."""
    return status, {}, json.dumps({"message": words, **more}).encode()


def throttled(seconds: float) -> Answer:
    """429 with Retry-After."""
    return 429, {"retry-after": str(seconds)}, b"{}"


@contextlib.contextmanager
def serving(app: Any, lifespan: Literal["on", "off"] = "off") -> Iterator[str]:
    """Serve an ASGI application in a thread; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan=lifespan,
            timeout_keep_alive=2,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()


@contextlib.contextmanager
def vendor() -> Iterator[Vendor]:
    """A vendor that is being served."""
    made = Vendor()
    with serving(made) as url:
        made.url = url
        yield made


DEFINITION = """
connector: acme-crm
label: Acme CRM
about: Contacts of the Acme CRM. The token needs the permission to read contacts.
config:
  base: {label: Address, required: true}
auth: {kind: bearer, secret: token}
http: {base: "{config.base}", per_second: 2000}
streams:
  contacts:
    request: {path: /contacts, params: {limit: 10}}
    paging: {kind: cursor, next: paging.next.after, param: after}
    records: results
    id: id
    version: updatedAt
    cursor: {field: updatedAt, as: iso, param: updatedAfter, overlap_s: 120}
    deleted: archived
    tombstones: true
    one: {path: "/contacts/{id}"}
maps:
  contacts:
    time: updatedAt
    person: {id: id, email: properties.email, traits: {name: properties.name}}
    ref: "Acme contact {id}"
    events: [{kind: persona.identified}]
"""
