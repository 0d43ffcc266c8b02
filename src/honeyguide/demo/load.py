"""Pushing events through the product's doors, as the senders would: Segment in batches, webhooks one by one, signed."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.demo.event import HUBSPOT, PRODUCT, DemoEvent, stamp
from honeyguide.demo.sign import headers_for
from honeyguide.demo.wire import Wire

BATCH = 100
_CONNECTIONS = 32
_encode = msgspec.json.Encoder().encode

Progress = Callable[[int, int], None]


class Credentials(Struct):
    """What the senders know: a write key per source (also the token of its hook address), and signing secrets.

    Sources are hubspot, product, zendesk and stripe. `api_keys` are for the opening week: marketing, finance, finance-2.
    """

    write_keys: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, str] = field(default_factory=dict)


class Loaded(Struct, frozen=True):
    """What a load did: events sent, requests made for them, seconds taken."""

    events: int
    requests: int
    seconds: float


class _Parcel(Struct, frozen=True):
    door: str
    count: int
    body: dict[str, Any]


async def load(
    base_url: str, credentials: Credentials, events: Iterable[DemoEvent], progress: Progress | None = None
) -> Loaded:
    """Send the events, roughly in their order, over 32 connections. Loading the same events again stores nothing twice.

    Waits and repeats with the same message ids while the server is busy. Raises BadInput when a door refuses
    (a wrong key, a wrong secret), Unavailable when the server stays away for two minutes.
    """
    every = list(events)
    queue = iter(list(_parcels(every)))
    started = asyncio.get_running_loop().time()
    sent = requests = 0

    async def work(wire: Wire) -> None:
        nonlocal sent, requests
        for parcel in queue:
            await deliver(wire, credentials, parcel.door, parcel.body)
            sent, requests = sent + parcel.count, requests + 1
            if progress is not None:
                progress(sent, len(every))

    try:
        async with Wire(base_url, _CONNECTIONS) as wire, asyncio.TaskGroup() as group:
            for _ in range(_CONNECTIONS):
                group.create_task(work(wire))
    except BaseExceptionGroup as several:  # every connection was told the same; one of them says it
        raise several.exceptions[0] from several
    return Loaded(sent, requests, asyncio.get_running_loop().time() - started)


def _parcels(events: list[DemoEvent]) -> Iterator[_Parcel]:
    """Batches of up to 100 per Segment door, everything else alone; a batch closes when it is full."""
    open_batches: dict[str, list[dict[str, Any]]] = {HUBSPOT: [], PRODUCT: []}
    for event in events:
        batch = open_batches.get(event.door)
        if batch is None:
            yield _Parcel(event.door, 1, event.payload)
            continue
        batch.append(event.payload)
        if len(batch) == BATCH:
            yield _Parcel(event.door, BATCH, {"batch": batch})
            open_batches[event.door] = []
    for door, batch in open_batches.items():
        if batch:
            yield _Parcel(door, len(batch), {"batch": batch})


async def send(wire: Wire, credentials: Credentials, event: DemoEvent) -> None:
    """One event through its door, as it happens."""
    body = {"batch": [event.payload]} if event.door in (HUBSPOT, PRODUCT) else event.payload
    await deliver(wire, credentials, event.door, body)


async def deliver(wire: Wire, credentials: Credentials, door: str, content: dict[str, Any]) -> None:
    """A Segment batch or one webhook body. Raises BadInput when the door says no."""
    source = door.removeprefix("segment:")
    key = credentials.write_keys.get(source, "")
    now = clock.now()
    if door in (HUBSPOT, PRODUCT):
        path, headers = "/v1/batch", {"authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}
        body = _encode({**content, "sentAt": stamp(now)})
    else:
        path, body = f"/hooks/{key}", _encode(content)
        headers = headers_for(door, credentials.secrets.get(source, ""), body, now)
    reply = await wire.patiently("POST", path, body, {**headers, "content-type": "application/json"})
    if reply.status >= 300:
        raise BadInput(f"The {source} door refused the demo's events.", reply.problem())
