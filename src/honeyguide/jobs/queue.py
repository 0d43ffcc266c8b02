"""The port to a job queue: promise in a transaction, work elsewhere, at least once.

A handler must be idempotent: a job whose worker died is given to another. Two adapters prove the port
(`pgqueuer`, and our own few statements over SKIP LOCKED); tests/contracts/test_job_queues.py runs on both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from honeyguide.db import Tx


class Job(Struct, frozen=True):
    """Work to do later. While one with the same (name, key) waits, another is the same promise."""

    name: str
    key: str
    workspace_id: int
    payload: dict[str, Any] = {}


Handler = Callable[[Job], Awaitable[None]]


class JobQueue(Protocol):
    """What the product needs of a queue."""

    async def install(self, owner: Any) -> None:
        """Make the queue's own tables with an owner's connection. Twice is harmless."""

    async def enqueue(self, tx: Tx, job: Job, *, delay_s: float = 0) -> None:
        """Promise a job in the caller's transaction: it exists only if that commits."""

    async def work(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
        """Run jobs until `stop` is set. A handler that raises is tried again later, with growing pauses."""

    async def waiting(self, tx: Tx) -> int:
        """How many jobs wait or run, of every workspace."""
