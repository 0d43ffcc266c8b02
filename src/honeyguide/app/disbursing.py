"""Where payments, secrets and rails meet: the worker's step that asks providers to pay, and looks what became of it.

Between the transaction that says "unknown" and the one that writes the answer down, nothing is held: a worker that dies
in between leaves a row that is asked for again under the same key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from honeyguide import delivery, ledger, rails
from honeyguide.connectors.guard import Pinned
from honeyguide.core.errors import BadInput, NotFound, Unavailable
from honeyguide.core.ids import digest
from honeyguide.db import Database, Tx, outbox
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import disburse, payees, schedules
from honeyguide.ledger.rails_set_up import RailKind, RailRow, rail_of_hook, rails_of
from honeyguide.settings import Settings

_INCENTIVES = ("commission", "co_marketing", "donation", "gift_card", "coupon", "renewal_credit", "account_credit")


def calling(row: RailRow, settings: Settings, vault: Vault) -> ledger.CallRail | None:
    """The rail as this workspace has set it up; None for one that writes files."""
    made = rails.CALLING.get(row.rail)
    if made is None:
        return None
    kind, base, _ = made
    caller = rails.Caller(
        str(row.config.get("base_url") or base), lambda: Pinned(settings.private_hosts, rails.transport())
    )
    return cast("ledger.CallRail", kind(caller, vault.open(row.sealed), row.config))


async def disburse_due(db: Database, workspace_id: int, settings: Settings, now: datetime) -> int:
    """One payment and one look of every calling rail whose turn has come. How many calls were made."""
    async with db.tx(workspace_id) as tx:
        found = await rails_of(tx)
    vault, moved = Vault.of(settings), 0
    for row in found:
        rail = calling(row, settings, vault) if row.sends else None
        if rail is not None:
            moved += await send_one(db, workspace_id, rail, vault, now)
            moved += await look_at_one(db, workspace_id, rail, vault, now)
    return moved


async def send_one(db: Database, workspace_id: int, rail: ledger.CallRail, vault: Vault, now: datetime) -> int:
    """Ask for the payment that is due longest, if any; its answer is written down."""
    async with db.tx(workspace_id) as tx:
        claim = await disburse.claim(tx, rail.name, rail.interval_ms, now)
    if claim is None:
        return 0
    order = disburse.order_of(claim.line, vault.open(claim.sealed))
    answer = await rail.send(order)
    status = None
    if isinstance(answer, ledger.Refused) and claim.again:
        # An earlier try may have paid although this one is refused: only what a look says counts.
        status = await rail.look(order)
    async with db.tx(workspace_id) as tx:
        if status is None or status.standing == "absent":
            await disburse.answered(tx, claim.entry, claim.line.id, answer, now)
        elif status.standing == "unknown":
            await disburse.answered(tx, claim.entry, claim.line.id, ledger.Unknown(status.reason, status.wait_s), now)
        else:
            await disburse.found_again(tx, claim.entry, claim.line.id, status, now)
    return 1


async def look_at_one(db: Database, workspace_id: int, rail: ledger.CallRail, vault: Vault, now: datetime) -> int:
    """Look up the payment whose look is due longest, if any."""
    async with db.tx(workspace_id) as tx:
        due = await disburse.next_look(tx, rail.name, rail.interval_ms, now)
    if due is None:
        return 0
    line, sealed = due
    status = await rail.look(disburse.order_of(line, vault.open(sealed)))
    async with db.tx(workspace_id) as tx:
        await disburse.looked(tx, line.id, status, now)
    return 1


async def mail_confirmations(db: Database, workspace_id: int, channel: delivery.Channel, now: datetime) -> int:
    """Mail the links by which advocates confirm their accounts; a mail that fails is tried again."""
    async with db.tx(workspace_id) as tx:
        claimed = await outbox.take(tx, payees.MAIL, 10, now)
    for entry in claimed:
        said = entry.payload
        letter = delivery.Letter(f"payee-{entry.key}", workspace_id, said["to"], said["subject"], said["text"], "")
        try:
            reference = await channel.send(letter)
        except (Unavailable, BadInput) as problem:
            async with db.tx(workspace_id) as tx:
                await outbox.retry(tx, entry, problem.sentence(), now)
            continue
        async with db.tx(workspace_id) as tx:
            await outbox.done(tx, entry.id, {"reference": reference})
    return len(claimed)


async def run_schedule(db: Database, workspace_id: int, now: datetime) -> int:
    """The run of payouts the workspace's schedule asks for now, once. How many payouts were requested."""
    async with db.tx(workspace_id) as tx:
        made = await schedules.run_due(tx, now)
    return len(made.payouts) if made else 0


class Paying:
    """What the web asks of the rails, which it does not know: which there are, a payout's file, a provider's webhook."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def kinds(self) -> list[RailKind]:
        """Every rail there is."""
        calling_ones = [
            RailKind(name, True, kind.payee_kind, tuple(sorted(kind.incentives)), secrets, *_told(name))
            for name, (kind, _, secrets) in rails.CALLING.items()
        ]
        writing = [
            RailKind(name, False, getattr(made({}), "payee_kind", ""), _accepted(made({})), (), *_told(name))
            for name, made in rails.WRITING.items()
        ]
        return writing + calling_ones

    async def file(self, tx: Tx, payout_id: UUID, actor: str, now: datetime) -> ledger.Instruction:
        """An approved payout as the file its rail takes. Raises Conflict, BadInput, NotFound."""
        view = await ledger.payout(tx, payout_id)
        make = rails.WRITING.get(view.payout.rail)
        if make is None:
            raise BadInput(f"The rail '{view.payout.rail}' makes no file.", "It is paid by itself once it is approved.")
        row = next(iter(await rails_of(tx, view.payout.rail)), None)
        rail = make(row.config if row else {})
        vault = Vault.of(self._settings)
        return await ledger.hand_over(
            tx, payout_id, rail, actor, payee_kind=getattr(rail, "payee_kind", ""), unseal=vault.open, now=now
        )

    async def hear(
        self, db: Database, workspace_id: int, token: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> int:
        """Check a webhook and let the payments it is about be looked at. How many it was about.

        Raises NotFound for an address of no rail, Unauthenticated on a wrong signature, BadInput on no notice.
        """
        async with db.tx(workspace_id) as tx:
            name = await rail_of_hook(tx, digest(token))
            found = await rails_of(tx, name) if name else []
        rail = calling(found[0], self._settings, Vault.of(self._settings)) if found else None
        if rail is None:
            raise NotFound("There is no webhook at this address.", advice="Copy it again from the rail.")
        notices = rail.notices(headers, body, now)
        async with db.tx(workspace_id) as tx:
            return await disburse.heard(tx, rail.name, notices, now)


def _told(name: str) -> tuple[dict[str, bool], tuple[str, ...], str]:
    return rails.SETTINGS.get(name, {}), rails.CURRENCIES.get(name, ()), rails.SANDBOXES.get(name, "")


def _accepted(rail: ledger.Rail) -> tuple[str, ...]:
    return tuple(i for i in sorted(_INCENTIVES) if rail.accepts(i))
