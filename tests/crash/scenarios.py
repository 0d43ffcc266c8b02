"""What is crashed: every operation of the ledger, a consumer with its cursor, and the road from a deal to a reward."""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from honeyguide import identity, ledger, outcomes
from honeyguide.connectors.sync import sync_due
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, audit, cursors
from honeyguide.funnel import append, decode, internal_source, load_sources, own_event
from honeyguide.funnel.connections import create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import Account, Line
from tests.crash import ingest_steps
from tests.crash.points import Run
from tests.crash.settings import WORKER_SETTINGS
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    PROGRAM,
    add_advocate,
    approved,
    earned,
    issued,
    paid,
    requested,
)
from tests.unit.outcomes.town import AT as SIGNED_UP
from tests.unit.outcomes.town import company, days, joins, person, settle
from tests.vendor import DEFINITION, Vendor, vendor

Operation = Callable[[Run], Awaitable[None]]
CONSUMER = "crash-test"

HELD = Account("held", "advocate:x", "EUR")
AVAILABLE = Account("available", "advocate:x", "EUR")


def draw(minor: int) -> list[Line]:
    return [Line(HELD, -minor), Line(AVAILABLE, minor)]


async def _reward(tx: Tx) -> ledger.Reward:
    (found,) = await ledger.rewards(tx)
    return found


async def _payout(tx: Tx) -> ledger.Payout:
    (found,) = await ledger.payouts(tx)
    return found


async def post(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.post(tx, f"post:{UUID(int=1)}", "test", "", draw(30), AT)


async def issue(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.issue_reward(tx, earned(cap_minor=200_000), AT)


async def approve(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.approve_reward(tx, (await _reward(tx)).id, FINN, LATER)


async def void(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.void_reward(tx, (await _reward(tx)).id, FINN, "Refunded.", LATER)


async def request(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.request_payout(tx, [(await _reward(tx)).id], "manual", FINN, LATER)


async def second_person(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.approve_payout(tx, (await _payout(tx)).id, NOOR, LATER)


async def pay(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.mark_paid(tx, (await _payout(tx)).id, FINN, "SEPA 1", LATER)


async def refund(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.reverse_reward(tx, (await _reward(tx)).id, 40_000, "refund:1", "Refunded in part.", FINN, LATER)


async def cancel(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        await ledger.cancel_payout(tx, (await _payout(tx)).id, FINN, "Wrong month.", LATER)


async def time(run: Run) -> None:
    """A reward whose hold is over, one that is due and one that nobody claimed."""
    async with run.db.tx(run.workspace) as tx:
        await ledger.advance(tx, LATER)


async def confirm(run: Run) -> None:
    async with run.db.tx(run.workspace) as tx:
        (made,) = await ledger.proposals(tx)
        await ledger.confirm(tx, made.id, FINN, LATER)


async def take(tx: Tx, rows: list[Any]) -> None:
    """A consumer's effects: one line of audit per row (twice would be seen) and one transfer."""
    for row in rows:
        await audit.write(tx, "consumer", "row.taken", row["message_id"])
        await ledger.post(tx, f"row:{row['message_id']}", "test", "", draw(1), AT)


async def consume(run: Run) -> None:
    async with cursors.batch(run.db, run.workspace, CONSUMER) as batch:
        if batch is not None:
            await take(batch.tx, batch.rows)


async def road(run: Run) -> None:
    """Deal events from the log through identity and outcomes, as the worker does it."""
    async with cursors.batch(run.db, run.workspace, CONSUMER) as batch:
        if batch is not None:
            sources = await load_sources(batch.tx)
            events = [e for row in batch.rows for e in decode(row, sources[row["source_id"]])]
            await identity.step(batch.tx, events)
            await outcomes.step(batch.tx, events)


async def sync(run: Run) -> None:
    """A page of records from a vendor, as the worker fetches it. The lease of one that died has ended."""
    await sync_due(run.db, run.workspace, WORKER_SETTINGS, lease_s=-1)


async def race(run: Run) -> None:
    """Four draws of 60 on an account that holds 100, at once: exactly one fits."""
    start = asyncio.Barrier(4)

    async def one(n: int) -> int:
        try:
            async with run.db.tx(run.workspace) as tx:
                await start.wait()
                await ledger.post(tx, f"draw:{n}", "test", "", draw(60), AT)
            return 1
        except ledger.OverFloor:
            return 0

    fitted = sum(await asyncio.gather(*(one(n) for n in range(4))))
    if fitted != 1:
        raise AssertionError(f"{fitted} of 4 draws fitted")


OPERATIONS: dict[str, Operation] = {
    "post": post, "issue": issue, "approve": approve, "void": void, "request": request, "second_person": second_person,
    "pay": pay, "refund": refund, "cancel": cancel, "time": time, "confirm": confirm, "consume": consume, "road": road, "sync": sync, "race": race, **ingest_steps.OPERATIONS,
}  # fmt: skip


async def prepare(db: Database, workspace: int, scenario: str) -> None:
    """What stands in the books before the operation."""
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        if scenario in ("post", "consume", "race"):
            # Both accounts exist: opening one would serialise a race and hide what it is for.
            opening = [Line(Account("expense", "program:1", "EUR"), -101), Line(HELD, 100), Line(AVAILABLE, 1)]
            await ledger.post(tx, "open", "test", "", opening, AT)
        if scenario == "issue":
            await ledger.fund_budget(tx, "2026", PROGRAM, Money(400_000, "EUR"), NOOR, AT)
        if scenario in ("void", "approve"):
            await issued(tx, cap_minor=200_000)
        if scenario == "request":
            await approved(tx)
        await _prepare_payout(tx, scenario)
        if scenario == "consume":
            events = [own_event(f"m{n}", "custom", AT, props={"name": "x"}) for n in range(2)]
            await append(tx, await internal_source(tx), events)
        if scenario == "road":
            await _prepare_road(tx)
        if scenario == "sync":
            await _prepare_sync(tx)


@functools.cache
def the_vendor() -> Vendor:
    """A vendor with seven contacts, one of them broken; it is served until this process ends."""
    stack = contextlib.ExitStack()
    made = stack.enter_context(vendor())
    made.stack = stack  # type: ignore[attr-defined]  # held as long as the vendor
    made.add(*range(1, 8))
    made.contacts["4"] = {"updatedAt": "2026-03-01T10:00:00Z", "id": "4", "big": "x" * 1_000_001}
    return made


async def _prepare_payout(tx: Tx, scenario: str) -> None:
    if scenario in ("second_person", "pay"):
        payout = await requested(tx)
        if scenario == "pay":
            await ledger.approve_payout(tx, payout.id, NOOR, LATER)
    if scenario == "refund":
        await paid(tx)
    if scenario == "cancel":  # something was taken back while it was in the payout
        await requested(tx)
        await ledger.reverse_reward(tx, (await _reward(tx)).id, 30_000, "refund:1", "Refunded in part.", FINN, LATER)
    if scenario == "time":
        await ledger.approve_reward(tx, (await issued(tx, 1)).id, FINN, AT, keep_hold=True)
        await issued(tx, 2, pending_until=LATER)
        await issued(tx, 3, expires_at=LATER)
    if scenario == "confirm":
        ask = ledger.BudgetAsk(PROGRAM, 90_000, "EUR", period="quarter")
        await ledger.propose(tx, ask, "q2", "For the spring.", NOOR, AT)


async def _prepare_sync(tx: Tx) -> None:
    definition = parse_definition(DEFINITION.replace("    tombstones: true\n", ""))
    await create_connection(
        tx, "acme-crm", "Acme", {"base": the_vendor().url}, {"token": "t0"}, definition=definition,
        vault=Vault.of(WORKER_SETTINGS),
    )  # fmt: skip


async def _prepare_road(tx: Tx) -> None:
    await joins(tx, await settle(tx), at=SIGNED_UP)
    tom, firm = person("tom@prospect.example"), company("prospect.example")
    told = {"deal": "77", "name": "Prospect Ltd", "amount_minor": 4_800_000, "currency": "EUR"}
    deals = [
        own_event(f"deal-{kind}", f"deal.{kind}", days(day), person=tom, company=firm, props=told)
        for kind, day in (("created", 1), ("won", 9))
    ]
    await append(tx, await internal_source(tx), deals)


_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(program|offer):[0-9]+"
_STATE = (
    "select kind, regexp_replace(owner, $2, '*', 'g') as owner, currency, balance_minor from ledger_account where workspace_id = $1",
    "select regexp_replace(t.key, $2, '*', 'g') as key, t.kind, t.reversal_of is null as plain, "
    "(select string_agg(a.kind || p.amount_minor, ',' order by a.kind, p.amount_minor) from posting p join ledger_account a "
    "on a.workspace_id = p.workspace_id and a.id = p.account_id where p.workspace_id = t.workspace_id and p.transfer_id = t.id) as lines "
    "from transfer t where t.workspace_id = $1 and $2 <> ''",
    "select state, amount_minor, currency, label, approved_by, payout_id is null as loose, reversed_minor, clawed_minor, netted_minor, "
    "disputed from reward where workspace_id = $1 and $2 <> ''",
    "select r.label, m.number, m.was, m.became, m.actor from reward_move m join reward r on r.workspace_id = m.workspace_id "
    "and r.id = m.reward_id where m.workspace_id = $1 and $2 <> ''",
    "select r.label, v.key, v.taken_minor, v.clawed_minor from reward_reversal v join reward r on r.workspace_id = v.workspace_id "
    "and r.id = v.reward_id where v.workspace_id = $1 and $2 <> ''",
    "select key, state, decided_by from ledger_proposal where workspace_id = $1 and $2 <> ''",
    "select number from transfer_link where workspace_id = $1 and $2 <> ''",
    "select state, total_minor, requested_by, approved_by, paid_by, reference from payout where workspace_id = $1 and $2 <> ''",
    "select action, actor, regexp_replace(subject, $2, '*') as subject from audit_entry where workspace_id = $1",
    "select consumer, consumed from consumer_cursor where workspace_id = $1 and consumed > 0 and $2 <> ''",
    "select stage, stage_at from referral where workspace_id = $1 and $2 <> ''",
    "select deal, kind, at from deal_fact where workspace_id = $1 and $2 <> ''",
    "select deal, amount_minor from conversion where workspace_id = $1 and $2 <> ''",
    "select rule, share_bp from attribution where workspace_id = $1 and $2 <> ''",
    "select message_id, lane from event_log where workspace_id = $1 and kind = 'contacts' and $2 <> ''",
    "select stream, lane, since, high, position, pass, rows, pass_rows, failures, problem, run_id is null as resting, "
    "last_sync_at is null as never from connection_stream where workspace_id = $1 and $2 <> ''",
    "select stream, lane, pages, rows, new, duplicates, dead, ended_at is null as open from sync_run where workspace_id = $1 and $2 <> ''",
    "select outcome, n from ingest_count where workspace_id = $1 and $2 <> ''",
    "select stage, reason from dead_letter where workspace_id = $1 and $2 <> ''",
    "select source, ext_id from record where workspace_id = $1 and $2 <> ''",
)


async def state(db: Database, workspace: int) -> list[list[str]]:
    """Everything the operations write, without what differs between workspaces (their ids)."""
    async with db.tx(workspace) as tx:
        return [sorted(str(tuple(r)) for r in await tx.rows(sql, workspace, _UUID)) for sql in _STATE]
