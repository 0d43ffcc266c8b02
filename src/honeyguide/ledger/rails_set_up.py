"""Rails as a workspace sets them up: which account they need, settings that may be shown, secrets that may not."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.core.ids import digest
from honeyguide.db import Tx, audit
from honeyguide.ledger import disbursement_rows as rows
from honeyguide.ledger.disbursement_rows import RailRow

HOOK = "rail_hook"
__all__ = ["HOOK", "RailKind", "RailRow", "rail_of_hook", "rails_of", "set_rail"]


class RailKind(Struct, frozen=True):
    """A rail there is: whether it calls, which account it pays into, what it pays, the secrets it asks for.

    `settings`: what it may be told besides, true for what it cannot pay without. `sandbox`: where its provider lets one try.
    `currencies`: empty when it is up to the provider.
    """

    name: str
    sends: bool
    payee_kind: str
    incentives: tuple[str, ...]
    secrets: tuple[str, ...]
    settings: dict[str, bool] = {}
    currencies: tuple[str, ...] = ()
    sandbox: str = ""


async def set_rail(
    tx: Tx, rail: str, actor: str, now: datetime, *, sends: bool, payee_kind: str, config: dict[str, Any],
    sealed: bytes | None = None, hook_token: str = "", enabled: bool = True,
) -> RailRow:  # fmt: skip
    """Set a rail up or change it; `sealed` (secrets, encrypted) and the webhook's token stay when they are not given.

    Raises BadInput when secrets would follow to another address.
    """
    known = await rows.rails(tx, rail, lock=True)
    moved = bool(known) and known[0].config.get("base_url") != config.get("base_url")
    if moved and known[0].sealed is not None and sealed is None:
        raise BadInput(
            "Credentials do not follow to another address.", "Enter them again together with it.",
            advice="Whoever changes where they are sent must know them.", code="credentials_needed",
        )  # fmt: skip
    hooked = digest(hook_token) if hook_token else None
    row = RailRow(rail, sends, payee_kind, config, sealed, enabled, actor, now, now)
    await rows.put_rail(tx, row, hooked)
    if hooked is not None:
        await tx.register(HOOK, hooked)
    await audit.write(tx, actor, "rail.changed", f"rail:{rail}", {"enabled": enabled, "secrets": sealed is not None})
    return (await rows.rails(tx, rail))[0]


async def rails_of(tx: Tx, rail: str | None = None) -> list[RailRow]:
    """The rails of the workspace, or the one of this name."""
    return await rows.rails(tx, rail)


async def rail_of_hook(tx: Tx, hook_digest: bytes) -> str | None:
    """The rail whose webhook's address has this digest."""
    return await rows.rail_of_hook(tx, hook_digest)
