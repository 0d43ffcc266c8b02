"""First contents: an empty workspace with its owner, or the demo company with its people, program and keys."""

from honeyguide import funnel, ledger, programs
from honeyguide.app import demo_systems
from honeyguide.app.demo_keys import DemoKeys, keep_keys, load_keys
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.core.ids import digest
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, change_settings, create_workspace
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
_PRODUCT = "product"  # the product itself sends what is done in it; everything else is fetched


async def first_workspace(db: Database) -> int:
    """The workspace `main` with an owner and the customer-referral program; where there is only another one, that.

    So a folder that holds a simulated year or a demo company opens on it, not on an empty company beside it.
    """
    known = await db.workspaces()
    if len(known) == 1 and await db.find("workspace", digest(MAIN), ttl_s=0) is None:
        return known[0]
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
            keys = load_keys(settings)
        except NotFound:
            await _make_keys(tx, settings, known)
        else:
            await demo_systems.resume(tx, keys, settings)
    return workspace_id


async def _make_keys(tx: Tx, settings: Settings, known: dict[str, funnel.Source]) -> None:
    keys = DemoKeys({}, {}, {})
    if _PRODUCT in known:
        keys.write_keys[_PRODUCT] = await funnel.renew_key(tx, known[_PRODUCT], None)
    else:
        _, keys.write_keys[_PRODUCT] = await funnel.create_source(tx, "segment", _PRODUCT)
    await demo_systems.connect(tx, keys, settings)
    for role, scopes in (
        ("marketing", ["read", "write"]),
        ("finance", ["read", "payouts"]),
        ("finance-2", ["read", "payouts"]),
    ):
        keys.api_keys[role] = await auth.create_api_key(tx, f"demo {role}", scopes)
    keep_keys(settings, keys)


async def sign_in_links(db: Database, settings: Settings, workspace_id: int) -> list[tuple[str, str]]:
    """(who, one-time URL) for every operator of a workspace."""
    async with db.tx(workspace_id) as tx:
        return [
            (f"{o.name} ({o.role})", await auth.issue_link(tx, o.id, _LINK_MINUTES, base_url=settings.base_url))
            for o in await operators(tx)
        ]
