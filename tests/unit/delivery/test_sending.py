"""Nothing goes out without consent, at night, or over the budget, however many approve at once (C14)."""

import asyncio
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from honeyguide.core.errors import BadInput, NotFound, Unavailable
from honeyguide.core.ids import content_id
from honeyguide.db import Database
from honeyguide.delivery import (
    AskMessage,
    ConsentRow,
    Letter,
    Message,
    consent_of,
    find_message,
    queue_message,
    send_due,
    withdraw,
)
from honeyguide.delivery.tables import add_consents

At = Callable[[str], datetime]
BASE = "https://refer.example"


class Recorder:
    """A channel that remembers."""

    name = "email"

    def __init__(self, failure: Exception | None = None) -> None:
        self.letters: list[Letter] = []
        self.failure = failure

    async def send(self, letter: Letter) -> str:
        if self.failure:
            raise self.failure
        self.letters.append(letter)
        return f"ref:{letter.id}"


def ask(record: int = 1, company: int | None = 10, channel: str = "email", **more: str) -> AskMessage:
    return AskMessage(
        ask_id=more.get("ask_id") or str(uuid4()),
        record_id=record,
        company_record_id=company,
        channel=channel,
        to_address=more.get("to", f"p{record}@example.com"),
        subject="A word?",
        body=more.get("body", "Hello"),
        link=f"{BASE}/r/ABC",
        portal_link="",
        workspace="Acme",
        timezone=more.get("timezone", ""),
    )


async def consent(db: Database, workspace: int, address: str, state: str, at: datetime) -> None:
    row = ConsentRow(content_id(address, state, at.isoformat()), address, "email", state, "event:crm", None, at)
    async with db.tx(workspace) as tx:
        await add_consents(tx, [row])


async def queue(db: Database, workspace: int, one: AskMessage, now: datetime) -> Message:
    async with db.tx(workspace) as tx:
        return await queue_message(tx, one, base_url=BASE, actor="mia@acme.example", now=now)


def token_of(letter: Letter) -> str:
    return letter.headers["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]


async def test_no_consent_no_message(db: Database, workspace: int, at: At) -> None:
    blocked = await queue(db, workspace, ask(), at("2026-05-20T10:00"))
    assert blocked.state == "blocked"
    assert "No consent" in (blocked.blocked_reason or "")
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-06-20T10:00")) == 0
    assert channel.letters == []


async def test_sent_once_with_unsubscribe_headers(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    one = ask()
    message = await queue(db, workspace, one, at("2026-05-20T10:00"))
    assert message.state == "queued"
    assert (await queue(db, workspace, one, at("2026-05-20T10:01"))).id == message.id
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T10:02")) == 1
    assert await send_due(db, workspace, channel, at("2026-05-20T12:00")) == 0
    (letter,) = channel.letters
    assert letter.id == str(message.id)
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.headers["List-Unsubscribe"].startswith(f"<{BASE}/u/hgu_")


async def test_in_the_evening_it_waits_for_the_persons_morning(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    await queue(db, workspace, ask(timezone="America/New_York"), at("2026-05-20T10:00"))  # 06:00 there
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T11:59")) == 0
    assert await send_due(db, workspace, channel, at("2026-05-20T12:00")) == 1


async def test_a_late_worker_does_not_send_at_night(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    await queue(db, workspace, ask(), at("2026-05-20T19:50"))
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T21:00")) == 0
    assert await send_due(db, workspace, channel, at("2026-05-21T07:59")) == 0
    assert await send_due(db, workspace, channel, at("2026-05-21T08:00")) == 1


async def test_no_send_after_withdrawal(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    await queue(db, workspace, ask(), at("2026-05-20T10:00"))
    await consent(db, workspace, "p1@example.com", "withdrawn", at("2026-05-20T10:01"))
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T11:00")) == 0
    assert channel.letters == []
    async with db.tx(workspace) as tx:
        row = await tx.row("select state, blocked_reason from message where workspace_id = $1", workspace)
    assert row is not None
    assert row["state"] == "blocked"
    assert "withdrawn" in row["blocked_reason"]


async def test_the_unsubscribe_link_stops_what_is_queued_and_what_comes(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    channel = Recorder()
    await queue(db, workspace, ask(), at("2026-01-20T10:00"))
    await send_due(db, workspace, channel, at("2026-01-20T10:00"))
    queued = await queue(db, workspace, ask(), at("2026-05-20T10:00"))
    assert queued.state == "queued"
    for _ in range(2):
        async with db.tx(workspace) as tx:
            await withdraw(tx, token_of(channel.letters[0]), at("2026-05-20T10:30"))
    assert await send_due(db, workspace, channel, at("2026-05-20T11:00")) == 0
    later = await queue(db, workspace, ask(), at("2026-09-20T10:00"))
    assert later.state == "blocked"
    async with db.tx(workspace) as tx:
        assert (await consent_of(tx, ["p1@example.com"]))["p1@example.com"] == {"email": "withdrawn"}
        with pytest.raises(NotFound):
            await find_message(tx, "hgu_unknown")
    assert len(channel.letters) == 1


async def test_one_workspace_cannot_use_the_token_of_another(
    db: Database, workspace: int, other_workspace: int, at: At
) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    channel = Recorder()
    await queue(db, workspace, ask(), at("2026-01-20T10:00"))
    await send_due(db, workspace, channel, at("2026-01-20T10:00"))
    with pytest.raises(NotFound):
        async with db.tx(other_workspace) as tx:
            await withdraw(tx, token_of(channel.letters[0]), at("2026-05-20T10:30"))


async def test_two_approvals_at_once_cannot_both_pass(db: Database, workspace: int, at: At) -> None:
    """Twelve asks to one persona and twelve to one company, all at the same time: one of each goes."""
    for record in range(1, 14):
        await consent(db, workspace, f"p{record}@example.com", "granted", at("2026-01-01"))
    same_persona = [ask(1, None) for _ in range(12)]
    same_company = [ask(record, 77) for record in range(2, 14)]
    now = at("2026-05-20T10:00")
    found = await asyncio.gather(*(queue(db, workspace, a, now) for a in same_persona + same_company))
    assert sum(m.state == "queued" for m in found[:12]) == 1
    assert sum(m.state == "queued" for m in found[12:]) == 1
    assert all(m.blocked_reason for m in found if m.state == "blocked")


async def test_the_budget_holds_over_years_of_random_asks(db: Database, workspace: int, at: At) -> None:
    """However asks come in, per persona at least 21 days apart and at most 8 in any 365 days."""
    chance = random.Random(7)
    now = at("2026-01-05T10:00")
    for record in (1, 2):
        await consent(db, workspace, f"p{record}@example.com", "granted", at("2026-01-01"))
    times: dict[int, list[datetime]] = {1: [], 2: []}
    for _ in range(160):
        now += timedelta(days=chance.choice([0, 1, 2, 5, 9]))
        record = chance.choice([1, 2])
        if (await queue(db, workspace, ask(record, 50), now)).state == "queued":
            times[record].append(now)
    both = sorted(times[1] + times[2])
    assert len(both) > 10
    assert all(b - a >= timedelta(days=14) for a, b in itertools.pairwise(both))
    for found in times.values():
        assert all(b - a >= timedelta(days=21) for a, b in itertools.pairwise(found))
        assert all(sum(t <= u < t + timedelta(days=365) for u in found) <= 8 for t in found)


async def test_a_blocked_ask_can_be_mended_and_queued(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    ask_id = str(uuid4())
    first = await queue(db, workspace, ask(ask_id=ask_id, body="{{ nickname }}"), at("2026-05-20T10:00"))
    assert first.state == "blocked"
    assert "nickname" in (first.blocked_reason or "")
    second = await queue(db, workspace, ask(ask_id=ask_id, body="Hello"), at("2026-05-20T10:05"))
    assert second.state == "queued"
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T10:06")) == 1


async def test_a_failure_that_may_pass_is_tried_again(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    message = await queue(db, workspace, ask(), at("2026-05-20T10:00"))
    assert await send_due(db, workspace, Recorder(Unavailable("No server.")), at("2026-05-20T10:00")) == 0
    channel = Recorder()
    assert await send_due(db, workspace, channel, at("2026-05-20T10:10")) == 1
    assert channel.letters[0].id == str(message.id)


async def test_a_refused_address_fails_for_good(db: Database, workspace: int, at: At) -> None:
    await consent(db, workspace, "p1@example.com", "granted", at("2026-01-01"))
    await queue(db, workspace, ask(), at("2026-05-20T10:00"))
    assert await send_due(db, workspace, Recorder(BadInput("No such mailbox.")), at("2026-05-20T10:00")) == 0
    assert await send_due(db, workspace, Recorder(), at("2026-05-21T10:10")) == 0
    async with db.tx(workspace) as tx:
        row = await tx.row("select state, failure from message where workspace_id = $1", workspace)
    assert row is not None
    assert (row["state"], row["failure"]) == ("failed", "No such mailbox.")
