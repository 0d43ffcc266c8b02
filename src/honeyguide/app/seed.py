"""First contents: an empty workspace with its owner, or the demo company with its people, program and keys."""

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from honeyguide import funnel, ledger, programs
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.core.ids import new_token
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, change_settings, create_workspace, workspace_by_slug
from honeyguide.settings import Settings
from honeyguide.web import auth
from honeyguide.web.operators import ensure_operator, operators

MAIN, DEMO = "main", "tidewater"
_PROGRAM = "customer-referrals"
_LINK_MINUTES = 12 * 60  # printed on this machine's own terminal, so it may live longer than one sent by mail
_DEMO_OPERATORS = (
    ("mara.lindt@tidewater.example", "Mara Lindt", "owner"),
    ("felix.adeyemi@tidewater.example", "Felix Adeyemi", "finance"),
)
_DEMO_SOURCES = (("segment", "hubspot"), ("segment", "product"), ("zendesk", "zendesk"), ("stripe", "stripe"))


class DemoKeys(Struct):
    """The demo's own keys, kept in the data folder (0600): write keys by source, signing secrets, API keys by role."""

    write_keys: dict[str, str]
    secrets: dict[str, str]
    api_keys: dict[str, str]


def keys_path(settings: Settings) -> Path:
    """Where the demo's keys are."""
    return settings.data / "demo-keys.json"


def load_keys(settings: Settings) -> DemoKeys:
    """The demo's keys. Raises NotFound where no demo company was opened."""
    with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode(keys_path(settings).read_bytes(), type=DemoKeys)
    raise NotFound("There is no demo company in this data folder.", advice="Start it with `honeyguide up --demo`.")


async def first_workspace(db: Database) -> int:
    """The workspace `main` with an owner and the customer-referral program, for a fresh installation."""
    workspace_id = await create_workspace(db, MAIN, "My company")
    async with db.tx(workspace_id) as tx:
        await ensure_operator(tx, "owner@localhost", "Owner", "owner")
        await programs.ensure_program(tx, _PROGRAM)
    return workspace_id


async def demo_company(db: Database, settings: Settings) -> int:
    """Tidewater: its operators, sources, program and keys. Twice is harmless; lost keys are made anew."""
    workspace_id = await create_workspace(db, DEMO, "Tidewater", currency="EUR", timezone="Europe/Berlin")
    async with db.tx(workspace_id) as tx:
        for email, name, role in _DEMO_OPERATORS:
            await ensure_operator(tx, email, name, role)
        program = await programs.ensure_program(tx, _PROGRAM)
        await ledger.fund_budget(tx, "demo", program.id, Money(5_000_000, "EUR"), _DEMO_OPERATORS[1][0], clock.now())
        # A newcomer looks at any hour, and mails must go then: Tidewater keeps no quiet hours.
        await change_settings(tx, {"quiet_hours": "none"})
        known = {s.name: s for s in (await funnel.load_sources(tx)).values()}
        try:
            load_keys(settings)
        except NotFound:
            await _make_keys(tx, settings, known)
    return workspace_id


async def _make_keys(tx: Tx, settings: Settings, known: dict[str, funnel.Source]) -> None:
    keys = DemoKeys({}, {}, {})
    for kind, name in _DEMO_SOURCES:
        secret = new_token("whsec") if kind in ("zendesk", "stripe") else None
        if name in known:
            keys.write_keys[name] = await funnel.renew_key(tx, known[name], secret)
        else:
            _, keys.write_keys[name] = await funnel.create_source(tx, kind, name, secret)
        if secret:
            keys.secrets[name] = secret
    for role, scopes in (
        ("marketing", ["read", "write"]),
        ("finance", ["read", "payouts"]),
        ("finance-2", ["read", "payouts"]),
    ):
        keys.api_keys[role] = await auth.create_api_key(tx, f"demo {role}", scopes)
    path = keys_path(settings)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(keys))


async def sign_in_links(db: Database, settings: Settings, slug: str) -> list[tuple[str, str]]:
    """(who, one-time URL) for every operator of a workspace."""
    workspace_id = await workspace_by_slug(db, slug)
    async with db.tx(workspace_id) as tx:
        return [
            (f"{o.name} ({o.role})", await auth.issue_link(tx, o.id, _LINK_MINUTES, base_url=settings.base_url))
            for o in await operators(tx)
        ]
