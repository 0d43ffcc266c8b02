"""The doors events come through: raw ASGI, no framework, answers only after the commit. A 2xx means durable.

`POST /v1/{identify,track,page,screen,group,alias,batch,import}` in Segment's format is served here, as the hottest;
what other senders speak (`PostHogDoor`, `CloudEventsDoor`, `HookDoor`) shares its keys, its committer and its answers.
"""

from collections.abc import Awaitable, Callable

from honeyguide.core import clock
from honeyguide.core.errors import Forbidden, HoneyguideError
from honeyguide.db import Database
from honeyguide.funnel import Broken, Committer, NewEvent, Outcome, Source, envelopes
from honeyguide.web.hot_subjects import PER_MINUTE, HotSubjects
from honeyguide.web.ingest_http import (
    ANYWHERE,
    CORS,
    JSON,
    Gone,
    Message,
    Receive,
    Said,
    Send,
    answer,
    answer_problem,
    body_of,
    each_outcome,
)
from honeyguide.web.write_keys import WriteKeys

_CALLS = {f"/v1/{call}{slash}": call for call in (*envelopes.CALLS, *envelopes.BATCHES) for slash in ("", "/")}
_SUCCESS = Said(b'{"success":true}')
Served = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """What every door goes through once it knows its source and has read its inputs."""

    def __init__(self, db: Database, committer: Committer, per_minute: int = PER_MINUTE) -> None:
        self.keys = WriteKeys(db)
        self.committer = committer
        self._hot = HotSubjects(per_minute)

    def write(self, source: Source, inputs: list[NewEvent | Broken]) -> Awaitable[list[Outcome]]:
        """Durable when awaited. Raises Forbidden when the source is paused, TooMuch, Unavailable."""
        if source.paused_at is not None:
            return self._paused(source)
        return self.committer.submit(source, self._hot.sort(source, inputs))

    async def _paused(self, source: Source) -> list[Outcome]:
        await self.committer.refuse(source)
        raise Forbidden(f"The source {source.name} is paused.", advice="Resume it in the console.", code="paused")

    async def serve(self, door: Served, scope: Message, receive: Receive, send: Send) -> None:
        """Run a door for one request; its errors become answers."""
        try:
            await door(scope, receive, send)
        except HoneyguideError as e:
            await answer_problem(send, e)
        except Gone:
            return


async def no_post(scope: Message, send: Send) -> None:
    """The answer to a browser's question before it posts, and to whoever does not post."""
    if scope["method"] == "OPTIONS":
        await answer(send, 204, b"", CORS)
    else:
        await answer(send, 405, b"", [(b"allow", b"POST, OPTIONS")])


class IngestDoor:
    """An ASGI application for Segment's HTTP API; `gate` is shared with the other doors."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return path in _CALLS

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            if scope["method"] != "POST":
                await no_post(scope, send)
                return
            headers: dict[bytes, bytes] = dict(scope["headers"])
            outcomes = await self._taken(_CALLS[scope["path"]], headers, scope, receive)
            if b"verbose=1" in scope["query_string"]:
                await answer(send, 200, each_outcome(outcomes), [JSON, ANYWHERE])
            else:
                await _SUCCESS.say(send, headers.get(b"origin", b""))
        except HoneyguideError as e:
            await answer_problem(send, e)
        except Gone:
            return

    async def _taken(self, call: str, headers: dict[bytes, bytes], scope: Message, receive: Receive) -> list[Outcome]:
        gate = self._gate
        given, encoding = headers.get(b"authorization"), headers.get(b"content-encoding", b"")
        source = (gate.keys.known(given) or await gate.keys.of_header(given)) if given else None
        try:
            if call in envelopes.BATCHES:
                body = await body_of(scope, receive, envelopes.BATCH_BYTES, encoding)
                parsed = envelopes.segment_batch(body, clock.now(), historical=call == "import")
            else:
                body = await body_of(scope, receive, envelopes.ITEM_BYTES, encoding)
                parsed = envelopes.segment_call(call, body, clock.now())
        except HoneyguideError:
            if source is not None:
                await gate.committer.refuse(source)
            raise
        if source is None:
            source = await gate.keys.of_key(parsed.write_key)
        return await gate.write(source, parsed.inputs)
