"""Pushing events through the product's doors, as the senders would: Segment in batches, webhooks one by one, signed.

What the product fetches itself (HubSpot's objects, Zendesk's exports, Stripe's events) its vendors keep: `demo.vendors`.
"""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.demo.event import HUBSPOT, PRODUCT, STRIPE, DemoEvent, stamp
from honeyguide.demo.sign import headers_for
from honeyguide.demo.vendors import Office
from honeyguide.demo.wire import Wire

BATCH = 100
_CONNECTIONS = 32
_encode = msgspec.json.Encoder().encode

Progress = Callable[[int, int], None]


class Credentials(Struct):
    """What the senders know: a write key per source (also the token of its hook address), and signing secrets.

    Sources are product, hubspot and stripe. `api_keys` are for the opening week: marketing, finance, finance-2.
    `public_url` is the address the product is known by, which HubSpot signs.
    """

    write_keys: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, str] = field(default_factory=dict)
    public_url: str = ""


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
    """Send what the senders push, roughly in its order, over 32 connections. Loading it again stores nothing twice.

    Waits and repeats with the same message ids while the server is busy. Raises BadInput when a door refuses
    (a wrong key, a wrong secret), Unavailable when the server stays away for two minutes.
    """
    every = [e for e in events if e.door in (PRODUCT, STRIPE)]
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
    """Batches of up to 100 for the product's own door, Stripe's events one by one."""
    batch: list[dict[str, Any]] = []
    for event in events:
        if event.door == STRIPE:
            yield _Parcel(event.door, 1, event.payload)
        elif event.door == PRODUCT:
            batch.append(event.payload)
            if len(batch) == BATCH:
                yield _Parcel(PRODUCT, BATCH, {"batch": batch})
                batch = []
    if batch:
        yield _Parcel(PRODUCT, len(batch), {"batch": batch})


async def send(wire: Wire, credentials: Credentials, event: DemoEvent, office: Office) -> None:
    """One event as it happens: the vendor it concerns knows it, and tells the product as far as it sends webhooks."""
    if event.door == PRODUCT:
        await deliver(wire, credentials, PRODUCT, {"batch": [event.payload]})
        return
    notice = office.take(event)
    if notice is not None:
        await deliver(wire, credentials, HUBSPOT, [notice])
    elif event.door == STRIPE:
        await deliver(wire, credentials, STRIPE, event.payload)


async def deliver(wire: Wire, credentials: Credentials, door: str, content: Any) -> None:
    """A batch of the product's calls, or the body of a webhook. Raises BadInput when the door says no."""
    source = door.removeprefix("segment:")
    key = credentials.write_keys.get(source, "")
    now = clock.now()
    if door == PRODUCT:
        path, headers = "/v1/batch", {"authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}
        body = _encode({**content, "sentAt": stamp(now)})
    else:
        path, body = f"/hooks/{key}", _encode(content)
        address = f"{credentials.public_url}{path}"
        headers = headers_for(door, credentials.secrets.get(source, ""), body, now, address)
    reply = await wire.patiently("POST", path, body, {**headers, "content-type": "application/json"})
    if reply.status >= 300:
        raise BadInput(f"The {source} door refused the demo's events.", reply.problem())
