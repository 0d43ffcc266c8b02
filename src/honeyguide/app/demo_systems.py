"""Tidewater's systems as connections: the shipped connectors, at the addresses where the demo's vendors answer."""

import socket
from typing import Any

import msgspec

from honeyguide import demo
from honeyguide.app.demo_keys import DemoKeys, keep_keys, load_keys
from honeyguide.core.errors import NotFound
from honeyguide.core.ids import new_token
from honeyguide.db import Tx
from honeyguide.funnel import connections
from honeyguide.funnel.definitions import Definition, library
from honeyguide.funnel.definitions.spec import HttpSpec, RequestSpec
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings

_ASKED_A_SECOND = 400.0  # it is our own machine that is asked
_EVERY_S, _WHOLE_EVERY_S = 30, 600  # streams that are read whole each time are read less often
# What each connection is called, which answers and streams it has.
_SYSTEMS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "hubspot": (
        "HubSpot",
        {"left_statuses": demo.LEFT},
        ("companies", "contacts", "deals", "feedback", "notes", "emails"),
    ),
    "zendesk": (
        "Zendesk",
        {"subdomain": "tidewater", "email": "mara.lindt@tidewater.example"},
        ("organizations", "users", "tickets", "ticket_events", "satisfaction_ratings"),
    ),
    "stripe": ("Stripe", {}, ("events",)),
}
_SECRET = {"hubspot": "token", "zendesk": "token", "stripe": "key"}
_SIGNED = ("hubspot", "stripe")


def reachable(settings: Settings) -> Settings:
    """The settings with the demo's own vendors among the hosts connectors may call, where a demo lives."""
    try:
        port = load_keys(settings).vendors_port
    except NotFound:
        return settings
    return msgspec.structs.replace(settings, private_hosts=settings.private_hosts | {f"127.0.0.1:{port}"})


async def connect(tx: Tx, keys: DemoKeys, settings: Settings) -> None:
    """Make the connections that are not there yet, and note what their vendors need to know."""
    keys.vendors_port = keys.vendors_port or _free_port()
    keys.token = keys.token or new_token("tok")
    vault = Vault.of(settings)
    known = {c.name: c for c in await connections.connections(tx)}
    for slug, (name, answers, streams) in _SYSTEMS.items():
        secret = {_SECRET[slug]: keys.token}
        if slug in _SIGNED:
            keys.secrets[slug] = keys.secrets.get(slug) or new_token("whsec")
            secret["webhook_secret"] = keys.secrets[slug]
        found = known.get(name)
        if found is None:
            found = await connections.create_connection(
                tx, slug, name, answers, secret, list(streams), vault=vault,
                definition=_definition(slug, keys.vendors_port, streams),
            )  # fmt: skip
        else:
            await connections.change_connection(tx, found.source_id, secrets=secret, vault=vault)
        keys.write_keys[slug] = await connections.hook_key(tx, found.source_id, vault)


async def resume(tx: Tx, keys: DemoKeys, settings: Settings) -> None:
    """Let every stream be asked for at once after a start. A demo from before it had vendors gets its connections."""
    if not keys.token:
        await connect(tx, keys, settings)
        keep_keys(settings, keys)
        return
    names = {name for name, _, _ in _SYSTEMS.values()}
    for found in await connections.connections(tx):
        if found.name in names and found.state != "paused":
            await connections.request_sync(tx, found.source_id)


def _definition(slug: str, port: int, streams: tuple[str, ...]) -> Definition:
    """The shipped definition at the demo's address, asked more often; with HubSpot's properties of Tidewater's own."""
    shipped = library()[slug]
    made = {
        name: msgspec.structs.replace(
            spec, every_s=_EVERY_S if spec.cursor else _WHOLE_EVERY_S, request=_asking(slug, name, spec.request)
        )
        if name in streams
        else spec
        for name, spec in shipped.streams.items()
    }
    http = HttpSpec(f"http://127.0.0.1:{port}/{slug}", _ASKED_A_SECOND, shipped.http.headers)
    return msgspec.structs.replace(shipped, http=http, streams=made)


def _asking(slug: str, stream: str, request: RequestSpec) -> RequestSpec:
    own = demo.OWN.get(stream, []) if slug == "hubspot" else []
    if not own:
        return request
    body = dict(request.json)
    return msgspec.structs.replace(request, json={**body, "properties": [*body["properties"], *own]})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
