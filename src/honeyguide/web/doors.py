"""Every door events come through, as one application for the paths it `handles`."""

from typing import Protocol

from honeyguide.db import Database
from honeyguide.funnel import Committer
from honeyguide.web.cloudevents_door import CloudEventsDoor
from honeyguide.web.hook_door import HookDoor
from honeyguide.web.hot_subjects import PER_MINUTE
from honeyguide.web.ingest_door import Gate, IngestDoor
from honeyguide.web.ingest_http import Message, Receive, Send
from honeyguide.web.posthog_door import PostHogDoor
from honeyguide.web.uploads_door import UploadsDoor


class _Door(Protocol):
    def handles(self, path: str) -> bool: ...
    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None: ...


class Doors:
    """The doors of one process: one committer, one memory of write keys, one count of hot subjects.

    `base_url` is the public address (for webhooks whose signature covers it); empty takes it from the request.
    `per_minute` is how many events a minute one subject may send before the rest waits in the overflow lane.
    """

    def __init__(self, db: Database, committer: Committer, base_url: str = "", *, per_minute: int = PER_MINUTE) -> None:
        gate = Gate(db, committer, per_minute)
        self._segment = IngestDoor(gate)
        self._others: tuple[_Door, ...] = (
            HookDoor(db, gate, base_url), PostHogDoor(gate), CloudEventsDoor(gate), UploadsDoor(db, gate),
        )  # fmt: skip

    def handles(self, path: str) -> bool:
        """Whether a path belongs to one of these doors."""
        return self._of(path) is not None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request to such a path."""
        door = self._of(scope["path"])
        if door is None:
            raise LookupError(scope["path"])
        await door(scope, receive, send)

    def _of(self, path: str) -> _Door | None:
        if self._segment.handles(path):
            return self._segment
        return next((door for door in self._others if door.handles(path)), None)
